internal import Files
internal import LarderStore
internal import Trace

/// Runs a command with its accesses noted, and keeps what it made, if the notes say everything.
struct TracedRecording {
    private let command: TracedCommand
    private let miss: CommandLookup.Miss
    private let latestStamp: Int64
    private var launched: Int64 = 0
    /// What the run has made, and what lies in that.
    private var made: [Path] = []

    private var lookup: CommandLookup { command.lookup }
    private var request: CommandRequest { command.request }
    private var cache: CommandCache { command.cache }

    init(command: TracedCommand, miss: CommandLookup.Miss, since latestStamp: Int64) {
        (self.command, self.miss, self.latestStamp) = (command, miss, latestStamp)
    }

    /// What there was before the tool ran.
    private struct Before {
        var observation: Observation
        var declared: OutputTree
        var missingParents: [[UInt8]: Int]
        /// The names in directories that the tool may read and write, by the directories' real names.
        var names: [Path: [[UInt8]]]
        var inputOffset: Int?
        /// False where standard input is something that somebody may read.
        var inputIsQuiet = true
        /// What else the tool can read and write; nil for a compiler, which does so by name.
        var inherited: InheritedDescriptors?
    }

    mutating func perform() -> CommandCache.Answer {
        let before: Before
        do throws(Refusal) { before = try prepare() } catch {
            cache.bypass(error.rawValue, request)
            return .asGiven
        }
        guard let library = PreloadLibrary(), let log = try? TraceLog() else {
            cache.bypass(Refusal.traceUnavailable.rawValue, request)
            return .asGiven
        }
        cache.explain(miss, lookup)
        guard PreloadLibrary.canBeLoaded(into: lookup.tool.path) else {
            refuse(Doubt(.untracedProgram, Array(lookup.tool.path.bytes)), 0)
            return .asGiven
        }
        let run: ToolRun
        Child.adoptDescendants(true)
        do throws(SystemError) {
            run = try ToolRun.perform(lookup.tool, request.words, environment: log.environment(library))
        } catch {
            return .asGiven
        }
        let leavesNobody = Child.leavesNobody
        Child.adoptDescendants(false)
        CrashPoint.reach("traced")
        if request.compile != nil, let refusal = run.streams.refusal, !refusal.isInterruption {
            cache.refuse(Refusal.streamCut.rawValue, lookup, run.duration / 1000)
            // Nobody reads any more, which the compiler has noticed, and said. By itself clang would have noticed at its first word,
            // before it made anything.
            if refusal.code == SystemError.brokenPipe, run.ending != .exited(0) {
                if ByteSearch.contains(Array(lookup.tool.path.name), "clang") { removeNewFiles(log) }
                return .ended(run.endingForCaller)
            }
            // A stream that takes nothing is the compiler's to complain about.
            removeNewFiles(log)
            return .asGiven
        }
        if request.compile != nil, case .exited(let status) = run.ending, !request.keptStatuses.contains(status) {
            // Whatever it has done to its outputs.
            cache.refuse(Refusal.statusNotKept.rawValue, lookup, run.duration / 1000)
            return .ended(run.endingForCaller)
        }
        let earlier = miss.checked.flatMap { ResultCheck(of: $0, in: cache.store) }
        do throws(Doubt) {
            guard leavesNobody else { throw Doubt(.outlivedProcess, request.words[0]) }
            guard let notes = log.notes() else { throw Doubt(.incompleteTrace, request.words[0]) }
            let accesses = try AccessReader.accesses(
                in: notes,
                launched: launched,
                trustsClock: request.trustsClock,
                // Other commands may make something else of an archive.
                seesArchives: request.compile != nil
            )
            if let text = AssemblyDate.use(in: accesses, words: request.words) { throw Doubt(.readsClock, text) }
            if let text = unnotedKnowledge(accesses, notes) { throw Doubt(.unfollowedCall, text) }
            if let archive = ArchiveTimes.output(of: accesses) { throw Doubt(.holdsTimes, archive) }
            try refuseForeignPlaces(accesses)
            made = accesses.outputs.map { Path(bytes: $0.path) }
            do throws(Refusal) {
                let key = try keep(run, before, accesses)
                cache.noteMiss(miss, earlier, lookup, key, run.duration / 1000)
            } catch {
                cache.refuse(error.rawValue, lookup, run.duration / 1000)
                remember(doubt: error.rawValue)
                if error == .storeRefused, cache.settings.isStrict { return .ended(.exited(1)) }
            }
        } catch {
            refuse(error, run.duration / 1000)
        }
        return .ended(run.endingForCaller)
    }

