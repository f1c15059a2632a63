package import Files

/// Starts the daemon of a cache directory, once however many processes want it.
package enum DaemonStart {
    package enum Outcome: Sendable {
        /// It was started by this call.
        case started
        /// Another process has started it, or is about to.
        case isThere
        /// The program is not installed beside ours.
        case notInstalled
        case failed(String)
    }

    /// How long a daemon may take until it listens, which is a few milliseconds on a machine that is not overwhelmed, in
    /// nanoseconds: for who starts it, and for everybody else, since one that ends has the lock for longer than it listens.
    package static let patience: (starter: Int64, other: Int64) = (1_000_000_000, 250_000_000)

    /// Starts `larderd`, from beside the running program, unless there is a daemon already; returns when it listens, has
    /// ended, or has had time to.
    ///
    /// The lock on ``DaemonPlace/lock`` is the daemon's life: whoever gets it starts one and gives it the open file, and
    /// with that the lock, which ends with the last process that has it. So of any number that try, one starts one.
    ///
    /// - Parameter passesCredentials: whether it also gets what this process's environment says about S3.
    package static func start(
        for cache: Path,
        passesCredentials: Bool = false,
        upTo nanoseconds: Int64 = patience.starter,
        attempts: Int = 5
    ) -> Outcome {
        guard let program = program else { return .notInstalled }
        do throws(SystemError) {
            try Directory.make(cache)
            guard FileStatus.of(cache)?.kind == .directory else { return .failed("\(cache) is no directory") }
            // Elsewhere a file may mean something else on every machine.
            guard !FileSystem.isElsewhere(cache) else { return .failed("\(cache) is on a network file system") }
            guard let place = DaemonPlace.of(cache) else {
                return .failed("there is no directory that is this user's alone for its socket")
            }
            // What this process may not do the daemon could not do for others.
            if let limit = DetachedProcess.hinderingLimit { return .failed("this process has a low limit on \(limit)") }
            let lock = try LockFile(at: place.lock)
            switch try lock.attempt() {
            // One that ends has removed the file: the next attempt makes it anew.
            case .replaced:
                guard attempts > 1 else { return .failed("its lock is replaced again and again") }
                return start(
                    for: cache,
                    passesCredentials: passesCredentials,
                    upTo: nanoseconds,
                    attempts: attempts - 1
                )
            case .busy:
                waitUntilListening(place, upTo: patience.other)
                // A daemon that tidies up holds the locks of those that have gone for a moment.
                guard attempts > 1, LockFile.isTaken(at: place.lock) != true, !Interruption.hasCome else {
                    return .isThere
                }
                return start(
                    for: cache,
                    passesCredentials: passesCredentials,
                    upTo: nanoseconds,
                    attempts: attempts - 1
                )
            case .taken: break
            }
            try lock.withDescriptor { descriptor throws(SystemError) in
                try DetachedProcess.start(
                    program,
                    arguments: [Array(program.bytes), Array(cache.bytes)],
                    environment: environment(cache, passesCredentials),
                    keeping: descriptor
                )
            }
            // From here on the daemon's alone, so that it says whether there is one.
            _ = consume lock
            waitUntilListening(place, upTo: nanoseconds)
            return .started
        } catch {
            return .failed("\(error)")
        }
    }

    /// Where `larderd` is: beside the program that runs, not in `PATH` and not where a link to it stands.
    private static var program: Path? {
        guard let ourselves = Directory.target(ofLink: "/proc/self/exe") else { return nil }
        let program = ourselves.parent.appending("larderd")
        return FileStatus.of(program)?.kind == .regular ? program : nil
    }

    /// What the daemon sees: settings, and where the cache is.
    ///
    /// Nothing else of a user's environment is its business, and it stays longer than the user may want to keep a secret.
    private static func environment(_ cache: Path, _ passesCredentials: Bool) -> [[UInt8]] {
        var variables: [[UInt8]] = []
        Environment.forEach { entry in
            let variable = Array(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            let isOurs = variable.starts(with: "LARDER_".utf8) || variable.starts(with: "XDG_RUNTIME_DIR=".utf8)
            let ofLauncher = ["LARDER_DIR=", "LARDER_SESSION=", "LARDER_PRETEND_CLOCK="]
            let isForLauncher = ofLauncher.contains { variable.starts(with: $0.utf8) }
            let isForRemote =
                passesCredentials && (variable.starts(with: "AWS_".utf8) || variable.starts(with: "HOME=".utf8))
            if isOurs && !isForLauncher || isForRemote { variables.append(variable) }
        }
        return variables + [Array("LARDER_DIR=".utf8) + cache.bytes]
    }

    private static func waitUntilListening(_ place: DaemonPlace, upTo nanoseconds: Int64) {
        let end = Clock.monotonic &+ nanoseconds
        var round = 0
        while Clock.monotonic < end {
            round += 1
            do throws(SystemError) {
                _ = try LocalSocket.connect(to: place.socket)
                return
            } catch {
                // It listens, and has more to hear than there is room for: it is stopped, or as good as.
                if error.isBusy || Interruption.hasCome { return }
                // One that cannot run here ends at once, and is not to cost every miss so much.
                if round % 20 == 0, LockFile.isTaken(at: place.lock) != true { return }
                Clock.sleep(500_000)
            }
        }
    }
}
