internal import Files
internal import LarderStore
internal import Trace

/// The result of a compile on its way into the cache: all that has to be known once the compiler has ended, so that this
/// process or another one can find out under which conditions it holds, and keep it.
struct Publication {
    let request: CompileRequest
    let context: CompileContext
    let toolchain: Toolchain
    /// Nil where the compiler did not say where it searches.
    var searchPath: SearchPath?
    /// When the compiler was started, by the clock that stamps files.
    let started: Int64
    /// The source as it was before that; nil where it could not be read.
    let source: Toolchain.File?
    let namesBefore: NamesBefore
    /// What the request's manifest is found under.
    let manifest: EntryKey
    let streams: CapturedStreams
    /// As the compiler wrote it, where the user wants one.
    let dependencyFile: [UInt8]?
    /// Nil where the compiler did not say.
    let filesRead: FileList?
    let assemblerReadMore: Bool
    /// What the compiler took, in nanoseconds.
    let duration: Int64
    let compresses: Bool
    let choices: Recorder.Choices

    /// False where a path means another file to every process that looks it up, as what is below /proc/self and /dev/fd.
    var isSameForOthers: Bool {
        let texts = request.words + context.environment.keyed + (filesRead?.files ?? []) + [request.source]
        return !texts.contains { $0.firstIndex(of: Word("/proc/")) != nil || Self.namesDevice($0) }
    }

    /// True where something below /dev is named, but for a file in the memory that all processes share.
    private static func namesDevice(_ text: Word) -> Bool {
        let shared = Word("/dev/shm/")
        var start = 0
        while let context = text.firstIndex(of: Word("/dev/"), from: start) {
            // Two dots may lead out of it again.
            guard Word(text[context...]).hasPrefix("/dev/shm/"), text.firstIndex(of: Word("..")) == nil else {
                return true
            }
            start = context + shared.count
        }
        return false
    }

    /// Publishes result and manifest.
    ///
    /// - Parameters:
    ///   - report: hears why the store did not take it.
    ///   - subject: becomes what a refusal is about, where that is a file.
    ///   - trace: what the compile was seen to do; nil where nobody has looked.
    ///   - ask: asks the compiler what it would read without precompiled headers, because of something that nobody else
    ///     can tell; nil when it does not say.
    func keep(
        _ object: borrowing CompiledObject,
        _ trace: borrowing CompileTrace?,
        in store: EntryStore,
        memo: InputMemo? = nil,
        subject: inout Word,
        report: (StoreError) -> Void,
        ask: (Recorder.Refusal) -> [Word]?
    ) throws(Recorder.Refusal) -> EntryKey {
        if request.front == .emscripten, EmscriptenCommand.hasFilledCache(streams.error) { throw .cacheFilled }
        guard let filesRead else { throw .dependenciesUnknown }
        let empty = Recorder(
            request: request,
            context: context,
            toolchain: toolchain,
            searchPath: searchPath,
            started: started,
            knownBefore: source.map { [request.source: $0] } ?? [:],
            memo: memo,
            namesBefore: namesBefore,
            choices: choices
        )
        var recorder = empty
        do throws(Recorder.Refusal) {
            if assemblerReadMore { throw .assemblerInput }
            try recorder.record(filesRead)
            if showsOtherLines(recorder) { throw .lineDirective }
            if request.family == .clang, let opened = CompileTrace.filesOpened(trace, by: "clang") {
                try recorder.complete(opened.read)
                // emcc has a cache of its own.
                if request.front == nil, let output = opened.made.first(where: Self.isSideOutput) {
                    recorder.subject = output
                    throw .sideOutput
                }
            }
        } catch {
            subject = recorder.subject
            if error.isSeen, let accesses = accesses(trace) {
                var seeing = empty
                if (try? seeing.record(accesses)) != nil {
                    return try publish(object, filesRead.files, in: store, report, &seeing)
                }
            }
            // The compiler might wait for a FIFO that it has read already.
            guard recorder.isGuessing, error != .specialInput, let headers = ask(error) else { throw error }
            recorder = empty
            defer { subject = recorder.subject }
            try recorder.record(FileList(files: filesRead.files + headers, extent: .asked, inputs: filesRead.inputs))
            for precompiled in recorder.precompiledHeaders {
                for header in headers where header != request.source {
                    if !Recorder.isAsOld(precompiled, as: header) { throw .precompiledHeader }
                }
            }
        }
        return try publish(object, filesRead.files, in: store, report, &recorder)
    }

    /// True for a file that a compile has left beside what was asked of it, which has names of ours.
    private static func isSideOutput(_ path: Word) -> Bool {
        let path = Path(bytes: path)
        return Leftover.maker(ofTemporary: path.name) == nil && FileStatus.of(path)?.kind == .regular
    }

    private func accesses(_ trace: borrowing CompileTrace?) -> Accesses? {
        CompileTrace.accesses(
            trace,
            since: started,
            libraries: context.environment.libraryPathOfLoader,
            trustsClock: choices.ignoresTimes
        )
    }

