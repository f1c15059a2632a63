internal import Files
internal import LarderStore
internal import Trace

/// One command of a driver on its way through the cache.
///
/// As a compile of C goes, but for three things: the compiler writes its outputs where they belong, under a lock; there
/// may be any number of them; and what it read it has said itself, or its dialect knows.
struct DriverCompilation {
    let driver: any Driver
    let settings: Settings
    let store: EntryStore
    private let request: DriverRequest
    private let context: CompileContext
    private let notes: DecisionNotes
    private let key: EntryKey
    private let ingredients: KeyBuilder
    private let contents: KnownContent
    private let extraInputs: Digest?
    private let check: DueCheck?

    init(driver: any Driver, settings: Settings) {
        self.driver = driver
        self.settings = settings
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
        request = driver.request
        context = CompileContext(
            roots: request.roots,
            dependencies: nil,
            command: request.command,
            environment: CompileEnvironment(
                keyed: [],
                presentation: request.presentation,
                epoch: nil,
                logicalDirectory: LogicalDirectory.name(
                    of: request.command.directory,
                    given: Environment.value("PWD")
                )
            )
        )
        notes = DecisionNotes(of: request.label, by: request.command.name, settings)
        contents = KnownContent(in: store.directory, isReadOnly: settings.isReadOnly)
        extraInputs = settings.extraInputsState
        check = DueCheck(settings)
        var ingredients = Self.ingredients(of: request)
        settings.addIngredients(to: &ingredients)
        key = ingredients.finish()
        self.ingredients = ingredients
        if notes.areRead { notes.note(ingredients, key) }
    }

    func perform(_ fallback: Fallback) -> Never {
        let asked = Clock.latestStamp
        let absence = lookUp()
        guard notes.mayWrite(), !settings.isReadOnly else { fallback.run() }
        if request.inputs.contains(where: { RegularFile.isSpecial(Path(bytes: $0)) }) {
            bypass(.specialInput, fallback)
        }
        // A result that is given ends the process.
        _ = RemoteLookup.bring(key, after: absence, settings) { lookUp(origin: .remote) }
        WayBack.note(request.command)
        CrashPoint.reach("looked")
        let flight = Flight(of: key, source: known(request.inputs), settings)
        guard let output = request.outputs.first?.path else {
            // Somebody may have published it between the look and the question, or while this process waited.
            _ = lookUp()
            run(absence, since: asked, nil, flight, fallback)
        }
        // With another process's result at hand no lock is needed.
        if flight.wasAwaited { _ = lookUp() }
        if let holder = OutputLock.holder(of: output, in: request.command.directory, settings),
            // A compiler that calls us for its own output would wait for itself.
            ProcessIdentity.ancestors.contains(where: { $0.id == holder })
        {
            bypass(.outputBusy, fallback)
        }
        guard let lock = OutputLock(of: output, in: request.command.directory, settings) else {
            bypass(.outputBusy, fallback)
        }
        // Whoever had the lock before has probably made just this, between the last look and now.
        _ = lookUp(holdingLock: true)
        run(absence, since: asked, lock, flight, fallback)
    }

    // MARK: - Hit

    /// Gives a result and ends the process, or returns why there is none.
    private func lookUp(holdingLock: Bool = false, origin: HitOrigin = .local) -> Manifest.Absence {
        guard !settings.recache else { return Manifest.Absence(reason: "recache") }
        let absence = Manifest.search(key, in: store, at: context, isReadOnly: settings.isReadOnly) {
            result,
            newIdentities in
            switch store.open(result) {
            case .miss(let reason): return "result_\(reason.rawValue)"
            case .hit(let entry):
                if let check { return check.take(result) }
                return give(entry, result, newIdentities, holdingLock, origin)
            }
        }
        // A result that is given ends the process.
        return absence ?? Manifest.Absence(reason: "given")
    }

