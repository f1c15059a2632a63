import Foundation
import TestSupport
import Testing

private let value = "int a = X;\n"
private let compile = ["-c", "a.c", "-o", "a.o"]

private func define(_ number: Int) -> String { "#define X \(number)\n" }
private func write(_ number: Int, to file: String) -> String {
    "mkdir -p $(dirname \(file)); echo '#define X \(number)' > \(file)"
}

private let contentChanges: [Change] = [
    Change(
        name: "a preprocessed source beside the files that it names",
        files: ["a.i": "# 1 \"b.c\"\n# 1 \"x.h\" 1\nint a = 1;\n# 2 \"b.c\" 2\n", "b.c": "", "x.h": ""],
        arguments: ["-g", "-c", "a.i", "-o", "a.o"],
        change: "sed -i s/1\\;/2\\;/ a.i"
    ),
    Change(
        name: "a file that a preprocessed source names, and that its code reads",
        files: [
            "a.i": "# 1 \"b.c\"\nint a;\nasm(\".macro m a\\n.inc\\\\a \\\"b.c\\\"\\n.endm\\nm bin\\n\");\n",
            "b.c": "one",
        ],
        arguments: ["-c", "a.i", "-o", "a.o"],
        change: "echo two > b.c",
        compilers: ["gcc"]
    ),
    Change(
        name: "a header that is always empty",
        files: ["a.c": "int a = 1;\n"],
        arguments: ["-include", "/dev/null"] + compile,
        change: "echo 'int a = 2;' > a.c"
    ),
    Change(
        name: "a link to what is always empty leads to a file",
        files: ["a.c": "#include \"x.h\"\n#ifdef X\nint a = X;\n#endif\n"],
        prepare: "ln -s /dev/null x.h",
        change: "rm x.h; \(write(2, to: "x.h"))"
    ),
    Change(
        name: "a header is edited",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
        change: write(2, to: "x.h")
    ),
    Change(
        name: "a header is edited, its size and time set back",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
        change: "touch -r x.h time; \(write(2, to: "x.h")); touch -r time x.h"
    ),
    Change(
        name: "a header is replaced by a rename",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1), "y.h": define(2)],
        change: "touch -r x.h y.h; mv y.h x.h"
    ),
    Change(
        name: "a header is touched",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
        change: "touch -d 2001-01-01 x.h",
        next: .hit
    ),
    Change(
        name: "a header with a blank in its name",
        files: ["a.c": "#include \"x y.h\"\n" + value, "x y.h": define(1)],
        change: "echo '#define X 2' > 'x y.h'"
    ),
    Change(
        name: "a header with a dollar in its name",
        files: ["a.c": "#include \"x$y.h\"\n" + value, "x$y.h": define(1)],
        change: "echo '#define X 2' > 'x$y.h'"
    ),
    Change(
        name: "a header of -include",
        files: ["a.c": value, "x.h": define(1)],
        arguments: ["-include", "x.h"] + compile,
        change: write(2, to: "x.h")
    ),
    Change(
        name: "a header of -imacros",
        files: ["a.c": value, "x.h": define(1)],
        arguments: ["-imacros", "x.h"] + compile,
        change: write(2, to: "x.h")
    ),
    Change(
        name: "a response file",
        files: ["a.c": value, "r": "@q", "q": "-DX=1"],
        arguments: ["@r"] + compile,
        change: "echo -DX=2 > q"
    ),
    Change(
        name: "a link to a header leads elsewhere",
        files: ["a.c": "#include \"x.h\"\n" + value, "1.h": define(1), "2.h": define(2)],
        prepare: "ln -s 1.h x.h",
        change: "ln -sfn 2.h x.h"
    ),
    Change(
        name: "a link to a directory leads elsewhere",
        files: ["a.c": "#include <x.h>\n" + value, "1/x.h": define(1), "2/x.h": define(2)],
        prepare: "ln -s 1 now",
        arguments: ["-Inow"] + compile,
        change: "ln -sfn 2 now"
    ),
    Change(
        name: "a searched directory that is a file goes",
        files: ["a.c": "#include \"x.h\"\n" + value, "two/x.h": define(1), "one": ""],
        arguments: ["-Ione", "-Itwo"] + compile,
        change: "rm one; mkdir one",
        compilers: ["gcc"]
    ),
    Change(
        name: "a second name of a header leads elsewhere",
        files: [
            "a.c": "#include \"1/x.h\"\n#include \"2/x.h\"\n" + value, "1/x.h": "#pragma once\n#define X 1\n",
            "y.h": "#undef X\n#define X 2\n",
        ],
        prepare: "mkdir 2; ln -s ../1/x.h 2/x.h",
        change: "ln -sfn ../y.h 2/x.h"
    ),
    Change(
        name: "a hard link to a header becomes a file of its own",
        files: ["a.c": "#include \"1/x.h\"\n#include \"2/x.h\"\n" + value, "1/x.h": "#pragma once\n#define X 1\n"],
        prepare: "mkdir 2; ln 1/x.h 2/x.h",
        change: "rm 2/x.h; printf '#undef X\\n#define X 2\\n' > 2/x.h"
    ),
    Change(
        name: "one of two headers that are alike",
        files: ["a.c": "#include \"1/x.h\"\n#include \"2/x.h\"\n" + value, "1/x.h": "#pragma once\n#define X 1\n"],
        prepare: "mkdir 2; cp -p 1/x.h 2/x.h",
        change: "printf '#undef X\\n#define X 2\\n' > 2/x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "two headers that are alike, beside one that is to be read once",
        files: [
            "a.c": "#include \"once.h\"\n#include \"1/x.h\"\n#include \"2/x.h\"\n" + value,
            "1/x.h": "#undef X\n" + define(1),
            "once.h": "#pragma once\n_Pragma(\"GCC poison never\")\n",
        ],
        prepare: "mkdir 2; cp -p 1/x.h 2/x.h",
        change: "printf '#undef X\\n#define X 2\\n' > 2/x.h"
    ),
    Change(
        name: "one of two headers that are alike, and that a macro has read once",
        files: [
            "a.c": "#include \"once.h\"\n#include \"1/x.h\"\n#include \"2/x.h\"\n" + value,
            "1/x.h": "ONCE\n#define X 1\n",
            "once.h": "#define ONCE _Pragma(\"once\")\n",
        ],
        prepare: "mkdir 2; cp -p 1/x.h 2/x.h",
        change: "printf '#undef X\\n#define X 2\\n' > 2/x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "the time of one of two headers that are alike, which the name of a macro leads to",
        files: [
            "a.c": "#define H \"x.h\"\n#include \"y.h\"\n#include H\nint a = sizeof x;\n",
            "two/y.h": "#include \"x.h\"\n",
            "two/x.h": "#pragma once\nstatic int x = 1;\n",
        ],
        prepare: "mkdir one; cp -p two/x.h one/x.h",
        arguments: ["-Ione", "-Itwo"] + compile,
        change: "touch -d 2001-01-01 one/x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "headers for another machine appear in the root of the system",
        files: ["a.c": "#include <x.h>\n" + value, "root/usr/include/x.h": define(1)],
        arguments: ["--sysroot=root"] + compile,
        change: "mkdir root/usr/include/x86_64-linux-gnu; echo '#define X 2' > root/usr/include/x86_64-linux-gnu/x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "headers of libc++ appear in the root of the system",
        files: ["a.cpp": "#include <x.h>\n" + value, "root/usr/include/y.h": "", "i/x.h": define(1)],
        arguments: ["--sysroot=root", "-stdlib=libc++", "-idirafter", "i", "-c", "a.cpp", "-o", "a.o"],
        change: "mkdir -p root/usr/include/c++/v1; echo '#define X 2' > root/usr/include/c++/v1/x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "a newer gcc appears in the root of the system",
        files: [
            "a.cpp": "#include <x.h>\n" + value, "root/usr/lib/gcc/x86_64-linux-gnu/9/crtbegin.o": "",
            "root/usr/include/c++/9/x.h": define(1),
        ],
        arguments: ["--sysroot=root", "-stdlib=libstdc++", "-c", "a.cpp", "-o", "a.o"],
        change: """
            mkdir -p root/usr/lib/gcc/x86_64-linux-gnu/10 root/usr/include/c++/10; touch root/usr/lib/gcc/x86_64-linux-gnu/10/crtbegin.o
            echo '#define X 2' > root/usr/include/c++/10/x.h
            """,
        compilers: ["clang"]
    ),
    Change(
        name: "the newest gcc in the root of the system has gone",
        files: [
            "a.cpp": "#include <x.h>\n" + value, "root/usr/lib/gcc/x86_64-linux-gnu/9/crtbegin.o": "",
            "root/usr/lib/gcc/x86_64-linux-gnu/10/crtbegin.o": "", "root/usr/include/c++/9/x.h": define(1),
            "root/usr/include/c++/10/x.h": define(2),
        ],
        arguments: ["--sysroot=root", "-stdlib=libstdc++", "-c", "a.cpp", "-o", "a.o"],
        change: "rm root/usr/lib/gcc/x86_64-linux-gnu/10/crtbegin.o",
        compilers: ["clang"]
    ),
    Change(
        name: "a list of sections",
        files: ["a.c": "int foo(int x) { if (x) return 3; return 4 * x; }\n", "list": "!foo\n"],
        arguments: ["-fbasic-block-sections=list=list"] + compile,
        change: "echo '!bar' > list",
        compilers: ["clang"]
    ),
    Change(
        name: "gcc's precompiled header appears",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
        change: "\(write(2, to: "x.h")); gcc -x c-header x.h -o x.h.gch; \(write(1, to: "x.h"))",
        compilers: ["gcc"]
    ),
    Change(
        name: "gcc's precompiled header goes",
        files: ["a.c": "#include \"x.h\"\n" + value, "x.h": define(1)],
        prepare: "gcc -x c-header x.h -o x.h.gch; \(write(2, to: "x.h"))",
        change: "rm x.h.gch",
        compilers: ["gcc"]
    ),
    Change(
        name: "clang's precompiled header changes",
        files: ["a.c": value, "x.h": define(1)],
        prepare: "clang -x c-header x.h -o x.h.pch",
        arguments: ["-include", "x.h"] + compile,
        change: "\(write(2, to: "x.h")); clang -x c-header x.h -o x.h.pch",
        compilers: ["clang"]
    ),
]

