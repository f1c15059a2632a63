internal import Files
internal import LarderStore
internal import Trace

/// A command whose inputs and outputs are found by tracing: on a miss its process tree records what it reads, looks for and makes.
///
/// A result is found in two steps: the command leads to the sets of names that its runs have depended on, and each set, with
/// what is there now, to a result.
struct TracedCommand {
    let cache: CommandCache
    let lookup: CommandLookup

    init(_ cache: CommandCache, _ lookup: CommandLookup) { (self.cache, self.lookup) = (cache, lookup) }

    var request: CommandRequest { lookup.request }

    /// The request with every variable of the environment: any program may read all of them without a call.
    ///
    /// Of a compile only those that compilers read: the others come and go from build to build.
    static func withEnvironment(_ request: CommandRequest) -> CommandRequest {
        if let compile = request.compile {
            var request = request
            request.variables = compile.variables
            return request
        }
        var names: Set<[UInt8]> = Set(request.variables)
        Environment.forEach { entry in
            let bytes = UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))
            let name = Array(bytes.prefix { $0 != UInt8(ascii: "=") })
            if SessionVariables.isCounted(name) { names.insert(name) }
        }
        var request = request
        request.variables = names.sorted { $0.lexicographicallyPrecedes($1) }
        request.countsDirectory = true
        return request
    }

    // MARK: - Looking

    enum Finding: ~Copyable {
        case hit(OpenEntry, CommandResult, TracedPlaces, CommandLookup.Found)
        case miss(CommandLookup.Miss)
    }

    func sets() -> TraceSets { lookup.part(lookup.key.traces).flatMap { TraceSets(decoding: $0) } ?? TraceSets() }

    func find(at moment: Int64) throws(Refusal) -> Finding {
        let last = lookup.lastObservation()
        let base = try lookup.observe(knowing: last ?? Observation(), at: moment)
        var (first, wanted, isAbsent): (CommandLookup.Miss?, [EntryKey], Bool) = (nil, [], true)
        for set in sets().sets {
            var observer = base
            guard (try? Self.add(set, to: &observer)) != nil else { continue }
            let observation = observer.observation
            let key = lookup.key.result(observation)
            switch lookup.store.open(key) {
            case .hit(let entry):
                do throws(CommandResult.Obstacle) {
                    let places = try Self.places(entry)
                    let result = try CommandResult.read(entry, outputs: places.places.count)
                    try lookup.check(result)
                    let found = CommandLookup.Found(key: key, observation: observation, hasLearnt: observer.hasLearnt)
                    return .hit(entry, result, places, found)
                } catch {
                    if error == .corrupt { lookup.store.discard(key) }
                    first = CommandLookup.Miss(reason: error.rawValue, observation: observation)
                    isAbsent = false
                }
            case .miss(let reason):
                wanted.append(key)
                // The last run was one of another set: the one that is most like it says what has changed.
                let miss = lookup.miss(observation, last, reason)
                if isAbsent, miss.differences.count < first?.differences.count ?? .max { first = miss }
            }
        }
        var miss = first ?? CommandLookup.Miss(reason: "new_command", observation: base.observation)
        miss.observation = base.observation
        (miss.wanted, miss.isAbsent) = (wanted, isAbsent)
        return .miss(miss)
    }

    static func add(_ set: [TraceItem], to observer: inout Observer) throws(Refusal) {
        for item in set { try item.observe(with: &observer) }
    }

    private static func places(_ entry: borrowing OpenEntry) throws(CommandResult.Obstacle) -> TracedPlaces {
        guard let index = entry.index(of: TracedPlaces.part) else { throw .corrupt }
        do throws(StoreError) {
            if let places = TracedPlaces(decoding: try entry.bytes(index)) { return places }
        } catch { throw .corrupt }
        throw .corrupt
    }

    // MARK: - Answering

    func answer() throws(Refusal) -> CommandCache.Answer {
        let (started, latest) = (Clock.stamp, Clock.latestStamp)
        var (ending, miss) = try give(at: started)
        if let ending { return .ended(ending) }
        guard cache.mayWrite, !cache.settings.isReadOnly else { return .asGiven }
        // One run of the same command at a time: the second one finds what the first has made.
        let lock = LockName("run-" + String(lookup.key.command.digest.hex.prefix(32)))
        CrashPoint.reach("looked")
        let held = if let lock { try hold(lock) } else { nil as Held? }
        defer { held?.release() }
        // Somebody may have published it since the look, or while this process waited. Where not, the first look has said why: it may
        // have removed what was damaged.
        let reason = miss.reason
        (ending, miss) = try give(at: started)
        if let ending { return .ended(ending) }
        if miss.checked == nil { miss.reason = reason }
        ending = try cache.bring(lookup.key.traces, after: miss) { () throws(Refusal) in
            try give(at: started, as: CommandCache.remoteCause)
        }
        if let ending { return .ended(ending) }
        var recording = TracedRecording(command: self, miss: miss, since: latest)
        return recording.perform()
    }

    private func hold(_ name: LockName) throws(Refusal) -> Held {
        // A command that calls us for itself would wait for itself.
        let status = LockStatus.of(name, in: cache.settings.directory)
        if status.isHeld, let holder = status.owner?.process,
            ProcessIdentity.ancestors.contains(where: { $0.id == holder })
        {
            throw .outputBusy
        }
        do throws(LockError) {
            if let first = try WriterLock.attempt(name, in: cache.settings.directory, options: cache.lockOptions) {
                return Held(first)
            }
            return Held(try WriterLock.acquire(name, in: cache.settings.directory, options: cache.lockOptions))
        } catch {
            throw .outputBusy
        }
    }

    private final class Held {
        private var lock: WriterLock?
        init(_ lock: consuming WriterLock) { self.lock = consume lock }
        func release() { lock = nil }
    }

    /// - Parameter cause: under which a hit is counted.
    private func give(at started: Int64, as cause: String = "") throws(Refusal) -> (Ending?, CommandLookup.Miss) {
        switch try find(at: started) {
        case .miss(var miss):
            if cache.settings.recache { miss.reason = "recache" }
            return (nil, miss)
        case .hit(let entry, let result, let places, let found):
            var miss = CommandLookup.Miss(reason: "recache", observation: found.observation)
            guard !cache.settings.recache else { return (nil, miss) }
            if cache.verifiesHit {
                (miss.reason, miss.checked) = (CheckedHit.reason, found.key)
                return (nil, miss)
            }
            do throws(CommandResult.Obstacle) {
                let outputs = try freeOutputs(entry, result, places)
                let staying = places.places.indices.filter { places.places[$0].staysWhereEqual }
                let streams = try result.deliver(entry, to: outputs, staying: Set(staying), replaced: places.replaced)
                guard streams.replay() else { throw .undeliverable }
                if request.readsInput { GivenInput.skip() }
                cache.keepObservation(found, lookup)
                cache.note(.hit, cause, request, lookup.key.traces, found.key, result.microseconds)
                return (.exited(result.status), miss)
            } catch {
                if error == .corrupt { cache.store.discard(found.key) }
                (miss.reason, miss.isAbsent) = (error.rawValue, false)
                return (nil, miss)
            }
        }
    }

    /// The first of `paths` that lies outside the working directory and is not named by the command's words; nil for none.
    func foreignPlace(among paths: [[UInt8]]) -> [UInt8]? {
        let own = [lookup.directory] + lookup.outputs.map(\.canonical)
        func isBelow(_ path: [UInt8], _ places: [Path]) -> Bool {
            places.contains { $0 != "/" && OutputPlace.isAtOrBelow(Path(bytes: path), $0) }
        }
        let others = paths.filter { !isBelow($0, own) }
        guard !others.isEmpty else { return nil }
        var named = namedPlaces()
        if request.compile != nil {
            // What a compiler makes besides lies beside what it was asked for.
            named += (named + own).filter { place in paths.contains { Path(bytes: $0) == place } }.map(\.parent)
        }
        return others.first { !isBelow($0, named) }
    }

    /// Every path that a part of a word may be: `-o/a/b`, `--out=/a/b`, `../b`.
    private func namedPlaces() -> [Path] {
        var places: [Path] = []
        for word in request.compile?.words ?? Array(request.words.dropFirst()) {
            var starts = word.indices.filter {
                word[$0] == UInt8(ascii: "/") || $0 == 0 || word[$0 - 1] == UInt8(ascii: "=")
            }
            if word.starts(with: "-o".utf8) { starts.insert(2, at: 0) }
            if word.starts(with: "-MF".utf8) { starts.insert(3, at: 0) }
            for start in starts.prefix(4) where start < word.count {
                let path = Path(bytes: word[start...]).resolved(in: lookup.directory)
                guard path.bytes.count > 1 else { continue }
                if let real = Directory.realPath(path) { places.append(real) }
                // One that is made only by the command.
                if let place = try? OutputPlace(Array(path.bytes), directory: lookup.directory) {
                    places.append(place.canonical)
                }
            }
        }
        return places
    }

    /// The outputs' places, which are as they have to be for the result to be given.
    private func freeOutputs(
        _ entry: borrowing OpenEntry,
        _ result: CommandResult,
        _ places: TracedPlaces
    ) throws(CommandResult.Obstacle) -> [OutputPlace] {
        guard foreignPlace(among: places.places.map(\.path)) == nil else { throw .corrupt }
        let outputs = try outputPlaces(places)
        if request.compile != nil { try checkReplaced(outputs, places) }
        try check(entry, result, places, outputs)
        return outputs
    }

    private func outputPlaces(_ places: TracedPlaces) throws(CommandResult.Obstacle) -> [OutputPlace] {
        var outputs: [OutputPlace] = []
        for place in places.places {
            do throws(Refusal) { outputs.append(try OutputPlace(place.path, directory: lookup.directory)) } catch {
                throw .outputInTheWay
            }
        }
        return outputs
    }

    /// A compiler writes through links and into what is no plain file; which way it does so is its own business.
    private func checkReplaced(_ outputs: [OutputPlace], _ places: TracedPlaces) throws(CommandResult.Obstacle) {
        for (output, place) in zip(outputs, places.places) {
            guard let status = FileStatus.ofLink(output.path) else { continue }
            guard status.kind == .regular, place.isReplaced || status.links == 1, Directory.isWritable(output.path)
            else { throw .outputInTheWay }
        }
    }

    /// Where a program looks before it writes, what lies there decides what it does: it has to be what the result gives.
    private func check(
        _ entry: borrowing OpenEntry,
        _ result: CommandResult,
        _ places: TracedPlaces,
        _ outputs: [OutputPlace]
    ) throws(CommandResult.Obstacle) {
        for (index, place) in places.places.enumerated() where place.isProbed || place.isAddedTo {
            if place.isAddedTo, FileStatus.ofLink(outputs[index].path) != nil { throw .outputInTheWay }
            guard FileStatus.ofLink(outputs[index].path) != nil else {
                if place.wasThere { throw .outputInTheWay }
                continue
            }
            // A link that is there has to be the one.
            for item in result.nodes
            where item.node.output == index && item.node.names.isEmpty && item.node.kind == .link {
                guard let target = Directory.target(ofLink: outputs[index].path),
                    Array(target.bytes) == item.node.target
                else { throw .outputInTheWay }
            }
            for item in result.nodes where item.node.output == index && item.node.kind == .file {
                var path = outputs[index].path
                for name in item.node.names { path = path.appending(bytes: name) }
                let expected: [UInt8]
                do throws(StoreError) {
                    switch item.content {
                    case .none: expected = []
                    case .packed(let offset, let length):
                        guard let part = entry.index(of: ResultFormat.files) else { throw StoreError(.corrupt) }
                        let packed = try entry.bytes(part)
                        guard offset + length <= packed.count else { throw StoreError(.corrupt) }
                        expected = Array(packed[offset..<(offset + length)])
                    case .part(let number):
                        guard let part = entry.index(of: ResultFormat.file(number)) else { throw StoreError(.corrupt) }
                        expected = try entry.bytes(part)
                    }
                } catch { throw .corrupt }
                guard let here = try? SmallFile.read(path, limit: expected.count), here == expected else {
                    throw .outputInTheWay
                }
            }
        }
    }

    // MARK: - Saying

    func forecast() throws(Refusal) -> CommandCache.Forecast {
        var forecast = CommandCache.Forecast()
        switch try find(at: Clock.stamp) {
        case .hit(let entry, let result, let places, _):
            forecast.age = max(0, Clock.wall - result.made) / 1_000_000
            forecast.saves = result.microseconds / 1000
            do throws(CommandResult.Obstacle) {
                let outputs = try freeOutputs(entry, result, places)
                if let obstacle = result.obstacle(at: outputs, replaced: places.replaced) { throw obstacle }
            } catch {
                forecast.reason = error.rawValue
                return forecast
            }
            forecast.isHit = !cache.settings.recache
            forecast.reason = cache.settings.recache ? "recache" : "hit"
        case .miss(let miss):
            forecast.reason = miss.reason
            forecast.differences = miss.differences.map(\.description)
            forecast.miss = cache.record(of: miss, lookup)
            if let doubt = lookup.part(lookup.key.doubt), !doubt.isEmpty {
                forecast.differences.append("the last run was not kept: " + String(decoding: doubt, as: UTF8.self))
            }
        }
        forecast.undeclared = undeclared()
        return forecast
    }

    /// What the last run that was kept has read below the working directory, and no option names.
    private func undeclared() -> [[UInt8]] {
        guard let listing = try? InputListing(request.inputs), let set = sets().sets.first else { return [] }
        let declared = Set(listing.items.map { Array(Path(bytes: $0.name).resolved(in: lookup.directory).bytes) })
        let names = set.filter { $0.kind == .content }.map(\.name)
        return names.filter { !declared.contains($0) && OutputPlace.isAtOrBelow(Path(bytes: $0), lookup.directory) }
    }
}
