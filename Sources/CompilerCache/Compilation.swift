internal import Files
internal import LarderStore

/// One compile command on its way through the cache.
struct Compilation {
    let command: CompileCommand
    let request: CompileRequest
    let environment: CompileEnvironment
    let settings: Settings
    let store: EntryStore
    let journal: Journal
    let log: DecisionLog

    /// What a look into the cache gave, when it gave no result.
    private struct Miss {
        var key: EntryKey
        var manifest: Manifest
        var reason: String
    }

    func perform(_ fallback: Fallback) -> Never {
        let started = Clock.stamp
        let roots = RequestKey.roots(of: request, command: command, base: settings.baseDirectory)
        let place = Place(roots: roots, request: request, command: command, environment: environment)

        var miss = lookUp(place, wrapper: nil)
        if settings.isReadOnly { fallback.run() }
        let probe = ToolchainProbe(command: command, language: request.language, environment: environment)
        var toolchain = ToolchainRecord.load(probe, from: store, isReadOnly: false)
        // A compiler that is a wrapper is asked what it would do, and its answer is part of the key.
        var wrapper: [UInt8]?
        if let toolchain, toolchain.isWrapper {
            wrapper = CompilerQuestion.plan(of: request, command: command)
            if wrapper != nil { miss = lookUp(place, wrapper: wrapper) }
        }
        if let wrapper {
            // Another plan may mean other programs.
            let probe = ToolchainProbe(
                command: command,
                language: request.language,
                environment: environment,
                plan: wrapper
            )
            toolchain = ToolchainRecord.load(probe, from: store, isReadOnly: false)
        }
        guard let toolchain, toolchain.family == request.family, !toolchain.isWrapper || wrapper != nil else {
            note(.bypass, Bypass.unrecognisedCompiler.rawValue)
            fallback.run()
        }
        compile(miss, place, toolchain, plan: wrapper, started: started, fallback)
    }

    // MARK: - Hit

    /// Gives a result and ends the process, or returns why there is none.
    private func lookUp(_ place: Place, wrapper: [UInt8]?) -> Miss {
        let ingredients = RequestKey.ingredients(
            of: request,
            command: command,
            environment: environment,
            roots: place.roots,
            wrapper: wrapper,
            isMapped: settings.baseDirectory != nil
        )
        let key = ingredients.finish()
        if log.isWanted { noteIngredients(ingredients, key) }
        guard !settings.recache else { return Miss(key: key, manifest: manifest(key) ?? Manifest(), reason: "recache") }
        var miss = Miss(key: key, manifest: Manifest(), reason: "new_command")
        let defect = withManifest(key) { bytes in
            guard let view = ManifestView(bytes) else {
                miss.reason = "manifest_unknown"
                return
            }
            var check = ManifestCheck(view, in: place)
            switch check.find() {
            case .nothing(let mismatch): miss.reason = mismatch.rawValue
            case .result(let result): miss.reason = give(result, manifest: key, place, check.lessons)
            }
            miss.manifest = ManifestFormat.decode(bytes) ?? Manifest()
        }
        if let defect { miss.reason = defect }
        return miss
    }

    /// Calls `body` with the manifest as it was kept, if there is one; says what is wrong with one that cannot be read.
    private func withManifest(_ key: EntryKey, _ body: (UnsafeRawBufferPointer) -> Void) -> String? {
        switch store.open(key) {
        case .miss(.absent): return nil
        case .miss(let reason): return "manifest_\(reason.rawValue)"
        case .hit(let entry):
            do throws(StoreError) {
                try entry.withBytes(0, body)
                return nil
            } catch {
                store.discard(key)
                return "manifest_corrupt"
            }
        }
    }

    private func manifest(_ key: EntryKey) -> Manifest? {
        var manifest: Manifest?
        _ = withManifest(key) { manifest = ManifestFormat.decode($0) }
        return manifest
    }

    /// Ends the process with the result, or returns why it cannot be given.
    private func give(_ result: EntryKey, manifest key: EntryKey, _ place: Place, _ lessons: [ManifestCheck.Lesson])
        -> String
    {
        switch store.open(result) {
        case .miss(let reason):
            return "result_\(reason.rawValue)"
        case .hit(let entry):
            do throws(CompileResult.Defect) {
                let microseconds = try CompileResult.deliver(entry, place: place)
                if !settings.isReadOnly {
                    if !lessons.isEmpty { remember(lessons, key) }
                    journal.record(
                        Event(
                            .hit,
                            manifest: key,
                            entry: result,
                            microseconds: microseconds,
                            session: session,
                            label: label
                        )
                    )
                }
                log.note("hit", "-", request.source, result.description)
                Child.exitNow(0)
            } catch {
                if error == .corrupt { store.discard(result) }
                return error == .corrupt ? "result_corrupt" : "output_refused"
            }
        }
    }

    /// Saves the next hit from reading the same files again.
    private func remember(_ lessons: [ManifestCheck.Lesson], _ key: EntryKey) {
        guard var manifest = manifest(key) else { return }
        for lesson in lessons { manifest.learn(lesson) }
        let bytes = ManifestFormat.encode(manifest)
        _ = try? store.publish(
            key,
            kind: EntryKind.manifest,
            parts: [NewPart("manifest", .bytes(bytes), codec: .stored)]
        )
    }

