import Foundation
import TestSupport
import Testing

/// One thing changes between two calls of a tool, and the second one has to give what the bare tool gives then.
struct ToolChange: Sendable, CustomTestStringConvertible {
    enum Next: Sendable { case hit, miss, bypass }

    var name: String
    var files: [String: String] = [:]
    /// A shell's words that finish what `files` cannot say.
    var prepare = ""
    var command: [String]
    var environment: [String: String] = [:]
    /// A shell's words; empty where something else changes.
    var change = ""
    var changedCommand: [String]?
    var changedEnvironment: [String: String]?
    var outputs: [String] = []
    /// False where no result may be kept at all.
    var isCacheable = true
    var next = Next.miss

    var testDescription: String { name }

    /// Calls the tool twice, makes the change and calls it again, each time beside the bare tool.
    func check() throws {
        let workshop = try Workshop()
        for (name, text) in files { try workshop.write(text, to: name) }
        if !prepare.isEmpty { try shell(prepare, workshop) }
        func count(
            _ command: [String],
            _ environment: [String: String],
            due hits: Int
        ) throws -> Workshop.Counters {
            try workshop.counting(dueHits: hits) {
                try besideBare(command, environment, workshop, outputs: outputs)
            }
        }
        let first = try count(command, environment, due: 0)
        #expect(first.hits == 0, "the first call")
        let second = try count(command, environment, due: isCacheable ? 1 : 0)
        #expect(second.hits == (isCacheable ? 1 : 0), "the second call \(log(workshop))")
        if !change.isEmpty { try shell(change, workshop) }
        let third = try count(
            changedCommand ?? command,
            changedEnvironment ?? environment,
            due: next == .hit ? 1 : 0
        )
        #expect(third.hits == (next == .hit ? 1 : 0), "after the change")
        if next == .miss { #expect(third.misses == 1, "after the change") }
    }

    private func log(_ workshop: Workshop) -> String {
        (try? workshop.larder(["stats", "--json"]).outputText) ?? ""
    }

    private func shell(_ words: String, _ workshop: Workshop) throws {
        let outcome = try workshop.run(["sh", "-ec", words], environment: environment)
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }
}

/// Calls a tool bare and through the launcher, from the same state, and compares what they did.
func besideBare(
    _ command: [String],
    _ environment: [String: String] = [:],
    _ workshop: Workshop,
    outputs: [String],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    func perform(_ words: [String]) throws -> (Workshop.Outcome, [Data?]) {
        for name in outputs { workshop.remove(name) }
        let outcome = try workshop.run(words, environment: environment)
        return (outcome, outputs.map { workshop.read($0) })
    }
    let bare = try perform(command)
    let cached = try perform([Workshop.larder.path] + command)
    #expect(
        cached.0 == bare.0,
        "\(command): \(bare.0.status) \(bare.0.outputText)\(bare.0.errorText) \(cached.0.status) \(cached.0.outputText)\(cached.0.errorText)",
        sourceLocation: sourceLocation
    )
    #expect(cached.1 == bare.1, "outputs of \(command)", sourceLocation: sourceLocation)
}

/// True where a program is installed; tests of tools that are not are skipped, and say so.
func isInstalled(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + program) }
