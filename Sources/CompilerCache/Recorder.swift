internal import Files
internal import LarderStore

/// Works out, after a compile, under which conditions its result holds.
struct Recorder {
    /// Why a result is not kept. The raw value reaches the journal: it never changes its meaning.
    enum Refusal: String, Error {
        case dependenciesUnknown = "dependencies_unknown"
        case inputUnreadable = "input_unreadable"
        case inputTooYoung = "input_too_young"
        case toolchainChanged = "toolchain_changed"
        case searchPathUnknown = "search_path_unknown"
        case timeMacro = "time_macro"
        case timestampMacro = "timestamp_macro"
        case assemblerInput = "assembler_input"
        case embed = "embed"
        case computedHasInclude = "computed_has_include"
        case precompiledHeader = "precompiled_header"
        case precompiledHeaderDirectory = "precompiled_header_directory"
        case outputChanged = "output_changed"
        case storeRefused = "store_refused"
    }

    let place: Place
    let toolchain: Toolchain
    let command: CompileCommand
    let store: EntryStore
    /// When the compiler was started, by the clock that stamps files.
    let started: Int64
    /// Files whose content was known before the compiler started, by path.
    let knownBefore: [Word: Toolchain.File]

    private(set) var recording = Manifest.Recording(result: EntryKey(digest: Digest.of([])))
    private var foreignDevices: [UInt64: Bool] = [:]
    private(set) var namesItself = false

    private var request: CompileRequest { place.request }

    init(
        place: Place, toolchain: Toolchain, command: CompileCommand, store: EntryStore, started: Int64,
        knownBefore: [Word: Toolchain.File]
    ) {
        self.place = place
        self.toolchain = toolchain
        self.command = command
        self.store = store
        self.started = started
        self.knownBefore = knownBefore
    }

    /// Precompiled headers that gcc may have taken. They are recorded; what is in them is not known.
    private(set) var precompiledHeaders: Set<Word> = []

    /// Records everything that the compile read or looked for.
    ///
    /// - Parameter dependencies: the files that the compiler says it read, as it writes them.
    mutating func record(dependencies: [Word]) throws(Refusal) {
        for file in toolchain.files {
            recording.files.append(
                (place.stored(file.path), .content, file.identity.size, file.digest, trusted(file.identity, file.path)))
        }
        if toolchain.findsAssembler, let assembler = Place.assembler {
            recording.conditions.append(.init(kind: .program, value: assembler))
        }
        var paths: [Word] = []
        var seen: Set<Word> = []
        for path in [request.source] + dependencies + request.inputs where seen.insert(path).inserted { paths.append(path) }

        var contents: [(path: Word, bytes: [UInt8])] = []
        var ids: Set<HeaderSearch.FileID> = []
        for path in paths {
            let (bytes, identity) = try read(path)
            ids.insert(.init(identity))
            // What is compiled already has no text; the headers that it was made from are in the list as well.
            let isCompiled = request.family == .gcc && CompilerRun.isPrecompiled(path)
            if !request.inputs.contains(path), !isCompiled { contents.append((path, bytes)) }
        }
        try search(contents, ids)
    }

    /// Reads one input, makes sure that it is what the compiler read, and records it.
    private mutating func read(_ path: Word) throws(Refusal) -> ([UInt8], FileIdentity) {
        guard let file = try? Descriptor(opening: Path(bytes: path), openForReading), let before = try? file.status(),
            before.kind == .regular, let bytes = try? file.readAll(expected: before.size),
            let after = try? file.status(), after.identity == before.identity, bytes.count == before.size
        else { throw .inputUnreadable }
        let digest = Digest.of(bytes)
        if !after.identity.isSettled(before: started) {
            guard let known = knownBefore[path], known.identity == after.identity, known.digest == digest else {
                throw .inputTooYoung
            }
        }
        recording.files.append(
            (place.stored(path), .content, after.identity.size, digest, trusted(after.identity, path)))
        return (bytes, after.identity)
    }

    /// The identity, unless it proves nothing on the file system where it is.
    private mutating func trusted(_ identity: FileIdentity, _ path: Word) -> FileIdentity? {
        guard identity.isSettled(before: started) else { return nil }
        let isForeign: Bool
        if let known = foreignDevices[identity.device] {
            isForeign = known
        } else {
            isForeign = place.isForeign(identity.device, Path(bytes: path))
            foreignDevices[identity.device] = isForeign
        }
        return isForeign ? nil : identity
    }

    // MARK: - What is said in the files

