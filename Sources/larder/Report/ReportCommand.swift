internal import Files
internal import LarderStore
internal import Reports
internal import Terminal

extension Command {
    /// Shows a build, or the whole cache, as a page or for other programs.
    static let report = Command(
        name: "report",
        summary: "Show a build, or the whole cache, as a page with pictures",
        discussion: """
            The page shows each command over time, why there was no hit, which misses took longest, how long hits take, the
            counts of each compiler, hits and misses of each hour of the last 31 days, the size of the cache, and the remote
            caches. It needs no network and no script, so that a CI system can keep it beside the build.

            It is about the session ID, or the one in LARDER_SESSION, or with neither about all that is on record; --since
            takes only what is younger, as in --since 2h.

            Formats: html; json, all figures of the page; github, tables in Markdown for the summary of a job; perfetto, a
            trace that ui.perfetto.dev and Chrome open.
            """,
        options: [
            Option(name: "session", value: "ID", summary: "The build that it is about"),
            Option(name: "since", value: "AGE", summary: "Only what is younger than this, such as 30m, 2h or 7d"),
            Option(name: "format", value: "FORMAT", summary: "html, json, github or perfetto"),
            Option(name: "output", short: "o", value: "FILE", summary: "Write to this file instead of standard output"),
        ],
        run: runReport
    )

    private static func runReport(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let format = arguments.value(of: "format").map { Text.shown($0) } ?? "html"
        guard ["html", "json", "github", "perfetto"].contains(format) else {
            throw Failure(usage: "--format takes html, json, github or perfetto, not '\(format)'", .report)
        }
        let output = arguments.value(of: "output")
        guard output?.isEmpty != true else { throw Failure(usage: "--output needs a file", .report) }
        guard format != "html" || output != nil || !StandardStream.output.isTerminal else {
            throw Failure(
                usage: "a page is not for a terminal; name a file, as in 'larder report -o report.html'",
                .report
            )
        }
        let settings = try arguments.settings()
        arguments.settle(settings)
        let record = try BuildRecord(of: arguments, settings)
        let text =
            switch format {
            case "json": record.json.document
            case "github": record.markdown
            case "perfetto": TraceEvents(record, name: record.session ?? "larder").document
            default: HTMLReport(record, cache: settings.directory).document
            }
        guard let output else {
            try Console.print(text)
            return .success
        }
        try write(text, to: Path(bytes: output))
        return .success
    }

    /// Writes a file at once and whole; into what is no plain file as it is.
    private static func write(_ text: String, to path: Path) throws(Failure) {
        do throws(SystemError) {
            let status = FileStatus.of(path)
            if status == nil || status?.kind == .regular {
                let file = try TemporaryEntry(beside: path, mode: 0o666)
                try file.file.write(Array(text.utf8))
                try file.replace()
            } else {
                try Descriptor(appendingTo: path).write(Array(text.utf8))
            }
        } catch {
            throw Failure(message: "the report cannot be written to \(path): \(error)")
        }
    }
}

extension BuildRecord {
    /// What the cache has on record of a build, or in all.
    init(of arguments: Arguments, _ settings: Settings) throws(Failure) {
        let journal = Journal(at: settings.directory)
        let statistics = journal.statistics()
        let given = arguments.value(of: "session") ?? Environment.value("LARDER_SESSION")
        let session = try given.flatMap { $0.isEmpty ? nil : $0 }.map { id throws(Failure) in try Session.name(id) }
        var since: Int64 = 0
        if let text = arguments.value(of: "since") {
            guard let age = Age(text) else {
                throw Failure(usage: "--since must be \(Age.accepted), not '\(Text.shown(text))'", .report)
            }
            since = age.moment / 1_000_000
        }
        var events = session.map { journal.events(of: $0) } ?? journal.events(since: since)
        events.removeAll { $0.time < since }
        let isWhole = session == nil && arguments.value(of: "since") == nil
        let sums: Statistics =
            if isWhole {
                statistics
            } else if arguments.value(of: "since") == nil, let session {
                statistics.sessions[session] ?? Statistics()
            } else {
                Statistics(of: events)
            }
        let store = EntryStore(at: settings.directory, options: settings.storeOptions)
        let counts: JSON =
            isWhole
            ? CacheSummary(
                directory: settings.directory,
                statistics: sums,
                usage: store.usage(),
                maximum: store.maximumSize,
                words: BypassWords(of: settings.directory)
            ).json : SessionSummary(name: session ?? "", statistics: sums).json
        var sizes = journal.sizes()
        sizes[Tally.hour(ofMilliseconds: Clock.wall / 1_000_000)] = store.usage().bytes
        let misses = MissLog(at: settings.directory).records().filter { $0.time >= since }
        self.init(
            events: events,
            statistics: sums,
            hours: statistics.hours,
            sizes: sizes,
            reasons: WhySummary(of: session, in: MissHistory(misses)).rows,
            tiers: RemoteStatus.tiers(of: settings.directory),
            counts: counts,
            session: session,
            made: Clock.wall / 1_000_000
        )
    }

    /// Tables for the summary of a CI job.
    var markdown: String {
        let summary = SessionSummary(name: session ?? "", statistics: statistics)
        let title = session.map { "Larder: session \($0)" } ?? "Larder"
        var text = "### \(title)\n\n" + Markdown.table(summary.rows + summary.times) + "\n"
        if !reasons.isEmpty {
            let rows = reasons.prefix(10).map { ["\($0.count)", $0.sentence, $0.example] }
            text += Markdown.table(head: ["misses", "reason", "example"], rows) + "\n"
        }
        let slowest = slowestMisses(limit: 10)
        if !slowest.isEmpty {
            let rows = slowest.map { event in
                [
                    Text.duration(milliseconds: event.microseconds / 1000), Text.shown(event.label.utf8),
                    event.cause.replacing("_", with: " "),
                ]
            }
            text += Markdown.table(head: ["time", "slowest misses", "reason"], rows) + "\n"
        }
        return text
    }
}

/// What `larder-remote` has written of the remote caches.
enum RemoteStatus {
    /// One for each remote cache; none where nothing is known.
    static func tiers(of cache: Path) -> [BuildRecord.Tier] {
        guard let bytes = try? SmallFile.read(cache.appending("remote.json"), limit: 1 << 20),
            let tiers = (try? JSONReader.value(of: bytes))?["tiers"]?.elements
        else { return [] }
        return tiers.map { tier in
            func number(_ name: String) -> Int64 { tier[name]?.integer ?? 0 }
            return BuildRecord.Tier(
                address: tier["address"]?.text ?? "",
                figures: [
                    ("hits", "\(number("hits"))"), ("misses", "\(number("misses"))"), ("sent", "\(number("sent"))"),
                    ("errors", "\(number("errors"))"), ("read", Text.size(number("bytes_read"))),
                    ("written", Text.size(number("bytes_sent"))),
                    ("p50", "\(number("p50_microseconds")) µs"), ("p99", "\(number("p99_microseconds")) µs"),
                ]
            )
        }
    }
}
