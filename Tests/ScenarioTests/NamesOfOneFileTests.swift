import TestSupport
import Testing

private let twice = "#include \"1/x.h\"\n#include \"2/x.h\"\nint a = X;\n"
private let compile = ["-c", "a.c", "-o", "a.o"]

/// Two names lead to one header, or to two that are equal: compilers read it once then, or say one of the names.
private let nameChanges: [Change] = [
    Change(
        name: "a link to a header that a macro has read once becomes a copy",
        files: ["a.c": "#define P(x) _Pragma(#x)\n" + twice, "1/x.h": "P(once)\nenum { X };\n"],
        prepare: "mkdir 2; ln -s ../1/x.h 2/x.h",
        change: "rm 2/x.h; cp 1/x.h 2/x.h; touch -d 2001-01-01 2/x.h"
    ),
    Change(
        name: "a link to a header that Microsoft's operator has read once becomes a copy",
        files: ["a.c": twice, "1/x.h": "__pragma(once)\nenum { X };\n"],
        prepare: "mkdir 2; ln 1/x.h 2/x.h",
        arguments: ["-fms-extensions"] + compile,
        change: "rm 2/x.h; cp 1/x.h 2/x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "the time of one of two headers that are alike, and that a pasted name has read once",
        files: [
            "a.c": "#define P(x) _Pragma(#x)\n#define Q(x, y) P(x##y)\n" + twice, "1/x.h": "Q(on, ce)\nenum { X };\n",
        ],
        prepare: "mkdir 2; cp -p 1/x.h 2/x.h",
        change: "touch -d 2001-01-01 2/x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "the time of a file that a macro has compared",
        files: ["a.c": "#define P(x) _Pragma(#x)\nP(GCC dependency \"d\")\nint a;\n", "d": ""],
        prepare: "touch -d 2001-01-01 d",
        change: "touch -d 2033-01-01 d"
    ),
]

/// What clang says of a header, in a message or for a debugger.
private let debuggedChanges: [Change] = [["-g"] + compile, ["-g", "-S", "a.c", "-o", "a.o"], ["-Wall"] + compile]
    .flatMap { arguments in
        [
            ("mkdir 2; ln -s ../1/x.h 2/x.h", "rm 2/x.h; cp 1/x.h 2/x.h"),
            ("mkdir 2; cp 1/x.h 2/x.h", "ln -sf ../1/x.h 2/x.h"),
        ].map {
            Change(
                name: "\($0), \($1), \(arguments)",
                files: [
                    "a.c": "#define F f\n#include \"1/x.h\"\n#undef F\n#define F g\n#include \"2/x.h\"\nint a;\n",
                    "1/x.h": "static int F(int x) { int unused; return x; }\n",
                ],
                prepare: $0,
                arguments: arguments,
                change: $1,
                compilers: ["clang"]
            )
        }
    }

struct NamesOfOneFileTests {
    @Test(arguments: nameChanges + debuggedChanges) func `is kept to`(change: Change) throws { try change.check() }
}
