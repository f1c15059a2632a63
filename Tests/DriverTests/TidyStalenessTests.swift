import Foundation
import TestSupport
import Testing

private let source = """
    #include "x.h"
    int *f(int v) { int *p = 0; if (v = X) return p; return 0; }

    """
private let database = """
    [{"directory": "$PWD/build", "command": "clang++ -I../inc -I.. -DNOW=1 -c ../a.cpp -o a.o", "file": "../a.cpp"}]
    """
private let files = [
    "a.cpp": source, "x.h": "#define X 1\n", ".clang-tidy": "Checks: \"-*,modernize-use-nullptr\"\n",
]
private let tidy = ["clang-tidy", "a.cpp", "--", "-Ione", "-I."]
private let make = "mkdir -p build inc; cat > build/compile_commands.json <<END\n\(database)\nEND\n"

private func change(
    _ name: String,
    files more: [String: String] = [:],
    prepare: String = "",
    _ command: [String] = tidy,
    environment: [String: String] = [:],
    by words: String = "",
    to changedCommand: [String]? = nil,
    with changedEnvironment: [String: String]? = nil,
    isCacheable: Bool = true,
    next: ToolChange.Next = .miss
) -> ToolChange {
    ToolChange(
        name: name,
        files: files.merging(more) { $1 },
        prepare: prepare,
        command: command,
        environment: environment,
        change: words,
        changedCommand: changedCommand,
        changedEnvironment: changedEnvironment,
        isCacheable: isCacheable,
        next: next
    )
}

