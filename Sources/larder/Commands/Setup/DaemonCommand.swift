internal import Files
internal import LarderStore
internal import Terminal
internal import Wire

extension Command {
    /// Looks after the daemon.
    static let daemon = Command(
        name: "daemon",
        summary: "Start or stop the daemon of the cache, or show what it does",
        discussion: """
            The daemon stores the results of compiles after the compiler has ended, and has processes that miss the same
            result at the same time wait for the first of them. The first miss starts it, and it ends by itself when
            nobody has needed it for daemon_idle, when its directory has gone, or when its program is replaced. Hits never
            need it; without it (LARDER_DAEMON=off) everything works as well, and a little slower.

            `stop` has it finish what it has accepted, and returns when it is gone.

            Exit status: 0 done (also when there was nothing to do), 1 failed, 2 usage or configuration.
            """,
        forms: ["start", "stop", "restart", "status"],
        choices: [["start", "stop", "restart", "status"]],
        operands: 0...1,
        options: [json],
        run: runDaemon
    )

    /// How long `stop` waits: as many publications as there may be, on a slow disk.
    private static let stopLimit: Int64 = 60_000_000_000

    private static func runDaemon(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        guard let word = arguments.operands.first.map({ Text.shown($0) }) else {
            throw Failure(usage: "'daemon' takes 'start', 'stop', 'restart' or 'status'", .daemon)
        }
        guard word == "status" || !arguments.has("json") else {
            throw Failure(usage: "'daemon \(word)' has no --json", .daemon)
        }
        switch word {
        case "start": try startDaemon(settings)
        case "stop":
            // The daemon waits for that anyway; a person wants to see why.
            if StandardStream.error.isTerminal { arguments.settleSending(settings) }
            try stopDaemon(settings)
        case "restart":
            try stopDaemon(settings)
            try startDaemon(settings)
        case "status": try showDaemon(arguments, settings)
        default: throw Failure(usage: "unknown argument '\(word)'", .daemon)
        }
        return .success
    }

    private static func startDaemon(_ settings: Settings) throws(Failure) {
        let place = Text.shown(settings.directory.bytes)
        if let status = DaemonClient.of(settings.directory)?.status() {
            return try Console.print("The daemon of \(place) is running already (pid \(status.process)).\n")
        }
        // Who asks for nothing else has more patience than a compile.
        switch DaemonStart.start(
            for: settings.directory,
            passesCredentials: !settings.remote.isEmpty,
            upTo: 10_000_000_000
        ) {
        case .started, .isThere:
            guard let status = DaemonClient.of(settings.directory)?.status() else {
                throw Failure(
                    message:
                        "the daemon was started and does not answer; see \(settings.directory.appending("daemon.log"))"
                )
            }
            try Console.print("Started the daemon of \(place) (pid \(status.process)).\n")
            if !settings.usesDaemon {
                Console.complain(
                    "warning: nobody will ask it, because daemon is off by \(settings.source(of: .daemon))"
                )
            }
        case .notInstalled:
            throw Failure(message: "the daemon needs the program larderd beside larder, which is not installed")
        case .failed(let reason):
            throw Failure(message: "the daemon cannot be started: \(reason)")
        }
    }

    static func stopDaemon(_ settings: Settings, isQuiet: Bool = false) throws(Failure) {
        let place = Text.shown(settings.directory.bytes)
        guard let client = DaemonClient.of(settings.directory) else {
            // One that is about to end listens no more, and has the lock until it is gone.
            let isGone = waits {
                DaemonPlace.of(settings.directory).map { LockFile.isTaken(at: $0.lock) != true } ?? true
            }
            guard isGone else { throw Failure(message: "a daemon of \(place) is there and does not answer") }
            if isQuiet { return }
            return try Console.print("No daemon of \(place) is running.\n")
        }
        let process = client.process
        guard client.stop(upTo: stopLimit), waits(until: { ProcessIdentity.hasEnded(process) }) else {
            let state = client.isStopped ? "is stopped, by a debugger perhaps, and does not go on" : "does not end"
            throw Failure(message: "the daemon of \(place) (pid \(process)) \(state)")
        }
        if !isQuiet { try Console.print("Stopped the daemon of \(place).\n") }
    }