    private func give(
        _ entry: borrowing OpenEntry,
        _ result: EntryKey,
        _ newIdentities: [ManifestCheck.NewIdentity],
        _ holdsLock: Bool,
        _ origin: HitOrigin
    ) -> String {
        // Not under the hands of somebody who is making them.
        if !holdsLock, let output = request.outputs.first?.path,
            OutputLock.holder(of: output, in: request.command.directory, settings) != nil
        {
            return Bypass.outputBusy.rawValue
        }
        guard request.outputs.allSatisfy({ Self.isFree($0) }) else { return "output_refused" }
        do throws(CompileResult.Defect) {
            let given = try DriverResult.deliver(entry, to: request)
            Crash.ends(as: .exited(given.status), isHit: true)
            CrashPoint.reach("given")
            if !newIdentities.isEmpty, !settings.isReadOnly { Manifest.remember(newIdentities, key, in: store) }
            notes.hit(key, result, given.microseconds, origin)
            Child.exitNow(given.status)
        } catch {
            if error == .corrupt { store.discard(result) }
            return error == .corrupt ? "result_corrupt" : "output_refused"
        }
    }

    /// True where nothing is in the place of an output, or a file that may be replaced by a new one.
    private static func isFree(_ output: DriverRequest.Output) -> Bool {
        let path = Path(bytes: output.path)
        guard let status = FileStatus.ofLink(path) else { return true }
        return status.kind == .regular && Directory.isWritable(path)
    }

    /// What a look would give: nil for a result, else what an explanation needs.
    func forecast() -> MissRecord? {
        if settings.recache { return record(of: Manifest.Absence(reason: "recache")) }
        return Manifest.search(key, in: store, at: context, isReadOnly: true) { result, _ in store.obstacle(to: result)
        }
        .map(record)
    }

    private func record(of absence: Manifest.Absence) -> MissRecord {
        let output = request.outputs.first?.path ?? []
        return .miss(absence, key, ingredients, request.command, source: request.label, output: output)
    }

    // MARK: - Miss

    private func run(
        _ absence: Manifest.Absence,
        since asked: Int64,
        _ lock: consuming OutputLock?,
        _ flight: consuming Flight,
        _ fallback: Fallback
    ) -> Never {
        guard request.outputs.allSatisfy({ Self.isFree($0) }) else { bypass(.specialOutput, fallback) }
        let place = request.outputs.first?.path
        guard let scratch = ScratchDirectory(beside: place) else { bypass(.noDirectory, fallback) }
        // Then whatever was written before the compiler starts has another time than what is written from then on.
        let isClockRight = Clock.wait(untilStampPasses: asked)
        if Interruption.hasCome {
            scratch.remove()
            fallback.run()
        }
        notes.missed(record(of: absence))
        let old = request.outputs.map { FileStatus.ofLink(Path(bytes: $0.path))?.identity }
        let linked = LinkedInputs(driver.linkedInputs, contents)
        let (started, clock) = (Clock.stamp, Clock.monotonic)
        let trace = request.seenProgram == nil ? nil : CompileTrace(of: request.command.compiler)
        let (ending, streams): (Ending, CapturedStreams)
        do throws(SystemError) {
            (ending, streams) = try start(in: scratch.path, CompileTrace.environment(of: trace))
        } catch {
            scratch.remove()
            release(lock)
            bypass(.runAgain, fallback)
        }
        CrashPoint.reach("compiled")
        let nanoseconds = Clock.monotonic - clock
        var shown = streams
        var subject: Word = []
        let outcome: Result<EntryKey, Recorder.Refusal>
        if isCut(streams, ending) { runAgain(.streamsCut, scratch, lock, old, nanoseconds, fallback) }
        let earlier = check?.result(after: absence).flatMap { ResultCheck(of: $0, in: store) }
        if ending == .exited(0) {
            let run = DriverRun(scratch: scratch.path, streams: streams, started: started, store: store)
            outcome = keep(run, trace, old, linked, nanoseconds, &shown, isClockRight, &subject)
        } else {
            outcome = .failure(.compileFailed)
            // What we have asked for besides shows, or is the cause: the command goes its own way.
            if !request.passesStreamsOn, !ending.isBySignal, names(scratch.path, streams) {
                runAgain(.compileFailed, scratch, lock, old, nanoseconds, fallback)
            }
        }
        // The next one may look as soon as this one is over.
        let isHeld = lock?.isStillHeld ?? true
        scratch.remove()
        if streams.refusal?.isInterruption == true { Interruption.endIfItHasCome() }
        if !request.passesStreamsOn, !shown.replay(), streams.areOneSided, !ending.isBySignal, !Interruption.hasCome {
            // A stream that takes nothing is the compiler's to complain about.
            runAgain(.streamsCut, nil, lock, old, nanoseconds, fallback)
        }
        Crash.ends(as: ending)
        note(outcome, isHeld: isHeld, earlier, absence, about: subject, flight, nanoseconds)
        release(lock)
        flight.end()
        Child.end(as: ending)
    }

