internal import Files
internal import LarderStore
internal import RemoteStore
internal import RemoteTiers
internal import Terminal

extension Command {
    /// Sends a build that has ended.
    static let push = Command(
        of: LarderRemote.name,
        name: "push",
        summary: "Send the results that a build used and made, and a list of them",
        discussion: """
            For a build that ran without 'remote', or whose results came from this machine. 'larder remote pull' brings the whole
            build to another machine at once. The session has to be of the last 31 days; a name that is used again stands for all
            builds of these days. What is not in the cache any more is counted and left out. Nothing is sent where 'remote_write'
            forbids it.
            """,
        options: [sessionOption, json],
        run: runPush
    )

    /// Brings a build before it begins.
    static let pull = Command(
        of: LarderRemote.name,
        name: "pull",
        summary: "Bring the results of a build that was pushed, before they are needed",
        discussion: """
            Where the server is far away, one by one they would cost a journey each.
            """,
        options: [sessionOption, json],
        run: runPull
    )

    /// Brings a build while it runs.
    static let prefetch = Command(
        of: LarderRemote.name,
        name: "prefetch",
        summary: "Begin to bring the results of a build, as 'pull' does, and do not wait",
        discussion: """
            The build may begin at once: what has not come by then is asked for as it is needed. 'larder remote status' counts what has come.
            """,
        options: [sessionOption],
        run: runPrefetch
    )

    static let sessionOption = Option(name: "session", value: "ID", summary: "The build; else LARDER_SESSION")

    /// Far longer than a build would wait: nobody compiles meanwhile.
    private static let patience: Int64 = 30_000_000_000

    private static func runPush(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let (settings, id) = (try LarderRemote.settings(arguments), try LarderRemote.session(arguments))
        guard settings.mayWriteRemote || settings.remote.isEmpty else {
            throw Failure(
                message: settings.remoteWrite == .never
                    ? "nothing is sent, because remote_write is never"
                    : "nothing is sent, because remote_write is protected, and this is no protected branch in CI"
            )
        }
        let cache = try cache(settings)
        guard cache.reports.contains(where: \.address.writes) else {
            throw Failure(message: "nothing is sent, because no remote cache that can be used is written to")
        }
        let build = try RecordedBuild(id, in: settings.directory)
        guard
            let (transfer, isListed) = Blocking.wait({ await cache.push(build.pairs, as: id, of: settings.namespace) })
        else { return .failure }
        let forgotten = build.forgotten
        let numbers = [
            ("sent", transfer.done), ("failed", transfer.failed), ("missing", transfer.missing),
            ("too_long", transfer.tooLong), ("forgotten", forgotten),
        ]
        try show(arguments, numbers, cache) {
            "Sent \(Text.count(Int64(transfer.done), "result", "results")) of session \(id)."
                + (transfer.failed > 0 ? " Not sent: \(transfer.failed)." : "")
                + (transfer.missing > 0
                    ? " Not in the cache any more, or only for this machine: \(transfer.missing)." : "")
                + (transfer.tooLong > 0 ? " Longer than max-entry: \(transfer.tooLong)." : "")
                + (forgotten > 0 ? " The journal has forgotten \(forgotten) more." : "")
        }
        return isListed && transfer.failed == 0 ? .success : .failure
    }

    private static func runPull(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let (settings, id) = (try LarderRemote.settings(arguments), try LarderRemote.session(arguments))
        guard !settings.isReadOnly else { throw Failure(message: "read_only is set: nothing is brought") }
        let cache = try cache(settings)
        guard let transfer = Blocking.wait({ await cache.pull(id, of: settings.namespace) }) ?? nil else {
            let failure = cache.reports.compactMap(\.health.lastFailure).first.map { ": \($0)" } ?? ""
            let trust = settings.remoteTrust.isEmpty && settings.remoteKey == nil ? "" : " and signed by a trusted key"
            throw Failure(message: "no remote cache has a build that was pushed as \(id)\(trust)\(failure)")
        }
        try show(
            arguments,
            [("brought", transfer.done), ("known", transfer.known), ("failed", transfer.failed)],
            cache
        ) {
            "Brought \(Text.count(Int64(transfer.done), "result", "results")), \(transfer.known) were here."
                + (transfer.failed > 0 ? " Not found: \(transfer.failed)." : "")
        }
        return transfer.failed == 0 ? .success : .failure
    }

    private static func runPrefetch(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let (settings, id) = (try LarderRemote.settings(arguments), try LarderRemote.session(arguments))
        guard !settings.remote.isEmpty else { throw LarderRemote.noRemote }
        guard !settings.isReadOnly else { throw Failure(message: "read_only is set: nothing is brought") }
        guard let program = Directory.target(ofLink: "/proc/self/exe") else {
            throw Failure(message: "nothing is brought, because /proc is not mounted")
        }
        let words =
            [LarderRemote.apart, "pull", "--session", id, "--dir"].map { Array($0.utf8) } + [
                Array(settings.directory.bytes)
            ]
        var environment: [[UInt8]] = []
        Environment.forEach { entry in
            environment.append(Array(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))))
        }
        do throws(SystemError) {
            try DetachedProcess.start(
                program,
                arguments: [Array(program.bytes)] + words,
                environment: Self.environment(settings, environment),
                keeping: try Descriptor(reading: "/dev/null")
            )
        } catch {
            throw Failure(message: "nothing is brought: \(error)")
        }
        return .success
    }

    /// The environment with the settings of this project: what works apart does so in no directory.
    private static func environment(_ settings: Settings, _ variables: [[UInt8]]) -> [[UInt8]] {
        let name = SettingKey.namespace.variable.withUTF8Buffer { Array($0) } + [UInt8(ascii: "=")]
        let others = settings.remoteAccess.replacing(in: variables).filter { !$0.starts(with: name) }
        return settings.namespace.isEmpty ? others : others + [name + settings.namespace]
    }

    private static func cache(_ settings: Settings) throws(Failure) -> RemoteCache {
        guard !settings.remote.isEmpty else { throw LarderRemote.noRemote }
        do throws(RemoteProblem) {
            let store = EntryStore(at: settings.directory, options: settings.storeOptions)
            let addresses = settings.remoteAccess.addresses
            return try RemoteCache(settings, at: addresses, store: store, patience: patience) {
                Console.complain($0, as: LarderRemote.name)
            }
        } catch {
            throw Failure(message: error.sentence)
        }
    }

    private static func show(
        _ arguments: Arguments,
        _ numbers: [(String, Int)],
        _ cache: RemoteCache,
        _ sentence: () -> String
    ) throws(Failure) {
        guard arguments.has("json") else {
            try Console.print(sentence() + "\n")
            for failure in cache.reports.compactMap(\.health.lastFailure) {
                Console.complain(failure, as: LarderRemote.name)
            }
            return
        }
        try Console.print(JSON.object(numbers.map { ($0.0, .integer(Int64($0.1))) }).document)
    }
}
