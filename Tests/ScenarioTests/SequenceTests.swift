import Foundation
import TestSupport
import Testing

/// States that follow each other, each of which the cache may take for an earlier one.
private struct Sequence: Sendable, CustomTestStringConvertible {
    var name: String
    var files: [String: String]
    var command: [String]
    /// A shell's words before each compile.
    var steps: [String]
    var environment: [String: String] = [:]

    var testDescription: String { name }
}

private let once = [
    "pa/p.h": "#pragma once\nstatic int PASTE(v, __COUNTER__) = 1;\n",
    "a.c": """
    #define JOIN(a, b) a##b
    #define PASTE(a, b) JOIN(a, b)
    #include "pa/p.h"
    #include "pb/p.h"
    int z = __COUNTER__;

    """,
]

private let onceSteps = [
    "mkdir pb; touch -d '2 hours ago' pa/p.h; ln -s ../pa/p.h pb/p.h",
    "rm pb/p.h; cp pa/p.h pb/p.h; touch -d '3 hours ago' pb/p.h",
    "ln -f pa/p.h pb/p.h", "rm pb/p.h; cp -p pa/p.h pb/p.h", "rm pb/p.h; ln -s ../pa/p.h pb/p.h",
]

private let sequences: [Sequence] = [
    Sequence(
        name: "a root of the system is a link, another link, a directory",
        files: [
            "a.c": "#include <x.h>\nint a = X;\n", "one/usr/include/x.h": "#define X 1\n",
            "two/usr/include/x.h": "#define X 2\n",
        ],
        command: ["gcc", "--sysroot=root", "-c", "a.c", "-o", "a.o"],
        steps: ["ln -s one root", "rm root; ln -s two root", "rm root; cp -r one root", "rm -r root; ln -s two root"]
    ),
    Sequence(
        name: "in the place of clang's configuration there is a directory, a file, a directory",
        files: ["a.c": "#ifndef A\n#define A 9\n#endif\nint a = A;\n"],
        command: ["bin/clang", "-no-canonical-prefixes", "-c", "a.c", "-o", "a.o"],
        steps: [
            "mkdir bin; ln -s $(readlink -f $(command -v clang)) bin/clang; mkdir bin/clang.cfg",
            "rmdir bin/clang.cfg; echo -DA=1 > bin/clang.cfg", "rm bin/clang.cfg; mkdir bin/clang.cfg",
            "rmdir bin/clang.cfg",
        ]
    ),
    Sequence(
        name: "a library that another one needs is a dangling link, then a library",
        files: [
            "f.c": "int foo(void) { return 1; }\n", "e.c": "",
            "b.c": "int foo(void); int bar(void) { return foo(); }\n",
            "m.c": "int bar(void); int main(void) { return bar(); }\n",
        ],
        command: ["gcc", "m.o", "./libbar.so", "-Wl,-rpath-link,one:two", "-o", "a.o"],
        steps: [
            """
            mkdir one two; gcc -fPIC -shared f.c -Wl,-soname,libdep.so -o two/libdep.so
            gcc -shared e.c -Wl,-soname,libdep.so -o empty.so; gcc -fPIC -shared b.c -Ltwo -l:libdep.so -o libbar.so
            gcc -c m.c; ln -s no one/libdep.so
            """,
            "rm one/libdep.so; ln -s ../empty.so one/libdep.so", "rm one/libdep.so", "ln -s libdep.so one/libdep.so",
        ],
        environment: ["LARDER_CACHE_LINK": "yes"]
    ),
    Sequence(
        name: "gcc takes a precompiled header, and says nothing",
        files: ["p.h": "int xx = 3;\n", "a.c": "#include \"p.h\"\n"],
        command: ["gcc", "-MMD", "-MF", "a.d", "-c", "a.c", "-o", "a.o"],
        steps: ["gcc p.h -o p.h.gch", ":", "rm p.h.gch", "gcc -DY p.h -o p.h.gch"]
    ),
    Sequence(
        name: "a directory of the search is absent, a file, a directory, below a file",
        files: ["inc/h.h": "#define H 1\n", "a.c": "#include \"h.h\"\nint h = H;\n"],
        command: ["gcc", "-Iinc", "-iquote", "later/sub", "-idirafter", "last", "-c", "a.c", "-o", "a.o"],
        steps: [
            ":", "echo x > last", "rm last; mkdir last", "mkdir -p later/sub", "rm -r later; echo x > later",
            "rm later", "rm -r last",
        ]
    ),
    Sequence(
        name: "a directory of the search is a link that leads nowhere",
        files: [
            "real/h.h": "#define H 2\n", "inc/h.h": "#define H 1\n",
            "a.c": "#include \"h.h\"\n#include <stdio.h>\nint h = H;\n",
        ],
        command: ["gcc", "-Ilink", "-Ifar/sub", "-Iinc", "-c", "a.c", "-o", "a.o"],
        steps: [
            "ln -s no link; ln -s no far", "rm link; ln -s real link", "rm link; ln -s no link",
            "mkdir no; cp real/h.h no", "rm -r no",
            "mkdir -p no/sub; echo '#define H 3' > no/sub/h.h", "rm -r no",
        ]
    ),
    Sequence(
        name: "a root of the system is a directory, a file",
        files: ["a.c": "int h;\n"],
        command: ["gcc", "--sysroot=later", "-Wmissing-include-dirs", "-c", "a.c", "-o", "a.o"],
        steps: ["mkdir later", "rm -r later; echo x > later", "rm later", "mkdir -p later/usr"]
    ),
    Sequence(
        name: "clang's debug information tells whether a directory was there",
        files: ["inc/h.h": "#define H 1\n", "a.c": "#include \"h.h\"\nint h = H;\n"],
        command: ["clang", "-g", "-isystem", "$PWD/first", "-Iinc", "-I$PWD/second", "-c", "a.c", "-o", "a.o"],
        steps: [":", "mkdir first", "mkdir second", "rmdir first", "rmdir second"]
    ),
    Sequence(
        name: "one header under two names, which become two, and one again; gcc",
        files: once,
        command: ["gcc", "-MD", "-c", "a.c", "-o", "a.o"],
        steps: onceSteps
    ),
    Sequence(
        name: "one header under two names, which become two, and one again; clang",
        files: once,
        command: ["clang", "-MD", "-c", "a.c", "-o", "a.o"],
        steps: onceSteps
    ),
    Sequence(
        name: "the compiler's libraries come and go",
        files: ["a.c": "int h;\n", "z.c": "int z;\n"],
        command: ["gcc", "-c", "a.c", "-o", "a.o"],
        steps: [
            "mkdir lib; gcc -shared -fPIC z.c -o lib/libz9.so", "echo junk > lib/libgmp.so.10",
            "rm lib/libgmp.so.10; cp -L $(ldd $(gcc -print-prog-name=cc1) | awk '/libgmp/{print $3}') lib/libgmp.so.10",
            "rm lib/libgmp.so.10; echo junk > lib/libgmp.so.10", "rm lib/libgmp.so.10",
        ],
        environment: ["LD_LIBRARY_PATH": "lib"]
    ),
]

