internal import Files
internal import LarderStore
internal import Terminal

/// What bypasses were about, by their causes: the word of the command, the header, the program.
///
/// Only of those that are still on record, which may be fewer than are counted.
struct BypassWords {
    private let counts: [String: [String: Int64]]

    init(of cache: Path) {
        var counts: [String: [String: Int64]] = [:]
        for record in MissLog(at: cache).records() where record.outcome == .bypass && !record.subject.isEmpty {
            counts[record.cause, default: [:]][String(Text.shown(record.subject).prefix(60)), default: 0] += 1
        }
        self.counts = counts
    }

    /// The three most frequent ones.
    func most(of cause: String) -> [(word: String, count: Int64)] { Array(sorted(counts[cause] ?? [:]).prefix(3)) }

    private func sorted(_ counts: [String: Int64]) -> [(word: String, count: Int64)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (word: $0.key, count: $0.value) }
    }

    /// The twenty most frequent ones of each cause.
    var json: JSON {
        .object(
            counts.sorted { $0.key < $1.key }.map { cause, counts in
                (cause, .object(sorted(counts).prefix(20).map { ($0.word, .integer($0.count)) }))
            }
        )
    }
}