    private mutating func search(_ contents: [(path: Word, bytes: [UInt8])], _ ids: Set<HeaderSearch.FileID>) throws(Refusal) {
        let isAssembler = request.language == .assembler
        let isPreprocessed = request.language == .preprocessedC || request.language == .preprocessedCxx
        let searchPath = isPreprocessed
            ? SearchPath(directories: [], missing: [])
            : SearchPath.load(
                for: request, command: command, environment: place.environment, toolchain: toolchain, from: store,
                isReadOnly: false)
        guard let searchPath else { throw .searchPathUnknown }
        var search = HeaderSearch(request: request, searchPath: searchPath, filesRead: ids, started: started)
        var scans = contents.map { SourceScan($0.bytes, isAssembler: isAssembler) }
        let macros = scans.reduce(into: Set<Word>()) { $0.formUnion($1.questionMacros) }
        if !macros.isEmpty {
            scans = contents.map { SourceScan($0.bytes, isAssembler: isAssembler, questionMacros: macros) }
        }
        for (content, scan) in zip(contents, scans) {
            if scan.embeds { throw .embed }
            if scan.usesAssemblerInput { throw .assemblerInput }
            if scan.asksForComputedHeader { throw .computedHasInclude }
            // Preprocessed text has its dates already.
            if scan.usesTimestamp, !isPreprocessed { throw .timestampMacro }
            if scan.usesDate, !isPreprocessed { try noteDate() }
            // What lies outside of every root is the same for all checkouts.
            let mark = place.roots.split(content.path).mark
            if scan.namesItself, mark != 0, !CheckoutRoots.isMapped(mark) { namesItself = true }
            if !isPreprocessed { search.follow(scan, in: content.path, isSource: content.path == request.source) }
        }
        let arguments = SourceScan(Word(request.words.joined(separator: [10])), isAssembler: true)
        if arguments.usesTimestamp { throw .timestampMacro }
        if arguments.usesDate { try noteDate() }
        if arguments.embeds { throw .embed }
        if arguments.asksForComputedHeader { throw .computedHasInclude }
        if !isPreprocessed {
            for header in request.forcedIncludes { search.followForced(header) }
            if request.family == .gcc { search.followImplicit("stdc-predef.h") }
            for path in search.unlisted.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                let scan = SourceScan(try read(path).0, isAssembler: isAssembler)
                if scan.embeds || scan.usesAssemblerInput || scan.asksForComputedHeader || scan.usesTimestamp || scan.usesDate {
                    throw .dependenciesUnknown
                }
                search.follow(scan, in: path, isSource: false)
            }
        }
        try take(search)
    }

    private mutating func noteDate() throws(Refusal) {
        guard let epoch = place.value(of: .epoch), CompilerQuestion.obeysEpoch(place.command, place.request.family) else {
            throw .timeMacro
        }
        bind(.init(kind: .epoch, value: epoch))
    }

    /// Adds a condition, once.
    mutating func bind(_ condition: Manifest.Condition) {
        if !recording.conditions.contains(condition) { recording.conditions.append(condition) }
    }

    private mutating func take(_ search: HeaderSearch) throws(Refusal) {
        precompiledHeaders = search.precompiledHeaders
        if search.isDisturbed { throw .inputTooYoung }
        for path in search.precompiledHeaders.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard FileStatus.of(Path(bytes: path))?.kind == .regular else { throw .precompiledHeaderDirectory }
            _ = try read(path)
        }
        for path in search.present.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            recording.files.append((place.stored(path), .exists, 0, Digest.of([]), nil))
        }
        var absent = search.absent
        for file in toolchain.absentFiles { absent[file.directory, default: []].insert(file.name) }
        for (directory, names) in absent.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            // Something may have come between the compiler's look and ours.
            guard let status = FileStatus.of(Path(bytes: directory)) else { throw .inputTooYoung }
            let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
            recording.directories.append((place.stored(directory), sorted, trusted(status.identity, directory)))
        }
    }

    /// The key of the result: the request's key and everything that was recorded.
    mutating func finish(_ manifest: EntryKey) -> Manifest.Recording {
        var key = KeyBuilder(domain: "compile-result-1")
        key.add("manifest", manifest.digest.bytes)
        for file in recording.files where file.expectation == .content {
            key.add("root", Int64(file.path.mark))
            key.add("path", file.path.text)
            key.add("digest", file.digest.bytes)
        }
        for condition in recording.conditions {
            key.add("condition", Int64(condition.kind.rawValue))
            key.add("value", condition.value.bytes)
        }
        recording.result = key.finish()
        return recording
    }
}
