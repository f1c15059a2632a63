import Foundation
import TestSupport
import Testing

/// The bare compiler and the launcher, on the same command in the same place: nobody may see a difference.
@Suite struct EqualityTests {
    enum Family: String, Sendable, CaseIterable {
        case gcc, clang

        var cxx: String { self == .gcc ? "g++" : "clang++" }
    }

    /// A share of the table, so that shares run beside each other, each with a cache of its own.
    struct Share: Sendable, CustomTestStringConvertible {
        static let count = 4
        var family: Family
        var number: Int
        var testDescription: String { "\(family.rawValue), share \(number + 1) of \(Self.count)" }

        static let all = Family.allCases.flatMap { family in (0..<count).map { Share(family: family, number: $0) } }

        var cases: [EqualityCase] {
            EqualityTable.cases(for: family.rawValue).enumerated().filter { $0.offset % Self.count == number }.map(
                \.element
            )
        }
    }

    @Test(arguments: Share.all)
    func `every command gives what the bare compiler gives, cold and warm`(share: Share) throws {
        let project = try EqualityProject()
        var comparison = try Comparison(project, share.family)
        for item in share.cases { try comparison.run(item) }
    }

    @Test(arguments: Family.allCases)
    func `the table has a hundred commands for each compiler, and sixty that hit`(family: Family) {
        let cases = EqualityTable.cases(for: family.rawValue)
        #expect(Set(cases.map(\.line)).count == cases.count)
        #expect(cases.count >= 100)
        #expect(cases.count { $0.expectation == .hit } >= 60)
    }

    @Test(arguments: Family.allCases)
    func `a link named like the compiler gives what the compiler gives`(family: Family) throws {
        let project = try EqualityProject()
        for mode in [Comparison.Mode.masquerade, .both] {
            var comparison = try Comparison(project, family, mode)
            for item in EqualityTable.masqueraded(for: family.rawValue) { try comparison.run(item) }
        }
    }

    @Test func `a compiler that is not there is status 127, as a shell has it`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.larder(["no-such-gcc", "-c", "a.c"])
        #expect(outcome.status == 127)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorText == "larder: no-such-gcc: command not found\n")
    }
}

/// How one command is run and compared.
struct Comparison {
    enum Mode { case prefix, masquerade, both }

    /// All that can be seen of a run.
    private struct Observation {
        var outcome: Workshop.Outcome
        var files: DirectorySnapshot

        /// What is seen, by name, so that two can be compared piece by piece.
        var pieces: [String: [UInt8]] {
            var pieces = [
                "status": Array("\(outcome.status)".utf8), "stdout": [UInt8](outcome.output),
                "stderr": [UInt8](outcome.error),
            ]
            pieces["names"] = Array(files.items.keys.sorted().joined(separator: " ").utf8)
            for (name, item) in files.items {
                pieces["mode of \(name)"] = Array(String(item.mode, radix: 8).utf8)
                pieces["bytes of \(name)"] = item.content
            }
            return pieces
        }
    }

    let project: EqualityProject
    let family: EqualityTests.Family
    let mode: Mode

    /// What the cache had counted after the run before.
    private var counters: Workshop.Counters

    init(_ project: EqualityProject, _ family: EqualityTests.Family, _ mode: Mode = .prefix) throws {
        (self.project, self.family, self.mode) = (project, family, mode)
        counters = try project.workshop.counters()
    }

    private mutating func count() throws -> Workshop.Counters {
        let before = counters
        counters = try project.workshop.counters()
        var counted = counters
        counted.hits -= before.hits
        counted.misses -= before.misses
        counted.bypasses -= before.bypasses
        counted.errors -= before.errors
        return counted
    }

    mutating func run(_ item: EqualityCase) throws {
        let bare = try observe(item, throughLarder: false).pieces
        var counted: [Workshop.Counters] = []
        for run in ["cold", "warm"] {
            let seen = try observe(item, throughLarder: true).pieces
            counted.append(try count())
            var different = bare.keys.filter { bare[$0] != seen[$0] } + seen.keys.filter { bare[$0] == nil }
            if !different.isEmpty, item.isUnstable {
                // What the bare compiler does not repeat itself, nobody can.
                let again = try observe(item, throughLarder: false).pieces
                different.removeAll {
                    (again[$0] != bare[$0] || Self.isEqualButForNumbers(bare[$0], seen[$0]))
                        && $0 != "status" && $0 != "names" && !$0.hasPrefix("mode")
                }
            }
            if !different.isEmpty {
                let lines = different.sorted().map { "  \($0): \(Self.difference(bare[$0], seen[$0]))" }
                Issue.record("\(family) \(mode) \(run): \(item.line)\n\(lines.joined(separator: "\n"))")
            }
        }
        switch item.expectation {
        case .hit:
            #expect(
                counted[1].hits >= 1 && counted[1].misses + counted[1].bypasses == 0,
                "\(family) \(item.line): \(counted)"
            )
        case .bypass:
            #expect(
                counted[1].bypasses >= 1 && counted[1].misses + counted[1].hits == 0,
                "\(family) \(item.line): \(counted)"
            )
        case .failure:
            #expect(
                counted.allSatisfy { $0.hits == 0 && $0.entries == counted[0].entries },
                "\(family) \(item.line): \(counted)"
            )
        case .any: break
        }
        #expect(counted.allSatisfy { $0.errors == 0 })
    }

    private func observe(_ item: EqualityCase, throughLarder: Bool) throws -> Observation {
        project.reset()
        var environment = [
            "CC": family.rawValue, "CXX": family.cxx, "KEEP": project.keep.path, "LONG": EqualityProject.longDirectory,
        ]
        if throughLarder {
            let directory = mode == .prefix ? "bin" : "masquerade"
            environment["PATH"] = "\(project.workshop.url(directory).path):/usr/local/bin:/usr/bin:/bin"
            if mode != .masquerade {
                for name in ["CC", "CXX"] { environment[name] = "larder \(environment[name] ?? "")" }
            }
        }
        let outcome = try project.workshop.run(["sh", "-c", item.line], in: "project", environment: environment)
        return Observation(outcome: outcome, files: DirectorySnapshot(of: project.directory.path))
    }

    /// True for two reports of times that say the same with other figures; two bare runs may agree by chance.
    private static func isEqualButForNumbers(_ bare: [UInt8]?, _ seen: [UInt8]?) -> Bool {
        func words(_ bytes: [UInt8]?) -> [[UInt8]]? {
            bytes?.split { (48...57).contains($0) || $0 == 32 || $0 == 46 }.map(Array.init)
        }
        return words(bare) == words(seen)
    }

    /// Where two pieces part: some bytes of each, from shortly before the first that differs.
    private static func difference(_ bare: [UInt8]?, _ seen: [UInt8]?) -> String {
        let common = zip(bare ?? [], seen ?? []).prefix { $0 == $1 }.count
        func shown(_ bytes: [UInt8]?) -> String {
            guard let bytes else { return "nothing" }
            let text = bytes.dropFirst(max(0, common - 40)).prefix(160).map { (32...126).contains($0) ? $0 : 46 }
            return "\(bytes.count) bytes '\(String(decoding: text, as: UTF8.self))'"
        }
        return "\(shown(bare)), not \(shown(seen)), from byte \(common)"
    }
}
