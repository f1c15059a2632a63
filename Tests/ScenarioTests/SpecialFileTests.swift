import Foundation
import TestSupport
import Testing

/// Names that lead to something else than a regular file: nobody but the compiler opens it, and it opens it once.
@Suite struct SpecialFileTests {
    /// A writer that waits until a FIFO is opened for reading; what it says when its text was taken.
    private func feed(_ fifo: String, _ text: String, _ workshop: Workshop) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "printf '%s' \"$2\" > \"$1\" && echo taken > \"$1.taken\"", "sh", fifo, text]
        process.currentDirectoryURL = workshop.directory
        try process.run()
        return process
    }

    /// What stands under the name of a header that no branch includes.
    static let unread = ["fifo", "directory", "sparse", "device", "socket"]

    private func make(_ kind: String, at name: String, _ workshop: Workshop) throws {
        switch kind {
        case "fifo": try workshop.run(["mkfifo", name])
        case "directory": try workshop.run(["mkdir", name])
        case "sparse": try workshop.run(["truncate", "-s", "8T", name])
        case "device": try workshop.run(["ln", "-s", "/dev/zero", name])
        default: try workshop.run(["python3", "-c", "import socket, sys; socket.socket(1).bind('\(name)')"])
        }
    }

    @Test(arguments: unread, [["-MMD", "-g"], ["-MD"], [], ["-MMD"]])
    func `a header in a branch that is not taken is never opened, whatever it is`(kind: String, words: [String]) throws
    {
        let workshop = try Workshop()
        try make(kind, at: "odd.h", workshop)
        try workshop.write("#if 0\n#include \"odd.h\"\n#endif\nint x;\n", to: "a.c")
        let compile = ["gcc"] + words + ["-c", "a.c"]
        try workshop.run(compile + ["-o", "bare.o"])
        let writer = kind == "fifo" ? try feed("odd.h", "int y;", workshop) : nil
        defer { writer?.kill() }
        for _ in 0..<2 {
            workshop.remove("a.o")
            let outcome = try workshop.run(["timeout", "300", Workshop.larder.path] + compile)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(outcome.errorText.isEmpty)
            #expect(workshop.read("a.o") == workshop.read("bare.o"))
        }
        // Nobody has come for its text.
        #expect(workshop.read("odd.h.taken") == nil)
    }

    @Test(arguments: ["gcc", "clang"], [["-x", "c", "-c", "FIFO"], ["-include", "FIFO", "-c", "b.c"]])
    func `what can be read only once reaches the compiler`(compiler: String, words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int y;\n", to: "b.c")
        try workshop.run(["mkfifo", "FIFO"])
        let counted = try workshop.counting {
            for number in 1...2 {
                let writer = try feed("FIFO", "int once_\(number);\n", workshop)
                let compile = [compiler] + words + ["-o", "a.o"]
                let outcome = try workshop.run(["timeout", "300", Workshop.larder.path] + compile)
                writer.waitUntilExit()
                #expect(outcome.status == 0, "\(outcome.errorText)")
                let symbols = try workshop.run(["nm", "a.o"]).outputText
                #expect(symbols.contains("once_\(number)"))
            }
        }
        #expect(counted.bypasses == 2)
        let statistics = try workshop.larder(["stats", "--json"]).outputText
        #expect(statistics.contains("special_input"))
    }

    @Test func `a response file that is a pipe reaches the program`() throws {
        let workshop = try Workshop()
        // Real ones ask a file for its length first; what counts is that nobody has taken the words.
        try workshop.write("#!/bin/sh\ncat \"${1#@}\"\n", to: "gcc")
        try workshop.run(["chmod", "+x", "gcc"])
        try workshop.run(["mkfifo", "words"])
        let writer = try feed("words", "-DX=42 -c a.c", workshop)
        let outcome = try workshop.run(["timeout", "300", Workshop.larder.path, "./gcc", "@words"])
        writer.kill()
        #expect(outcome.outputText == "-DX=42 -c a.c")
    }

    @Test func `a header that is a pipe is read by the compiler alone, and nothing is kept`() throws {
        let workshop = try Workshop()
        try workshop.write("#include \"FIFO\"\nint y;\n", to: "a.c")
        try workshop.run(["mkfifo", "FIFO"])
        let counted = try workshop.counting {
            for number in 1...2 {
                let writer = try feed("FIFO", "int once_\(number);\n", workshop)
                let outcome = try workshop.run(["timeout", "300", Workshop.larder.path, "gcc", "-c", "a.c"])
                writer.waitUntilExit()
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }
        #expect(counted.misses == 2 && counted.hits == 0)
    }

    @Test func `an archive's member and a linker's input that is a pipe are the tool's to open`() throws {
        let workshop = try Workshop()
        try workshop.write("int main(void) { return 0; }\n", to: "main.c")
        try workshop.run(["gcc", "-c", "main.c"])
        try workshop.run(["mkfifo", "script.ld"])
        let writer = try feed("script.ld", "/* nothing */", workshop)
        defer { writer.kill() }
        let link = ["gcc", "main.o", "script.ld", "-o", "main"]
        let counted = try workshop.counting {
            _ = try workshop.run(
                ["timeout", "60", Workshop.larder.path] + link,
                environment: ["LARDER_CACHE_LINK": "1"]
            )
        }
        #expect(counted.hits == 0 && counted.entries == 0)
    }

    @Test func `a pipe in the place of the log or the settings holds nobody up`() throws {
        let workshop = try Workshop()
        try workshop.write("int x;\n", to: "a.c")
        try workshop.run(["mkdir", "-p", workshop.cache.path])
        try workshop.run(["mkfifo", "log", workshop.cache.appendingPathComponent("larder.conf").path])
        for _ in 0..<2 {
            let outcome = try workshop.run(
                ["timeout", "300", Workshop.larder.path, "gcc", "-c", "a.c"],
                environment: ["LARDER_LOG": workshop.url("log").path]
            )
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
    }
}
