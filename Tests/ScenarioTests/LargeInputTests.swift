import Foundation
import TestSupport
import Testing

/// Files that every command reads, such as a compiler's libraries, are read once and then known by their identities.
@Suite struct LargeInputTests {
    /// A tool of 3 MB, older than the cache, which two commands run.
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write(
            "#!/bin/sh\ncat \"$1\" > \"$2\"; exit\n" + String(repeating: "#\n", count: 1_500_000),
            to: "tool"
        )
        try workshop.run(["chmod", "+x", "tool"])
        for number in 0..<3 { try workshop.write("\(number)\n", to: "in\(number)") }
        return workshop
    }

    /// How many bytes the launcher itself reads while it runs the command.
    private func bytesRead(_ words: [String], _ workshop: Workshop) throws -> Int {
        let strace = ["strace", "-o", "calls", "-e", "trace=read,pread64", Workshop.larder.path] + words
        let outcome = try workshop.run(strace)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return String(decoding: workshop.read("calls") ?? Data(), as: UTF8.self).split(separator: "\n")
            .reduce(0) { $0 + max(0, Int($1.split(separator: " ").last ?? "") ?? 0) }
    }

    @Test(arguments: [["run", "--trace", "--"], ["run", "--input", "tool", "--output", "out", "--"]])
    func `the second command that reads a large file does not read it for its digest`(form: [String]) throws {
        let workshop = try workshop()
        // What is known is noted in a cache that is there.
        try workshop.larder(["run", "--", "true"])
        let first = try bytesRead(form + ["./tool", "in0", "out"], workshop)
        #expect(first > 3_000_000)
        workshop.remove("out")
        let second = try bytesRead(form + ["./tool", "in1", "out"], workshop)
        #expect(second < 1_000_000, "\(second) bytes")
        #expect(try workshop.counting { try workshop.larder(form + ["./tool", "in1", "out"]) }.hits == 1)
        // What is known is of the file as it is.
        try workshop.run(["sh", "-c", "sed -i 's/cat/tac/' tool"])
        workshop.remove("out")
        #expect(try workshop.counting { try workshop.larder(form + ["./tool", "in1", "out"]) }.hits == 0)
    }

    @Test func `to tell beforehand writes nothing, and reads what it does not know`() throws {
        let workshop = try workshop()
        let command = ["run", "--input", "tool", "--output", "out", "--", "./tool", "in0", "out"]
        try workshop.larder(["kv", "list", "any"])
        try workshop.larder(["run", "--", "true"])
        let before = DirectorySnapshot(of: workshop.cache.path)
        #expect(try workshop.larder(["run", "--dry-run"] + command.dropFirst()).status == 1)
        #expect(DirectorySnapshot(of: workshop.cache.path) == before)
    }
}
