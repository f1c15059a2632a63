internal import Files
internal import LarderStore
internal import RemoteStore
internal import RemoteTiers
internal import Terminal
internal import Wire

/// What the daemon has started: it brings and sends entries as the daemon says, until the daemon ends.
final class Service: Sendable {
    private let cache: RemoteCache
    private let report: StatusReport
    /// Publications to be sent, one after the other in a few tasks.
    private let jobs: AsyncStream<Job>.Continuation

    private struct Job: Sendable {
        var number: UInt64
        var manifest: EntryKey
        var result: EntryKey
        var link: DaemonLink
    }

    /// Publications that are sent at a time.
    private static let senders = 4

    /// Serves the daemon at the other end of the inherited descriptor, until it ends.
    static func run(for directory: Path) throws(Failure) {
        guard let socket = DetachedProcess.detach() else {
            throw Failure(status: .usage, message: "'serve' is for the daemon, which starts it by itself")
        }
        let log = directory.appending("daemon.log")
        let say: @Sendable (String) -> Void = { text in
            AppendedFile.append(line: "\(Clock.wall / 1_000_000) \(CurrentProcess.id) remote: \(text)", to: log)
        }
        Crash.isNoted(in: directory, log: log)
        let settings: Settings
        do throws(SettingsError) {
            settings = try Settings.load(flags: [.directory: Array(directory.bytes)])
        } catch {
            say("\(error)")
            throw Failure(message: "\(error)")
        }
        let cache: RemoteCache
        do throws(RemoteProblem) {
            let store = EntryStore(at: directory, options: settings.storeOptions)
            // A launcher's settings are in the environment: where it may not send, its addresses say so.
            cache = try RemoteCache(settings, at: settings.remote, store: store, say: say)
        } catch {
            say(error.sentence)
            throw Failure(message: error.sentence)
        }
        try Service(cache, StatusReport(in: directory) { cache.reports }).serve(socket)
    }

    private init(_ cache: RemoteCache, _ report: StatusReport) {
        (self.cache, self.report) = (cache, report)
        let (stream, continuation) = AsyncStream.makeStream(of: Job.self)
        jobs = continuation
        for _ in 0..<Self.senders {
            Task { for await job in stream { await send(job) } }
        }
    }

    private func serve(_ socket: consuming Descriptor) throws(Failure) {
        report.write()
        do {
            let link = try DaemonLink.open(socket) { [self] link, order in follow(order, link) }
            link.waitForEnd()
        } catch {
            throw Failure(message: "the daemon's connection cannot be used: \(error)")
        }
        report.write()
    }

    private func follow(_ order: Reply, _ link: DaemonLink) {
        switch order {
        case .wanted(let number, let key):
            Task(executorPreference: LoopExecutor.network) { [cache, report] in
                let isThere = await cache.bring(key)
                link.say(.brought(number, isThere))
                report.note()
            }
        case .send(let number, let manifest, let result):
            jobs.yield(Job(number: number, manifest: manifest, result: result, link: link))
        default: break
        }
    }

    private func send(_ job: Job) async {
        await cache.send(manifest: job.manifest, result: job.result)
        job.link.say(.sent(job.number))
        report.note()
    }
}
