internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Runs a command under a lock, and says who holds which.
    static let lock = Command(
        name: "lock",
        summary: "Run a command while no other process holds a lock, or show the locks",
        discussion: """
            `run` takes the lock NAME of the cache directory, waits for it where another process has it, runs the
            command as a child with this terminal and these signals, and ends as the command ends. The lock ends with
            larder, however that ends: kill larder alone and the command goes on without it. The wait ends after
            --lock-timeout, else LARDER_LOCK_TIMEOUT, else lock_timeout in larder.conf, else 10 seconds: 0 tries once,
            infinite waits as long as it takes.

            `status` shows every lock that was ever taken, without taking it.

            Exit status of `run`: the command's; 75 the lock was not free in time, 130 cancelled, 127 no such command,
            2 usage or configuration, 1 the lock cannot be taken.
            """,
        forms: ["run NAME", "status"],
        choices: [["run", "status"]],
        operands: 0...Int.max,
        options: [
            lockTimeout, Option(name: "quiet", short: "q", summary: "Say nothing while waiting"), json,
        ],
        run: runLock
    )

    static let lockTimeout = Option(
        name: "lock-timeout",
        value: "TIME",
        summary: "Wait so long for a lock: 10, 0.5, 500ms, 5m, 0 (try once), infinite"
    )

    private static func runLock(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let words = arguments.operands
        switch words.first.map({ Text.shown($0) }) {
        case "run":
            guard !arguments.has("json") else { throw Failure(usage: "'lock run' has no --json", .lock) }
            guard words.count >= 3 else {
                throw Failure(usage: "'lock run' takes a NAME, '--' and a command", .lock)
            }
            try runUnderLock(arguments, words[1], Array(words[2...]))
        case "status":
            guard words.count == 1 else { throw Failure(usage: "'lock status' takes no arguments", .lock) }
            try showLocks(arguments)
            return .success
        case let word?: throw Failure(usage: "unknown argument '\(word)'", .lock)
        case nil: throw Failure(usage: "'lock' takes 'run' or 'status'", .lock)
        }
    }

    private static func runUnderLock(
        _ arguments: Arguments,
        _ name: [UInt8],
        _ words: [[UInt8]]
    ) throws(Failure) -> Never {
        let settings = try arguments.settings()
        guard let lockName = LockName(String(decoding: name, as: UTF8.self)) else {
            throw Failure(
                status: .usage,
                message: "'\(Text.shown(name))' is no name for a lock; it must be \(LockName.accepted)"
            )
        }
        let command = try UserCommand(words)
        var options = arguments.lockOptions(settings)
        options.purpose = command.text
        options.cancellation = .bySignals()
        let lock: WriterLock
        do throws(LockError) {
            lock = try WriterLock.acquire(lockName, in: settings.directory, options: options)
        } catch {
            throw Failure(error)
        }
        let ending = try command.run()
        if !lock.isStillHeld {
            Console.complain(
                "warning: the lock '\(lockName)' was lost while the command ran: this process gave no sign of life for too "
                    + "long, and another took it over"
            )
        }
        lock.release()
        Child.end(as: ending)
    }

    // MARK: - Status

    private static func showLocks(_ arguments: Arguments) throws(Failure) {
        let directory = try arguments.directory()
        let locks: [LockStatus]
        do throws(SystemError) { locks = try LockStatus.all(in: directory) } catch {
            throw Failure(message: "the locks of \(directory) cannot be listed: \(error)")
        }
        guard !arguments.has("json") else {
            return try Console.print(JSON.object([("locks", .array(locks.map(json(of:))))]).document)
        }
        guard !locks.isEmpty else { return try Console.print("No lock was ever taken here.\n") }
        let rows = locks.map { lock -> [String] in
            guard lock.isHeld else { return ["\(lock.name)", "free"] }
            guard let owner = lock.owner else { return ["\(lock.name)", "held", "by an unknown process"] }
            let since = "since \(Clock.shown(milliseconds: owner.since))"
            return ["\(lock.name)", "held", owner.backend.rawValue, since, "by \(Text.shown(owner.description.utf8))"]
        }
        try Console.print(TextTable.aligned(rows))
    }

    private static func json(of lock: LockStatus) -> JSON {
        var members: [(String, JSON)] = [("name", .string("\(lock.name)")), ("held", .boolean(lock.isHeld))]
        if lock.isHeld, let owner = lock.owner {
            members += [
                ("backend", .string(owner.backend.rawValue)), ("pid", .integer(Int64(owner.process))),
                ("host", .string(owner.host)), ("since_ms", .integer(owner.since)), ("purpose", .string(owner.purpose)),
                ("command", .string(owner.command)),
            ]
        }
        return .object(members)
    }
}

extension Arguments {
    /// How to take a lock: as the settings and this command line say, with someone to tell the user.
    func lockOptions(_ settings: Settings) -> WriterLock.Options {
        var options = settings.lockOptions
        options.observers.append(LockFeedback(program: "larder", isQuiet: has("quiet")).observer)
        if options.timeout.isSuspicious {
            Console.complain(
                "warning: the lock timeout, from \(options.timeout.source), is \(options.timeout), more than an hour"
            )
        }
        return options
    }
}

extension Failure {
    /// A lock that is not ours, under the status that fits.
    init(_ error: LockError) {
        let status: ExitStatus =
            switch error.code {
            case .timedOut: .busy
            case .cancelled: .cancelled
            case .system, .lost: .failure
            }
        self.init(status: status, message: error.description)
    }
}
