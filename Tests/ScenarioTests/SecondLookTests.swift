import Foundation
import TestSupport
import Testing

/// What is published between a process's look and the beginning of its own work is found.
@Suite struct SecondLookTests {
    /// Runs `words` twice at once: one process is held after its first look until the other one has ended.
    private func expectHit(
        of words: [String],
        in workshop: Workshop,
        _ environment: [String: String] = [:],
        counting causes: String = "hits"
    ) throws {
        let hold = workshop.url("hold").path
        try workshop.run(["mkfifo", hold + ".reached", hold + ".go"])
        defer { _ = try? workshop.run(["rm", hold + ".reached", hold + ".go"]) }
        let held = Process()
        held.executableURL = Workshop.debugLarder
        held.arguments = words
        held.currentDirectoryURL = workshop.directory
        held.environment = workshop.environment(
            environment.merging(["LARDER_HOLD_AT": "looked", "LARDER_HOLD": hold]) { $1 }
        )
        // Two streams, as the other process has them: one would count as something else.
        (held.standardOutput, held.standardError) = (Pipe(), Pipe())
        try held.run()
        // Opening waits for the other end.
        let reached = try FileHandle(forReadingFrom: URL(fileURLWithPath: hold + ".reached"))
        _ = try reached.readToEnd()
        #expect(try workshop.larder(words, environment: environment).status == 0)
        if environment["LARDER_DAEMON"] == "auto" { try workshop.larder(["daemon", "stop"], environment: environment) }
        try FileHandle(forWritingTo: URL(fileURLWithPath: hold + ".go")).close()
        held.waitUntilExit()
        #expect(held.terminationStatus == 0)
        let counters = try workshop.counters()
        #expect(counters.hits == 1 && counters.misses == 1, "\(words): \(counters)")
    }

    @Test func `by a compile`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try expectHit(of: ["gcc", "-c", "a.c", "-o", "a.o"], in: workshop)
    }

    @Test func `by a compile that has told the daemon it would make the result`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let environment = ["LARDER_DAEMON": "auto"]
        try expectHit(of: ["gcc", "-c", "a.c", "-o", "a.o"], in: workshop, environment)
        try workshop.larder(["daemon", "stop"], environment: environment)
    }

    @Test func `by an archive, which has a lock`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.run(["gcc", "-c", "a.c", "-o", "a.o"])
        try expectHit(of: ["ar", "rcsD", "lib.a", "a.o"], in: workshop, ["LARDER_CACHE_LINK": "1"])
    }

    @Test func `by a command with outputs and by one without`() throws {
        let workshop = try Workshop()
        try expectHit(of: ["run", "--output", "o", "--", "sh", "-c", "echo x > o"], in: workshop)
        let other = try Workshop()
        try expectHit(of: ["run", "--", "sh", "-c", "echo x"], in: other)
    }
}
