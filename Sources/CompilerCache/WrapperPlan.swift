internal import Files
internal import LarderStore
internal import Trace

/// What a wrapper in front of a compiler says it would run; kept, so that it need not be asked again.
///
/// Its answer is part of the key of a compile. The same command in the same directory, under the same variables, gets the same answer as
/// long as all is as it was that the wrapper was seen to read and to look for. Until then a manifest leads to that key.
struct WrapperPlan {
    /// See ``CompilerQuery/plan(of:command:seen:)``.
    let text: [UInt8]
    /// Whether the wrapper could be seen, and was not seen to have its compiler run in another directory.
    let isFollowed: Bool
    /// What the answer depends on; nil where its notes leave something open.
    private let reading: DriverReading?
    /// When the wrapper was asked, by the clock that stamps files.
    private let started: Int64

    /// Asks the wrapper; nil where it fails.
    init?(of request: CompileRequest, command: CompileCommand) {
        started = Clock.stamp
        var seen: [CompilerQuery.Seen] = []
        Child.adoptDescendants(true)
        let answer = CompilerQuery.plan(of: request, command: command, seen: &seen)
        // A process that lives on may do more.
        let leavesNobody = Child.leavesNobody
        Child.adoptDescendants(false)
        guard let answer else { return nil }
        text = answer
        isFollowed = seen.allSatisfy { one in
            switch one {
            case .nothing: false
            // What the compile itself did is looked at.
            case .doubt: true
            case .all(let accesses): !accesses.endsElsewhere
            }
        }
        reading = leavesNobody ? Self.reading(seen) : nil
    }

    /// Where is kept to which manifest the answer leads.
    ///
    /// - Parameter request: the key of the compile as if there were no wrapper.
    static func key(of command: CompileCommand, after request: EntryKey) -> EntryKey {
        var key = KeyBuilder(domain: "wrapper-1")
        key.add("request", request.digest.bytes)
        key.add("compiler", command.compiler.bytes)
        key.add("in", command.directory.bytes)
        for word in [command.name] + command.arguments { key.add("word", word) }
        // A script may ask for any of these without a note, or with one that does not say for which.
        key.add("environment", SessionVariables.counted)
        key.add("system", CurrentProcess.system)
        key.add("user", Int64(CurrentProcess.user))
        for group in CurrentProcess.groups { key.add("group", Int64(group)) }
        return key.finish()
    }

    /// Notes that the answer leads to `manifest`, unless something is open.
    func keep(
        after request: EntryKey,
        of command: CompileCommand,
        leadingTo manifest: EntryKey,
        at context: CompileContext,
        in store: EntryStore
    ) {
        guard let reading else { return }
        let contents = KnownContent(in: store.directory, isReadOnly: false)
        var recorder = DriverRecorder(
            context: context,
            contents: contents,
            started: started,
            linked: LinkedInputs([], contents)
        )
        guard (try? recorder.record(reading)) != nil else { return }
        var recording = recorder.recording
        recording.result = manifest
        try? Manifest.add(recording, to: Self.key(of: command, after: request), in: store)
    }

    private static func reading(_ seen: [CompilerQuery.Seen]) -> DriverReading? {
        var reading = DriverReading()
        for one in seen {
            guard case .all(let accesses) = one, reading.add(accesses, knowing: SessionVariables.isCounted) else {
                return nil
            }
        }
        guard !reading.files.contains(where: tellsMore) else { return nil }
        return reading
    }

    /// What scripts know without a call that could be noted: chance, the time, numbers of processes and processors, limits.
    private static let untold: [StaticString] = [
        "RANDOM", "SECONDS", "EPOCH", ")T", "PPID", "BASHPID", "$$", "umask", "ulimit", "rlimit", "getpid", "getppid",
        "nproc", "getconf",
        "cpu_count", "affinity",
    ]

    /// True for a text that may be a script that makes use of such a thing.
    private static func tellsMore(_ path: Word) -> Bool {
        // Programs, tables of the C library's.
        guard let head = try? RegularFile.head(of: Path(bytes: path), count: 4096), !head.contains(0) else {
            return false
        }
        guard let text = try? RegularFile.bytes(of: Path(bytes: path), limit: 1 << 20) else { return true }
        return untold.contains { text.firstIndex(of: Word($0)) != nil }
            || SessionVariables.names.contains { $0 != "_" && text.firstIndex(of: Word($0.utf8)) != nil }
    }
}
