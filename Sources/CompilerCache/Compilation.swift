internal import Files
internal import LarderStore

/// One compile command on its way through the cache.
struct Compilation {
    let command: CompileCommand
    let request: CompileRequest
    /// The command line as it was read, response files expanded.
    let arguments: [Word]
    let environment: CompileEnvironment
    let settings: Settings
    let store: EntryStore
    let notes: DecisionNotes
    let sink: OutputSink
    /// The base directories of this compile, the shortest first.
    let bases: [Word]
    /// The state of the extra inputs, looked at before the key was made.
    let extraInputs: Digest?
    let check: DueCheck?

    /// How it went.
    enum End {
        /// Outputs and streams are as the compiler leaves them.
        case ended(Ending)
        /// The command is to run as it was given; what has been said is in `sink`.
        case asGiven
        /// Nothing has been done: the compiler is another program's front, and has to be seen.
        case wrapper
    }

    /// What a look into the cache gave, when it gave no result.
    struct Miss {
        var key: EntryKey
        var absence: Manifest.Absence
        var ingredients: KeyBuilder

        var reason: String { absence.reason }
    }

    private var roots: CheckoutRoots {
        RequestKey.roots(
            of: request,
            command: command,
            logicalDirectory: environment.logicalDirectory,
            bases: bases
        )
    }

    func perform() -> End {
        CrashPoint.reach("read")
        let started = Clock.latestStamp
        let context = CompileContext(
            roots: roots,
            dependencies: request.dependencies,
            command: command,
            environment: environment
        )

        guard let miss = search(ingredients(context), context) else { return .ended(.exited(0)) }
        // Nobody knows what a script reads besides.
        if request.front == nil, ToolchainProbe.isScript(command.compiler) { return .wrapper }
        guard notes.mayWrite(), !settings.isReadOnly else { return .asGiven }
        if request.hasSpecialInput {
            notes.bypass(.specialInput, command)
            return .asGiven
        }
        // gcc says more of a private depfile that it cannot make than of an object.
        let outputs = [request.output] + (request.dependencies.map { [$0.file] } ?? [])
        guard outputs.allSatisfy({ FileStatus.of(Path(bytes: $0).parent)?.kind == .directory }) else {
            notes.bypass(.noDirectory, command)
            return .asGiven
        }
        if isBrought(miss, context) { return .ended(.exited(0)) }
        WayBack.note(command)
        let toolchain = ToolchainRecord.load(probe, from: store, isReadOnly: false)
        if toolchain?.isWrapper == true { return .wrapper }
        guard let toolchain, toolchain.family == request.family else {
            notes.bypass(.unrecognisedCompiler, command)
            return .asGiven
        }
        let source = Toolchain.File(at: request.source, store.contents)
        CrashPoint.reach("looked")
        let flight = Flight(of: miss.key, source: source?.digest, settings)
        // Somebody may have published it between the look and the question, or while this process waited. Where not, the
        // first look has said why: it may have removed what was damaged.
        guard search(miss.key, miss.ingredients, context) != nil else { return .ended(.exited(0)) }
        CrashPoint.reach("asked")
        return compile(miss, context, toolchain, source, flight, started: started)
    }

    private var probe: ToolchainProbe {
        ToolchainProbe(
            command: command,
            front: request.front,
            language: request.language,
            environment: environment
        )
    }

    // MARK: - Hit

    private func ingredients(_ context: CompileContext) -> KeyBuilder {
        RequestKey.ingredients(
            of: request,
            command: command,
            environment: environment,
            roots: context.roots,
            bases: bases,
            settings: settings
        )
    }

    /// Gives a result, and ends the process where this is all it was started for; or returns why there is none.
    ///
    /// - Parameter isForecast: whether it only says what would be given.
    private func search(_ ingredients: KeyBuilder, _ context: CompileContext, isForecast: Bool = false) -> Miss? {
        let key = ingredients.finish()
        if notes.areRead { notes.note(ingredients, key) }
        return search(key, ingredients, context, isForecast: isForecast)
    }

