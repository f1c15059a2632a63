internal import Files
internal import LarderStore

/// Runs the tool and keeps what it made, if nothing is in doubt.
struct CommandRecording {
    private let cache: CommandCache
    private let lookup: CommandLookup
    private let miss: CommandLookup.Miss
    /// When we first looked at anything.
    private let latestStamp: Int64
    /// When the tool was started, by the clock that stamps files.
    private var launched: Int64 = 0

    private var request: CommandRequest { lookup.request }

    init(cache: CommandCache, lookup: CommandLookup, miss: CommandLookup.Miss, since latestStamp: Int64) {
        (self.cache, self.lookup, self.miss, self.latestStamp) = (cache, lookup, miss, latestStamp)
    }

    /// What there was before the tool ran.
    private struct Before {
        var observation: Observation
        var outputs: OutputTree
        var missingParents: [Int]
    }

    mutating func perform(_ locks: OutputLocks?) -> CommandCache.Answer {
        let before: Before
        do throws(Refusal) { before = try prepare() } catch {
            cache.bypass(error.rawValue, request)
            return .asGiven
        }
        cache.explain(miss, lookup)
        let run: ToolRun
        do throws(SystemError) { run = try ToolRun.perform(lookup.tool, request.words) } catch { return .asGiven }
        CrashPoint.reach("tool_ended")
        let earlier = miss.checked.flatMap { ResultCheck(of: $0, in: cache.store) }
        do throws(Refusal) {
            let (key, isReproduced) = try keep(run, before, locks)
            var miss = miss
            if !isReproduced, miss.checked == nil { miss.reason = "not_reproduced" }
            cache.noteMiss(miss, earlier, lookup, key, run.duration / 1000)
        } catch {
            // Why it was not kept is why the next one will miss, too.
            cache.refuse(error.rawValue, lookup, run.duration / 1000)
            if error == .storeRefused, cache.settings.isStrict { return .ended(.exited(1)) }
        }
        return .ended(run.endingForCaller)
    }

    /// Looks once more, so that nothing can change from now on without a sign of it.
    private mutating func prepare() throws(Refusal) -> Before {
        guard Clock.wait(untilStampPasses: latestStamp) else { throw .clockBehind }
        let outputs = try OutputTree(of: lookup.outputs.map(\.path))
        let parents = lookup.outputs.map(\.missingParents)
        let observation = try lookup.observe(knowing: miss.observation, at: Clock.stamp).observation
        try refuseOutputs(among: observation, outputs)
        launched = Clock.stamp
        return Before(observation: observation, outputs: outputs, missingParents: parents)
    }

    /// An output that is an input, too, changes what the next run depends on.
    private func refuseOutputs(among observation: Observation, _ tree: OutputTree) throws(Refusal) {
        guard !lookup.outputs.isEmpty else { return }
        let files = observation.ingredients.filter { $0.kind == .input || $0.kind == .dependency }
        let made = tree.nodes.compactMap(\.identity)
        let inodes = Set(made.map(\.inode))
        // By name: one may lie in the other.
        var parents: [[UInt8]: Path?] = [:]
        for file in files {
            if let identity = file.identity, inodes.contains(identity.inode),
                made.contains(where: { $0.inode == identity.inode && $0.device == identity.device })
            {
                throw .outputIsInput
            }
            let path = Path(bytes: file.name).resolved(in: lookup.directory)
            let parent = Array(path.parent.bytes)
            let real = parents[parent] ?? Directory.realPath(path.parent)
            parents[parent] = real
            guard let real else { continue }
            let canonical =
                Path(bytes: file.name).name.elementsEqual(".".utf8) ? real : real.appending(bytes: path.name)
            for output in lookup.outputs {
                if OutputPlace.isAtOrBelow(canonical, output.canonical) { throw .outputIsInput }
                if file.form == .directory, OutputPlace.isAtOrBelow(output.canonical, canonical) {
                    throw .outputIsInput
                }
            }
        }
    }

    // MARK: - Keeping

    /// Publishes the result; returns its key, and whether a result that was there before is the same.
    private func keep(
        _ run: ToolRun,
        _ before: Before,
        _ locks: OutputLocks?
    ) throws(Refusal) -> (key: EntryKey, isReproduced: Bool) {
        // Whoever was asked to end may have ended early, whatever it says.
        guard case .exited(let status) = run.ending, !Interruption.hasCome else { throw .signalled }
        guard request.keptStatuses.contains(status) else { throw .statusNotKept }
        guard run.streams.isWhole else { throw .streamCut }
        // What was written after the clock was set back looks older than the run.
        guard Clock.stamp.subtracting(saturating: launched) > run.duration - 1_000_000_000 else { throw .clockBehind }
        guard cache.settings.extraInputsState == lookup.extraInputs else { throw .inputChanged }
        let streamed = run.streams.output.count + run.streams.error.count
        let made = try MadeOutputs(of: lookup.outputs, since: launched, limit: (256 << 20) - streamed)
        guard made.tree.isMadeAnew(since: before.outputs) else { throw .outputUntouched }
        let mask = CurrentProcess.fileModeMask
        guard made.tree.hasOwnModes(since: before.outputs, mask: mask) else { throw .outputMode }
        let named = try dependencies(before.observation)
        var sets = lookup.dependencySets()
        if request.dependencyFile != nil { sets.add(named) }
        guard sets.isBounded else { throw .dependenciesUnknown }
        let observation = try observationAfter(before.observation, named, sets.others(than: named))
        try refuseOutputs(among: observation, made.tree)

        var result = CommandResult(
            status: status,
            made: Clock.wall,
            microseconds: run.duration / 1000,
            outcome: outcome(status, run.streams, made),
            nodes: made.nodes
        )
        result.madeParents = madeParents(before.missingParents, mask)
        result.filledDirectories = made.tree.directories(alsoIn: before.outputs)
        let key = lookup.key.result(observation)
        let isReproduced = !request.isDeterministic || isSame(result, as: key)
        guard locks?.areStillHeld ?? true else { throw .outputBusy }
        try publish(result, key, run.streams, made)
        CrashPoint.reach("published")
        // Somebody may have written while we read.
        guard made.areUnchanged(at: lookup.outputs), locks?.areStillHeld ?? true else {
            cache.store.discard(key)
            throw .outputChanged
        }
        remember(observation, sets)
        cache.offer(key, by: lookup.index ?? key)
        return (key, isReproduced)
    }

