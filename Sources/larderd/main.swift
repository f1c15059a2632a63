internal import CompilerCache
internal import DaemonCore
internal import Files
internal import LarderStore

// Started by a launcher, with the lock of its cache directory as descriptor 3: `larderd DIRECTORY`.
LarderDaemon.main()

enum LarderDaemon {
    static func main() {
        DetachedProcess.keepMemorySmall()
        guard CommandLine.argc == 2, let word = CommandLine.unsafeArgv[1], let lock = DetachedProcess.detach() else {
            StandardStream.error.write(
                "larderd: the daemon of a cache directory; it is started by 'larder daemon start', or by the first miss\n"
                    .utf8
            )
            Child.exitNow(2)
        }
        let cache = Path(bytes: UnsafeRawBufferPointer(start: word, count: Environment.length(word)))
        // Whatever a launcher has found, nothing is written where this user's cache may not be.
        let settings: Settings
        do throws(SettingsError) { settings = try Settings.load(flags: [.directory: Array(cache.bytes)]) } catch {
            StandardStream.error.write(Array("larderd: \(error)\n".utf8))
            Child.exitNow(2)
        }
        let log = cache.appending("daemon.log")
        // A line now and then; but it is there for years.
        if let status = FileStatus.ofLink(log), status.size > 1 << 18 { try? Directory.removeFile(log) }
        Crash.isNoted(in: cache, log: log)
        @Sendable func say(_ text: String) {
            AppendedFile.append(line: "\(Clock.wall / 1_000_000) \(CurrentProcess.id) \(text)", to: log)
        }
        do throws(SystemError) {
            try serve(cache, settings, say)
        } catch {
            say("ends: \(error)")
        }
        // Only now another one may start.
        _ = consume lock
        Child.exitNow(0)
    }

    private static func serve(_ cache: Path, _ settings: Settings, _ say: @escaping @Sendable (String) -> Void)
        throws(SystemError)
    {
        var options = Daemon.Options()
        let limit = DetachedProcess.raiseDescriptorLimit()
        // Two for each publication, one for each connection, and some for the work itself.
        options.slots = max(1, min(128, limit / 8))
        options.connections = max(4, min(1024, limit / 2))
        options.idle = settings.daemonIdleNanoseconds
        do throws(SystemError) { try MetricsServer(of: cache, settings)?.start() } catch {
            say("counts cannot be shown at \(settings.value(of: .metrics)): \(error)")
        }
        let (memo, owner) = (InputMemo(), settings.acceptedOwner)
        let work: Daemon.Work = { job in
            let kept = CompilerCache.keep(
                job.bytes,
                job.descriptors,
                in: job.home.descriptor.pathOfDirectory,
                owner: owner,
                memo: memo
            )
            return Daemon.Kept(keys: kept.keys, remote: kept.remote)
        }
        options.startRemote = { access, socket in startRemote(for: cache, access, socket, say) }
        let daemon = try Daemon(for: cache, options: options, say: say, work: work) { keys in
            EntryStore(at: cache).flush(keys)
        }
        try daemon.run(until: .bySignals())
    }

    /// Starts `larder-remote`, from beside this program, with the daemon's own environment and what a launcher says of
    /// remote caches.
    private static func startRemote(
        for cache: Path,
        _ access: RemoteAccess,
        _ socket: SharedDescriptor,
        _ say: (String) -> Void
    ) -> Bool {
        guard let ourselves = Directory.target(ofLink: "/proc/self/exe") else { return false }
        let program = ourselves.parent.appending("larder-remote")
        var environment: [[UInt8]] = []
        Environment.forEach { entry in
            environment.append(Array(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))))
        }
        do throws(SystemError) {
            try DetachedProcess.start(
                program,
                arguments: [Array(program.bytes), Array("serve".utf8), Array(cache.bytes)],
                environment: access.replacing(in: environment),
                keeping: socket.descriptor
            )
            return true
        } catch {
            say("larder-remote cannot be started: \(error)")
            return false
        }
    }
}
