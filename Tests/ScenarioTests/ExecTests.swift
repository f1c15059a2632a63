import Foundation
import TestSupport
import Testing

/// `larder exec`: a build whose compilers go through the cache without being told.
@Suite struct ExecTests {
    @Test func `make's compiles hit the second time, and the counts are said`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        try workshop.write("a.o: a.c\n\t$(CC) -c a.c -o a.o\n", to: "Makefile")
        let first = try workshop.larder(["exec", "--", "make", "a.o"])
        #expect(first.status == 0)
        #expect(first.errorText.contains("larder: hits: 0 of 1 (0.0 %), bypasses: 0, errors: 0, time saved: 0 ms\n"))
        #expect(first.errorText.contains("larder:   misses: 1 new command\n"))
        let made = workshop.read("a.o")
        workshop.remove("a.o")
        let second = try workshop.larder(["exec", "make", "a.o"])
        #expect(second.errorText.contains("larder: hits: 1 of 1 (100.0 %)"))
        #expect(workshop.read("a.o") == made)
        // make says what it runs, and nothing else is said on standard output.
        #expect(second.outputText == "cc -c a.c -o a.o\n")
    }

    @Test func `the children see links first in PATH, launchers and a session`() throws {
        let workshop = try Workshop()
        let script =
            "echo $PATH; command -v gcc; echo $RUSTC_WRAPPER; echo $CMAKE_CXX_COMPILER_LAUNCHER; echo $LARDER_SESSION; "
            + "echo $CMAKE_Fortran_COMPILER_LAUNCHER"
        let lines = try workshop.larder(
            ["exec", "-q", "--", "sh", "-c", script],
            environment: ["RUSTC_WRAPPER": "mine"]
        )
        .outputText.split(separator: "\n").map(String.init)
        let links = try #require(lines[0].split(separator: ":").first.map(String.init))
        #expect(links.hasPrefix(workshop.url(".local/share/larder/bin").path + "/"))
        #expect(lines[1] == links + "/gcc")
        #expect(lines[2] == "mine")
        #expect(lines[3].hasSuffix("/larder"))
        #expect(!lines[4].isEmpty)
        #expect(lines[5] == lines[3])
        let names = try FileManager.default.contentsOfDirectory(atPath: links)
        #expect(names.contains("c++") && !names.contains("gcc-ar") && !names.contains("c++filt"))
        // gcc looks for its assembler in PATH.
        #expect(names.contains("gfortran") && names.contains("nasm") && !names.contains("as"))
    }

    @Test func `a link that a build has noted stays, and none is offered for a compiler that is not there`() throws {
        let workshop = try Workshop()
        try workshop.write("#!/bin/sh\nexec /usr/bin/gcc \"$@\"\n", to: "bin/mips-gcc")
        #expect(chmod(workshop.url("bin/mips-gcc").path, 0o755) == 0)
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        func found(_ environment: [String: String]) throws -> String {
            let outcome = try workshop.larder(
                ["exec", "-q", "sh", "-c", "command -v mips-gcc || echo none"],
                environment: environment
            )
            return String(outcome.outputText.dropLast())
        }
        let with = ["PATH": workshop.url("bin").path + ":/usr/bin:/bin"]
        let noted = try found(with)
        #expect(noted.hasPrefix(workshop.url(".local/share/larder").path))
        #expect(try found([:]) == "none")
        #expect(try workshop.run([noted, "-c", "a.c"], environment: with).status == 0)
    }

    @Test func `without a home it says what is missing, and the command runs`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.larder(
            ["exec", "--", "echo", "built"],
            environment: ["HOME": "", "XDG_DATA_HOME": ""]
        )
        #expect(
            outcome.outputText == "built\n" && outcome.errorText.contains("set HOME or XDG_DATA_HOME"),
            "\(outcome)"
        )
    }

    @Test func `the exit status is the command's`() throws {
        let workshop = try Workshop()
        let cases: [([String], Int32)] = [
            (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -TERM $$"], 143), (["nonesuch"], 127), ([], 2),
        ]
        for (command, status) in cases { #expect(try workshop.larder(["exec", "--"] + command).status == status) }
    }

    @Test func `a build that only reads says that nothing was counted`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["exec", "--", "gcc", "-c", "a.c"])
        let read = try workshop.larder(["exec", "--", "gcc", "-c", "a.c"], environment: ["LARDER_READONLY": "1"])
        #expect(read.status == 0 && read.errorText.contains("nothing was counted"), "\(read)")
        let homeless = try workshop.larder(
            ["exec", "--", "gcc", "-c", "a.c"],
            environment: ["HOME": "/proc/self/nothing"]
        )
        #expect(homeless.errorText.contains("without the cache") && !homeless.errorText.contains("no compile came"))
    }

    @Test func `within a session the counts are that one's`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        let inner = ["exec", Workshop.larder.path, "exec", "gcc", "-c", "a.c"]
        let outcome = try workshop.larder(inner)
        #expect(outcome.errorText.components(separatedBy: "hits:").count == 2)
        let outer = try workshop.larder(["exec", "gcc", "-c", "a.c"], environment: ["LARDER_SESSION": "outer"])
        #expect(!outer.errorText.contains("hits:"))
        #expect(try workshop.larder(["session", "stats", "outer", "--json"]).outputText.contains(#""hits": 1,"#))
    }

    @Test func `where nothing came by it says so, and a broken place does not stop the build`() throws {
        let workshop = try Workshop()
        #expect(try workshop.larder(["exec", "true"]).errorText.contains("no compile came through the cache"))
        try workshop.write("", to: "file")
        let blocked = try workshop.larder(
            ["exec", "echo", "x"],
            environment: ["XDG_DATA_HOME": workshop.url("file").path]
        )
        #expect(blocked.status == 0 && blocked.outputText == "x\n")
        #expect(blocked.errorText.contains("warning: the build runs without the cache:"))
        let invalid = try workshop.larder(["exec", "echo", "x"], environment: ["LARDER_MAX_SIZE": "lots"])
        #expect(invalid.status == 0 && invalid.outputText == "x\n")
        #expect(invalid.errorText.contains("LARDER_MAX_SIZE is \"lots\""))
        let off = try workshop.larder(["exec", "sh", "-c", "command -v gcc"], environment: ["LARDER_DISABLE": "1"])
        #expect(off.errorText.isEmpty && !off.outputText.contains("larder"))
    }
}
