internal import Files
internal import LarderStore
internal import Wire

/// One of several processes that run the same command at the same time, where a daemon runs: the first one runs the tool,
/// and the others wait for it and look again.
struct CommandFlight: ~Copyable {
    /// The longest wait for another process's run, in nanoseconds: for as long as it lives, but not for ever.
    private static let patience: Int64 = 600_000_000_000

    /// Whoever waits for us does so for as long as this lasts.
    private let client: DaemonClient?
    /// True when another process has been waited for, so that a second look may find what it made.
    let wasAwaited: Bool

    /// Asks the daemon, if there is one, and waits where another process has the same inputs in its hands.
    ///
    /// - Parameter result: what the result would be found under.
    init(of result: EntryKey, _ settings: Settings) {
        var answer = DaemonClient.Answer.alone
        client =
            settings.usesDaemon && settings.isSingleFlight && !settings.recache
            ? Self.leader(result, settings, &answer) : nil
        if case .again = answer { wasAwaited = true } else { wasAwaited = false }
    }

    private static func leader(
        _ result: EntryKey,
        _ settings: Settings,
        _ answer: inout DaemonClient.Answer
    ) -> DaemonClient? {
        guard let client = DaemonClient.of(settings.directory) else { return nil }
        var key = KeyBuilder(domain: "run-flight-1")
        key.add("result", result.digest.bytes)
        answer = client.ask(key.finish(), upTo: patience)
        guard case .lead = answer else { return nil }
        return client
    }

    /// Lets go of those who wait.
    consuming func end() {}
}
