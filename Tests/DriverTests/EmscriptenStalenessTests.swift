import Foundation
import TestSupport
import Testing

private let value = "int a = X;\n"
private let compile = ["emcc", "-c", "a.c", "-o", "a.o"]
private func define(_ number: Int) -> String { "#define X \(number)\n" }

/// Makes an installation of its own in `em/`, which can be changed: emcc's files, a configuration, a system root, a
/// directory of clangs.
private let install = """
    root=/usr/share/emscripten
    mkdir -p em/third_party em/src em/llvm em/cache/sysroot
    cp $root/*.py $root/emscripten-version.txt em
    cp -r $root/tools em/tools
    cp -r $root/third_party/leb128 em/third_party
    cp $root/src/settings*.js em/src
    cp -r $root/cache/sysroot/include em/cache/sysroot
    cp $root/cache/sysroot_install.stamp em/cache
    for name in clang clang++; do ln -s /usr/bin/$name-14 em/llvm/$name-14; done
    printf '#!/bin/sh\\nexec "${EMSDK_PYTHON:-python3}" "$0.py" "$@"\\n' > em/emcc
    chmod +x em/emcc
    cat > em/.emscripten <<END
    LLVM_ROOT = '$PWD/em/llvm'
    BINARYEN_ROOT = '/usr'
    NODE_JS = '/usr/bin/node'
    FROZEN_CACHE = True
    LLVM_ADD_VERSION = '14'
    CLANG_ADD_VERSION = '14'
    END
    sed -i 's/^ *//' em/.emscripten
    """
private let own = ["em/emcc", "-c", "a.c", "-o", "a.o"]
private let plain = ["a.c": "#include <stdio.h>\nint a = X;\n", "x.h": define(1)]

private func change(
    _ name: String,
    files: [String: String] = ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
    prepare: String = "",
    _ command: [String] = compile,
    environment: [String: String] = [:],
    by words: String = "",
    to changedCommand: [String]? = nil,
    with changedEnvironment: [String: String]? = nil,
    isCacheable: Bool = true,
    next: ToolChange.Next = .miss
) -> ToolChange {
    ToolChange(
        name: name,
        files: files,
        prepare: prepare,
        command: command,
        environment: environment,
        change: words,
        changedCommand: changedCommand,
        changedEnvironment: changedEnvironment,
        outputs: ["a.o", "a.d"],
        isCacheable: isCacheable,
        next: next
    )
}

private let sourceChanges: [ToolChange] = [
    change("a header is edited", by: "echo '#define X 2' > x.h"),
    change(
        "a header is edited, its size and time set back",
        by: "touch -r x.h time; echo '#define X 2' > x.h; touch -r time x.h"
    ),
    change("a header is touched", by: "touch -d 2001-01-01 x.h", next: .hit),
    change(
        "a header goes from A to B and back to A",
        by: "echo '#define X 2' > x.h; $LARDER emcc -c a.c -o a.o; echo '#define X 1' > x.h",
        next: .hit
    ),
    change(
        "a header appears earlier on the path",
        files: ["a.c": "#include <x.h>\n" + value, "two/x.h": define(1), "one/y.h": ""],
        ["emcc", "-Ione", "-Itwo", "-c", "a.c", "-o", "a.o"],
        by: "echo '#define X 2' > one/x.h"
    ),
    change(
        "a directory that is searched appears",
        files: ["a.c": "#include <x.h>\n" + value, "two/x.h": define(1)],
        ["emcc", "-Ione", "-Itwo", "-c", "a.c", "-o", "a.o"],
        by: "mkdir one; echo '#define X 2' > one/x.h"
    ),
    change(
        "a header appears beside the source",
        files: ["a.c": "#include \"x.h\"\n" + value, "two/x.h": define(1)],
        ["emcc", "-Itwo", "-c", "a.c", "-o", "a.o"],
        by: "echo '#define X 2' > x.h"
    ),
    change(
        "a question flips",
        files: ["a.c": "#if __has_include(\"y.h\")\nint a = 2;\n#else\nint a = 1;\n#endif\n"],
        by: ": > y.h"
    ),
    change(
        "a header that a directory of the user's lists for the compiler's own",
        files: ["a.c": "#include <stdio.h>\nint a = BUFSIZ;\n"],
        ["emcc", "-I.", "-c", "a.c", "-o", "a.o"],
        by: "echo '#define BUFSIZ 3' > stdio.h"
    ),
    change(
        "a header of -MMD's that is the user's",
        files: ["a.c": "#include <stdio.h>\n#include \"x.h\"\nint a = BUFSIZ + X;\n", "x.h": define(1)],
        ["emcc", "-MMD", "-c", "a.c", "-o", "a.o"],
        by: "echo '#define X 2' > x.h"
    ),
    change("the time is used", files: ["a.c": "int a = sizeof __TIME__;\n"], isCacheable: false),
    change(
        "a file is read by the assembler",
        files: ["a.c": "asm(\".incbin \\\"x.bin\\\"\");\n", "x.bin": "1"],
        isCacheable: false
    ),
]