private let tidyChanges: [ToolChange] = [
    change("the source", by: "echo 'char *q = 0;' >> a.cpp"),
    change("a header", by: "echo 'char *const q = 0;' >> x.h"),
    change("a header, its size and time set back", by: "touch -r x.h t; echo '#define X 2' > x.h; touch -r t x.h"),
    change("a header is touched", by: "touch -d 2001-01-01 x.h", next: .hit),
    change(
        "a header appears earlier on the path",
        files: ["x/x.h": "#define X 1\n", "one/y.h": ""],
        prepare: "rm x.h",
        ["clang-tidy", "a.cpp", "--", "-Ione", "-Ix"],
        by: "echo 'const char *const q = 0;' > one/x.h; cat x/x.h >> one/x.h"
    ),
    change(
        "a header appears in a directory that was not there",
        files: ["x/x.h": "#define X 1\n"],
        prepare: "rm x.h",
        ["clang-tidy", "a.cpp", "--", "-Inone", "-Ix"],
        by: "mkdir none; echo 'const char *const q = 0;' > none/x.h; cat x/x.h >> none/x.h"
    ),
    change(
        "a question flips",
        files: ["a.cpp": "#if __has_include(\"y.h\")\nint *p = 0;\n#endif\nint a;\n"],
        by: ": > y.h"
    ),
    change("the settings", by: "echo 'Checks: \"-*,bugprone-*\"' > .clang-tidy"),
    change(
        "settings appear nearer to the source",
        files: ["in/a.cpp": source],
        ["clang-tidy", "in/a.cpp", "--", "-I."],
        by: "echo 'Checks: \"-*,bugprone-*\"' > in/.clang-tidy"
    ),
    change(
        "settings appear beside a header",
        files: [
            "inc/x.h": "#define X 1\nint Name;\n",
            ".clang-tidy": "Checks: \"-*,readability-identifier-naming\"\nHeaderFilterRegex: \".*\"\n"
                + "CheckOptions: [{key: readability-identifier-naming.VariableCase, value: lower_case}]\n",
        ],
        prepare: "rm x.h",
        ["clang-tidy", "a.cpp", "--", "-Iinc"],
        by: "sed s/lower_case/UPPER_CASE/ .clang-tidy > inc/.clang-tidy"
    ),
    change("settings go away", by: "rm .clang-tidy"),
    change(
        "a file of settings that is named",
        files: ["mine": "Checks: \"-*,modernize-use-nullptr\"\n"],
        ["clang-tidy", "--config-file=mine", "a.cpp", "--", "-I."],
        by: "echo 'Checks: \"-*,bugprone-*\"' > mine"
    ),
    change(
        "the checks",
        ["clang-tidy", "--checks=-*,modernize-use-nullptr", "a.cpp", "--", "-I."],
        to: ["clang-tidy", "--checks=-*,bugprone-*", "a.cpp", "--", "-I."]
    ),
    change(
        "a macro",
        to: ["clang-tidy", "a.cpp", "--", "-Ione", "-I.", "-DX=3"]
    ),
    change(
        "the database",
        prepare: make,
        ["clang-tidy", "-p", "build", "a.cpp"],
        by: "sed -i s/NOW=1/X=5/ build/compile_commands.json"
    ),
    change(
        "a header, behind a database that works elsewhere",
        prepare: make,
        ["clang-tidy", "-p", "build", "a.cpp"],
        by: "echo 'char *const q = 0;' >> x.h"
    ),
    change(
        "a header appears, behind a database that works elsewhere",
        files: ["a.cpp": "#include <x.h>\nint *p = 0;\n"],
        prepare: make,
        ["clang-tidy", "-p", "build", "a.cpp"],
        by: "echo 'char *const q = 0;' > inc/x.h"
    ),
    change(
        "a database appears nearer to the source",
        files: ["in/a.cpp": source],
        prepare: "printf '[{\"directory\":\"%s\",\"command\":\"cc -I. -c in/a.cpp\",\"file\":\"in/a.cpp\"}]' $PWD"
            + " > compile_commands.json",
        ["clang-tidy", "in/a.cpp"],
        by: """
            printf '[{"directory":"%s","command":"cc -I. -Dp=q -c in/a.cpp","file":"in/a.cpp"}]' $PWD \
            > in/compile_commands.json
            """
    ),
    change("the time is used", files: ["a.cpp": "int a = sizeof __TIME__;\n"], isCacheable: false),
    change(
        "a directory of CPATH",
        files: ["path/x.h": "#define X 1\n"],
        prepare: "rm x.h",
        ["clang-tidy", "a.cpp", "--"],
        environment: ["CPATH": "path"],
        by: "echo 'char *const q = 0;' >> path/x.h"
    ),
    change(
        "the program",
        prepare: "mkdir -p lib/bin; cp /usr/lib/llvm-14/bin/clang-tidy lib/bin/clang-tidy",
        ["lib/bin/clang-tidy", "a.cpp", "--", "-I."],
        by: "echo >> lib/bin/clang-tidy"
    ),
    change(
        "the program is a script",
        prepare: "mkdir bin; printf '#!/bin/sh\\nexec clang-tidy \"$@\"\\n' > bin/clang-tidy; chmod +x bin/clang-tidy",
        ["bin/clang-tidy", "a.cpp", "--", "-I."],
        by: "echo 'exit 1' >> bin/clang-tidy; sed -i 's/exec//' bin/clang-tidy"
    ),
]

private let iwyu = ["include-what-you-use", "-Ione", "-I.", "a.cpp"]
private let iwyuFiles = ["a.cpp": "#include <x.h>\n#include \"z.h\"\nint a = X;\n", "z.h": "", "x.h": "#define X 1\n"]

private func iwyuChange(
    _ name: String,
    files more: [String: String] = [:],
    prepare: String = "",
    _ command: [String] = iwyu,
    environment: [String: String] = [:],
    by words: String = "",
    to changedCommand: [String]? = nil,
    with changedEnvironment: [String: String]? = nil,
    isCacheable: Bool = true,
    next: ToolChange.Next = .miss
) -> ToolChange {
    var change = change(
        name,
        prepare: prepare,
        command,
        environment: environment,
        by: words,
        to: changedCommand,
        with: changedEnvironment,
        isCacheable: isCacheable,
        next: next
    )
    change.files = iwyuFiles.merging(more) { $1 }
    return change
}

private let mapped = ["iwyu", "-I.", "-Xiwyu", "--mapping_file=one.imp", "a.cpp"]
private let mapping = "[ { include: [\"<x.h>\", \"private\", \"<big.h>\", \"public\"] } ]\n"