    // MARK: - Miss

    private func compile(
        _ miss: Miss,
        _ place: Place,
        _ toolchain: Toolchain,
        plan: [UInt8]?,
        started: Int64,
        _ fallback: Fallback
    ) -> Never {
        var known: [Word: Toolchain.File] = [:]
        if let source = ToolchainProbe.file(at: request.source) {
            known[request.source] = source
            // Somebody is editing: a header that was saved in this very tick of the clock could not be told from one that
            // is saved while the compiler runs.
            if Clock.wall - max(source.identity.changed, source.identity.modified) < 1_000_000_000 {
                Clock.wait(untilStampPasses: max(started, source.identity.changed))
            }
        }
        if miss.reason != "new_command" { Clock.wait(untilStampPasses: started) }
        let launched = Clock.stamp
        let run = CompilerRun(request, command: command, extraArguments: mappingArguments)
        let outcome: CompilerRun.Outcome
        do throws(SystemError) { outcome = try run.run() } catch { leave(run, fallback) }
        guard outcome.ending == .exited(0) else {
            if !outcome.ending.isBySignal, !Interruption.hasCome, run.mustRunAgain(after: outcome) {
                leave(run, fallback)
            }
            end(after: run, outcome, miss, fallback)
        }
        // A compiler that says it succeeded without an object is not one that we know. Its object is opened while its
        // name is still private: under the user's name another compile may put another object at any time.
        guard run.hasOutputs, let object = run.openObject() else { leave(run, fallback) }
        var filesRead = run.filesRead()
        let assemblerInputs = run.assemblerInputs(besides: filesRead?.files ?? [])
        let areOnlyNamed = !assemblerInputs.isEmpty && run.areNamed(assemblerInputs)
        // The assembler reads none of them, but nothing tells for sure.
        if areOnlyNamed { filesRead?.inputs = assemblerInputs }
        let dependencyFile = request.dependencies == nil ? nil : run.dependencyFile()
        do throws(SystemError) { try run.deliver() } catch { leave(run, fallback) }
        CrashPoint.reach("delivered")
        let isHeard = outcome.streams.replay()
        // What follows may be ended by a signal, and nothing of ours is to stay beside the user's files.
        run.remove()
        guard isHeard else {
            // A stream that takes nothing is the compiler's to complain about; it may leave no object then.
            try? Directory.removeFile(Path(bytes: request.output))
            fallback.run()
        }

        let empty = Recorder(
            place: place,
            toolchain: toolchain,
            command: command,
            plan: plan,
            store: store,
            started: launched,
            knownBefore: known
        )
        var recorder = empty
        do throws(Recorder.Refusal) {
            guard let filesRead else { throw .dependenciesUnknown }
            if !assemblerInputs.isEmpty, !areOnlyNamed { throw .assemblerInput }
            do throws(Recorder.Refusal) {
                try recorder.record(filesRead)
            } catch {
                guard recorder.isGuessing else { throw error }
                let refusal = error
                recorder = empty
                log.note("asked", refusal.rawValue, request.source)
                try ask(&recorder, besides: filesRead.files, refusal)
            }
            let recording = try keep(
                Compiled(outcome: outcome, dependencyFile: dependencyFile, filesRead: filesRead.files),
                object,
                miss,
                place,
                &recorder
            )
            note(.miss, miss.reason, miss.key, recording.result, outcome.duration)
        } catch {
            // Why it was not stored is why the next one will miss, too.
            note(.miss, error.rawValue, miss.key, nil, outcome.duration)
            if error == .storeRefused, settings.isStrict { Child.exitNow(1) }
        }
        Child.exitNow(0)
    }

    /// Records with the list of a second call, which only preprocesses: where no one can tell what else was read.
    private func ask(_ recorder: inout Recorder, besides files: [Word], _ refusal: Recorder.Refusal)
        throws(Recorder.Refusal)
    {
        // Its private files are gone when it has answered.
        guard
            let headers = CompilerRun(request, command: command, extraArguments: mappingArguments).headersInText()
        else { throw refusal }
        try recorder.record(FileList(files: files + headers, extent: .asked))
        for precompiled in recorder.precompiledHeaders {
            for header in headers where header != request.source {
                if !Recorder.isAsOld(precompiled, as: header) { throw .precompiledHeader }
            }
        }
    }

    private struct Compiled {
        var outcome: CompilerRun.Outcome
        var dependencyFile: [UInt8]?
        var filesRead: [Word]
    }