    /// Waits a little for what is about to happen; false when it does not.
    private static func waits(until isDone: () -> Bool) -> Bool {
        let end = Clock.monotonic + 5_000_000_000
        while !isDone() {
            guard Clock.monotonic < end else { return false }
            Clock.sleep(500_000)
        }
        return true
    }

    private static func showDaemon(_ arguments: Arguments, _ settings: Settings) throws(Failure) {
        let place = Text.shown(settings.directory.bytes)
        let client = DaemonClient.of(settings.directory)
        let status: DaemonStatus?
        switch client {
        case .some(let client):
            status = client.status()
            if status == nil {
                let state =
                    client.isStopped
                    ? "is stopped; 'kill -CONT \(client.process)' lets it go on, 'larder daemon stop' ends it"
                    : "does not answer"
                throw Failure(message: "the daemon of \(place) (pid \(client.process)) \(state)")
            }
        case nil: status = nil
        }
        guard !arguments.has("json") else {
            var members: [(String, JSON)] = [("running", .boolean(status != nil))]
            if let status {
                members += [("version", .string(status.version)), ("pid", .integer(status.process))]
                if let socket = DaemonPlace.of(settings.directory)?.socket {
                    members.append(("socket", .string(Text.shown(socket.bytes))))
                }
                members += counters(of: status).map { ($0.name, .integer($0.value)) }
            }
            return try Console.print(JSON.object(members).document)
        }
        guard let status else { return try Console.print("No daemon of \(place) is running.\n") }
        let age = max(0, (Clock.wall / 1_000_000).subtracting(saturating: status.since))
        try Console.print(
            TextTable.aligned(
                [
                    ["Daemon of", place],
                    ["Process", "\(status.process), version \(Text.shown(status.version.utf8))"],
                    ["Running for", Text.duration(milliseconds: age)],
                    ["Publications", "\(status.pending) under way, \(status.working) of them now"],
                    ["  kept", "\(status.published)"],
                    ["  not kept", "\(status.dropped)"],
                    ["  sent back", "\(status.refused)"],
                    ["Compiles", "\(status.flights) under way, \(status.waiting) processes wait for one"],
                    ["  waited for", "\(status.coalesced)"],
                    ["Connections", "\(status.connections)"],
                    ["Memory", Text.size(status.residentBytes)],
                ] + sending(status)
            )
        )
    }

    /// Nothing where nothing goes to remote caches.
    private static func sending(_ status: DaemonStatus) -> [[String]] {
        guard status.sending > 0 || status.unsent > 0 else { return [] }
        return [["To remote caches", "\(status.sending) on their way, \(status.unsent) were too many"]]
    }

    private static func counters(of status: DaemonStatus) -> [(name: String, value: Int64)] {
        [
            ("since_ms", status.since), ("pending", status.pending), ("working", status.working),
            ("published", status.published), ("dropped", status.dropped), ("refused", status.refused),
            ("flights", status.flights), ("waiting", status.waiting), ("coalesced", status.coalesced),
            ("connections", status.connections), ("rss_bytes", status.residentBytes),
            ("sending", status.sending), ("unsent", status.unsent),
        ]
    }
}

extension Arguments {
    /// Waits for what launchers have handed to the daemon, so that what is counted and listed is all there is.
    func settle(_ settings: Settings) {
        _ = DaemonClient.of(settings.directory)?.drain(upTo: 5_000_000_000)
    }

    /// Waits until what a build has made is on remote caches, or nothing comes of it for a while; says how far it is.
    func settleSending(_ settings: Settings) {
        guard !settings.remote.isEmpty else { return }
        // One that gives an answer to each of a thousand results within this time is at work.
        let patience: Int64 = 20_000_000_000
        var (least, most) = (Int64.max, Int64(0))
        var end = Clock.monotonic + patience
        var bar = ProgressBar(title: "Sending to remote caches")
        defer { bar.remove() }
        while let sending = DaemonClient.of(settings.directory)?.status()?.sending, sending > 0 {
            if sending < least { (least, end) = (sending, Clock.monotonic + patience) }
            most = max(most, sending)
            bar.show(Int(most - sending), of: Int(most))
            guard Clock.monotonic < end, !Interruption.hasCome else { return }
            Clock.sleep(20_000_000)
        }
    }
}