    private func search(
        _ key: EntryKey,
        _ ingredients: KeyBuilder,
        _ context: CompileContext,
        isForecast: Bool = false,
        origin: HitOrigin = .local
    ) -> Miss? {
        guard !settings.recache else {
            return Miss(key: key, absence: .init(reason: "recache"), ingredients: ingredients)
        }
        let absence = Manifest.search(key, in: store, at: context, isReadOnly: settings.isReadOnly || isForecast) {
            isForecast ? store.obstacle(to: $0) : give($0, manifest: key, context, $1, origin)
        }
        return absence.map { Miss(key: key, absence: $0, ingredients: ingredients) }
    }

    /// True where a remote cache has given the result.
    private func isBrought(_ miss: Miss, _ context: CompileContext) -> Bool {
        RemoteLookup.bring(miss.key, after: miss.absence, settings) {
            search(miss.key, miss.ingredients, context, origin: .remote)?.absence
        }
    }

    /// Gives the result, or returns why it cannot be given.
    private func give(
        _ result: EntryKey,
        manifest key: EntryKey,
        _ context: CompileContext,
        _ newIdentities: [ManifestCheck.NewIdentity],
        _ origin: HitOrigin
    ) -> String? {
        switch store.open(result) {
        case .miss(let reason):
            return "result_\(reason.rawValue)"
        case .hit(let entry):
            if let check { return check.take(result) }
            do throws(CompileResult.Defect) {
                let microseconds = try CompileResult.deliver(entry, request, context, sink)
                endsWell(isHit: true)
                CrashPoint.reach("given")
                if !newIdentities.isEmpty, !settings.isReadOnly { Manifest.remember(newIdentities, key, in: store) }
                notes.hit(key, result, microseconds, origin)
                CrashPoint.reach("counted")
                // Nothing else is to be said: the process's end closes what is open faster than we do.
                if sink.held == nil { Child.exitNow(0) }
                return nil
            } catch {
                if error == .corrupt { store.discard(result) }
                return error == .corrupt ? "result_corrupt" : "output_refused"
            }
        }
    }

    /// True where the compiler is a script, or known to be another program's front.
    var isWrapper: Bool {
        guard request.front == nil else { return false }
        return ToolchainProbe.isScript(command.compiler)
            || ToolchainRecord.load(probe, from: store, isReadOnly: true)?.isWrapper == true
    }

    /// What a look would give: nil for a result, else what an explanation needs.
    func forecast() -> MissRecord? {
        let context = CompileContext(
            roots: roots,
            dependencies: request.dependencies,
            command: command,
            environment: environment
        )
        return search(ingredients(context), context, isForecast: true).map(record)
    }

    private func record(of miss: Miss) -> MissRecord {
        .miss(
            miss.absence,
            miss.key,
            miss.ingredients,
            command,
            source: request.source,
            output: request.output
        )
    }

    // MARK: - Miss

    private func compile(
        _ miss: Miss,
        _ context: CompileContext,
        _ toolchain: Toolchain,
        _ source: Toolchain.File?,
        _ flight: consuming Flight,
        started: Int64
    ) -> End {
        let isClockRight = isClockPast(source, miss, started: started)
        guard !Interruption.hasCome else { return .asGiven }
        notes.missed(record(of: miss))
        let launched = Clock.stamp
        let namesBefore = NamesBefore(of: request)
        let run = compilerRun(toolchain)
        var trace = run.isPrefixed ? nil : CompileTrace(of: command.compiler)
        let outcome: CompilerRun.Outcome
        do throws(SystemError) { outcome = try start(run, &trace) } catch { return leave(run) }
        CrashPoint.reach("compiled")
        guard outcome.ending == .exited(0) else {
            if !outcome.ending.isBySignal, !Interruption.hasCome, run.mustRunAgain(after: sink.relay) {
                return leave(run)
            }
            return end(after: run, outcome, miss)
        }
        // A stream that takes nothing is the compiler's to complain about, and so is what nobody has heard.
        guard sink.relay?.isComplete != false else { return leave(run) }
        // A compiler that says it succeeded without an object is not one that we know. Its object is opened while its
        // name is still private: under the user's name another compile may put another object at any time.
        guard run.hasOutputs, let object = run.openObject() else { return leave(run) }
        let reading = run.reading()
        let publication = Publication(
            request: request,
            context: context,
            toolchain: toolchain,
            started: launched,
            source: source,
            namesBefore: namesBefore,
            manifest: miss.key,
            streams: outcome.streams,
            dependencyFile: request.dependencies == nil ? nil : run.dependencyFile(),
            filesRead: reading.files,
            assemblerReadMore: reading.assemblerReadMore,
            duration: outcome.duration,
            compresses: settings.compression == .zstd,
            choices: recorderChoices
        )
        if let end = deliver(run) { return end }
        return keep(publication, object, trace, miss, flight, isClockRight)
    }

