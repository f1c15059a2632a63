internal import Files
internal import LarderStore
internal import Terminal
internal import Wire

extension Command {
    /// Shows what happens, as it happens.
    static let top = Command(
        name: "top",
        summary: "Show what the cache does at the moment",
        discussion: """
            A view that is drawn anew every second: hits and misses of the last ten seconds, the counts since it began, the
            builds that are running, what the daemon does, the size, and the latest commands. Ends with q or Ctrl-C.

            Where standard output is no terminal, or with --once, it is drawn once.
            """,
        options: [Option(name: "once", summary: "Draw it once and end")],
        run: runTop
    )

    private static func runTop(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        var view = LiveView(settings)
        guard StandardStream.output.isTerminal, !arguments.has("once") else {
            view.update()
            try Console.print(view.lines(columns: 100, rows: 40).joined(separator: "\n") + "\n")
            return .success
        }
        let cancellation = Cancellation.bySignals()
        let screen = LiveScreen()
        defer { screen.leave() }
        while !cancellation.isCancelled {
            view.update()
            guard screen.draw(view.lines(columns: screen.columns, rows: screen.rows)) else { break }
            if screen.isLeft(within: 1_000_000_000, unless: cancellation) { break }
        }
        return .success
    }
}

/// What `larder top` shows.
struct LiveView {
    private let settings: Settings
    private let journal: Journal
    private var tail: JournalTail
    private let started = Clock.wall / 1_000_000
    /// The latest events, the oldest first.
    private var events: [Event] = []
    private var sums = Tally()
    private var daemon: DaemonStatus?
    private var usage = Usage(entries: 0, bytes: 0)
    private let maximum: Int64

    private static let (window, eventLimit): (Int64, Int) = (10_000, 4096)

    init(_ settings: Settings) {
        self.settings = settings
        journal = Journal(at: settings.directory)
        maximum = EntryStore(at: settings.directory, options: settings.storeOptions).maximumSize
        tail = JournalTail(of: journal)
        events = journal.recentEvents(limit: 64)
    }

    /// Looks at what has happened since.
    mutating func update() {
        for event in tail.events() {
            events.append(event)
            sums.add(event)
        }
        if events.count > Self.eventLimit { events.removeFirst(events.count - Self.eventLimit) }
        daemon = DaemonClient.of(settings.directory)?.status()
        usage = EntryStore(at: settings.directory, options: settings.storeOptions).usage()
    }

    /// So many lines at most, none longer than the terminal is wide.
    func lines(columns: Int, rows: Int) -> [String] {
        let now = Clock.wall / 1_000_000
        var recent = Tally()
        for event in events.reversed() {
            guard event.time > now - Self.window else { break }
            recent.add(event)
        }
        let share = Text.percent(Int64(sums.hits), of: Int64(sums.lookups)) ?? "none yet"
        var lines = [
            "larder top   \(Clock.shown(milliseconds: now))   \(Text.shown(settings.directory.bytes))",
            "",
            "last 10 s    \(Self.bar(recent, width: max(10, min(40, columns - 60))))  \(recent.hits) hits, "
                + "\(recent.misses) misses, \(recent.bypasses) bypasses",
            "since start  \(sums.hits) hits, \(sums.misses) misses (\(share)), \(sums.bypasses) bypasses, "
                + "\(sums.errors) errors, saved \(Text.duration(milliseconds: sums.savedMicroseconds / 1000)) in "
                + Text.duration(milliseconds: max(0, now - started)),
            "size         \(Text.size(usage.bytes)) of \(Text.size(maximum)), "
                + Text.count(usage.entries, "entry", "entries"),
            "daemon       \(daemonText)",
        ]
        let builds = self.builds(now)
        if !builds.isEmpty { lines += ["", "builds of the last 30 s"] + builds }
        lines += ["", "latest commands"]
        let room = max(0, rows - lines.count - 1)
        let shown = events.filter { $0.kind == .hit || $0.kind == .miss || $0.kind == .bypass || $0.kind == .error }
        let table = shown.suffix(room).reversed().map { event in
            [
                Clock.shown(milliseconds: event.time), event.kind.rawValue, Self.duration(of: event),
                Text.shown(event.program.utf8), Text.shown(event.label.utf8), event.cause.replacing("_", with: " "),
            ]
        }
        lines += TextTable.aligned(table, right: [2]).split(separator: "\n").map(String.init)
        return lines.prefix(rows).map { String($0.prefix(columns)) }
    }

    private var daemonText: String {
        guard let daemon else { return "none" }
        return "\(Text.count(daemon.flights, "compile", "compiles")) under way, \(daemon.waiting) wait for one, "
            + "\(daemon.pending) results to store, \(Text.size(daemon.residentBytes))"
    }

    private func builds(_ now: Int64) -> [String] {
        var tallies: [String: Tally] = [:]
        for event in events where event.time > now - 30_000 {
            if let session = event.session { tallies[session, default: Tally()].add(event) }
        }
        let rows = tallies.sorted { $0.key < $1.key }.prefix(5).map { session, tally in
            ["  " + Text.shown(session.utf8), "\(tally.hits) hits", "\(tally.misses) misses"]
        }
        return TextTable.aligned(rows, right: [1, 2]).split(separator: "\n").map(String.init)
    }

    /// Hits as `#`, misses as `.`.
    private static func bar(_ tally: Tally, width: Int) -> String {
        guard tally.lookups > 0 else { return "[" + String(repeating: " ", count: width) + "]" }
        let hits = tally.hits * width / tally.lookups
        return "[" + String(repeating: "#", count: hits) + String(repeating: ".", count: width - hits) + "]"
    }

    /// How long the command took; nothing where that is not known.
    private static func duration(of event: Event) -> String {
        let microseconds = max(event.elapsedMicroseconds, event.kind == .miss ? event.microseconds : 0)
        guard microseconds > 0 else { return "" }
        return microseconds < 10_000
            ? "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
            : Text.duration(milliseconds: microseconds / 1000)
    }
}

/// The terminal while something is drawn on it again and again.
struct LiveScreen {
    private let keys: KeyInput

    /// Takes the alternate screen, hides the cursor, and has keys come as they are pressed.
    init() {
        keys = KeyInput()
        StandardStream.output.write("\u{1B}[?1049h\u{1B}[?25l".utf8)
    }

    /// Gives back the screen as it was.
    func leave() {
        StandardStream.output.write("\u{1B}[?25h\u{1B}[?1049l".utf8)
        keys.restore()
    }

    // Some terminals do not say how large they are.
    var columns: Int { size(StandardStream.output.columns, usual: 80, least: 20) }
    var rows: Int { size(Int(Terminal.output.rows), usual: 24, least: 8) }

    private func size(_ said: Int, usual: Int, least: Int) -> Int { said == 0 ? usual : max(least, said) }

    /// Draws over what was there, without a moment in which nothing is there; false where nobody sees it any more.
    func draw(_ lines: [String]) -> Bool {
        let text = "\u{1B}[H" + lines.map { "\($0)\u{1B}[K\r\n" }.joined() + "\u{1B}[J"
        return StandardStream.output.write(text.utf8) == .written
    }

    /// Waits, and says whether q was pressed.
    func isLeft(within nanoseconds: Int64, unless cancellation: Cancellation) -> Bool {
        keys.next(within: nanoseconds, unless: cancellation).map { $0 == UInt8(ascii: "q") } ?? false
    }
}