    /// The files that the tool names in its dependency file, and that nobody has declared.
    private func dependencies(_ observation: Observation) throws(Refusal) -> [[UInt8]] {
        guard let file = request.dependencyFile else { return [] }
        guard let text = try? RegularFile.bytes(of: Path(bytes: file), limit: 16 << 20),
            let names = DependencyRule.prerequisites(in: text)
        else { throw .dependenciesUnknown }
        let declared = observation.ingredients.reduce(into: Set<[UInt8]>()) { set, one in
            if one.kind == .input { set.insert(one.name) }
        }
        return names.filter { !declared.contains($0) }
    }

    /// Looks at all inputs again: they have to be what they were all the while, and so have what the tool names.
    private func observationAfter(
        _ before: Observation,
        _ named: [[UInt8]],
        _ others: [[UInt8]]
    ) throws(Refusal) -> Observation {
        var observer = try lookup.observe(knowing: before, at: launched)
        let after = observer.observation.ingredients
        guard after.count == before.ingredients.count else { throw .inputChanged }
        var steadiness = PathSteadiness(since: launched)
        for (one, other) in zip(before.ingredients, after) {
            guard one.kind == other.kind, one.form == other.form, one.name == other.name, one.value == other.value,
                one.identity == other.identity
            else { throw .inputChanged }
            if one.kind == .standardInput, GivenInput.status?.identity != one.identity { throw .inputChanged }
            if one.kind == .input || one.kind == .tool, !steadiness.isSteady(one.name) { throw .inputTooYoung }
        }
        for name in named {
            guard let status = FileStatus.ofLink(Path(bytes: name)) else { throw .dependenciesUnknown }
            try observer.add(.dependency, name, status)
            // Nobody has looked at it before the tool ran, so it has to be older.
            guard let last = observer.observation.ingredients.last, last.form != .absent,
                last.identity?.isSettled(before: launched) ?? true, steadiness.isSteady(name)
            else { throw .inputTooYoung }
        }
        try lookup.add([], others, to: &observer)
        return observer.observation
    }

    private func outcome(_ status: Int32, _ streams: CapturedStreams, _ made: MadeOutputs) -> Digest {
        var key = KeyBuilder(domain: "command-outcome-1")
        key.add("status", Int64(status))
        key.add("output", streams.output)
        key.add("error", streams.error)
        key.add("files", made.digest.bytes)
        return key.finish().digest
    }

    /// False where another outcome is kept under this key.
    private func isSame(_ result: CommandResult, as key: EntryKey) -> Bool {
        guard case .hit(let entry) = cache.store.open(key),
            let kept = try? CommandResult.read(entry, outputs: lookup.outputs.count)
        else { return true }
        return kept.outcome == result.outcome
    }

    /// How many of the directories above each output this run has made, as anybody would have made them.
    private func madeParents(_ missing: [Int], _ mask: UInt32) -> [Int] {
        zip(lookup.outputs, missing).map { output, count in
            var parent = output.path.parent
            for _ in 0..<count {
                guard let status = FileStatus.ofLink(parent), status.kind == .directory,
                    status.mode & 0o777 == 0o777 & ~mask
                else { return 0 }
                parent = parent.parent
            }
            return count
        }
    }

    private func publish(
        _ result: CommandResult,
        _ key: EntryKey,
        _ streams: CapturedStreams,
        _ made: MadeOutputs
    ) throws(Refusal) {
        let codec = cache.settings.compression == .zstd ? Codec.zstd : .stored
        var parts = [NewPart(ResultFormat.result, .bytes(ResultFormat.encode(result)), codec: .stored)]
        if !streams.output.isEmpty { parts.append(NewPart(ResultFormat.output, .bytes(streams.output), codec: codec)) }
        if !streams.error.isEmpty { parts.append(NewPart(ResultFormat.error, .bytes(streams.error), codec: codec)) }
        parts += made.parts(codec)
        do throws(StoreError) {
            try cache.store.publish(key, kind: EntryKind.commandResult.rawValue, parts: parts)
        } catch {
            if cache.settings.isStrict { CapturedStreams(error: Array("larder: \(error)\n".utf8)).replay() }
            throw error.code == .changed ? .outputChanged : error.code == .tooLarge ? .outputTooLarge : .storeRefused
        }
    }

    /// Notes what was seen, so that the next lookup need not read it again and can say what is different.
    private func remember(_ observation: Observation, _ sets: DependencySets) {
        if request.dependencyFile != nil {
            _ = try? cache.store.publish(
                lookup.key.dependencies,
                kind: EntryKind.dependencies.rawValue,
                parts: [NewPart("dependencies", .bytes(sets.encoded), codec: .stored)]
            )
        }
        _ = try? cache.publish(observation: observation, lookup.key)
    }
}