    /// True where what the tool said is not here any more and nobody has heard it, or where a stream takes nothing, of which it is to
    /// complain itself.
    private func isCut(_ streams: CapturedStreams, _ ending: Ending) -> Bool {
        guard request.passesStreamsOn else { return streams.isTooLong && !ending.isBySignal }
        guard streams.areOneSided, let refusal = streams.refusal else { return false }
        return !refusal.isInterruption
    }

    /// Has the command run as it was given, after a run that is not what the user is to see; what that has made anew is removed.
    private func runAgain(
        _ refusal: Recorder.Refusal,
        _ scratch: consuming ScratchDirectory?,
        _ lock: consuming OutputLock?,
        _ old: [FileIdentity?],
        _ nanoseconds: Int64,
        _ fallback: Fallback
    ) -> Never {
        if let scratch { scratch.remove() }
        for (output, identity) in zip(request.outputs, old) where identity == nil {
            let path = Path(bytes: output.path)
            if FileStatus.ofLink(path)?.kind == .regular { try? Directory.removeFile(path) }
        }
        refuse(refusal, [], nanoseconds)
        release(lock)
        fallback.run()
    }

    /// Runs the driver with what we ask for besides.
    private func start(
        in scratch: Path,
        _ environment: [[UInt8]]?
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        let way: Child.Stream = request.passesStreamsOn ? .copied : .captured
        if request.passesStreamsOn { Crash.waitsForChild() }
        Child.endsOrphans(true)
        let arguments = [request.command.name] + driver.arguments(scratch: scratch)
        let run = try Child.run(
            request.command.compiler,
            arguments: arguments,
            environment: environment,
            output: way,
            error: way
        )
        Child.endsOrphans(false)
        return run
    }

    /// Writes into the journal what became of a run whose outputs are there.
    private func note(
        _ outcome: Result<EntryKey, Recorder.Refusal>,
        isHeld: Bool,
        _ earlier: consuming ResultCheck?,
        _ absence: Manifest.Absence,
        about subject: Word,
        _ flight: borrowing Flight,
        _ nanoseconds: Int64
    ) {
        switch outcome {
        case .success(let result) where !isHeld:
            store.discard(result)
            notes.note(.miss, Bypass.outputBusy.rawValue, key, nil, nanoseconds)
        case .success(let result):
            switch consume earlier {
            case .some(let earlier):
                notes.checked(DriverResult.verdict(earlier, of: result, in: store), key, result, nanoseconds)
            case nil: notes.note(.miss, absence.reason, key, result, nanoseconds)
            }
            flight.offer(manifest: key, result: result)
        case .failure(let refusal):
            refuse(refusal, subject, nanoseconds)
            if refusal == .storeRefused, settings.isStrict { Child.exitNow(1) }
        }
    }

    private func names(_ scratch: Path, _ streams: CapturedStreams) -> Bool {
        [streams.output, streams.error].contains { $0.firstIndex(of: Word(scratch.name)) != nil }
    }

    private func release(_ lock: consuming OutputLock?) {}

