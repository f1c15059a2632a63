import Foundation
import TestSupport
import Testing

/// One thing changes between two runs of rustc, and the second one has to give what the bare compiler gives then.
///
/// All commands are a shell's words. `$R` stands for the compiler, with the launcher before it or without; what it makes
/// goes below `out`, which is removed before each run.
struct RustChange: Sendable, CustomTestStringConvertible {
    enum Next: Sendable { case hit, miss }

    static let library =
        "$R --crate-name x --crate-type lib --emit=dep-info,metadata,link --out-dir out --edition=2021 "
        + "-C metadata=m -C extra-filename=-e src/lib.rs"
    static let program =
        "$R --crate-name x --crate-type bin --emit=dep-info,link --out-dir out --edition=2021 src/main.rs"

    var name: String
    var files: [String: String]
    /// Builds what the command needs, with the bare compiler.
    var prepare = ""
    var command = Self.library
    var environment: [String: String] = [:]
    var change = ""
    var changedCommand: String?
    var changedEnvironment: [String: String]?
    /// What is done after the change, to come back to the first state.
    var isUndone: String?
    var next = Next.miss
    var isCacheable = true
    var needsClippy = false
    var needsSlimMacros = false

    var testDescription: String { name }

    func check() throws {
        let workshop = try Workshop()
        for (name, text) in files { try workshop.write(text, to: name) }
        if !prepare.isEmpty { try shell(prepare, workshop) }
        let first = try workshop.counting { try same(command, environment, workshop, "first") }
        #expect(first.misses == 1 && first.bypasses == 0, "first run: \(log(workshop))")
        let due = isCacheable ? 1 : 0
        let second = try workshop.counting(dueHits: due) { try same(command, environment, workshop, "second") }
        #expect(second.hits == due, "second run: \(log(workshop))")
        if !change.isEmpty { try shell(change, workshop) }
        let third = try workshop.counting(dueHits: next == .hit ? 1 : 0) {
            try same(changedCommand ?? command, changedEnvironment ?? environment, workshop, "after the change")
        }
        #expect(third.hits == (next == .hit ? 1 : 0), "after the change: \(log(workshop))")
        // What only the environment has changed is undone by itself.
        guard isUndone != nil || change.isEmpty else { return }
        if let isUndone { try shell(isUndone, workshop) }
        let fourth = try workshop.counting(dueHits: due) { try same(command, environment, workshop, "back again") }
        #expect(fourth.hits == due, "back again: \(log(workshop))")
    }

    private func log(_ workshop: Workshop) -> String {
        String(decoding: workshop.read("log") ?? Data(), as: UTF8.self).split(separator: "\n")
            .filter { !$0.contains(" key ") }.joined(separator: "\n")
    }

    private func shell(_ words: String, _ workshop: Workshop) throws {
        let words = words.replacingOccurrences(of: "$R", with: "rustc")
        let outcome = try workshop.run(["sh", "-ec", words], environment: RustToolchain.environment(environment))
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    /// Runs the bare command and the launcher's from the same state, and compares all that they did.
    private func same(_ command: String, _ extra: [String: String], _ workshop: Workshop, _ step: String) throws {
        let log = ["LARDER_LOG": workshop.url("log").path]
        func perform(_ compiler: String) throws -> (Workshop.Outcome, DirectorySnapshot) {
            workshop.remove("out")
            try FileManager.default.createDirectory(at: workshop.url("out"), withIntermediateDirectories: true)
            // The launcher sees the very words that the compiler sees.
            let words = [
                "sh", "-c",
                command.replacingOccurrences(of: "$R", with: compiler + "rustc")
                    .replacingOccurrences(of: "$C", with: compiler + "clippy-driver"),
            ]
            let outcome = try workshop.run(words, environment: RustToolchain.environment(extra.merging(log) { $1 }))
            return (outcome, DirectorySnapshot(of: workshop.url("out").path))
        }
        let bare = try perform("")
        let cached = try perform("\(Workshop.larder.path) ")
        #expect(cached.0.status == bare.0.status, "\(name), \(step)")
        #expect(cached.0.outputText == bare.0.outputText, "\(name), \(step)")
        #expect(cached.0.errorText == bare.0.errorText, "\(name), \(step)")
        #expect(cached.1 == bare.1, "outputs of \(name), \(step)")
    }
}
