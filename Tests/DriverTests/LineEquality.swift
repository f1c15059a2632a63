import Foundation
import TestSupport
import Testing

/// What a command line comes to.
enum LineOutcome: Sendable { case hit, bypass, failure }

/// Calls `program` with each of the `lines` in a directory with `files` in it and an empty one `out`: bare, through an empty cache
/// and once more, and compares status, streams and everything in the directory.
func compareLines(
    _ lines: [String],
    of program: String,
    in files: [String: String],
    environment: [String: String] = [:],
    _ expected: LineOutcome
) throws {
    let workshop = try Workshop()
    let project = workshop.url("project").path
    for line in lines {
        func observe(_ prefix: String) throws -> (Workshop.Outcome, DirectorySnapshot) {
            DirectorySnapshot.remove(project)
            DirectorySnapshot.write(files, to: project, modified: 1_600_000_000)
            try FileManager.default.createDirectory(atPath: project + "/out", withIntermediateDirectories: false)
            let words = ["sh", "-c", "\(prefix) \(program) \(line)"]
            let outcome = try workshop.run(words, in: "project", environment: environment)
            return (outcome, DirectorySnapshot(of: project))
        }
        let bare = try observe("")
        var counted: [Workshop.Counters] = []
        for run in ["cold", "warm"] {
            counted.append(
                try workshop.counting(dueHits: run == "warm" && expected == .hit ? 1 : 0) {
                    let seen = try observe(Workshop.larder.path)
                    #expect(seen.0 == bare.0, "\(run): \(line): \(bare.0.errorText)\n\(seen.0.errorText)")
                    let different = Set(seen.1.items.keys).union(bare.1.items.keys)
                        .filter { seen.1.items[$0] != bare.1.items[$0] }
                    #expect(different.isEmpty, "\(run): \(line)")
                }
            )
        }
        switch expected {
        // Some lines say the same in other words.
        case .hit: #expect(counted[0].bypasses == 0 && counted[1].hits == 1, "\(line)")
        case .failure: #expect(counted.allSatisfy { $0.hits == 0 }, "\(line)")
        case .bypass: #expect(counted.allSatisfy { $0.bypasses == 1 }, "\(line)")
        }
    }
}