private let searchChanges: [Change] =
    ["-I", "-iquote", "-isystem", "-idirafter"].flatMap { option in
        let source = option == "-iquote" ? "#include \"x.h\"\n" + value : "#include <x.h>\n" + value
        let files = ["a.c": source, "1/other.h": "", "2/x.h": define(2), "3/x.h": define(3)]
        let arguments = [option, "1", option, "2", option, "3"] + compile
        return [
            Change(
                name: "a header appears earlier on \(option)",
                files: files,
                arguments: arguments,
                change: write(1, to: "1/x.h")
            ),
            Change(name: "a header goes from \(option)", files: files, arguments: arguments, change: "rm 2/x.h"),
        ]
    } + [
        Change(
            name: "a header appears beside its reader",
            files: ["s/a.c": "#include \"x.h\"\n" + value, "2/x.h": define(1)],
            arguments: ["-I2", "-c", "s/a.c", "-o", "a.o"],
            change: write(2, to: "s/x.h")
        ),
        Change(
            name: "a header appears beside a header",
            files: ["a.c": "#include \"1/y.h\"\n" + value, "1/y.h": "#include \"x.h\"\n", "2/x.h": define(1)],
            arguments: ["-I2"] + compile,
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header appears in a directory that was not there",
            files: ["a.c": "#include <sub/x.h>\n" + value, "1/other.h": "", "2/sub/x.h": define(1)],
            arguments: ["-I1", "-I2"] + compile,
            change: write(2, to: "1/sub/x.h")
        ),
        Change(
            name: "a header appears on CPATH",
            files: ["a.c": "#include <x.h>\n" + value, "1/other.h": "", "2/x.h": define(1)],
            environment: ["CPATH": "1:2"],
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header appears in a missing directory of C_INCLUDE_PATH",
            files: ["a.c": "#include <x.h>\n" + value, "2/x.h": define(1)],
            environment: ["C_INCLUDE_PATH": "1:2"],
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header appears for #include_next",
            files: [
                "a.c": "#include <x.h>\nint a = X + Y;\n", "1/x.h": "#define Y 1\n#include_next <x.h>\n",
                "2/other.h": "", "3/x.h": define(3),
            ],
            arguments: ["-I1", "-I2", "-I3"] + compile,
            change: write(2, to: "2/x.h")
        ),
        Change(
            name: "a header that a macro names appears earlier",
            files: ["a.c": "#define H <x.h>\n#include H\n" + value, "1/other.h": "", "2/x.h": define(1)],
            arguments: ["-I1", "-I2"] + compile,
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header whose name a macro makes appears earlier",
            files: [
                "a.c": "#define S_(x) #x\n#define S(x) S_(x)\n#include S(x.h)\n" + value, "1/other.h": "",
                "2/x.h": define(1),
            ],
            arguments: ["-I1", "-I2"] + compile,
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header that a macro of the command line names appears earlier",
            files: ["a.c": "#include H\n" + value, "1/other.h": "", "2/x.h": define(1)],
            arguments: ["-DH=<x.h>", "-I1", "-I2"] + compile,
            change: write(2, to: "1/x.h")
        ),
        Change(
            name: "a header takes the place of a directory",
            files: ["a.c": "#include <x.h>\n" + value, "1/x.h/other": "", "2/x.h": define(1)],
            arguments: ["-I1", "-I2"] + compile,
            change: "rm -r 1/x.h; \(write(2, to: "1/x.h"))"
        ),
        Change(
            name: "__has_include comes true",
            files: ["a.c": "#if __has_include(<x.h>)\nint a;\n#else\nint b;\n#endif\n", "1/other.h": ""],
            arguments: ["-I1"] + compile,
            change: write(1, to: "1/x.h")
        ),
        Change(
            name: "__has_include comes untrue",
            files: ["a.c": "#if __has_include(\"x.h\")\nint a;\n#else\nint b;\n#endif\n", "x.h": ""],
            change: "rm x.h"
        ),
        Change(
            name: "__has_include finds a directory",
            files: ["a.c": "#if __has_include(\"x.h\")\nint a;\n#else\nint b;\n#endif\n", "x.h": ""],
            change: "rm x.h; mkdir x.h"
        ),
        Change(
            name: "__has_include behind a macro",
            files: [
                "a.c": "#include \"has.h\"\n#if HAS(\"x.h\")\nint a;\n#else\nint b;\n#endif\n",
                "has.h": "#define HAS(x) __has_include(x)\n",
            ],
            change: write(1, to: "x.h")
        ),
        Change(
            name: "__has_include under another name",
            files: ["a.c": "#define HAS __has_include\n#if HAS(\"x.h\")\nint a;\n#else\nint b;\n#endif\n"],
            change: write(1, to: "x.h")
        ),
        Change(
            name: "__has_include put together from parts",
            files: ["a.c": "#define C(a, b) a##b\n#if C(__has_, include)(\"x.h\")\nint a;\n#else\nint b;\n#endif\n"],
            change: write(1, to: "x.h")
        ),
        Change(
            name: "parts that make no name of interest",
            files: [
                "a.c":
                    "#include <math.h>\n#if defined(__has_include) && __has_include(<math.h>)\n#define C(a, b) a##b\nint next, C(x, y), T, I, M, E, D, A, TIME, DATE, has;\n#include \"x.h\"\n#endif\n",
                "x.h": define(1),
            ],
            arguments: ["-I", "include"] + compile,
            change: "touch -d 2001-01-01 x.h",
            next: .hit
        ),
        Change(
            name: "__has_include of a parameter between angle brackets",
            files: [
                "a.c": "#define HAS(x) __has_include(<x>)\n#if HAS(x.h)\nint a;\n#else\nint b;\n#endif\n",
                "1/other.h": "",
            ],
            arguments: ["-I1"] + compile,
            change: write(1, to: "1/x.h")
        ),
        Change(
            name: "__has_include on the command line",
            files: ["a.c": "#if HAS(x.h)\nint a;\n#else\nint b;\n#endif\n", "1/other.h": ""],
            arguments: ["-DHAS(x)=__has_include(<x>)", "-I1"] + compile,
            change: write(1, to: "1/x.h")
        ),
    ]

