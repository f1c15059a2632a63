internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Counts one build apart from all others.
    static let session = Command(
        name: "session",
        summary: "Count the hits and misses of one build only",
        discussion: """
            Every process that runs with LARDER_SESSION=ID counts for the session ID as well. `start` prints a new ID;
            any other text of up to 40 of the characters a-z, A-Z, 0-9, '.', '_' and '-' is as good. `stats` and `end`
            show what it came to; without an ID, for the one in LARDER_SESSION. `end` waits until what was made is on the remote
            caches, where there are any. A session that nobody has heard of has counts of 0. The last \(Statistics.sessionLimit) sessions are remembered.

              export LARDER_SESSION=$(larder session start)
              make
              larder session end

            `export` writes what the session used and made into one file, as 'larder remote export' does, and
            'larder import FILE' takes it on another machine.
            """,
        forms: ["start", "stats [ID]", "end [ID]", "export [ID] -o FILE [--since PACK]"],
        choices: [["start", "stats", "end", "export"]],
        operands: 0...2,
        options: [
            json, Option(name: "output", short: "o", value: "FILE", summary: "Where `export` writes"),
            Option(name: "since", value: "PACK", summary: "Leave out what stands in this file"),
        ],
        run: runSession
    )

    private static func runSession(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let words = arguments.operands
        switch words.first.map({ Text.shown($0) }) {
        case "start":
            guard words.count == 1, !arguments.has("json"), !hasExportOptions(arguments) else {
                throw Failure(usage: "'session start' takes no arguments", .session)
            }
            try Console.print("\(Session.newID)\n")
        case "export": throw Neighbour.remote.become(exportWords(arguments))
        case "stats", "end": try showSession(arguments, words.dropFirst().first)
        case let word?: throw Failure(usage: "unknown argument '\(word)'", .session)
        case nil: throw Failure(usage: "'session' takes 'start', 'stats', 'end' or 'export'", .session)
        }
        return .success
    }

    private static func hasExportOptions(_ arguments: Arguments) -> Bool {
        ["output", "since"].contains { arguments.value(of: $0) != nil }
    }

    /// The command line of 'larder-remote' for the same.
    private static func exportWords(_ arguments: Arguments) -> [[UInt8]] {
        var words = [Array("export".utf8)]
        let session = arguments.operands.dropFirst().first
        for (name, value) in [
            ("session", session), ("output", arguments.value(of: "output")), ("since", arguments.value(of: "since")),
            ("dir", arguments.value(of: "dir")),
        ] {
            if let value { words.append(Array("--\(name)=".utf8) + value) }
        }
        return words + (arguments.has("json") ? [Array("--json".utf8)] : [])
    }

    private static func showSession(_ arguments: Arguments, _ given: [UInt8]?) throws(Failure) {
        guard !hasExportOptions(arguments) else {
            throw Failure(usage: "only 'session export' takes --output and --since", .session)
        }
        let settings = try arguments.settings()
        guard let id = given ?? Environment.value("LARDER_SESSION"), !id.isEmpty else {
            throw Failure(status: .usage, message: "name a session, or set LARDER_SESSION")
        }
        let name = try Session.name(id)
        arguments.settle(settings)
        if arguments.operands.first?.elementsEqual("end".utf8) == true { arguments.settleSending(settings) }
        let statistics = Journal(at: settings.directory).statistics().sessions[name] ?? Statistics()
        let summary = SessionSummary(name: name, statistics: statistics)
        try Console.print(arguments.has("json") ? summary.json.document : summary.table)
    }
}

/// A build that is counted apart.
enum Session {
    /// A name that no other session has.
    static var newID: String {
        "\(Clock.wall / 1_000_000_000)-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }

    /// The name in `id`, where it can be one.
    static func name(_ id: [UInt8]) throws(Failure) -> String {
        let name = String(decoding: id, as: UTF8.self)
        if Statistics.isSession(name) { return name }
        throw Failure(
            status: .usage,
            message:
                "'\(Text.shown(id))' is no session; it must be \(Statistics.acceptedSession)"
        )
    }

    /// When something of the session was noted first, in nanoseconds since 1970, and the entries that are known to be its.
    static func uses(of id: [UInt8], in directory: Path) throws(Failure) -> (moment: Int64, keys: Set<EntryKey>) {
        let (name, journal) = (try name(id), Journal(at: directory))
        guard let since = journal.statistics().sessions[name]?.since else {
            throw Failure(message: "nothing of session '\(name)' is on record in \(directory)")
        }
        let keys = journal.events(of: name).flatMap { [$0.manifest, $0.entry] }
        return (since.multiplied(saturating: 1_000_000), Set(keys.compactMap(\.self)))
    }
}

/// What `larder session stats` shows.
struct SessionSummary {
    let name: String
    let statistics: Statistics

    var json: JSON {
        .object([
            ("session", .string(name)),
            ("hits", .integer(Int64(statistics.hits))),
            ("misses", .integer(Int64(statistics.misses))),
            ("bypasses", .integer(Int64(statistics.bypasses))),
            ("errors", .integer(Int64(statistics.errors))),
            ("misses_by_reason", .counts(statistics.causes(of: .miss))),
            ("bypasses_by_cause", .counts(statistics.causes(of: .bypass))),
            ("saved_ms", .integer(statistics.savedMicroseconds / 1000)),
            ("spent_ms", .integer(statistics.spentMicroseconds / 1000)),
            // 0 when nothing has happened yet; milliseconds since 1970.
            ("since_ms", .integer(statistics.since ?? 0)),
        ])
    }

    /// The counts in up to three lines, for the end of a build.
    var lines: [String] {
        let (hits, misses) = (Int64(statistics.hits), Int64(statistics.misses))
        let lookups = hits &+ misses
        guard lookups > 0 || statistics.bypasses > 0 else {
            return [
                "no compile came through the cache; a build that calls its compiler by a path is set up otherwise: "
                    + "see larder init"
            ]
        }
        let share = Text.percent(hits, of: lookups).map { " (\($0))" } ?? ""
        let saved = Text.duration(milliseconds: statistics.savedMicroseconds / 1000)
        return [
            "hits: \(hits) of \(lookups)\(share), bypasses: \(statistics.bypasses), errors: \(statistics.errors), "
                + "time saved: \(saved)"
        ]
            + [("misses", Event.Kind.miss), ("bypasses", .bypass), ("errors", .error)].compactMap { title, kind in
                let causes = statistics.causes(of: kind).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                guard !causes.isEmpty else { return nil }
                let text = causes.map { cause, count in
                    "\(count) " + Text.shown(cause.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 })
                }
                return "  \(title): " + text.joined(separator: ", ")
            }
    }

    /// The counts as rows of a table.
    var rows: [[String]] {
        let lookups = Int64(statistics.hits) &+ Int64(statistics.misses)
        var rows = [["Lookups", "\(lookups)"]]
        rows += statistics.rows("  hits", .hit, share: lookups)
        rows += statistics.rows("  misses", .miss, share: lookups)
        rows += statistics.rows("Bypasses", .bypass)
        if statistics.errors > 0 { rows += statistics.rows("Errors", .error) }
        return rows
    }

    var times: [[String]] {
        [
            ["Time saved", Text.duration(milliseconds: statistics.savedMicroseconds / 1000)],
            ["Time spent on misses", Text.duration(milliseconds: statistics.spentMicroseconds / 1000)],
        ]
    }

    var table: String {
        "Session \(name)\n\n" + TextTable.aligned(rows, right: [1, 2]) + "\n" + TextTable.aligned(times)
    }
}