    /// Publishes result and manifest.
    private func keep(
        _ compiled: Compiled,
        _ made: borrowing CompilerRun.Object,
        _ miss: Miss,
        _ place: Place,
        _ recorder: inout Recorder
    ) throws(Recorder.Refusal) -> Manifest.Recording {
        guard made.isUnchanged else { throw .outputChanged }
        let streams = compiled.outcome.streams
        // gcc shows lines of the file that a directive names, which it reads for nothing else.
        if recorder.renamesLines, request.family == .gcc, !streams.error.isEmpty { throw .lineDirective }
        if !streams.output.isEmpty || !streams.error.isEmpty, let terminal = place.value(of: .terminal) {
            recorder.bind(.init(kind: .terminal, value: terminal))
        }
        var paths: [Word] = []
        var verbatim: [UInt8]?
        if let wanted = request.dependencies, let file = compiled.dependencyFile {
            paths = DependencyFile.dependencies(in: file) ?? []
            let ours = DependencyFile.text(
                request.family,
                targets: wanted.targets,
                dependencies: paths,
                phony: wanted.addsPhonyTargets
            )
            if ours != file, let form = place.value(of: .dependencyFile) {
                verbatim = file
                recorder.bind(.init(kind: .dependencyFile, value: form))
            }
        } else {
            paths = compiled.filesRead
        }
        if namesPlace(made.file, streams, place, recorder), let location = place.value(of: .place) {
            recorder.bind(.init(kind: .place, value: location))
        }
        let recording = recorder.finish(miss.key)
        do throws(StoreError) {
            try CompileResult.publish(
                recording.result,
                object: made.file,
                size: made.size,
                streams: streams,
                dependencies: paths.map { place.stored($0) },
                dependencyFile: verbatim,
                microseconds: compiled.outcome.duration / 1000,
                compresses: settings.compression == .zstd,
                in: store
            )
            // Somebody may have written into the object while we read it.
            guard made.isUnchanged else {
                store.discard(recording.result)
                throw StoreError(.changed, at: Path(bytes: request.output))
            }
            CrashPoint.reach("published")
            var manifest = manifest(miss.key) ?? miss.manifest
            manifest.add(recording)
            let bytes = ManifestFormat.encode(manifest)
            try store.publish(
                miss.key,
                kind: EntryKind.manifest,
                parts: [NewPart("manifest", .bytes(bytes), codec: .stored)]
            )
        } catch {
            if settings.isStrict { Message.write("\(error)") }
            log.note("error", "not_stored", request.source, "\(error)")
            throw .storeRefused
        }
        return recording
    }

    /// True when the result is only right where it was made.
    private func namesPlace(
        _ object: borrowing Descriptor,
        _ streams: CapturedStreams,
        _ place: Place,
        _ recorder: Recorder
    ) -> Bool {
        guard !place.roots.paths.isEmpty else { return false }
        if recorder.namesDespiteMap || recorder.namesItself && recorder.readsByRoot { return true }
        guard (try? object.seek(to: 0)) != nil, let bytes = try? object.readAll(expected: 1 << 20, limit: 64 << 20),
            bytes.count < 64 << 20
        else { return true }
        if ObjectFile.hasCompressedSections(bytes) { return true }
        return [bytes, streams.output, streams.error].contains { text in
            text.withUnsafeBytes { place.roots.occur(in: $0) }
        }
    }

    /// What a base directory adds to the command: it is replaced in everything that the compiler writes.
    private var mappingArguments: [Word] {
        guard let base = settings.baseDirectory else { return [] }
        return [Word("-ffile-prefix-map=") + Word(base.bytes) + Word("=.")]
    }

    // MARK: - Ending

    private func end(
        after run: consuming CompilerRun,
        _ outcome: CompilerRun.Outcome,
        _ miss: Miss,
        _ fallback: Fallback
    ) -> Never {
        if !outcome.ending.isBySignal { run.settleFailure() }
        guard outcome.streams.replay() || outcome.ending.isBySignal else { leave(run, fallback) }
        note(.miss, "compile_failed", miss.key, nil, outcome.duration)
        finish(run, outcome.ending)
    }

    /// Removes what is ours before the process ends, which no `deinit` would outlive.
    private func finish(_ run: consuming CompilerRun, _ ending: Ending) -> Never {
        run.remove()
        Child.end(as: ending)
    }

    private func leave(_ run: consuming CompilerRun, _ fallback: Fallback) -> Never {
        run.remove()
        fallback.run()
    }

    private var label: String { String(decoding: request.source.lastComponent, as: UTF8.self) }

    private var session: String? { Environment.text("LARDER_SESSION") }

    private func note(
        _ kind: Event.Kind,
        _ cause: String,
        _ manifest: EntryKey? = nil,
        _ result: EntryKey? = nil,
        _ nanoseconds: Int64 = 0
    ) {
        log.note(kind.rawValue, cause, request.source)
        guard !settings.isReadOnly else { return }
        journal.record(
            Event(
                kind,
                cause: cause,
                manifest: manifest,
                entry: result,
                microseconds: nanoseconds / 1000,
                session: session,
                label: label
            )
        )
    }

    private func noteIngredients(_ key: KeyBuilder, _ digest: EntryKey) {
        for (label, value) in key.ingredients {
            let text = value.map { $0 == 0 ? UInt8(ascii: "@") : $0 }
            // A variable's value may be a secret; its name says enough here.
            let shown = label == "variable" ? Word(text.prefix { $0 != UInt8(ascii: "=") }) : Word(text)
            log.note("key", label, shown, digest.description)
        }
    }
}