    private func publish(
        _ object: borrowing CompiledObject,
        _ filesRead: [Word],
        in store: EntryStore,
        _ report: (StoreError) -> Void,
        _ recorder: inout Recorder
    ) throws(Recorder.Refusal) -> EntryKey {
        guard object.isUnchanged else { throw .outputChanged }
        if showsOtherLines(recorder) { throw .lineDirective }
        if !streams.output.isEmpty || !streams.error.isEmpty, let terminal = context.value(of: .terminal) {
            recorder.bind(.init(kind: .terminal, value: terminal))
        }
        let (paths, verbatim) = dependencies(filesRead, &recorder)
        let marked = marked(recorder)
        let (content, namesPlace) = try look(into: object, recorder, areStreamsMarked: marked != nil)
        if namesPlace || recorder.holdsHereOnly, let location = context.value(of: .place) {
            recorder.bind(.init(kind: .place, value: location))
        }
        recorder.recording.seal(under: manifest)
        let recording = recorder.recording
        do throws(StoreError) {
            try CompileResult.publish(
                recording.result,
                object: content,
                origin: object.file.raw,
                checksum: object.checksum,
                streams: marked ?? streams,
                areMarked: marked != nil,
                dependencies: paths.map { context.stored($0) },
                dependencyFile: verbatim,
                microseconds: duration / 1000,
                compresses: compresses,
                in: store
            )
            // Somebody may have written into the object while we read it.
            guard object.isUnchanged else {
                store.discard(recording.result)
                throw StoreError(.changed, at: Path(bytes: request.output))
            }
            CrashPoint.reach("published")
            try Manifest.add(recording, to: manifest, in: store)
        } catch {
            report(error)
            throw error.code == .changed ? .outputChanged : .storeRefused
        }
        return recording.result
    }

    /// True where gcc may have shown lines of the file that a directive names, which it reads for nothing else.
    private func showsOtherLines(_ recorder: Recorder) -> Bool {
        recorder.renamesLines && request.family == .gcc && !streams.error.isEmpty
    }

    /// What the dependency file names; and the file itself where ours would not be the same.
    private func dependencies(_ filesRead: [Word], _ recorder: inout Recorder) -> (paths: [Word], verbatim: [UInt8]?) {
        guard let wanted = request.dependencies, let file = dependencyFile else { return (filesRead, nil) }
        let paths = DependencyFile.dependencies(in: file) ?? []
        let ours = DependencyFile.text(
            request.family,
            targets: wanted.targets,
            dependencies: paths,
            phony: wanted.addsPhonyTargets
        )
        guard ours != file, let form = context.value(of: .dependencyFile) else { return (paths, nil) }
        recorder.bind(.init(kind: .dependencyFile, value: form))
        return (paths, file)
    }

    /// The object, to be stored, and whether the result is only right where it was made.
    private func look(
        into object: borrowing CompiledObject,
        _ recorder: Recorder,
        areStreamsMarked: Bool
    ) throws(Recorder.Refusal) -> (NewPart.Content, Bool) {
        let file = NewPart.Content.file(descriptor: object.file.raw, length: object.size)
        // One that another process was told about is held against what that process saw.
        guard !context.roots.paths.isEmpty else { return (file, false) }
        guard object.size < CompiledObject.searchLimit, let bytes = object.bytes() else {
            if object.checksum != nil { throw .outputChanged }
            return (file, true)
        }
        if let checksum = object.checksum, bytes.withUnsafeBytes({ Checksum(of: $0) }) != checksum {
            throw .outputChanged
        }
        // Searched and kept are the same bytes.
        return (object.checksum == nil ? file : .bytes(bytes), namesPlace(bytes, recorder, areStreamsMarked))
    }

    /// What the compiler said with the roots marked; nil where it does not name them, or they cannot be marked.
    private func marked(_ recorder: Recorder) -> CapturedStreams? {
        guard streams.error.withUnsafeBytes({ context.roots.occur(in: $0) }), !recorder.holdsHereOnly,
            let error = MarkedDiagnostics.of(streams.error, request, recorder)
        else { return nil }
        return CapturedStreams(output: streams.output, error: error)
    }

    private func namesPlace(_ object: [UInt8], _ recorder: Recorder, _ areStreamsMarked: Bool) -> Bool {
        guard !context.roots.paths.isEmpty else { return false }
        if recorder.namesDespiteMap || recorder.namesItself && recorder.readsByRoot { return true }
        if ObjectFile.hidesText(object) { return true }
        if ObjectFile.cutsNames(object), object.withUnsafeBytes({ context.roots.beginIn($0) }) { return true }
        return ([object, streams.output] + (areStreamsMarked ? [] : [streams.error])).contains { text in
            text.withUnsafeBytes { context.roots.occur(in: $0) }
        }
    }
}
