import Foundation
import TestSupport
import Testing

/// One thing changes between two compiles, and the second one has to give what the bare compiler gives then.
struct Change: Sendable, CustomTestStringConvertible {
    enum Next: Sendable { case hit, miss }

    var name: String
    var files: [String: String]
    /// A shell's words that finish what `files` cannot say.
    var prepare = ""
    var arguments: [String] = ["-c", "a.c", "-o", "a.o"]
    var environment: [String: String] = [:]
    /// A shell's words; empty where something else changes.
    var change = ""
    var changedArguments: [String]?
    var changedEnvironment: [String: String]?
    var compilers = ["gcc", "clang"]
    /// False where no result may be kept at all.
    var isCacheable = true
    var next = Next.miss

    var testDescription: String { name }

    /// Compiles twice, makes the change and compiles again, each time beside the bare compiler.
    func check() throws {
        for compiler in compilers {
            let workshop = try Workshop()
            for (name, text) in files { try workshop.write(text, to: name) }
            if !prepare.isEmpty { try shell(prepare, workshop) }
            let command = [compiler] + arguments
            let first = try workshop.counting { try same(command, environment, workshop) }
            #expect(first.misses == 1, "\(compiler), first compile")
            let due = isCacheable ? 1 : 0
            let second = try workshop.counting(dueHits: due) { try same(command, environment, workshop) }
            #expect(second.hits == due, "\(compiler), second compile")
            if !change.isEmpty { try shell(change, workshop) }
            let third = try workshop.counting(dueHits: next == .hit ? 1 : 0) {
                try same(
                    [compiler] + (changedArguments ?? arguments),
                    changedEnvironment ?? environment,
                    workshop
                )
            }
            #expect(third.hits == (next == .hit ? 1 : 0), "\(compiler), after the change")
            // What only words or the environment have changed is undone by itself.
            guard change.isEmpty else { continue }
            let fourth = try workshop.counting(dueHits: due) { try same(command, environment, workshop) }
            #expect(fourth.hits == due, "\(compiler), back again")
        }
    }

    private func shell(_ words: String, _ workshop: Workshop) throws {
        let outcome = try workshop.run(["sh", "-ec", words])
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }
}

/// Compiles with the bare compiler and through the launcher, from the same state, and compares what they did.
func same(
    _ command: [String],
    _ environment: [String: String] = [:],
    _ workshop: Workshop,
    in directory: String = "",
    outputs: [String] = ["a.o"],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    func perform(_ words: [String]) throws -> (Workshop.Outcome, [Data?]) {
        let names = outputs.map { directory.isEmpty ? $0 : directory + "/" + $0 }
        for name in names { workshop.remove(name) }
        let outcome = try workshop.run(words, in: directory, environment: environment)
        return (outcome, names.map { workshop.read($0) })
    }
    let bare = try perform(command)
    let cached = try perform([Workshop.larder.path] + command)
    #expect(cached.0 == bare.0, "streams and status of \(command)", sourceLocation: sourceLocation)
    #expect(cached.1 == bare.1, "outputs of \(command)", sourceLocation: sourceLocation)
}
