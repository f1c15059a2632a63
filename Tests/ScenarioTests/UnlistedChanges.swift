import Testing

/// One thing changes among the headers that `-MMD` leaves out, under options with which gcc cannot trace them.
@Suite struct UnlistedChanges {
    private static let options = [
        ["-g"], ["-g3"], ["-flto", "-frandom-seed=1"], ["-include", "empty.h"], ["-imacros", "empty.h"], ["-O1"],
    ]
    private static let bracketed = "#include <x.h>\nint a = X;\n"

    /// A change of `file` in a world in which it says what `X` is.
    private static func edit(
        _ name: String,
        _ file: String,
        _ files: [String: String],
        _ arguments: [String] = ["-isystem", "s"],
        prepare: String = "",
        change: String? = nil
    ) -> Change {
        var files = files
        if files["a.c"] == nil { files["a.c"] = bracketed }
        return Change(
            name: name,
            files: files,
            prepare: prepare,
            arguments: arguments,
            change: change ?? "mkdir -p $(dirname \(file)); echo '#define X 2' > \(file)"
        )
    }

    private static let one = "#define X 1\n"

    private static let edits = [
        edit("a system header", "s/x.h", ["s/x.h": one]),
        edit(
            "a system header behind others, included in every spelling",
            "s/v.h",
            [
                "s/x.h": "#include <q/z.h>\n", "s/q/z.h": "%:include \"w.h\"\n",
                "s/q/w.h": "#inc\\\nlude /* here */ \"../v.h\" // so\n", "s/v.h": one,
            ]
        ),
        edit(
            "a header of #include_next",
            "t/x.h",
            ["s/x.h": "#include_next <x.h>\n", "t/x.h": one],
            ["-isystem", "s", "-isystem", "t"]
        ),
        edit(
            "a name made by a macro of the system's",
            "s/z.h",
            ["s/x.h": "#define H <z.h>\n#include H\n", "s/z.h": one]
        ),
        edit(
            "a name made by a macro of the user's",
            "s/x.h",
            ["a.c": "#define S(x) <x.h>\n#include S(x)\nint a = X;\n", "s/x.h": one]
        ),
        edit(
            "a name made by the command line",
            "s/x.h",
            ["a.c": "#include H\nint a = X;\n", "s/x.h": one],
            ["-DH=<x.h>", "-isystem", "s"]
        ),
        edit(
            "a header that is found first",
            "r/x.h",
            ["s/x.h": one, "r/n.h": ""],
            ["-isystem", "r", "-isystem", "s"]
        ),
        edit(
            "what the compiler's own first header includes",
            "s/x.h",
            ["a.c": "int a = X;\n", "s/stdc-predef.h": "#include <x.h>\n", "s/x.h": one]
        ),
        edit(
            "what the user's own first header includes",
            "s/x.h",
            [
                "a.c": "int a = X;\n", "u/stdc-predef.h": "#include \"m.h\"\n", "u/m.h": "#include <x.h>\n",
                "s/x.h": one,
            ],
            ["-Iu", "-isystem", "s"]
        ),
        edit(
            "what a header of the command line includes",
            "s/x.h",
            ["a.c": "int a = X;\n", "f.h": "#include <x.h>\n", "s/x.h": one],
            ["-include", "f.h", "-isystem", "s"]
        ),
        edit(
            "what a system header of the command line includes",
            "s/x.h",
            ["a.c": "int a = X;\n", "s/f.h": "#include <x.h>\n", "s/x.h": one],
            ["-include", "f.h", "-isystem", "s"]
        ),
        edit(
            "a header behind a directory that is dropped from the search",
            "A/x.h",
            [
                "a.c": "#include \"S/x.h\"\n#undef X\n#include \"x.h\"\nint a = X;\n", "S/x.h": "#define X 7\n",
                "A/x.h": one,
            ],
            ["-iquote", "S", "-isystem", "A", "-isystem", "S"]
        ),
        edit(
            "a header for which is asked",
            "s/z.h",
            ["a.c": "#if __has_include(<z.h>)\n#define X 1\n#else\n#define X 0\n#endif\nint a = X;\n", "s/y.h": ""]
        ),
        edit(
            "a link to a directory",
            "",
            ["s1/x.h": one, "s2/x.h": "#define X 2\n"],
            prepare: "ln -s s1 s",
            change: "ln -sfn s2 s"
        ),
        edit(
            "a link to a header",
            "",
            ["s/1.h": "#include \"w.h\"\n", "s/w.h": one, "s/2.h": "#define X 2\n"],
            prepare: "ln -s 1.h s/x.h",
            change: "ln -sfn 2.h s/x.h"
        ),
        edit(
            "a header beside the one that a link leads to",
            "t/w.h",
            ["a.c": "#include <far/away/x.h>\nint a = X;\n", "t/x.h": "#include \"w.h\"\n", "t/w.h": one],
            ["-isystem", "./t/../t"],
            prepare: "mkdir -p t/far/away; ln -s ../../x.h t/far/away/x.h"
        ),
    ]

    @Test(arguments: options, edits) func `is seen`(options: [String], change: Change) throws {
        var change = change
        change.files["empty.h"] = ""
        change.compilers = ["gcc"]
        change.arguments = options + ["-MMD"] + change.arguments + ["-c", "a.c", "-o", "a.o"]
        try change.check()
    }
}