    /// What a program in front of a compiler may know that no note shows; nil where there is nothing, or no such program.
    private func unnotedKnowledge(_ accesses: Accesses, _ notes: [Note]) -> [UInt8]? {
        guard let compile = request.compile, compile.isCompiler, compile.runsOthers(accesses) else { return nil }
        let isBehindProgram = compile.isBehindProgram()
        if !isBehindProgram, TracedCompile.runsMake(accesses) { return nil }
        let others = AccessReader.filesOpenedByOthers(in: notes)
        return UnnotedKnowledge.use(in: others, by: isBehindProgram ? lookup.tool.path : nil)
    }

    /// Removes what the run has made where nothing was.
    private func removeNewFiles(_ log: borrowing TraceLog) {
        guard let notes = log.notes(),
            let accesses = try? AccessReader.accesses(in: notes, launched: launched, trustsClock: true)
        else { return }
        for output in accesses.outputs where !output.wasThere {
            let path = Path(bytes: output.path)
            if FileStatus.ofLink(path)?.kind == .regular { try? Directory.removeFile(path) }
        }
    }

    private func refuse(_ doubt: Doubt, _ microseconds: Int64) {
        cache.refuse(doubt.cause.rawValue, about: doubt.detail, lookup, microseconds)
        remember(doubt: "\(doubt.cause.rawValue): " + String(decoding: doubt.detail, as: UTF8.self))
    }

    /// For `--dry-run`: why the last run was not kept; nothing where it was.
    private func remember(doubt: String) {
        guard request.compile == nil else { return }
        _ = try? cache.store.publish(
            lookup.key.doubt,
            kind: EntryKind.doubt.rawValue,
            parts: [NewPart("doubt", .bytes(Array(doubt.utf8)), codec: .stored)]
        )
    }

    // MARK: - Before

    private mutating func prepare() throws(Refusal) -> Before {
        // A descriptor that somebody else has opened.
        for word in request.words where ByteSearch.contains(word, "/dev/fd/") || ByteSearch.contains(word, "/self/fd/")
        {
            throw .inputUnknown
        }
        let inherited = request.compile == nil ? InheritedDescriptors() : nil
        guard inherited?.pipe == nil else { throw .inputUnknown }
        guard Clock.wait(untilStampPasses: latestStamp) else { throw .clockBehind }
        var (offset, inputIsQuiet): (Int?, Bool) = (nil, true)
        do throws(Refusal) { offset = try inputOffset() } catch {
            // A compiler reads it only where its words say so.
            guard request.compile != nil else { throw error }
            inputIsQuiet = false
        }
        let declared = try OutputTree(of: lookup.outputs.map(\.path))
        var parents: [[UInt8]: Int] = [:]
        for output in lookup.outputs { parents[Array(output.canonical.bytes)] = output.missingParents }
        let names = namesInDirectories()
        let observation = try lookup.observe(knowing: miss.observation, at: Clock.stamp).observation
        launched = Clock.stamp
        return Before(
            observation: observation,
            declared: declared,
            missingParents: parents,
            names: names,
            inputOffset: offset,
            inputIsQuiet: inputIsQuiet,
            inherited: inherited
        )
    }

    /// The working directory, those that the words name, and those that earlier runs have read.
    private func namesInDirectories() -> [Path: [[UInt8]]] {
        var paths = [lookup.directory]
        if request.compile == nil {
            for word in request.words.dropFirst() { paths.append(Path(bytes: word).resolved(in: lookup.directory)) }
        }
        for set in command.sets().sets {
            for item in set where item.kind == .listing { paths.append(Path(bytes: item.name)) }
        }
        var names: [Path: [[UInt8]]] = [:]
        for path in paths where FileStatus.of(path)?.kind == .directory {
            guard let real = Directory.realPath(path), names[real] == nil else { continue }
            names[real] = (try? Directory.names(in: real))?.map { Array($0) }
        }
        return names
    }

