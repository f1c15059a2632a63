import Foundation
import TestSupport
import Testing

private let split = ["-g", "-gsplit-dwarf", "-c", "a.c", "-o", "a.o"]
private let assembly = ["-S", "a.c", "-o", "a.o"]
private let using = "#include \"x.h\"\nint a = X;\n"
private let define = "#define X 1\n"
private let wrapper = ["-wrapper", "./wrap", "-c", "a.c", "-o", "a.o"]
private let once = "#pragma once\nstatic int a = 1;\n"

private let changes: [Change] = [
    Change(
        name: "a header is edited, its size and time set back",
        files: ["a.c": using, "x.h": define],
        arguments: split,
        change: "touch -r x.h time; sed -i s/1/2/ x.h; touch -r time x.h"
    ),
    Change(
        name: "a header appears in front of the one that was read",
        files: ["a.c": "#include <x.h>\nint a = X;\n", "two/x.h": define],
        prepare: "mkdir one",
        arguments: ["-Ione", "-Itwo"] + assembly,
        change: "echo '#define X 2' > one/x.h"
    ),
    Change(
        name: "a directory appears in front of the one that was read",
        files: ["a.c": "#include <x.h>\nint a = X;\n", "two/x.h": define],
        arguments: ["-Ione", "-Itwo"] + assembly,
        change: "mkdir one; echo '#define X 2' > one/x.h"
    ),
    Change(
        name: "a variable names a directory",
        files: ["a.c": "#include <x.h>\nint a = X;\n", "one/x.h": "#define X 2\n", "two/x.h": define],
        arguments: assembly,
        environment: ["CPATH": "two"],
        changedEnvironment: ["CPATH": "one"]
    ),
    Change(
        name: "the words of a response file",
        files: ["a.c": "int a = X;\n", "words": "-DX=1"],
        arguments: ["@words"] + split,
        change: "echo -DX=2 > words"
    ),
    Change(
        name: "what an assembler includes",
        files: ["a.s": ".macro m a, b\n.\\a\\b \"payload\"\n.endm\nm inc, bin\n", "payload": "one"],
        arguments: ["-c", "a.s", "-o", "a.o"],
        change: "echo three > payload"
    ),
    Change(
        name: "specs",
        files: ["a.c": "int a = X;\n", "my": "*cc1_options:\n+ -DX=1\n"],
        arguments: ["-specs=my", "-c", "a.c", "-o", "a.o"],
        change: "sed -i s/1$/2/ my",
        compilers: ["gcc"]
    ),
    Change(
        name: "an assembler appears where the option says",
        files: ["a.c": "int a;\n"],
        arguments: ["-B."] + split,
        change: "printf '#!/bin/sh\\necho mine >&2; exec as \"$@\"\\n' > as; chmod +x as",
        compilers: ["gcc"]
    ),
    Change(
        name: "a script around each program is edited",
        files: ["a.c": "int a;\n", "wrap": "#!/bin/sh\nexec \"$@\"\n"],
        prepare: "chmod +x wrap",
        arguments: wrapper,
        change: "echo 'echo said >&2' > new; sed -i '1r new' wrap",
        compilers: ["gcc"]
    ),
    Change(
        name: "a script around each program reads a variable",
        files: ["a.c": "int a;\n", "wrap": "#!/bin/sh\necho \"$SAID\" >&2; exec \"$@\"\n"],
        prepare: "chmod +x wrap",
        arguments: wrapper,
        environment: ["SAID": "one"],
        changedEnvironment: ["SAID": "two"],
        compilers: ["gcc"]
    ),
    Change(
        name: "a script around each program reads the clock",
        files: ["a.c": "int a;\n", "wrap": "#!/bin/sh\ndate +%N >/dev/null; exec \"$@\"\n"],
        prepare: "chmod +x wrap",
        arguments: wrapper,
        change: "true",
        compilers: ["gcc"],
        isCacheable: false
    ),
    Change(
        name: "the time of a header that went into a precompiled one of clang's",
        files: ["a.c": "int a = X;\n", "x.h": define],
        prepare: "clang -x c-header x.h -o x.pch",
        arguments: ["-include-pch", "x.pch", "-c", "a.c", "-o", "a.o"],
        change: "touch -d 2001-01-01 x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "the time of a header of a precompiled one that lies beside it",
        files: ["a.c": "int a = X;\n", "x.h": define],
        prepare: "clang -x c-header x.h -o x.h.pch",
        arguments: ["-include", "x.h"] + split,
        change: "touch -d 2001-01-01 x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "the time of a header that goes into a precompiled one",
        files: ["x.h": define],
        arguments: ["-x", "c-header", "x.h", "-o", "a.o"],
        change: "touch -d 2001-01-01 x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "a variable that a part of the compiler asks for",
        files: ["a.c": "int a;\n"],
        arguments: split,
        environment: ["GNUTARGET": "elf64-x86-64"],
        changedEnvironment: ["GNUTARGET": "nonsense"],
        compilers: ["gcc"]
    ),
    Change(
        name: "another assembler, by PATH",
        files: ["a.c": "int a;\n", "bin/as": "#!/bin/sh\necho mine >&2\nexec /usr/bin/as \"$@\"\n"],
        prepare: "chmod +x bin/as",
        arguments: split,
        changedEnvironment: ["PATH": "bin:/usr/local/bin:/usr/bin:/bin"],
        compilers: ["gcc"]
    ),
    Change(
        name: "a precompiled header appears",
        files: ["a.c": "int a = X;\n", "x.h": define],
        arguments: ["-include", "x.h"] + assembly,
        change: "sed -i s/1/2/ x.h; gcc x.h -o x.h.gch; sed -i s/2/1/ x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "a profile appears",
        files: ["a.c": "int f(int x) { return x ? 1 : 2; }\n"],
        arguments: ["-O2", "-fprofile-use", "-Wno-missing-profile"] + split,
        change: "printf damaged > a.gcda",
        compilers: ["gcc"]
    ),
    Change(
        name: "a list for a sanitizer",
        files: ["a.c": "int f(int x) { return x ? 1 : 2; }\n", "list": "src:nothing\n"],
        arguments: ["-fsanitize-coverage=trace-pc-guard", "-fsanitize-coverage-allowlist=list"] + assembly,
        change: "echo 'src:*' > list; echo 'fun:*' >> list",
        compilers: ["clang"]
    ),
    Change(
        name: "two headers that are to be read once come to have one time",
        files: ["a.c": "#include \"one/x.h\"\n#include \"two/x.h\"\n", "one/x.h": once, "two/x.h": once],
        prepare: "touch -r one/x.h two/x.h",
        arguments: assembly,
        change: "touch -d 2001-01-01 two/x.h",
        compilers: ["gcc"]
    ),
    Change(
        name: "a second name of a header that is to be read once becomes a copy",
        files: ["a.c": "#include \"one/x.h\"\n#include \"two/x.h\"\n", "one/x.h": once],
        prepare: "mkdir two; ln one/x.h two/x.h",
        arguments: assembly,
        change: "rm two/x.h; cp one/x.h two/x.h",
        compilers: ["clang"]
    ),
    Change(
        name: "two names of one directory come to be two directories",
        files: [
            "a.c": "#include <x.h>\nint a = X;\n",
            "one/x.h": "#if __has_include_next(<x.h>)\n#define X 2\n#else\n#define X 1\n#endif\n",
        ],
        prepare: "ln -s one two",
        arguments: ["-Ione", "-Itwo"] + assembly,
        change: "rm two; cp -r one two"
    ),
    Change(
        name: "the time of day in the text",
        // Its length only: the bare compiler runs in another second.
        files: ["a.c": "int a = sizeof(__TIME__);\n"],
        arguments: assembly,
        change: "echo 'int a = 8;' > a.c",
        compilers: ["gcc"],
        isCacheable: false
    ),
    Change(
        name: "the time of the text in the text",
        files: ["a.c": "char a[] = __TIMESTAMP__;\n"],
        arguments: split,
        change: "touch -d 2001-01-01 a.c",
        isCacheable: false
    ),
    Change(
        name: "a file that is told to the preprocessor alone",
        files: ["a.c": using, "x.h": define],
        arguments: ["-c", "-Wp,-MMD,a.d,-MT,a", "a.c", "-o", "a.o"],
        change: "sed -i s/1/2/ x.h"
    ),
    Change(
        name: "a listing that somebody has written into",
        files: ["a.c": "int a;\n"],
        arguments: ["-Wa,-aln=list", "-c", "a.c", "-o", "a.o"],
        change: "echo more >> list",
        compilers: ["gcc"],
        next: .hit
    ),
    Change(
        name: "an output that has become a link",
        files: ["a.c": "int a;\n"],
        arguments: split,
        change: "rm -f a.dwo; ln -s elsewhere a.dwo"
    ),
    Change(
        name: "an output that may not be written",
        files: ["a.c": "int a;\n"],
        arguments: split,
        change: "chmod 400 a.dwo",
        compilers: ["gcc"],
        next: ProcessInfo.processInfo.userName == "root" ? .hit : .miss
    ),
]