private let otherInputs: [Change] =
    [
        "__asm__(\".incbin \\\"d\\\"\");", "__asm__(\".inc\" \"bin \\\"d\\\"\");", "__asm__(\".INCBIN \\\"d\\\"\");",
        "#define S_(x) #x\n#define S(x) S_(x)\n__asm__(S(.incbin \"d\"));", "__asm__(\".include \\\"d\\\"\");",
    ].map {
        Change(name: $0, files: ["a.c": $0 + "\n", "d": ".byte 1\n"], change: "echo .byte 2 > d")
    } + [
        Change(
            name: ".incbin in assembler",
            files: ["a.S": ".data\n.incbin \"d\"\n", "d": "1"],
            arguments: ["-c", "a.S", "-o", "a.o"],
            change: "echo 2 > d"
        ),
        Change(
            name: "#pragma GCC dependency",
            files: ["a.c": "#pragma GCC dependency \"d\"\nint a;\n", "d": ""],
            prepare: "touch -d 2001-01-01 d",
            change: "touch -d 2033-01-01 d",
            compilers: ["gcc"]
        ),
        Change(
            name: "the source that a line directive names",
            files: ["a.c": "#line 1 \"d\"\nint f(void) { int unused; return 0; }\n", "d": "one line\n"],
            arguments: ["-Wall"] + compile,
            change: "echo another > d",
            compilers: ["gcc"]
        ),
        Change(
            name: "the source that a line directive names comes to be",
            files: ["a.c": "#line 1 \"d\"\nint f(void) { int unused; return 0; }\n"],
            arguments: ["-Wall"] + compile,
            change: "echo a line > d",
            compilers: ["gcc"]
        ),
        Change(
            name: "a header of a preprocessed source",
            files: ["a.i": "#include \"x.h\"\n" + value, "x.h": define(1)],
            arguments: ["-c", "a.i", "-o", "a.o"],
            change: write(2, to: "x.h"),
            compilers: ["clang"]
        ),
    ]