    /// Where a file that is standard input is read next.
    ///
    /// It has to stay there. Of a pipe nobody can tell.
    private func inputOffset() throws(Refusal) -> Int? {
        guard !request.readsInput, let status = GivenInput.status else { return nil }
        if status.kind == .regular {
            guard case .whole(let offset)? = try? GivenInput.read(limit: 0) else { throw .inputUnreadable }
            return offset
        }
        let kinds: [UInt8] = [UInt8(ascii: "t"), UInt8(ascii: "n")]
        guard kinds.contains(GivenInput.kind) else { throw .inputUnknown }
        return nil
    }

    // MARK: - Keeping

    /// What is made outside the working directory is kept only where the command's words name the place.
    private func refuseForeignPlaces(_ accesses: Accesses) throws(Doubt) {
        if let path = command.foreignPlace(among: accesses.outputs.map(\.path)) { throw Doubt(.writesElsewhere, path) }
    }

    private func keep(_ run: ToolRun, _ before: Before, _ accesses: Accesses) throws(Refusal) -> EntryKey {
        guard case .exited(let status) = run.ending, !Interruption.hasCome else { throw .signalled }
        guard request.keptStatuses.contains(status) else { throw .statusNotKept }
        guard run.streams.isWhole else { throw .streamCut }
        // What was written after the clock was set back looks older than the run.
        guard Clock.stamp.subtracting(saturating: launched) > run.duration - 1_000_000_000 else { throw .clockBehind }
        guard cache.settings.extraInputsState == lookup.extraInputs else { throw .inputChanged }
        if let offset = before.inputOffset {
            guard case .whole(offset)? = try? GivenInput.read(limit: 0) else { throw .readsInput }
        }
        guard before.inherited?.areUntouched ?? true else { throw .readsInput }
        let (places, outputs) = try places(accesses)
        let streamed = run.streams.output.count + run.streams.error.count
        let limit = request.compile == nil ? 256 << 20 : TracedCompile.outputLimit
        let made = try MadeOutputs(of: outputs, since: launched, limit: limit - streamed)
        try check(made, places, accesses, before)
        let accesses = request.compile?.counted(accesses) ?? accesses
        var set = TraceItem.all(in: accesses, ignoring: request.compile?.ignoredVariables(accesses))
        if request.compile?.runsOthers(accesses) == true, !before.inputIsQuiet { throw .inputUnknown }
        let observation: Observation
        do throws(Refusal) {
            var observer = try observerAfter(before)
            var steadiness = PathSteadiness(since: launched)
            try look(at: set, &observer, &steadiness, before)
            let seen = observer.observation
            if let more = request.compile?.items(accesses, seen, isSilent: streamed == 0) {
                // What these follow from is what was seen.
                guard areUnchanged(seen) else { throw .inputChanged }
                set += more
                try look(at: more, &observer, &steadiness, before)
            }
            observation = observer.observation
        } catch {
            // The next run looks into the directories of this one beforehand.
            remember(set)
            throw error
        }
        var result = CommandResult(
            status: status,
            made: Clock.wall,
            microseconds: run.duration / 1000,
            outcome: made.digest,
            nodes: made.nodes
        )
        result.madeParents = outputs.map { before.missingParents[Array($0.canonical.bytes)] ?? 0 }
        let key = lookup.key.result(observation)
        try publish(result, key, run.streams, made, places)
        guard made.areUnchanged(at: outputs) else {
            cache.store.discard(key)
            throw .outputChanged
        }
        remember(observation, set)
        cache.offer(key, by: lookup.key.traces)
        return key
    }