@Suite struct SequenceTests {
    @Test(arguments: sequences) fileprivate func `each state gives what it gives bare`(_ sequence: Sequence) throws {
        let workshop = try Workshop()
        for (name, text) in sequence.files { try workshop.write(text, to: name) }
        for step in sequence.steps {
            let prepared = try workshop.run(["sh", "-ec", step])
            #expect(prepared.status == 0, "\(prepared.errorText)")
            // Twice, so that what is stored is given as well.
            let command = sequence.command.map { $0.replacing("$PWD", with: workshop.directory.path) }
            for _ in 0..<2 { try same(command, sequence.environment, workshop) }
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root may become another user"), arguments: ["gcc", "clang"])
    func `a directory that must not be searched is not one without the header`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int x = 2;\n", to: "two/x.h")
        try workshop.write("#include <x.h>\n", to: "a.c")
        let script = """
            mkdir one cache; chmod 755 .; chown nobody one cache; chmod 700 cache; cp "$1"* "${1%/*}"/liblarder-trace.so .
            user="setpriv --reuid 65534 --regid 65534 --clear-groups"
            compile="\(compiler) -Ione -Itwo -c a.c -o cache/a.o"
            for i in 1 2; do $user env LARDER_DIR="$PWD/cache" ./larder $compile || exit 3; done
            chmod 0 one
            $user $compile 2>bare; a=$?; $user env LARDER_DIR="$PWD/cache" ./larder $compile 2>said; b=$?
            chmod 755 one
            [ $a = $b ] && cmp bare said && [ $a != 0 ]
            """
        let outcome = try workshop.run(["sh", "-c", script, "sh", Workshop.larder.path])
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test func `a traced compile gives a new file the permissions of one`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        for step in [":", ": > a.s; chmod 755 a.s", "rm a.s", ":"] {
            try workshop.run(["sh", "-c", step])
            try workshop.larder(["gcc", "-S", "a.c", "-o", "a.s"])
        }
        let mode = try FileManager.default.attributesOfItem(atPath: workshop.url("a.s").path)[.posixPermissions]
        workshop.remove("a.s")
        try workshop.larder(["gcc", "-S", "a.c", "-o", "a.s"])
        let again = try FileManager.default.attributesOfItem(atPath: workshop.url("a.s").path)[.posixPermissions]
        #expect(mode as? Int == 0o644 && again as? Int == 0o644)
    }

    @Test func `a directory that was in an output's way is no output`() throws {
        let workshop = try Workshop()
        try workshop.write("i\n", to: "i")
        let words = ["run", "-i", "i", "-o", "f", "--", "sh", "-c", "cat i > f; echo done"]
        try workshop.run(["mkdir", "f"])
        _ = try workshop.larder(words)
        try workshop.run(["rmdir", "f"])
        let outcome = try workshop.larder(words)
        #expect(outcome.errorText.isEmpty && workshop.read("f") == Data("i\n".utf8), "\(outcome.errorText)")
    }

    @Test func `the loader complains of a library that is preloaded as long as it is not there`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let preload = ["LD_PRELOAD": "./p.so", "LARDER_DAEMON": "off"]
        func complaints(_ words: [String]) throws -> Int {
            try workshop.run(words, environment: preload).errorText.split(separator: "\n").count {
                $0.contains("LD_PRELOAD")
            }
        }
        let compile = ["gcc", "-c", "a.c", "-o", "a.o"]
        for step in [":", "gcc -shared -fPIC a.c -o p.so", "rm p.so"] {
            #expect(try workshop.run(["sh", "-ec", step]).status == 0)
            // A launcher that is no static program is complained of, too; so is the program that starts each of these.
            let own =
                try complaints([Workshop.larder.path, "--version"])
                - (complaints(["true"]) - (step.hasPrefix("gcc") ? 0 : 1))
            for _ in 1...2 {
                #expect(try complaints([Workshop.larder.path] + compile) == complaints(compile) + own, "\(step)")
            }
        }
        #expect(try workshop.counters().hits > 0)
    }
}