    private func compilerRun(_ toolchain: Toolchain) -> CompilerRun {
        CompilerRun(
            request,
            command: command,
            extraArguments: mappingArguments,
            systemRoot: toolchain.systemRoot,
            prefix: PrefixCommand(settings.prefixCommand, before: command.compiler, named: command.name)
        )
    }

    /// Waits until what is saved from now on has another time than what was saved before; false where the clock does not
    /// come to that.
    private func isClockPast(_ source: Toolchain.File?, _ miss: Miss, started: Int64) -> Bool {
        // Somebody is editing: a header that was saved in this very tick of the clock could not be told from one that
        // is saved while the compiler runs.
        if let source,
            Clock.wall.subtracting(saturating: max(source.identity.changed, source.identity.modified)) < 1_000_000_000,
            !Clock.wait(untilStampPasses: max(started, source.identity.changed))
        {
            return false
        }
        return miss.reason == "new_command" || Clock.wait(untilStampPasses: started)
    }

    /// Runs the compiler, and sees to it that a trace holds all that was done.
    private func start(
        _ run: borrowing CompilerRun,
        _ trace: inout CompileTrace?
    ) throws(SystemError) -> CompilerRun.Outcome {
        guard let environment = CompileTrace.environment(of: trace) else { return try run.run(sink, environment: nil) }
        Child.adoptDescendants(true)
        defer { Child.adoptDescendants(false) }
        let outcome = try run.run(sink, environment: environment)
        // A process that lives on may do more.
        if !Child.leavesNobody { trace = nil }
        return outcome
    }

    /// Gives the outputs their names and the streams what they are due; where that ends the command, returns how.
    private func deliver(_ run: consuming CompilerRun) -> End? {
        do throws(SystemError) { try run.deliver() } catch { return leave(run) }
        CrashPoint.reach("delivered")
        let isHeard = sink.finish()
        if isHeard { endsWell() }
        // What follows may be ended by a signal, and nothing of ours is to stay beside the user's files.
        run.remove()
        Interruption.mayEndUs()
        CrashPoint.reach("recording")
        if isHeard { return nil }
        // A stream that takes nothing is the compiler's to complain about; it may leave no object then.
        try? Directory.removeFile(Path(bytes: request.output))
        notes.bypass(.closedStream, command)
        return .asGiven
    }

    private var recorderChoices: Recorder.Choices {
        Recorder.Choices(
            ignoresTimes: settings.ignoresTimeMacros,
            isPrefixed: !settings.prefixCommand.isEmpty,
            marksDiagnostics: !StandardStream.error.isTerminal
        )
    }

    // MARK: - Ending

    /// The compile is done, unless more sources follow: whatever happens now, it has succeeded.
    private func endsWell(isHit: Bool = false) {
        if sink.held == nil { Crash.ends(as: .exited(0), isHit: isHit) }
    }

    private func end(after run: consuming CompilerRun, _ outcome: CompilerRun.Outcome, _ miss: Miss) -> End {
        // 127: the loader could not start the compiler.
        if !outcome.ending.isBySignal, outcome.ending != .exited(127) { run.settleFailure() }
        let isHeard = sink.relay?.isComplete != false && sink.finish()
        // A compiler that had begun to speak has noticed itself that nobody hears it any more.
        guard isHeard || outcome.ending.isBySignal || sink.relay?.hasSpoken == true else { return leave(run) }
        if sink.held == nil { Crash.ends(as: outcome.ending) }
        run.remove()
        notes.note(.miss, Recorder.Refusal.compileFailed.rawValue, miss.key, nil, outcome.duration)
        notes.refused(.compileFailed, about: [], miss.key)
        return .ended(outcome.ending)
    }

    private func leave(_ run: consuming CompilerRun) -> End {
        run.remove()
        notes.bypass(.runAgain, command)
        return .asGiven
    }
}