    /// What the run has made, and what was declared.
    private func places(_ accesses: Accesses) throws(Refusal) -> (TracedPlaces, [OutputPlace]) {
        var places: [TracedPlaces.Place] = []
        for output in lookup.outputs { places.append(TracedPlaces.Place(path: Array(output.canonical.bytes))) }
        let replaced = request.compile?.replacedOutput(accesses, in: lookup.directory)
        for output in accesses.outputs
        where !lookup.outputs.contains(where: { OutputPlace.isAtOrBelow(Path(bytes: output.path), $0.canonical) }) {
            places.append(
                TracedPlaces.Place(
                    path: output.path,
                    isProbed: output.isProbed && Path(bytes: output.path) != replaced,
                    wasThere: output.wasThere,
                    isAddedTo: output.isAddedTo,
                    staysWhereEqual: request.compile != nil
                        && KnownPrograms.keepsWhatIsEqual(output.path, accesses.programs),
                    isReplaced: Path(bytes: output.path) == replaced && isLinked(output, accesses)
                )
            )
        }
        var outputs: [OutputPlace] = []
        for place in places { outputs.append(try OutputPlace(place.path, directory: lookup.directory)) }
        return (TracedPlaces(places), outputs)
    }

    /// True for what a linker has made, and not a compiler within it: code that is still to be linked is written in place.
    private func isLinked(_ output: Accesses.Output, _ accesses: Accesses) -> Bool {
        let head = try? RegularFile.head(of: Path(bytes: output.path), count: 4)
        // Without a map of its output lld writes into the file that is there.
        let isMapped = !(request.compile?.words.contains { ByteSearch.contains($0, "no-mmap-output") } ?? false)
        return isMapped && head == [0x7F, 0x45, 0x4C, 0x46] && accesses.programs.contains(where: KnownPrograms.isLinker)
    }

    private func check(
        _ made: MadeOutputs,
        _ places: TracedPlaces,
        _ accesses: Accesses,
        _ before: Before
    ) throws(Refusal) {
        let declared = try OutputTree(of: lookup.outputs.map(\.path))
        guard declared.isMadeAnew(since: before.declared) else { throw .outputUntouched }
        let mask = CurrentProcess.fileModeMask
        guard declared.hasOwnModes(since: before.declared, mask: mask) else { throw .outputMode }
        let inodes = accesses.outputs.reduce(into: [[UInt8]: UInt64]()) { $0[$1.path] = $1.inode }
        let emptied = Set(accesses.outputs.lazy.filter(\.isEmptied).map(\.path))
        for node in made.tree.nodes where node.names.isEmpty && node.kind == .file {
            let place = places.places[node.output]
            // Another process's file may have come into its place.
            if let inode = inodes[place.path], inode != 0, inode != node.identity?.inode { throw .outputChanged }
            // A file that was written in place has kept the permissions, and the other names, that it had.
            let isProgram = node.mode == 0o777 & ~mask && !emptied.contains(place.path)
            let isUsual = isProgram || node.mode == 0o666 & ~mask
            guard node.links == 1, !place.wasThere || isUsual else { throw .outputMode }
        }
    }

    /// Whether each file whose content was seen is still the one it was.
    private func areUnchanged(_ observation: Observation) -> Bool {
        observation.ingredients.allSatisfy { one in
            guard one.kind == .content, let identity = one.identity else { return true }
            return FileStatus.of(Path(bytes: one.name))?.identity == identity
        }
    }

    /// Looks again at what was looked at beforehand: it has to be the same.
    private func observerAfter(_ before: Before) throws(Refusal) -> Observer {
        let observer = try lookup.observe(knowing: before.observation, at: launched)
        let after = observer.observation.ingredients
        guard after.count == before.observation.ingredients.count else { throw .inputChanged }
        for (one, other) in zip(before.observation.ingredients, after) {
            guard one.kind == other.kind, one.form == other.form, one.name == other.name, one.value == other.value,
                one.identity == other.identity
            else { throw .inputChanged }
        }
        return observer
    }

