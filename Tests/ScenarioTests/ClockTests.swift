import Foundation
import TestSupport
import Testing

/// A clock of ours that is ahead of the one that stamps files: what is edited during a run looks older than the run.
@Suite struct ClockTests {
    static let commands = [
        "gcc -c a.c -o made",
        "gcc main.o b.o -o made",
        "ar rcs made b.o",
        "run --input a.c --output made -- cp a.c made",
        "run --trace -- cp a.c made",
    ]

    /// How often two calls, from another directory each, gave a hit, and why not.
    private func hits(of command: String, clock: String) throws -> (count: Int, causes: String) {
        let workshop = try Workshop()
        try workshop.write("int main(void) { return 0; }\n", to: "a.c")
        try workshop.write("int b;\n", to: "b.c")
        #expect(try workshop.run(["gcc", "-c", "b.c", "-o", "b.o"]).status == 0)
        #expect(try workshop.run(["gcc", "-c", "a.c", "-o", "main.o"]).status == 0)
        #expect(try workshop.run(["touch", "-d", "1 hour ago", "a.c", "main.o", "b.o"]).status == 0)
        let words = command.split(separator: " ").map(String.init)
        for _ in 1...2 {
            let outcome = try workshop.larder(
                words,
                environment: ["LARDER_PRETEND_CLOCK": clock, "LARDER_CACHE_LINK": "1"]
            )
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(try workshop.run(["rm", "made"]).status == 0)
        }
        return (try workshop.counters().hits, try workshop.larder(["stats", "--json"]).outputText)
    }

    @Test(arguments: commands) func `a result that is older than its run is not kept`(command: String) throws {
        let ahead = try hits(of: command, clock: "100")
        #expect(ahead.count == 0)
        #expect(ahead.causes.contains("clock_behind"))
        #expect(try hits(of: command, clock: "0").count == 1)
    }
}