    /// Counts a run that is not kept, and says why for whoever asks.
    private func refuse(_ refusal: Recorder.Refusal, _ subject: Word, _ nanoseconds: Int64) {
        notes.note(.miss, refusal.rawValue, key, nil, nanoseconds)
        notes.refused(refusal, about: subject, key)
    }

    private func keep(
        _ run: DriverRun,
        _ trace: borrowing CompileTrace?,
        _ old: [FileIdentity?],
        _ linked: LinkedInputs,
        _ nanoseconds: Int64,
        _ shown: inout CapturedStreams,
        _ isClockRight: Bool,
        _ subject: inout Word
    ) -> Result<EntryKey, Recorder.Refusal> {
        do throws(Recorder.Refusal) {
            var reading = try driver.reading(after: run)
            let opened = request.seenProgram.flatMap { CompileTrace.filesOpened(trace, by: $0) }
            if reading.isSeen { try addAccesses(of: trace, opened, since: run.started, to: &reading) }
            if let streams = reading.streams { shown = streams }
            guard run.streams.isWhole, run.streams.refusal == nil else { throw .streamsCut }
            guard isClockRight else { throw .clockBehind }
            guard settings.extraInputsState == extraInputs else { throw .inputTooYoung }
            let made = try made(old, since: run.started, isAnyAge: reading.takesOldOutputs)
            var recorder = DriverRecorder(context: context, contents: contents, started: run.started, linked: linked)
            defer { subject = recorder.subject }
            try recorder.record(reading)
            if let opened {
                let unnamed = try driver.unnamed(opened.read.subtracting(opened.made), in: reading)
                try recorder.complete(unnamed)
            }
            let isSaid = !reading.saysOnlyPaths && (!shown.output.isEmpty || !shown.error.isEmpty)
            if isSaid, let terminal = context.value(of: .terminal) {
                recorder.bind(.init(kind: .terminal, value: terminal))
            }
            let kept = reading.saysOnlyPaths ? marked(shown) : nil
            let isBound = reading.isPlaceBound ? true : try namesPlace(made, kept ?? shown)
            if isBound, let location = context.value(of: .place) {
                recorder.bind(.init(kind: .place, value: location))
            }
            recorder.seal(under: key)
            try publish(recorder.recording, made, kept ?? shown, areMarked: kept != nil, nanoseconds)
            return .success(recorder.recording.result)
        } catch {
            return .failure(error)
        }
    }

    /// Adds what code of others did within the compiler.
    private func addAccesses(
        of trace: borrowing CompileTrace?,
        _ opened: FilesOpened?,
        since started: Int64,
        to reading: inout DriverReading
    ) throws(Recorder.Refusal) {
        let libraries = Environment.value("LD_LIBRARY_PATH") ?? []
        let accesses = CompileTrace.accesses(
            trace,
            since: started,
            libraries: libraries,
            trustsClock: false,
            ownPrograms: request.ownPrograms
        )
        if let opened, let accesses {
            guard !accesses.asksHost, !accesses.asksDate else { throw .macroReadsFiles }
            return try driver.add(accesses, opened, to: &reading)
        }
        // A linker that cannot be traced is no reason not to keep what nobody looked at.
        guard !reading.isDoubtful, reading.startsPrograms || opened == nil else { throw .macroReadsFiles }
        reading.isSeen = false
    }

    /// The outputs, held open; each written by this run, and complete.
    private func made(
        _ old: [FileIdentity?],
        since started: Int64,
        isAnyAge: Bool
    ) throws(Recorder.Refusal) -> [DriverResult.MadeFile?] {
        let mask = CurrentProcess.fileModeMask
        var made: [DriverResult.MadeFile?] = []
        for (number, output) in request.outputs.enumerated() {
            let path = Path(bytes: output.path)
            guard let status = FileStatus.ofLink(path) else {
                guard output.isOptional else { throw .outputMissing }
                made.append(nil)
                continue
            }
            guard isAnyAge || status.identity != old[number] else {
                // It may belong to the result, or be left from another one: only the compiler knows.
                throw .outputNotWritten
            }
            guard status.identity == old[number] || status.identity.isStamped(since: started) else {
                throw .clockBehind
            }
            let marked = output.content == .text ? context.roots : nil
            guard
                let file = DriverResult.MadeFile(
                    path,
                    mask: mask,
                    mayHaveOtherNames: output.mayHaveOtherNames,
                    marking: marked
                )
            else { throw .outputChanged }
            made.append(file)
        }
        return made
    }

