import Foundation
import TestSupport
import Testing

/// Headers whose names a macro stands for: Boost asks for some so, and includes its configuration.
@Suite struct HeaderMacros {
    private static let compile = ["-c", "a.c", "-o", "a.o"]

    /// A source that asks for `question`, with these lines before.
    private static func asking(_ lines: String, _ question: String = "__has_include(H)") -> String {
        lines + "\n#if \(question)\nint a;\n#else\nint b;\n#endif\n"
    }

    private static func asking(
        _ name: String,
        _ files: [String: String],
        arguments: [String] = [],
        change: String = "echo > 1/x.h",
        compilers: [String] = ["gcc", "clang"],
        isCacheable: Bool = true,
        next: Change.Next = .miss
    ) -> Change {
        Change(
            name: name,
            files: files.merging(["1/other.h": "", "1/one/other.h": ""]) { $1 },
            arguments: ["-I1"] + arguments + compile,
            change: change,
            compilers: compilers,
            isCacheable: isCacheable,
            next: next
        )
    }

    @Test(arguments: [
        asking("a name in the same file", ["a.c": asking("#define H <x.h>")]),
        asking("a name in quotes, with comments", ["a.c": asking(" # define H /* a */ \"x.h\" /* b */ // c")]),
        asking("a name on a line of CR LF", ["a.c": asking("#define H <x.h>\r")]),
        asking("a name in another file", ["a.c": asking("#include \"c.h\""), "c.h": "#define H <x.h>"]),
        asking("a continued line", ["a.c": asking("#define H \\\n<x.h>")]),
        asking(
            "a question in a directory of its own",
            ["a.c": "#include \"d/b.h\"\n", "d/b.h": asking("#include \"c.h\""), "d/c.h": "#define H \"x.h\"\n"],
            change: "echo > d/x.h"
        ),
        asking("the first of two", ["a.c": asking("#ifdef Z\n#define H <y.h>\n#else\n#define H <x.h>\n#endif")]),
        asking("the second of two", ["a.c": asking("#define H <x.h>\n#ifdef Z\n#undef H\n#define H <y.h>\n#endif")]),
        asking(
            "a question by another name",
            ["a.c": asking("#define H <x.h>\n#define HAS(a) __has_include(a)", "HAS(H)")]
        ),
        asking("a question as a macro", ["a.c": asking("#define H <x.h>\n#define Q __has_include(H)", "Q")]),
        asking(
            "the next one",
            ["a.c": "#include \"n.h\"\n", "1/n.h": asking("#define H <x.h>", "__has_include_next(H)")]
        ),
        asking(
            "a name of many parts",
            ["a.c": asking("#define H <one/x-1.2+b.hpp>")],
            change: "echo > 1/one/x-1.2+b.hpp"
        ),
        asking("nothing of this", ["a.c": asking("#define H <x.h>")], change: "echo > 1/y.h", next: .hit),
        asking(
            "a branch that is not taken",
            ["a.c": "#if 0\n#if __has_include(NOBODY_DEFINES_IT)\n#endif\n#endif\n#define H <x.h>\n" + asking("")]
        ),
        asking("a header that is there", ["a.c": asking("#define H <other.h>")], change: "rm 1/other.h"),
    ]) func `a question by the name of a macro is seen`(_ change: Change) throws { try change.check() }

    @Test(arguments: [
        asking("a name from the command line", ["a.c": asking("")], arguments: ["-DH=<x.h>"]),
        asking("a name from the command line, apart", ["a.c": asking("")], arguments: ["-D", "H=<x.h>"]),
        asking("a name for the preprocessor", ["a.c": asking("")], arguments: ["-Wp,-DH=<x.h>"]),
        asking("another macro", ["a.c": asking("#define G <x.h>\n#define H G")]),
        asking("a macro with parameters", ["a.c": asking("#define H(a) <a.h>", "__has_include(H(x))")]),
        asking(
            "a parameter",
            ["a.c": asking("#define HAS(a) __has_include(a)\n#define TWICE(a) HAS(a)", "TWICE(<x.h>)")]
        ),
        asking("one of two parameters", ["a.c": asking("#define HAS(a, b) __has_include(a)", "HAS(<x.h>, 1)")]),
        asking(
            "a parameter behind a comment of two lines",
            ["a.c": asking("#define HAS(a, b) /*\n*/ __has_include(a)", "HAS(<x.h>, 1)")]
        ),
        asking(
            "a macro in the name",
            ["a.c": asking("#define dir one\n#define H <dir/x.h>")],
            change: "echo > 1/one/x.h"
        ),
        asking(
            "a macro of the command line in the name",
            ["a.c": asking("#define H <dir/x.h>")],
            arguments: ["-Ddir=one"],
            change: "echo > 1/one/x.h"
        ),
        asking(
            "a macro of the compiler's in the name",
            ["a.c": asking("#define H <linux/x.h>")],
            arguments: ["-std=gnu11"],
            change: "mkdir 1/1; echo > 1/1/x.h"
        ),
        asking("the compiler's own macro", ["a.c": asking("", "__has_include(__FILE__)")], change: "echo >> a.c"),
    ]) func `what no text tells is seen`(_ change: Change) throws { try change.check() }

    private static func including(_ name: String, _ files: [String: String], _ change: String) -> Change {
        Change(
            name: name,
            files: files.merging(["1/other.h": "", "0/other.h": ""]) { $1 },
            arguments: ["-g", "-MMD", "-I0", "-isystem", "1"] + compile,
            change: change
        )
    }

    @Test(arguments: [
        including(
            "it changes",
            ["a.c": "#define H <x.h>\n#include H\n", "1/x.h": "int a;\n"],
            "echo 'int b;' > 1/x.h"
        ),
        including(
            "it is shadowed",
            ["a.c": "#define H <x.h>\n#include H\n", "1/x.h": "int a;\n"],
            "echo 'int b;' > 0/x.h"
        ),
        including(
            "a system header includes it",
            ["a.c": "#include <s.h>\n", "1/s.h": "#define H \"x.h\"\n#include H\n", "1/x.h": "int a;\n"],
            "echo 'int b;' > 1/x.h"
        ),
        including(
            "what it includes changes",
            [
                "a.c": "#include <s.h>\n", "1/s.h": "#include <c.h>\n#include H\n", "1/c.h": "#define H <x.h>\n",
                "1/x.h": "#define G \"y.h\"\n#include G\n", "1/y.h": "int a;\n",
            ],
            "echo 'int b;' > 1/y.h"
        ),
    ]) func `a header that is included by the name of a macro is seen`(_ change: Change) throws { try change.check() }
}
