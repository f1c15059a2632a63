internal import Files
internal import LarderStore
internal import Reports
internal import Terminal
internal import Wire

extension Command {
    /// Says what the cache has done and what it holds.
    static let stats = Command(
        name: "stats",
        summary: "Show hits, misses and their reasons, bypasses and their causes, and the size",
        discussion: """
            A hit took its result from the cache. A miss ran the compiler and stored the result. A bypass ran the
            compiler as given, because what it does cannot be cached safely; its cause says why. An error is a cache
            that failed: the compiler ran as given then, too. `larder run`, `fingerprint` and `kv` count here as well,
            under causes that begin with their name (and in JSON once more by themselves, in by_command); everything
            else is a compile. Below a cause of bypasses stand the words, headers or programs that it was about, as far back as
            they are on record. Counts begin with the last `larder clear`.
            """,
        options: [json, Option(name: "prometheus", summary: "Print the counts in the text that Prometheus reads")],
        run: runStats
    )

    private static func runStats(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        let store = arguments.store(settings)
        guard !arguments.has("json") || !arguments.has("prometheus") else {
            throw Failure(usage: "--json and --prometheus cannot be asked for at once", .stats)
        }
        arguments.settle(settings)
        if arguments.has("prometheus") {
            let metrics = CacheMetrics(
                Journal(at: settings.directory).statistics(),
                usage: store.usage(),
                maximum: store.maximumSize
            )
            let status = DaemonClient.of(settings.directory)?.status()
            try Console.print(metrics.text(daemon: status.map { CacheMetrics.DaemonLevels($0) }))
            return .success
        }
        let summary = CacheSummary(
            directory: settings.directory,
            statistics: Journal(at: settings.directory).statistics(),
            usage: store.usage(),
            maximum: store.maximumSize,
            words: BypassWords(of: settings.directory)
        )
        try Console.print(arguments.has("json") ? summary.json.document : summary.table)
        return .success
    }
}

/// What `larder stats` shows, as a table and as JSON.
struct CacheSummary {
    let directory: Path
    let statistics: Statistics
    let usage: Usage
    /// Bytes that the entries may take.
    let maximum: Int64
    let words: BypassWords

    var json: JSON {
        .object([
            ("directory", .string(directory.description)),
            ("hits", .integer(Int64(statistics.hits))),
            ("misses", .integer(Int64(statistics.misses))),
            ("bypasses", .integer(Int64(statistics.bypasses))),
            ("errors", .integer(Int64(statistics.errors))),
            ("publishes", .integer(Int64(statistics.publishes))),
            ("evictions", .integer(Int64(statistics.evictions))),
            ("hits_by_cause", .counts(statistics.causes(of: .hit))),
            ("misses_by_reason", .counts(statistics.causes(of: .miss))),
            ("bypasses_by_cause", .counts(statistics.causes(of: .bypass))),
            ("errors_by_cause", .counts(statistics.causes(of: .error))),
            ("evictions_by_cause", .counts(statistics.causes(of: .evict))),
            ("by_command", .object(["run", "fingerprint", "kv"].map { ($0, counts(of: $0)) })),
            ("lock_waits", .integer(count(.lockContended))),
            ("locks_acquired_by_backend", .counts(statistics.causes(of: .lockAcquired))),
            ("entries", .integer(Int64(usage.entries))),
            ("bytes", .integer(usage.bytes)),
            ("max_bytes", .integer(maximum)),
            ("bypasses_by_word", words.json),
            ("by_program", .object(programs.map { ($0.name, Self.json($0.tally)) })),
            ("saved_ms", .integer(statistics.savedMicroseconds / 1000)),
            ("spent_ms", .integer(statistics.spentMicroseconds / 1000)),
            // 0 when nothing has happened yet; milliseconds since 1970.
            ("since_ms", .integer(statistics.since ?? 0)),
        ])
    }

