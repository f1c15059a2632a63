internal import Files
internal import LarderStore

/// Looks for the result of a command under what is to be seen now.
struct CommandLookup {
    let request: CommandRequest
    let tool: Tool
    let directory: Path
    let outputs: [OutputPlace]
    let key: CommandKey
    let store: EntryStore
    /// What standard input holds, where that counts.
    let input: Ingredient?
    /// The state of the extra inputs of the settings, which the key holds.
    let extraInputs: Digest?

    /// What looking gave.
    enum Finding: ~Copyable {
        case hit(OpenEntry, CommandResult, Found)
        case miss(Miss)
    }

    struct Found {
        var key: EntryKey
        var observation: Observation
        /// True when the observation is worth keeping for the next time.
        var hasLearnt: Bool
    }

    struct Miss {
        /// Why, in one token.
        var reason: String
        /// What is different from the last run here; empty where there was none or nothing is.
        var differences: [Observation.Difference] = []
        /// What was seen, without what only the tool names.
        var observation: Observation
        /// The results that would fit, and are not here.
        var wanted: [EntryKey] = []
        /// False where a result is here and cannot be given.
        var isAbsent = true
        /// The result that is there and is made again to be compared; nil for one that is not there.
        var checked: EntryKey?
    }

    /// The entry whose sets of names lead to results; nil where the command and what is declared do.
    var index: EntryKey? {
        if request.isTraced { return key.traces }
        return request.dependencyFile == nil ? nil : key.dependencies
    }

    /// What was seen here the last time, or nothing.
    func lastObservation() -> Observation? {
        part(key.observation).flatMap { ObservationFormat.decode($0) }
    }

    /// What the tool has named in its dependency files; one empty set where it writes none.
    func dependencySets() -> DependencySets {
        guard request.dependencyFile != nil else { return DependencySets() }
        return part(key.dependencies).flatMap { DependencySets(decoding: $0) } ?? DependencySets()
    }

    func part(_ key: EntryKey) -> [UInt8]? {
        guard case .hit(let entry) = store.open(key) else { return nil }
        do throws(StoreError) { return try entry.bytes(0) } catch {
            store.discard(key)
            return nil
        }
    }

    /// Looks at everything that is known to count before the tool runs.
    func observe(knowing earlier: Observation, at moment: Int64) throws(Refusal) -> Observer {
        var observer = Observer(store.contents, knowing: earlier, at: moment)
        if request.countsDirectory { observer.add(.directory, value: Array(directory.bytes)) }
        if let text = request.keyText { observer.add(.text, value: text) }
        if !outputs.isEmpty || request.isTraced {
            observer.add(.fileModeMask, value: Self.number(CurrentProcess.fileModeMask))
        }
        // Of a compile only where it says something.
        if request.compile == nil { observer.add(.streams, value: Self.streams) }
        for name in request.variables { observer.add(.variable, name, value: value(of: name)) }
        if let input { observer.add(input) }
        if request.isTraced, request.compile == nil { try addGivenFiles(to: &observer) }
        try tool.observe(with: &observer)
        try observer.add(try InputListing(request.inputs))
        return observer
    }

    /// Looks at the open files that the tool is given: reading them need not leave a trace.
    private func addGivenFiles(to observer: inout Observer) throws(Refusal) {
        for file in InheritedDescriptors.readableFiles where file.number != 0 || !request.readsInput {
            let path = Path("/proc/self/fd/\(file.number)")
            guard let status = FileStatus.of(path) else { throw .inputUnreadable }
            try observer.add(.input, Array(path.bytes), status)
            observer.add(.text, Array(path.bytes), value: Self.number(UInt32(truncatingIfNeeded: file.position)))
        }
    }

    /// The value of a variable, as far as it counts: compilers take `PWD` only where it names the working directory, and any
    /// directory for `TMPDIR` that they can write to.
    private func value(of name: [UInt8]) -> [UInt8]? {
        let value = Environment.value(of: name)
        guard request.compile != nil else { return value }
        if name.elementsEqual("PWD".utf8) { return LogicalDirectory.name(of: directory, given: value) }
        if name.elementsEqual("TMPDIR".utf8), let value {
            let path = Path(bytes: value)
            return FileStatus.of(path)?.kind == .directory && Directory.isWritable(path) ? nil : value
        }
        return value
    }

    /// Where what the tool writes goes: to a person or not, and in one stream or two.
    static var streams: [UInt8] {
        var words = [UInt8(StandardStream.areJoined ? 1 : 0)]
        for terminal in [Terminal.output, Terminal.error] {
            words.append(terminal.isTerminal ? 1 : 0)
            words += number(UInt32(bitPattern: terminal.columns))
        }
        return words
    }

    /// Whether standard output and standard error go to a terminal.
    static var terminals: [UInt8] { [Terminal.output, Terminal.error].map { $0.isTerminal ? 1 : 0 } }

    private static func number(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    /// The entry that fits, and its result, which may be given; or why there is none.
    func find(at moment: Int64) throws(Refusal) -> Finding {
        let last = lastObservation()
        let observer = try observe(knowing: last ?? Observation(), at: moment)
        var (first, wanted, isAbsent): (Miss?, [EntryKey], Bool) = (nil, [], true)
        let named = dependencySets()
        for set in request.dependencyFile == nil ? [[]] : named.sets {
            var observer = observer
            guard (try? add(set, named.others(than: set), to: &observer)) != nil else { continue }
            let observation = observer.observation
            let resultKey = key.result(observation)
            switch store.open(resultKey) {
            case .hit(let entry):
                do throws(CommandResult.Obstacle) {
                    let result = try CommandResult.read(entry, outputs: outputs.count)
                    try check(result)
                    let found = Found(key: resultKey, observation: observation, hasLearnt: observer.hasLearnt)
                    return .hit(entry, result, found)
                } catch {
                    if error == .corrupt { store.discard(resultKey) }
                    first = Miss(reason: error.rawValue, observation: observation)
                    isAbsent = false
                }
            case .miss(let reason):
                wanted.append(resultKey)
                if first == nil { first = miss(observation, last, reason) }
            }
        }
        var miss = first ?? Miss(reason: last == nil ? "new_command" : "dependency", observation: observer.observation)
        miss.observation = observer.observation
        (miss.wanted, miss.isAbsent) = (wanted, isAbsent)
        return .miss(miss)
    }

    /// Looks at the files of one set, and whether the others are there.
    func add(_ set: [[UInt8]], _ others: [[UInt8]], to observer: inout Observer) throws(Refusal) {
        for name in set { try observer.add(.dependency, name, FileStatus.ofLink(Path(bytes: name))) }
        for name in others {
            observer.add(.dependency, name, value: FileStatus.of(Path(bytes: name)) == nil ? nil : [])
        }
    }

    func check(_ result: CommandResult) throws(CommandResult.Obstacle) {
        guard request.keptStatuses.contains(result.status) else { throw .status }
        guard let lifetime = request.lifetime else { return }
        // A result from the future says that somebody has set the clock: nobody knows how old it is.
        let now = Clock.wall
        guard result.made <= now, now.subtracting(saturating: result.made) <= lifetime else { throw .expired }
    }

    func miss(_ observation: Observation, _ last: Observation?, _ reason: EntryStore.MissReason) -> Miss {
        guard let last else { return Miss(reason: "new_command", observation: observation) }
        let differences = observation.differences(from: last)
        let token = differences.first?.ingredient.token ?? (reason == .absent ? "evicted" : "result_\(reason.rawValue)")
        return Miss(reason: token, differences: differences, observation: observation)
    }
}