private let commandChanges: [ToolChange] = [
    change(
        "a setting",
        ["emcc", "-sUSE_PTHREADS=0", "-c", "a.c", "-o", "a.o"],
        to: ["emcc", "-sUSE_PTHREADS=1", "-c", "a.c", "-o", "a.o"]
    ),
    change(
        "a setting that is a word of its own",
        ["emcc", "-s", "STRICT", "-c", "a.c", "-o", "a.o"],
        to: ["emcc", "-s", "STRICT=0", "-c", "a.c", "-o", "a.o"]
    ),
    change(
        "the order of the options",
        ["emcc", "-O0", "-O2", "-c", "a.c", "-o", "a.o"],
        to: ["emcc", "-O2", "-O0", "-c", "a.c", "-o", "a.o"]
    ),
    change(
        "a response file",
        files: ["a.c": value, "r": "-DX=1"],
        ["emcc", "@r", "-c", "a.c", "-o", "a.o"],
        by: "echo -DX=2 > r"
    ),
    change(
        "the words of EMCC_CFLAGS",
        files: ["a.c": value],
        environment: ["EMCC_CFLAGS": "-DX=1"],
        with: ["EMCC_CFLAGS": "-DX=2"]
    ),
    change(
        "a header of EMCC_CFLAGS",
        files: ["a.c": value, "x.h": define(1)],
        environment: ["EMCC_CFLAGS": "-include x.h"],
        by: "echo '#define X 2' > x.h"
    ),
    change(
        "a library for the linker goes away",
        files: ["a.c": "int a;\n", "lib.js": "1"],
        ["emcc", "--js-library", "lib.js", "-c", "a.c", "-o", "a.o"],
        by: "rm lib.js"
    ),
    change(
        "a wrapper is set",
        environment: [:],
        with: ["EM_COMPILER_WRAPPER": "/usr/bin/env"],
        next: .bypass
    ),
    change("C is read as C++", ["emcc", "-c", "a.c", "-o", "a.o"], to: ["em++", "-c", "a.c", "-o", "a.o"]),
]