    var table: String {
        let lookups = Int64(statistics.hits) &+ Int64(statistics.misses)
        var rows = [["Lookups", "\(lookups)"]]
        rows += statistics.rows("  hits", .hit, share: lookups)
        rows += statistics.rows("  misses", .miss, share: lookups)
        rows += statistics.rows("Bypasses", .bypass, words: words)
        rows += statistics.rows("Errors", .error)
        if statistics.evictions > 0 { rows += statistics.rows("Evictions", .evict) }
        if count(.lockContended) > 0 { rows += statistics.rows("Waits for locks", .lockContended) }
        rows.append(["Entries", "\(usage.entries)"])

        let share = Text.percent(usage.bytes, of: maximum).map { " (\($0))" } ?? ""
        let saved = statistics.savedMicroseconds / 1000
        var totals = [
            ["Size", "\(Text.size(usage.bytes)) of \(Text.size(maximum))\(share)"],
            ["Time saved", Text.duration(milliseconds: saved) + shareOfTime],
        ]
        if let since = statistics.since {
            let age = max(0, (Clock.wall / 1_000_000).subtracting(saturating: since))
            totals.append(["Counting since", "\(Text.duration(milliseconds: age)) ago"])
        }
        return "Cache in \(Text.shown(directory.bytes))\n\n" + TextTable.aligned(rows, right: [1, 2]) + programTable
            + "\n"
            + TextTable.aligned(totals)
    }

    /// The sums of each compiler and tool, the busiest first.
    private var programs: [(name: String, tally: Tally)] {
        statistics.programs.sorted { ($1.value.lookups, $0.key) < ($0.value.lookups, $1.key) }
            .map { (Text.shown($0.key.utf8), $0.value) }
    }

    /// Which part of the time that all compiles would have taken is saved.
    private var shareOfTime: String {
        let (saved, spent) = (statistics.savedMicroseconds, statistics.spentMicroseconds)
        return Text.percent(saved, of: saved &+ spent).map { " (\($0) of the compilers' time)" } ?? ""
    }

    /// Empty where all is one compiler's.
    private var programTable: String {
        guard programs.count > 1 else { return "" }
        let rows = programs.prefix(12).map { name, tally in
            [
                name, "\(tally.hits)", "\(tally.misses)", "\(tally.bypasses)",
                Text.percent(Int64(tally.hits), of: Int64(tally.lookups)) ?? "-",
                Text.duration(milliseconds: tally.savedMicroseconds / 1000),
            ]
        }
        let head = ["Compiler", "hits", "misses", "bypasses", "hit rate", "time saved"]
        return "\n" + TextTable.aligned([head] + rows, right: [1, 2, 3, 4, 5])
    }

    private static func json(_ tally: Tally) -> JSON {
        .object([
            ("hits", .integer(Int64(tally.hits))), ("misses", .integer(Int64(tally.misses))),
            ("bypasses", .integer(Int64(tally.bypasses))), ("saved_ms", .integer(tally.savedMicroseconds / 1000)),
            ("spent_ms", .integer(tally.spentMicroseconds / 1000)),
        ])
    }

    /// What one of our commands has counted: its causes are its name, or begin with it.
    private func counts(of command: String) -> JSON {
        func sum(_ kind: Event.Kind) -> JSON {
            let own = statistics.causes(of: kind).filter { $0.key == command || $0.key.hasPrefix(command + "_") }
            return .integer(own.values.reduce(0, &+))
        }
        return .object([("hits", sum(.hit)), ("misses", sum(.miss)), ("bypasses", sum(.bypass))])
    }

    private func count(_ kind: Event.Kind) -> Int64 { Int64(statistics.counts[kind] ?? 0) }
}

extension Statistics {
    /// The count of `kind`, with its share of `whole`, and below it the causes, the most frequent first.
    func rows(_ title: String, _ kind: Event.Kind, share whole: Int64 = 0, words: BypassWords? = nil) -> [[String]] {
        let count = Int64(counts[kind] ?? 0)
        let indentation = String(title.prefix { $0 == " " }) + "  "
        var rows = [[title, "\(count)"] + (Text.percent(count, of: whole).map { [$0] } ?? [])]
        let causes = causes(of: kind).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (cause, count) in causes {
            rows.append([indentation + Text.shown(cause.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }), "\(count)"])
            for (word, count) in words?.most(of: cause) ?? [] { rows.append([indentation + "  " + word, "\(count)"]) }
        }
        return rows
    }
}
