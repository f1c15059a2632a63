package import LarderStore
package import Terminal

/// What a report is about: a build, or all that a cache has on record.
package struct BuildRecord {
    /// What happened, in the order in which it was written.
    package var events: [Event]
    /// The sums.
    package var statistics: Statistics
    /// The sums of each hour, by its number since 1970; of the whole cache.
    package var hours: [Int64: Tally]
    /// What the cache held in an hour, in bytes.
    package var sizes: [Int64: Int64]
    /// Why commands were no hits, the most frequent first.
    package var reasons: [Reason]
    /// The remote caches.
    package var tiers: [Tier]
    /// The counts as `larder stats --json` or `larder session stats --json` prints them.
    package var counts: JSON
    /// Which session it is about; nil for all.
    package var session: String?
    /// Milliseconds since 1970.
    package var made: Int64

    /// One reason of misses.
    package struct Reason {
        package var count: Int
        package var sentence: String
        package var example: String

        package init(count: Int, sentence: String, example: String) {
            (self.count, self.sentence, self.example) = (count, sentence, example)
        }
    }

    /// One remote cache.
    package struct Tier {
        package var address: String
        /// Names and values, in order.
        package var figures: [(name: String, value: String)]

        package init(address: String, figures: [(name: String, value: String)]) {
            (self.address, self.figures) = (address, figures)
        }
    }

    package init(
        events: [Event],
        statistics: Statistics,
        hours: [Int64: Tally],
        sizes: [Int64: Int64],
        reasons: [Reason],
        tiers: [Tier],
        counts: JSON,
        session: String?,
        made: Int64
    ) {
        (self.events, self.statistics, self.hours, self.sizes) = (events, statistics, hours, sizes)
        (self.reasons, self.tiers, self.counts, self.session, self.made) = (reasons, tiers, counts, session, made)
    }

    /// How long hits took, in microseconds.
    package var hitLatencies: Histogram {
        Histogram(of: events.filter { $0.kind == .hit && $0.cause != CheckedHit.same }.map(\.elapsedMicroseconds))
    }

    /// How long misses took, in microseconds.
    package var missDurations: Histogram {
        Histogram(of: events.filter { $0.kind == .miss }.map { max($0.elapsedMicroseconds, $0.microseconds) })
    }

    /// The misses that took longest.
    package func slowestMisses(limit: Int) -> [Event] {
        let misses = events.filter { $0.kind == .miss && $0.microseconds > 0 }
        return Array(misses.sorted { ($1.microseconds, $0.label) < ($0.microseconds, $1.label) }.prefix(limit))
    }

    /// All of it for programs.
    package var json: JSON {
        func figures(_ histogram: Histogram) -> JSON {
            .object([
                ("count", .integer(Int64(histogram.count))), ("p50_microseconds", .integer(histogram.median)),
                ("p90_microseconds", .integer(histogram.ninetieth)),
                ("p99_microseconds", .integer(histogram.ninetyNinth)),
            ])
        }
        return .object([
            ("made_ms", .integer(made)),
            ("session", .string(session ?? "")),
            ("counts", counts),
            ("hit_latency", figures(hitLatencies)),
            ("miss_duration", figures(missDurations)),
            (
                "hours",
                .array(
                    hours.sorted { $0.key < $1.key }.map { hour, tally in
                        .object([
                            ("hour", .integer(hour)), ("hits", .integer(Int64(tally.hits))),
                            ("misses", .integer(Int64(tally.misses))), ("bypasses", .integer(Int64(tally.bypasses))),
                            ("errors", .integer(Int64(tally.errors))),
                            ("saved_ms", .integer(tally.savedMicroseconds / 1000)),
                            ("spent_ms", .integer(tally.spentMicroseconds / 1000)),
                            ("bytes", .integer(sizes[hour] ?? -1)),
                        ])
                    }
                )
            ),
            (
                "reasons",
                .array(
                    reasons.map {
                        .object([
                            ("count", .integer(Int64($0.count))), ("sentence", .string($0.sentence)),
                            ("example", .string($0.example)),
                        ])
                    }
                )
            ),
            (
                "slowest_misses",
                .array(
                    slowestMisses(limit: 20).map {
                        .object([
                            ("label", .string($0.label)), ("program", .string($0.program)),
                            ("cause", .string($0.cause)), ("ms", .integer($0.microseconds / 1000)),
                        ])
                    }
                )
            ),
        ])
    }
}
