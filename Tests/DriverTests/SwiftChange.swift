import Foundation
import TestSupport
import Testing

/// Where the Swift toolchain of these tests is.
enum SwiftToolchainUnderTest {
    /// The directory of `swiftc`, or nil.
    static let programs: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { URL(fileURLWithPath: String($0)).appendingPathComponent("swiftc").resolvingSymlinksInPath() }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) && $0.lastPathComponent == "swift-driver" }
        .map { $0.deletingLastPathComponent().path }

    /// The environment's part that finds it, and one place for compiled C modules, so that the system's are compiled once.
    static var environment: [String: String] {
        ["PATH": "\(programs ?? ""):/usr/local/bin:/usr/bin:/bin", "XDG_CACHE_HOME": moduleCache]
    }

    private static let moduleCache = NSTemporaryDirectory() + "larder-test-swift-modules"
}

/// One thing changes between two compiles of a Swift module, and the second one has to give what the bare compiler gives then.
struct SwiftChange: Sendable, CustomTestStringConvertible {
    enum Next: Sendable {
        case hit
        case miss
        /// Either is right, if only the outputs are.
        case either
    }

    var name: String
    var files = ["a.swift": "public func a() -> Int { 1 }\n"]
    /// A shell's words that finish what `files` cannot say.
    var prepare = ""
    var arguments: [String] = ["-c", "a.swift", "-o", "a.o", "-module-name", "A"]
    var outputs = ["a.o"]
    var environment: [String: String] = [:]
    /// A shell's words; empty where something else changes.
    var change = ""
    var changedArguments: [String]?
    var changedEnvironment: [String: String]?
    /// False where no result may be kept at all.
    var isCacheable = true
    var next = Next.miss

    var testDescription: String { name }

    /// Compiles twice, makes the change and compiles again, at last beside the bare compiler.
    func check() throws {
        let workshop = try Workshop()
        for (name, text) in files { try workshop.write(text, to: name) }
        try shell(prepare, workshop)
        let first = try compile(arguments, environment, workshop, throughLarder: true)
        #expect(first.counters.hits == 0, "first compile")
        #expect(first.outcome.status == 0, "\(first.outcome.errorText)")
        let second = try compile(arguments, environment, workshop, throughLarder: true, due: isCacheable ? 1 : 0)
        #expect(second.counters.hits == (isCacheable ? 1 : 0), "second compile")
        #expect(second.files == first.files)
        #expect(second.outcome == first.outcome)
        try shell(change, workshop)
        let (words, variables) = (changedArguments ?? arguments, changedEnvironment ?? environment)
        let bare = try compile(words, variables, workshop, throughLarder: false)
        let third = try compile(words, variables, workshop, throughLarder: true, due: next == .hit ? 1 : 0)
        #expect(third.outcome.status == bare.outcome.status)
        #expect(third.outcome.errorText == bare.outcome.errorText)
        for output in outputs { #expect(third.files[output] == bare.files[output], "\(output)") }
        if next != .either { #expect(third.counters.hits == (next == .hit ? 1 : 0), "after the change") }
        // What was kept of that holds, too.
        let fourth = try compile(words, variables, workshop, throughLarder: true)
        #expect(fourth.outcome.status == bare.outcome.status)
        for output in outputs { #expect(fourth.files[output] == bare.files[output], "\(output), once more") }
    }

    private struct Compile {
        var outcome: Workshop.Outcome
        var files: [String: Data]
        var counters: Workshop.Counters
    }

    private func compile(
        _ words: [String],
        _ variables: [String: String],
        _ workshop: Workshop,
        throughLarder: Bool,
        due hits: Int = 0
    ) throws -> Compile {
        let environment = SwiftToolchainUnderTest.environment.merging(variables) { $1 }
        var outcome: Workshop.Outcome?
        let counters = try workshop.counting(dueHits: hits) {
            for output in outputs { workshop.remove(output) }
            outcome = try workshop.run(
                (throughLarder ? [Workshop.larder.path] : []) + ["swiftc"] + words,
                environment: environment
            )
        }
        var files: [String: Data] = [:]
        for output in outputs { files[output] = workshop.read(output) }
        return Compile(outcome: try #require(outcome), files: files, counters: counters)
    }

    private func shell(_ words: String, _ workshop: Workshop) throws {
        guard !words.isEmpty else { return }
        let outcome = try workshop.run(["sh", "-ec", words], environment: SwiftToolchainUnderTest.environment)
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }
}