private let installationChanges: [ToolChange] = [
    change(
        "a header of the system root",
        files: ["a.c": "#include <stdio.h>\nint a = BUFSIZ;\n"],
        prepare: install,
        own,
        by: "sed -i 's/define BUFSIZ .*/define BUFSIZ 7/' em/cache/sysroot/include/stdio.h"
    ),
    change(
        "a header of the system root, which -MMD leaves out",
        files: ["a.c": "#include <stdio.h>\nint a = BUFSIZ;\n"],
        prepare: install,
        ["em/emcc", "-MMD", "-c", "a.c", "-o", "a.o"],
        by: "sed -i 's/define BUFSIZ .*/define BUFSIZ 7/' em/cache/sysroot/include/stdio.h"
    ),
    change(
        "a header appears in a directory that emcc adds",
        files: ["a.c": "#include <stdio.h>\nint a = BUFSIZ;\n"],
        prepare: install,
        own,
        by: "echo '#define BUFSIZ 3' > em/cache/sysroot/include/SDL/stdio.h"
    ),
    change(
        "a python file of emcc's",
        files: ["a.c": "#ifdef MORE\nint a;\n#endif\nint b;\n"],
        prepare: install,
        own,
        by: "sed -i \"s/'-Dunix'/'-Dunix', '-DMORE'/\" em/emcc.py"
    ),
    change(
        "a module appears that hides one of python's",
        files: ["a.c": "#ifdef MORE\nint a;\n#endif\nint b;\n"],
        prepare: install,
        own,
        by:
            "printf 'import sys\\nsys.argv.append(\"-DMORE\")\\nfrom _json import *\\nclass JSONDecodeError(Exception):pass\\n' > em/json.py"
    ),
    change(
        "a default in the settings",
        files: ["a.c": "#ifdef EMSCRIPTEN\nint a;\n#endif\nint b;\n"],
        prepare: install,
        own,
        by: "sed -i 's/^var STRICT = .*/var STRICT = 1;/' em/src/settings.js"
    ),
    change(
        "the version",
        files: ["a.c": "int a = __EMSCRIPTEN_tiny__;\n"],
        prepare: install,
        own,
        by: "echo '\"3.1.7\"' > em/emscripten-version.txt"
    ),
    change(
        "the configuration",
        files: ["a.c": "int a = 1;\n"],
        prepare: install + "\nmkdir em/llvm2; cp -P em/llvm/* em/llvm2",
        own,
        by: "sed -i s:em/llvm:em/llvm2: em/.emscripten"
    ),
    change(
        "a configuration appears before the one in the home directory",
        files: ["a.c": "#include <stdio.h>\nint a = BUFSIZ;\n"],
        prepare: install
            + "\nmv em/.emscripten .emscripten; echo \"CACHE='$PWD/em/cache'\" >> .emscripten",
        own,
        by: """
            cp -r em/cache em/cache2; sed s:em/cache:em/cache2: .emscripten > em/.emscripten
            sed -i 's/define BUFSIZ .*/define BUFSIZ 7/' em/cache2/sysroot/include/stdio.h
            """
    ),
    change(
        "EM_CONFIG names another one",
        files: ["a.c": "int a = 1;\n"],
        prepare: install + "\ncp em/.emscripten em/other",
        own,
        with: ["EM_CONFIG": "em/other"]
    ),
    change(
        "the clang behind is another program",
        files: ["a.c": "int a = 1;\n"],
        prepare: install,
        own,
        by: "rm em/llvm/clang-14; cp /usr/bin/clang-14 em/llvm/clang-14; echo >> em/llvm/clang-14"
    ),
    change(
        "the clang behind becomes a script",
        files: ["a.c": "#ifdef MORE\nint a;\n#endif\nint b;\n"],
        prepare: install,
        own,
        by: """
            rm em/llvm/clang-14; printf '#!/bin/sh\\nexec clang-14 -DMORE "$@"\\n' > em/llvm/clang-14
            chmod +x em/llvm/clang-14
            """,
        next: .bypass
    ),
    change(
        "the script that starts python",
        files: ["a.c": "#ifdef MORE\nint a;\n#endif\nint b;\n"],
        prepare: install,
        own,
        by: "sed -i 's/\"$@\"/-DMORE \"$@\"/' em/emcc"
    ),
    change(
        "a python appears earlier in PATH",
        files: ["a.c": "#ifdef MORE\nint a;\n#endif\nint b;\n"],
        prepare: install + "\nmkdir bin",
        own,
        environment: ["PATH": "bin:/usr/bin:/bin"],
        isCacheable: false,
        next: .bypass
    ),
    change(
        "another EMSDK_PYTHON",
        files: ["a.c": "int a;\n"],
        prepare: install + "\nln -s /usr/bin/python3 python",
        own,
        environment: ["EMSDK_PYTHON": "/usr/bin/python3"],
        with: ["EMSDK_PYTHON": "/usr/bin/python3.11"]
    ),
    change(
        "settings that ask for a variable that is in no key",
        files: ["a.c": "int a;\n"],
        prepare: install + "\nprintf 'import os\\nJAVA = os.environ.get(\"WHICH\")\\n' >> em/.emscripten",
        own,
        isCacheable: false,
        next: .bypass
    ),
    change(
        "settings that look for a file",
        files: ["a.c": "int a;\n"],
        prepare: install + "\nprintf 'import os\\nJAVA = os.path.exists(\"flag\")\\n' >> em/.emscripten",
        own,
        by: "touch flag",
        isCacheable: false,
        next: .bypass
    ),
    change(
        "the system root is to be made again",
        files: ["a.c": "int a;\n"],
        prepare: install,
        own,
        by: "rm em/cache/sysroot_install.stamp",
        next: .bypass
    ),
]

@Suite(.enabled(if: isInstalled("emcc"), "emcc is not installed: make setup"))
struct EmscriptenStalenessTests {
    @Test(arguments: sourceChanges)
    func `a change of the sources is seen`(_ change: ToolChange) throws {
        var change = change
        change.environment["LARDER"] = Workshop.larder.path
        change.changedEnvironment?["LARDER"] = Workshop.larder.path
        try change.check()
    }

    @Test(arguments: commandChanges)
    func `a change of the command is seen`(_ change: ToolChange) throws { try change.check() }

    @Test(arguments: installationChanges)
    func `a change of the installation is seen`(_ change: ToolChange) throws { try change.check() }

    @Test func `what emcc says when it fills its cache is not said again`() throws {
        let workshop = try Workshop()
        try workshop.write("#include <stdio.h>\nint a = BUFSIZ;\n", to: "a.c")
        // A system root that is made when it is first used, in a cache that is not frozen.
        let setting = ["EM_FROZEN_CACHE": "", "EM_CACHE": workshop.url("cache").path]
        let command = ["emcc", "-c", "a.c", "-o", "a.o"]
        let bare = try workshop.run(command, environment: setting)
        try #require(bare.status == 0, "\(bare.errorText)")
        #expect(bare.errorText.contains(":INFO:"))
        try FileManager.default.removeItem(at: workshop.url("cache"))
        let first = try workshop.larder(command, environment: setting)
        #expect(first == bare)
        for _ in 0..<2 {
            let next = try workshop.larder(command, environment: setting)
            #expect(next.status == 0)
            #expect(next.errorText == "")
        }
        #expect(try workshop.counters().hits == 1)
    }
}