    /// Looks at what the run has looked at: it has to be what it was all the while.
    private func look(
        at set: [TraceItem],
        _ observer: inout Observer,
        _ steadiness: inout PathSteadiness,
        _ before: Before
    ) throws(Refusal) {
        for item in set {
            try item.observe(with: &observer)
            let path = Path(bytes: item.name)
            switch item.kind {
            case .content:
                // What was read was there.
                guard let last = observer.observation.ingredients.last, last.form != .absent, last.form != .directory
                else { throw .inputChanged }
                guard last.identity?.isSettled(before: launched) ?? true, steadiness.isSteady(item.name) else {
                    throw .inputTooYoung
                }
            case .missing:
                // Only the run itself may have put something in its place.
                guard FileStatus.of(path) == nil || made.contains(where: { OutputPlace.isAtOrBelow(path, $0) }) else {
                    throw .inputChanged
                }
                // A link that leads nowhere was there before.
                guard
                    FileStatus.ofLink(path)?.identity.isSettled(before: launched) ?? true || FileStatus.of(path) != nil
                else { throw .inputTooYoung }
            case .presence: guard isAsOld(path) else { throw .inputChanged }
            case .status, .realPath:
                // Nobody has looked at it before the tool ran, so it has to be older; of a directory only that it is there counts.
                guard
                    FileStatus.of(path)?.kind == .directory ? isAsOld(path) : isSettled(path) || item.kind == .realPath,
                    steadiness.isSteady(item.name)
                else { throw .inputTooYoung }
            case .listing: try checkListing(item, before)
            case .sameness:
                for name in item.own {
                    guard steadiness.isSteady(name) else { throw .inputTooYoung }
                }
            default: break
            }
        }
    }

    /// Whether nothing has changed what `path` means since the tool ran, be it a link that leads nowhere.
    private func isSettled(_ path: Path) -> Bool {
        (FileStatus.of(path) ?? FileStatus.ofLink(path))?.identity.isSettled(before: launched) ?? false
    }

    /// Whether what is at `path` was there before the tool ran, or is the tool's own: neither has gone, nor come in the place of something
    /// else.
    private func isAsOld(_ path: Path) -> Bool {
        guard let status = FileStatus.ofLink(path) else { return false }
        if made.contains(where: { OutputPlace.isAtOrBelow(path, $0) }) { return true }
        // Names come and go in a directory; it is the same one if it was made before. 0 where that is not told.
        guard status.kind == .directory else { return status.identity.isSettled(before: launched) }
        return Directory.birth(of: path) < launched
    }

    /// A directory that was read has to be as it was, apart from what the tree itself made in it.
    private func checkListing(_ item: TraceItem, _ before: Before) throws(Refusal) {
        let path = Path(bytes: item.name)
        guard let status = FileStatus.of(path) else { throw .inputChanged }
        if status.identity.isSettled(before: launched) { return }
        guard let real = Directory.realPath(path), let earlier = before.names[real],
            let now = try? Directory.names(in: path)
        else { throw .inputTooYoung }
        let own = Set(item.own)
        guard Set(earlier.filter { !own.contains($0) }) == Set(now.map { Array($0) }.filter { !own.contains($0) })
        else {
            throw .inputChanged
        }
    }

    private func publish(
        _ result: CommandResult,
        _ key: EntryKey,
        _ streams: CapturedStreams,
        _ made: MadeOutputs,
        _ places: TracedPlaces
    ) throws(Refusal) {
        let codec = cache.settings.compression == .zstd ? Codec.zstd : .stored
        var parts = [NewPart(ResultFormat.result, .bytes(ResultFormat.encode(result)), codec: .stored)]
        parts.append(NewPart(TracedPlaces.part, .bytes(places.encoded), codec: .stored))
        if !streams.output.isEmpty { parts.append(NewPart(ResultFormat.output, .bytes(streams.output), codec: codec)) }
        if !streams.error.isEmpty { parts.append(NewPart(ResultFormat.error, .bytes(streams.error), codec: codec)) }
        parts += made.parts(codec)
        do throws(StoreError) {
            try cache.store.publish(key, kind: EntryKind.commandResult.rawValue, parts: parts)
        } catch {
            throw error.code == .changed ? .outputChanged : error.code == .tooLarge ? .outputTooLarge : .storeRefused
        }
    }

    private func remember(_ set: [TraceItem]) {
        var sets = command.sets()
        sets.add(set)
        let codec = cache.settings.compression == .zstd ? Codec.zstd : .stored
        _ = try? cache.store.publish(
            lookup.key.traces,
            kind: EntryKind.traces.rawValue,
            parts: [NewPart("traces", .bytes(sets.encoded), codec: codec)]
        )
    }

    private func remember(_ observation: Observation, _ set: [TraceItem]) {
        remember(set)
        _ = try? cache.publish(observation: observation, lookup.key)
        if let doubt = lookup.part(lookup.key.doubt), !doubt.isEmpty { remember(doubt: "") }
    }
}