/// The ways in which a file of mappings may name another one.
private let iwyuReferences = [
    "[ { ref: \"two.imp\" } ]\n", "[ { 'ref': 'two.imp' } ]\n", "- ref: two.imp\n", "[ {\n\tref: \"two.imp\" } ]\n",
].map { reference in
    iwyuChange(
        "a file of mappings that another one names: \(reference)",
        files: ["maps/one.imp": reference, "maps/two.imp": mapping],
        ["iwyu", "-I.", "-Xiwyu", "--mapping_file=maps/one.imp", "a.cpp"],
        by: "sed -i s/big/bigger/ maps/two.imp"
    )
}

private let iwyuChanges: [ToolChange] = [
    iwyuChange("the source", by: "echo 'int b = X;' >> a.cpp; sed -i 1d a.cpp"),
    iwyuChange("a header", by: "echo '#define X 2' > z.h; : > x.h"),
    iwyuChange("a header, its size and time set back", by: "touch -r z.h t; mv x.h y.h; touch x.h; cat y.h > z.h"),
    iwyuChange("a header is touched", by: "touch -d 2001-01-01 x.h", next: .hit),
    iwyuChange(
        "a header appears earlier on the path",
        files: ["one/y.h": ""],
        by: "echo '#error no' > one/x.h"
    ),
    iwyuChange("a directory that is searched appears", by: "mkdir one; echo '#include \"z.h\"' > one/x.h"),
    iwyuChange(
        "a question flips",
        files: ["a.cpp": "#include \"x.h\"\n#if __has_include(\"y.h\")\nint a = X;\n#endif\n"],
        by: ": > y.h"
    ),
    iwyuChange(
        "a header of -include",
        ["iwyu", "-I.", "-include", "w.h", "a.cpp"],
        by: "echo '#undef X' > w.h"
    ),
    iwyuChange(
        "an option of its own",
        to: ["include-what-you-use", "-Ione", "-I.", "a.cpp", "-Xiwyu", "--no_comments"]
    ),
    iwyuChange("a macro", to: ["include-what-you-use", "-Ione", "-I.", "-DX=1", "a.cpp"]),
    iwyuChange(
        "a file of mappings",
        files: ["one.imp": mapping],
        mapped,
        by: "sed -i s/big/bigger/ one.imp"
    ),
    iwyuChange(
        "a file of mappings appears that is found first",
        files: ["maps/one.imp": "[ { ref: \"two.imp\" } ]\n", "maps/two.imp": mapping],
        ["iwyu", "-I.", "-Xiwyu", "--mapping_file=maps/one.imp", "a.cpp"],
        by: "sed s/big/bigger/ maps/two.imp > two.imp"
    ),
    iwyuChange(
        "a directory of CPATH",
        files: ["path/x.h": "#define X 1\n"],
        prepare: "rm x.h",
        ["iwyu", "a.cpp"],
        environment: ["CPATH": "path"],
        by: ": > path/x.h"
    ),
    iwyuChange(
        "the time is used",
        files: ["a.cpp": "#include \"x.h\"\nint a = sizeof __DATE__;\n"],
        isCacheable: false
    ),
    iwyuChange(
        "the program",
        prepare: "mkdir bin; cp /usr/bin/include-what-you-use bin/iwyu",
        ["bin/iwyu", "-I.", "a.cpp"],
        by: "echo >> bin/iwyu"
    ),
]

@Suite(.enabled(if: isInstalled("clang-tidy"), "clang-tidy is not installed: make setup"))
struct TidyStalenessTests {
    @Test(arguments: tidyChanges) func `clang-tidy sees a change`(_ change: ToolChange) throws { try change.check() }
}

@Suite(.enabled(if: isInstalled("include-what-you-use"), "include-what-you-use is not installed: make setup"))
struct IncludeWhatYouUseStalenessTests {
    @Test(arguments: iwyuChanges + iwyuReferences)
    func `include-what-you-use sees a change`(_ change: ToolChange) throws {
        var change = change
        if change.command.contains("w.h") { change.files["w.h"] = "" }
        try change.check()
    }
}