    /// True where a root's name is in what was made or said: then it is right only here.
    private func namesPlace(_ made: [DriverResult.MadeFile?], _ streams: CapturedStreams) throws(Recorder.Refusal)
        -> Bool
    {
        guard !context.roots.paths.isEmpty else { return false }
        for text in [streams.output, streams.error] where text.withUnsafeBytes({ context.roots.occur(in: $0) }) {
            return true
        }
        for (number, file) in made.enumerated() {
            guard let file else { continue }
            guard file.status.size < CompiledObject.searchLimit else { return true }
            guard let bytes = file.text ?? file.bytes else { throw .outputChanged }
            if bytes.withUnsafeBytes({ context.roots.occur(in: $0) }) { return true }
            if request.outputs[number].content == .unknown, ObjectFile.hidesText(bytes) { return true }
        }
        return false
    }

    /// What was said with the roots marked; nil where that is not to be done.
    private func marked(_ streams: CapturedStreams) -> CapturedStreams? {
        guard let output = context.roots.marked(streams.output), let error = context.roots.marked(streams.error) else {
            return nil
        }
        return CapturedStreams(output: output, error: error)
    }

    private func publish(
        _ recording: Manifest.Recording,
        _ made: [DriverResult.MadeFile?],
        _ streams: CapturedStreams,
        areMarked: Bool,
        _ nanoseconds: Int64
    ) throws(Recorder.Refusal) {
        do throws(StoreError) {
            try DriverResult.publish(
                recording.result,
                made: made,
                streams: streams,
                areMarked: areMarked,
                microseconds: nanoseconds / 1000,
                compresses: settings.compression == .zstd,
                in: store
            )
            // Somebody may have written into them while we read.
            guard made.allSatisfy({ $0?.isUnchanged ?? true }) else {
                store.discard(recording.result)
                throw StoreError(.changed, at: Path(bytes: request.label))
            }
            CrashPoint.reach("published")
            try Manifest.add(recording, to: key, in: store)
        } catch {
            if settings.isStrict { Message.write("\(error)") }
            notes.log("error", "not_stored", "\(error)")
            throw .storeRefused
        }
    }

    private func bypass(_ cause: Bypass, _ fallback: Fallback) -> Never {
        notes.bypass(cause, request.command)
        fallback.run()
    }

    // MARK: - Key

    private static func ingredients(of request: DriverRequest) -> KeyBuilder {
        var key = KeyBuilder(domain: "driver-manifest-1")
        func add(_ label: StaticString, _ word: DriverRequest.KeyWord) {
            switch word {
            case .text(let text): key.add(label, text)
            case .path(let path): key.add(label, request.roots.abstract(path))
            }
        }
        key.add("dialect", request.dialect.description)
        add("name", .path(request.command.name))
        add("compiler", .path(Word(request.command.compiler.bytes)))
        add("directory", .path(Word(request.command.directory.bytes)))
        for word in request.words { add("word", word) }
        for variable in request.variables { add("variable", variable) }
        for output in request.outputs { add(output.isOptional ? "may make" : "makes", .path(output.path)) }
        for file in request.removed { add("removes", .path(file)) }
        return key
    }

    /// What distinguishes two states of the inputs that are known; nil where one is not there.
    private func known(_ inputs: [Word]) -> Digest? {
        var key = KeyBuilder(domain: "inputs")
        for input in inputs {
            guard let content = contents.digest(of: Path(bytes: input)) else { return nil }
            key.add("input", content.digest.bytes)
        }
        return key.finish().digest
    }
}