private let requestChanges: [Change] = [
    Change(
        name: "the order of -O",
        files: ["a.c": "int f(int x) { return x * 3; }\n"],
        arguments: ["-O0", "-O2"] + compile,
        changedArguments: ["-O2", "-O0"] + compile
    ),
    Change(
        name: "the order of -D and -U",
        files: ["a.c": "#ifdef A\nint a;\n#endif\nint b;\n"],
        arguments: ["-DA", "-UA"] + compile,
        changedArguments: ["-UA", "-DA"] + compile
    ),
    Change(
        name: "the order of -I",
        files: ["a.c": "#include <x.h>\n" + value, "1/x.h": define(1), "2/x.h": define(2)],
        arguments: ["-I1", "-I2"] + compile,
        changedArguments: ["-I2", "-I1"] + compile
    ),
    Change(
        name: "the value of a macro",
        files: ["a.c": value],
        arguments: ["-D", "X=1"] + compile,
        changedArguments: ["-DX=2"] + compile
    ),
    Change(
        name: "CPATH",
        files: ["a.c": "#include <x.h>\n" + value, "1/x.h": define(1), "2/x.h": define(2)],
        environment: ["CPATH": "1"],
        changedEnvironment: ["CPATH": "2:1"]
    ),
    Change(
        name: "GCC_COLORS",
        files: ["a.c": "int f(void) { int unused; return 0; }\n"],
        arguments: ["-Wall", "-fdiagnostics-color=always"] + compile,
        environment: ["GCC_COLORS": "warning=01;35"],
        changedEnvironment: ["GCC_COLORS": "warning=01;31"]
    ),
    Change(
        name: "warnings are said again",
        files: ["a.c": "int f(void) { int unused; return 0; }\n"],
        arguments: ["-Wall"] + compile,
        next: .hit
    ),
    Change(
        name: "SOURCE_DATE_EPOCH where a date is used",
        files: ["a.c": "char *a = __DATE__ __TIME__;\n"],
        environment: ["SOURCE_DATE_EPOCH": "1000"],
        changedEnvironment: ["SOURCE_DATE_EPOCH": "100000000"],
        compilers: ["gcc"]
    ),
    Change(
        name: "SOURCE_DATE_EPOCH where none is used",
        files: ["a.c": "int a;\n"],
        environment: ["SOURCE_DATE_EPOCH": "1000"],
        changedEnvironment: ["SOURCE_DATE_EPOCH": "100000000"],
        next: .hit
    ),
]

@Suite struct Staleness {
    @Test(arguments: contentChanges) func `what was read changes`(_ change: Change) throws { try change.check() }
    @Test(arguments: searchChanges) func `what is found changes`(_ change: Change) throws { try change.check() }
    @Test(arguments: otherInputs) func `what no dependency file names changes`(_ change: Change) throws {
        try change.check()
    }
    @Test(arguments: requestChanges) func `what is asked changes`(_ change: Change) throws { try change.check() }
}