/// Compiles whose words do not say what they read or make: their trace does.
@Suite struct SeenCompileTests {
    @Test(arguments: changes)
    func `what changes is seen`(change: Change) throws { try change.check() }

    @Test(arguments: ["gcc", "clang"])
    func `outputs beside the object come back, whatever their names are`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(int x) { return x ? 1 : 2; }\n", to: "a.c")
        try workshop.write("", to: "out/keep")
        let options =
            compiler == "gcc"
            ? ["-fstack-usage", "-fcallgraph-info", "-fdump-tree-optimized", "-save-temps=obj", "-O2"]
            : ["-fsave-optimization-record", "-O2", "-MJ", "out/a.json", "--serialize-diagnostics", "out/a.dia"]
        let command = [compiler, "-g", "-gsplit-dwarf"] + options + ["-MD", "-c", "a.c", "-o", "out/a.o"]
        func made() throws -> [String: Data?] {
            let names = try FileManager.default.contentsOfDirectory(atPath: workshop.url("out").path)
            return Dictionary(uniqueKeysWithValues: names.map { ($0, workshop.read("out/" + $0)) })
        }
        func clear() throws {
            for name in try made().keys where name != "keep" { workshop.remove("out/" + name) }
        }
        #expect(try workshop.run(command).status == 0)
        let bare = try made()
        #expect(bare.count >= 7, "\(bare.keys)")
        for run in ["miss", "hit"] {
            try clear()
            let counted = try workshop.counting(dueHits: run == "hit" ? 1 : 0) {
                let outcome = try workshop.larder(command)
                #expect(outcome.status == 0)
            }
            let seen = try made()
            #expect(seen == bare, "\(run)")
            #expect(counted.hits == (run == "hit" ? 1 : 0) && counted.bypasses == 0, "\(run): \(counted)")
        }
    }

    @Test(arguments: ["gcc -S", "gcc --coverage -c", "clang -S"])
    func `where nothing is said nothing counts that shapes words only`(_ command: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { int unused; return 1; }\n", to: "a.c")
        let words = command.split(separator: " ").map(String.init) + ["a.c"]
        let other = ["TERM": "other", "COLUMNS": "40", "MAKEFLAGS": "k -j8 --jobserver-auth=8,9", "GCC_COLORS": ""]
        #expect(try workshop.counting { try workshop.larder(words) }.misses == 1)
        let joined = "exec \"$0\" \"$@\" > both 2>&1"
        let second = try workshop.counting(dueHits: 1) {
            try workshop.run(["sh", "-c", joined, Workshop.larder.path] + words, environment: other)
        }
        #expect(second.hits == 1)
        // What is said is shaped by them.
        let speaking = words + ["-Wall"]
        #expect(try workshop.counting { try workshop.larder(speaking) }.misses == 1)
        #expect(try workshop.counting { try workshop.larder(speaking, environment: other) }.hits == 0)
        #expect(try workshop.counting(dueHits: 1) { try workshop.larder(speaking) }.hits == 1)
    }

    @Test(arguments: [
        ["-x", "c-header", "a.h", "-o", "a.out"], ["-Xclang", "-fembed-bitcode=all", "-c", "a.c", "-o", "a.out"],
    ])
    func `what clang writes of its own words depends on the terminal`(_ words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.h")
        try workshop.write("int b;\n", to: "a.c")
        func made(_ launcher: [String], onTerminal: Bool) throws -> Data? {
            workshop.remove("a.out")
            let command = launcher + ["clang"] + words
            let line = command.joined(separator: " ")
            _ = try workshop.run(onTerminal ? ["script", "-qec", line, "/dev/null"] : command)
            return workshop.read("a.out")
        }
        for onTerminal in [false, true, false, true] {
            let bare = try made([], onTerminal: onTerminal)
            #expect(try made([Workshop.larder.path], onTerminal: onTerminal) == bare)
        }
    }

    @Test(arguments: [
        ["clang", "-x", "c-header", "a.h", "-o", "a.pch"], ["gcc", "a.h"], ["clang", "-emit-ast", "a.c"],
    ])
    func `what is no link is kept where links are`(_ words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.h")
        try workshop.write("int b;\n", to: "a.c")
        let environment = ["LARDER_CACHE_LINK": "1"]
        try workshop.larder(words, environment: environment)
        workshop.remove("a.h.gch")
        let second = try workshop.counting(dueHits: 1) { try workshop.larder(words, environment: environment) }
        #expect(second.hits == 1)
    }

    @Test func `a compile whose output lies outside, and nobody has named it, is not kept`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(int x) { return x ? 1 : 2; }\n", to: "work/a.c")
        try workshop.write("", to: "other/keep")
        let command = ["gcc", "-c", "a.c", "-o", "a.o", "-fdump-tree-optimized", "-dumpdir", "../other/x-", "-O2"]
        for _ in 0..<2 {
            let counted = try workshop.counting {
                let outcome = try workshop.larder(command, in: "work")
                #expect(outcome.status == 0)
            }
            #expect(counted.hits == 0, "\(counted)")
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `an output goes where its directory leads now`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.run(["sh", "-c", "mkdir one two; ln -s one out"])
        let command = [compiler, "-S", "a.c", "-o", "out/a.s"]
        try workshop.larder(command)
        try workshop.run(["sh", "-c", "mv one/a.s first; ln -sfn two out"])
        try workshop.larder(command)
        #expect(workshop.read("one/a.s") == nil && workshop.read("two/a.s") == workshop.read("first"))
    }

    @Test(arguments: ["gcc", "clang"], ["/dev/fd/0", "/proc/self/fd/0", "/dev/stdin"])
    func `what another process has opened is read anew`(compiler: String, name: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        for number in 1...2 {
            let line = "echo 'int b_\(number);' | \(Workshop.larder.path) \(compiler) -S -include \(name) a.c -o a.s"
            let outcome = try workshop.run(["sh", "-c", line])
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let text = String(decoding: workshop.read("a.s") ?? Data(), as: UTF8.self)
            #expect(text.contains("b_\(number)"), "\(name)")
        }
    }

    @Test func `a script that reads standard input is run`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        try workshop.write("#!/bin/sh\nread word\necho $word\nexec /usr/bin/gcc \"$@\"\n", to: "bin/gcc")
        try workshop.run(["chmod", "+x", "bin/gcc"])
        for word in ["one", "two"] {
            let line = "echo \(word) | \(Workshop.larder.path) ./bin/gcc -S a.c"
            #expect(try workshop.run(["sh", "-c", line]).outputText == "\(word)\n")
        }
    }

    @Test func `a compiler that is a program of somebody's may read any variable`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = A;\n", to: "a.c")
        try workshop.write(
            """
            #include <stdlib.h>
            #include <unistd.h>
            extern char **environ;
            int main(int count, char **words) {
                for (char **one = environ; *one; one++)
                    if ((*one)[0] == 'Z' && (*one)[1] == '=') words[1] = (*one) + 2;
                words[0] = "/usr/bin/gcc";
                return execv(words[0], words);
            }

            """,
            to: "wrapper.c"
        )
        try workshop.run(["gcc", "wrapper.c", "-o", "my-gcc"])
        for value in ["1", "2", "2"] {
            let outcome = try workshop.larder(["./my-gcc", "-DX", "-S", "a.c"], environment: ["Z": "-DA=\(value)"])
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let text = String(decoding: workshop.read("a.s") ?? Data(), as: UTF8.self)
            #expect(text.contains(".long\t\(value)"))
        }
    }

    @Test func `a compiler that calls the launcher for itself does not wait for itself`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let inner = "PATH=/usr/bin:/bin exec \(Workshop.larder.path) gcc \"$@\""
        try workshop.write("#!/bin/sh\n\(inner)\n", to: "bin/gcc")
        try workshop.run(["chmod", "+x", "bin/gcc"])
        let outcome = try workshop.larder(
            ["gcc", "-S", "a.c"],
            environment: ["PATH": "\(workshop.url("bin").path):/usr/bin:/bin", "LARDER_LOCK_TIMEOUT": "1h"]
        )
        #expect(outcome.status == 0 && workshop.read("a.s") != nil)
    }

    @Test func `a file that is added to is not taken for one that is made`() throws {
        let workshop = try Workshop()
        let command = ["run", "--trace", "--", "sh", "-c", "echo x >> log"]
        for count in 1...3 {
            #expect(try workshop.larder(command).status == 0)
            #expect(workshop.read("log") == Data(String(repeating: "x\n", count: count).utf8))
        }
    }

    @Test func `without its library the launcher runs such a compile as it was given`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.run(["cp", Workshop.larder.path, "larder"])
        let before = try workshop.counters()
        for _ in 0..<2 {
            let outcome = try workshop.run(["./larder", "gcc", "-S", "a.c"])
            #expect(outcome.status == 0)
        }
        let after = try workshop.counters()
        #expect(after.bypasses == before.bypasses + 2)
    }
}
