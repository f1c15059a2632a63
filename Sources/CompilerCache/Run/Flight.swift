internal import Files
internal import LarderStore
internal import Wire

/// This process's part in making one result: with a daemon, one of several that miss it at the same time compiles, and the
/// others wait for it.
struct Flight: ~Copyable {
    /// The longest wait for another process's compile, in nanoseconds.
    ///
    /// That one lives, or there would be an answer; but it may have been stopped, or have more to do than we.
    private static let patience: Int64 = 60_000_000_000

    private let key: EntryKey
    private let settings: Settings
    private let client: DaemonClient?
    /// True when another process has been waited for, so that a second look may find what it made.
    let wasAwaited: Bool
    /// False when a daemon was asked in vain: it is stopped, or overwhelmed, and is not asked again.
    private let mayPublish: Bool

    /// Asks the daemon, starts it where there is none, and waits where another process makes the result.
    ///
    /// - Parameter source: what distinguishes two states of a file that are compiled by one command.
    init(of manifest: EntryKey, source: Digest?, _ settings: Settings) {
        self.settings = settings
        var builder = KeyBuilder(domain: "flight-1")
        builder.add("manifest", manifest.digest.bytes)
        builder.add("source", source?.bytes ?? [])
        key = builder.finish()
        let asks = settings.usesDaemon && settings.isSingleFlight && !settings.recache && source != nil
        var answer = DaemonClient.Answer.alone
        client = asks ? Self.leader(settings, key, &answer) : nil
        if case .again = answer { wasAwaited = true } else { wasAwaited = false }
        if case .unavailable = answer { mayPublish = false } else { mayPublish = settings.usesDaemon }
    }

    /// Has the daemon keep the result; false when there is none that will.
    func publish(_ job: [UInt8], _ descriptors: [CInt]) -> Bool {
        guard mayPublish else { return false }
        switch client {
        case .some(let client): return client.publish(key, job, with: descriptors)
        case nil:
            guard let client = Self.daemon(settings) else { return false }
            return client.publish(key, job, with: descriptors)
        }
    }

    /// Has the daemon send what this process has published by itself to remote caches, when there is time.
    func offer(manifest: EntryKey, result: EntryKey) {
        let remote = settings.sentTo
        guard mayPublish, !remote.isNone else { return }
        switch client {
        case .some(let client): client.offer(manifest: manifest, result: result, to: remote)
        case nil: Self.daemon(settings)?.offer(manifest: manifest, result: result, to: remote)
        }
    }

    /// Lets go of those who wait.
    consuming func end() {}

    /// The connection of one that leads; nil for everybody else.
    private static func leader(
        _ settings: Settings,
        _ key: EntryKey,
        _ answer: inout DaemonClient.Answer
    ) -> DaemonClient? {
        answer = .unavailable
        guard let client = daemon(settings) else { return nil }
        answer = client.ask(key, upTo: patience)
        guard case .lead = answer else { return nil }
        return client
    }

    /// The daemon, started now if need be; nil where there is none to be had.
    static func daemon(_ settings: Settings) -> DaemonClient? {
        DaemonClient.startedIfNeedBe(for: settings)
    }
}
