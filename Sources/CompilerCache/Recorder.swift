internal import Files
internal import LarderStore

/// Works out, after a compile, under which conditions its result holds.
struct Recorder {
    /// Why a result is not kept.
    ///
    /// The raw value reaches the journal: it never changes its meaning.
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
        case obscureSource = "obscure_source"
        case twinHeaders = "twin_headers"
        case lineDirective = "line_directive"
        case storeRefused = "store_refused"
    }

    let place: Place
    let toolchain: Toolchain
    let command: CompileCommand
    /// What a wrapper said it would run.
    let plan: [UInt8]?
    /// Where the compiler searches by itself; nil when it did not say.
    let searchPath: SearchPath?
    /// When the compiler was started, by the clock that stamps files.
    let started: Int64
    /// Files whose content was known before the compiler started, by path.
    let knownBefore: [Word: Toolchain.File]
    /// What a process that records many compiles remembers of their inputs.
    let memo: InputMemo?
    let namesBefore: NamesBefore

    private(set) var recording = Manifest.Recording(result: EntryKey(digest: Digest.of([])))
    private var foreignDevices: [UInt64: Bool] = [:]
    private(set) var namesItself = false
    /// True when diagnostics may show lines of files that were not compiled.
    private(set) var renamesLines = false
    /// Whether each directory and link on the way to an input has stayed where it was.
    private var steadiness: [Word: Bool] = [:]

    private var request: CompileRequest { place.request }

    init(
        place: Place,
        toolchain: Toolchain,
        command: CompileCommand,
        plan: [UInt8]?,
        searchPath: SearchPath?,
        started: Int64,
        knownBefore: [Word: Toolchain.File],
        memo: InputMemo?,
        namesBefore: NamesBefore
    ) {
        self.place = place
        self.toolchain = toolchain
        self.command = command
        self.plan = plan
        self.searchPath = searchPath
        self.started = started
        self.knownBefore = knownBefore
        self.memo = memo
        self.namesBefore = namesBefore
    }

    /// True when the result may name its file in a way that no prefix map reaches.
    private(set) var namesDespiteMap = false
    /// True when a root is there only because a map, or the base directory, replaces it.
    private var isMapped: Bool { place.roots.hasMapped }

    /// True when a file was read under a name that holds a root and is not mapped to something else.
    var readsByRoot: Bool {
        recording.files.contains { $0.path.mark != 0 && !CheckoutRoots.isMapped($0.path.mark) }
    }

    /// Precompiled headers that gcc may have taken.
    ///
    /// They are recorded; what is in them is not known.
    private(set) var precompiledHeaders: Set<Word> = []

    /// Records everything that the compile read or looked for.
    ///
    /// - Parameter dependencies: the files that the compiler says it read, as it writes them.
    mutating func record(dependencies: [Word]) throws(Refusal) {
        for file in toolchain.files {
            // It was looked at before the compile; this process may have waited for another one since.
            guard FileStatus.of(Path(bytes: file.path))?.identity == file.identity else { throw .toolchainChanged }
            recording.files.append(
                (place.stored(file.path), .content, file.identity.size, file.digest, trusted(file.identity, file.path))
            )
        }
        if toolchain.findsAssembler, let assembler = place.value(of: .program) {
            recording.conditions.append(.init(kind: .program, value: assembler))
        }
        var paths: [Word] = []
        var seen: Set<Word> = []
        for path in [request.source] + dependencies + request.inputs where seen.insert(path).inserted {
            paths.append(path)
        }

        var contents: [Content] = []
        for path in paths { contents.append(try read(path, scans: !request.inputs.contains(path))) }
        try search(contents)
    }

    private struct Content {
        var path: Word
        var identity: FileIdentity
        var digest: Digest
        /// Nil for what is no source.
        ///
        /// The bytes are not kept: megabytes of fresh memory cost more than scanning them.
        var scan: SourceScan?
    }

    /// How a source is read.
    private var dialect: InputMemo.Dialect {
        .init(isAssembler: request.language == .assembler, hasRawStrings: request.hasRawStrings)
    }

    /// Reads one input, makes sure that it is what the compiler read, and records it.
    private mutating func read(_ path: Word, scans: Bool) throws(Refusal) -> Content {
        let content: Content
        if let known = known(path, scans: scans) {
            content = known
        } else {
            content = try self.content(of: path, scans: scans)
        }
        guard isSteady(path) else { throw .inputTooYoung }
        if !content.identity.isSettled(before: started) {
            guard let known = knownBefore[path], known.identity == content.identity, known.digest == content.digest
            else { throw .inputTooYoung }
        }
        recording.files.append(
            (place.stored(path), .content, content.identity.size, content.digest, trusted(content.identity, path))
        )
        return content
    }

    /// What is remembered of a file that has not changed since.
    private func known(_ path: Word, scans: Bool) -> Content? {
        guard let memo, let status = FileStatus.of(Path(bytes: path)), status.kind == .regular,
            let input = memo.input(status.identity, scans ? dialect : nil)
        else { return nil }
        return Content(path: path, identity: status.identity, digest: input.digest, scan: input.scan)
    }

    private func content(of path: Word, scans: Bool) throws(Refusal) -> Content {
        guard let file = try? Descriptor(opening: Path(bytes: path), openForReading), let before = try? file.status(),
            before.kind == .regular, let bytes = try? file.readAll(expected: before.size),
            let after = try? file.status(), after.identity == before.identity, bytes.count == before.size
        else { throw .inputUnreadable }
        let isText = scans && !Self.isPrecompiled(bytes)
        let content = Content(
            path: path,
            identity: after.identity,
            digest: Digest.of(bytes),
            scan: isText ? scan(bytes) : nil
        )
        if let memo, content.identity.isSettled(before: started),
            !place.isForeign(content.identity.device, Path(bytes: path))
        {
            memo.remember(
                .init(digest: content.digest, scan: content.scan),
                of: content.identity,
                scans ? dialect : nil,
                length: bytes.count
            )
        }
        return content
    }

    /// False when a link or a directory on the way to `path` was put there since the compiler was started: then it may
    /// have read another file, though this one is old.
    private mutating func isSteady(_ path: Word) -> Bool {
        if let known = steadiness[path] { return known }
        var isSteady = true
        if let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 {
            isSteady = self.isSteady(Word(path[..<slash]))
        }
        if isSteady, let status = FileStatus.ofLink(Path(bytes: path)) {
            let isOld = status.identity.isSettled(before: started)
            isSteady =
                switch status.kind {
                case .symbolicLink:
                    isOld && (Directory.realPath(Path(bytes: path)).map { self.isSteady(Word($0.bytes)) } ?? true)
                // An entry that comes or goes changes both times of a directory; a directory that moves, only one.
                case .directory: isOld || status.identity.changed == status.identity.modified
                case .regular, .other: true
                }
        }
        steadiness[path] = isSteady
        return isSteady
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

    private mutating func search(_ contents: [Content]) throws(Refusal) {
        let isPreprocessed = request.language == .preprocessedC || request.language == .preprocessedCxx
        let searchPath = isPreprocessed ? SearchPath(directories: [], missing: []) : searchPath
        guard let searchPath else { throw .searchPathUnknown }
        var search = HeaderSearch(
            request: request,
            searchPath: searchPath,
            filesRead: Set(contents.map { .init($0.identity) }),
            pathsRead: contents.map(\.path),
            environment: place.environment,
            started: started
        )
        if request.family == .gcc, search.hidesAlias { throw .obscureSource }
        let texts = contents.filter { $0.scan != nil }
        let scans = try scans(of: texts)
        for (content, scan) in zip(texts, scans) {
            if scan.embeds { throw .embed }
            if scan.usesAssemblerInput { throw .assemblerInput }
            if scan.asksForComputedHeader { throw .computedHasInclude }
            if scan.hasTrigraphs { throw .obscureSource }
            if request.family == .clang {
                if scan.mentionsAssemblerInput { throw .assemblerInput }
                if scan.hasLoneReturn || scan.offloads && request.usesOpenMP { throw .obscureSource }
            }
            if scan.separatesDigits, request.language == .c || request.language == .objectiveC { throw .obscureSource }
            if scan.renamesLines { renamesLines = true }
            if isPreprocessed {
                // gcc is done with directives and dates by now; clang reads them again.
                if request.family == .clang, scan.usesDate || scan.usesTimestamp { throw .timeMacro }
                if request.family == .clang, scan.computesInclusion || !scan.inclusions.isEmpty { throw .obscureSource }
                continue
            }
            if scan.usesTimestamp { throw .timestampMacro }
            if scan.usesDate { try noteDate() }
            if scan.namesItself, !isSameEverywhere(content.path) { namesItself = true }
            if scan.namesFunction { noteFunctionName() }
            search.follow(scan, in: content.path, isSource: content.path == request.source)
        }
        try scanArguments()
        if !isPreprocessed {
            var all = scans + [SourceScan(definitions, isAssembler: true)]
            for header in request.forcedIncludes { search.followForced(header) }
            if request.family == .gcc { search.followImplicit("stdc-predef.h") }
            for path in search.unlisted.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                guard let scan = try read(path, scans: true).scan else { throw .dependenciesUnknown }
                if scan.embeds || scan.usesAssemblerInput || scan.asksForComputedHeader || scan.usesTimestamp
                    || scan.usesDate
                {
                    throw .dependenciesUnknown
                }
                search.follow(scan, in: path, isSource: false)
                all.append(scan)
            }
            try checkPasting(all)
            try followComputed(texts, scans, &search)
        }
        if request.family == .gcc, scans.contains(where: \.isOnce) { try refuseTwins(contents, search.unread) }
        try take(search)
    }

    /// True for a precompiled header of gcc or clang.
    private static func isPrecompiled(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "gpch".utf8) || bytes.starts(with: "CPCH".utf8)
    }

    private func scan(_ bytes: [UInt8], questionMacros: Set<Word> = []) -> SourceScan {
        SourceScan(
            bytes,
            isAssembler: dialect.isAssembler,
            hasRawStrings: dialect.hasRawStrings,
            questionMacros: questionMacros
        )
    }

    /// The scans of all files; where one of them defines another spelling of a question, all files are asked for it.
    private func scans(of texts: [Content]) throws(Refusal) -> [SourceScan] {
        let scans = texts.compactMap(\.scan)
        let macros = scans.reduce(into: Set<Word>()) { $0.formUnion($1.questionMacros) }
        if macros.isEmpty { return scans }
        var again: [SourceScan] = []
        for text in texts {
            guard let file = try? Descriptor(opening: Path(bytes: text.path), openForReading),
                let bytes = try? file.readAll(expected: Int(text.identity.size)), Digest.of(bytes) == text.digest
            else { throw .inputTooYoung }
            again.append(scan(bytes, questionMacros: macros))
        }
        return again
    }

    /// Macros of the command line, or of a wrapper's, mean what they say in every file.
    private mutating func scanArguments() throws(Refusal) {
        let arguments = SourceScan(Word(request.words.joined(separator: [10])) + [10] + (plan ?? []), isAssembler: true)
        if arguments.usesTimestamp { throw .timestampMacro }
        if arguments.usesDate { try noteDate() }
        if arguments.embeds { throw .embed }
        if arguments.asksForComputedHeader || arguments.inclusions.contains(where: \.isQuestion) {
            throw .computedHasInclude
        }
    }

    /// The macros that the command line, or a wrapper's, defines: a line for each.
    private var definitions: [UInt8] {
        var lines: [UInt8] = []
        var isValue = false
        let wrapped = (plan ?? []).split(separator: 32).map { $0.first == UInt8(ascii: "\"") ? $0.dropFirst() : $0 }
        for word in request.words + wrapped.map(Word.init) {
            if isValue || word.hasPrefix("-D") || word.hasPrefix("-Wp,") { lines += word + [10] }
            isValue = word.equals("-D")
        }
        return lines
    }

    /// Takes a name that could be put together from parts for one that is used.
    private mutating func checkPasting(_ scans: [SourceScan]) throws(Refusal) {
        var pasted = PastedNames()
        for scan in scans { pasted.formUnion(scan.pasted) }
        for name in pasted.possible {
            if name.equals("__TIMESTAMP__") { throw .timestampMacro }
            if name.equals("__has_embed") { throw .embed }
            if name.hasPrefix("__has_include") { throw .computedHasInclude }
            if name.hasSuffix("FILE__") {
                namesItself = true
            } else if name.hasSuffix("FUNCTION__") {
                namesItself = true
                noteFunctionName()
            } else {
                try noteDate()
            }
        }
    }

    /// clang's names of lambdas hold the path of their file, as it was before it is mapped.
    private mutating func noteFunctionName() {
        if request.family == .clang, !request.prefixMaps.isEmpty || isMapped { namesDespiteMap = true }
    }

    /// True for the headers that come with compilers and name their reader only to say where an assertion failed.
    private func isSameEverywhere(_ path: Word) -> Bool {
        let mark = place.roots.split(path).mark
        guard mark == 0 else { return CheckoutRoots.isMapped(mark) }
        return path.lastComponent.elementsEqual("assert.h".utf8) || path.firstIndex(of: Word("/c++/")) != nil
    }

    /// Follows the headers whose names are made by macros, as far as what was read gives them away.
    private mutating func followComputed(
        _ texts: [Content],
        _ scans: [SourceScan],
        _ search: inout HeaderSearch
    ) throws(Refusal) {
        var owners: Set<Word> = []
        let named = scans.reduce(into: Set<SourceScan.Inclusion>()) { $0.formUnion($1.headerMacros) }
            .filter { macro in texts.contains { $0.path.suffix(macro.name.count).elementsEqual(macro.name) } }
        let followed = SourceScan.followed(named)
        for (content, scan) in zip(texts, scans) where scan.computesInclusion {
            search.follow(followed, in: content.path, isSource: content.path == request.source)
            owners.insert(content.path.lastIndex(of: UInt8(ascii: "/")).map { Word(content.path[..<$0]) } ?? [])
        }
        for content in texts where content.path != request.source && !request.forcedIncludes.contains(content.path) {
            // The headers inside of a precompiled one were searched when it was made.
            if !search.explain(content.path, content.identity, from: owners), !request.usesPrecompiledHeader {
                throw .obscureSource
            }
        }
    }

    /// gcc takes a file that is to be read once for another one of the same content and time, and leaves it out of
    /// its list.
    ///
    /// What it will take for the same tomorrow is up to the times of both.
    private func refuseTwins(_ contents: [Content], _ unread: Set<Word>) throws(Refusal) {
        var known: [Int64: [(digest: Digest, id: HeaderSearch.FileID)]] = [:]
        for content in contents where content.identity.size > 0 {
            let id = HeaderSearch.FileID(content.identity)
            if known[content.identity.size, default: []].contains(where: { $0.digest == content.digest && $0.id != id })
            {
                throw .twinHeaders
            }
            known[content.identity.size, default: []].append((content.digest, id))
        }
        for path in unread {
            guard let status = FileStatus.of(Path(bytes: path)), let same = known[status.identity.size] else {
                continue
            }
            guard let file = ToolchainProbe.file(at: path), !same.contains(where: { $0.digest == file.digest }) else {
                throw .twinHeaders
            }
        }
    }

    private mutating func noteDate() throws(Refusal) {
        // A wrapper may set its own.
        guard !toolchain.isWrapper, let epoch = place.value(of: .epoch),
            CompilerQuestion.obeysEpoch(place.command, place.request.family)
        else { throw .timeMacro }
        bind(.init(kind: .epoch, value: epoch))
    }

    /// Adds a condition, once.
    mutating func bind(_ condition: Manifest.Condition) {
        if !recording.conditions.contains(condition) { recording.conditions.append(condition) }
    }

    private mutating func take(_ search: HeaderSearch) throws(Refusal) {
        precompiledHeaders = search.precompiledHeaders
        if search.isDisturbed { throw .inputTooYoung }
        for path in search.unread where !isSteady(path) { throw .inputTooYoung }
        if request.family == .gcc, !search.denied.allSatisfy(hasLostNone) { throw .inputTooYoung }
        for directory in search.absent.keys where !isSteady(directory) { throw .inputTooYoung }
        for path in search.precompiledHeaders.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard FileStatus.of(Path(bytes: path))?.kind == .regular else { throw .precompiledHeaderDirectory }
            _ = try read(path, scans: false)
        }
        for path in search.aliases.sorted(by: { $0.lexicographicallyPrecedes($1) }) { _ = try read(path, scans: false) }
        for path in search.directoriesInTheWay.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            recording.files.append((place.stored(path), .directory, 0, Digest.of([]), nil))
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

    /// True when none of the names can have been removed from the directory since the compiler was started.
    private func hasLostNone(_ directory: Word, _ names: Set<Word>) -> Bool {
        if let status = FileStatus.of(Path(bytes: directory)), status.identity.isSettled(before: started) {
            return true
        }
        return names.allSatisfy { namesBefore.isWithout($0, in: directory) }
    }

    /// The key of the result: the request's key and everything that was recorded.
    ///
    /// Also what is absent, and what is only there: a result that replaced one of another state would be given out for
    /// that one until the manifest says otherwise, and a process that is killed in between never says so.
    mutating func finish(_ manifest: EntryKey) -> Manifest.Recording {
        var key = KeyBuilder(domain: "compile-result-2")
        key.add("manifest", manifest.digest.bytes)
        for file in recording.files {
            key.add("expectation", Int64(file.expectation.rawValue))
            key.add("root", Int64(file.path.mark))
            key.add("path", file.path.text)
            key.add("digest", file.digest.bytes)
        }
        for directory in recording.directories {
            key.add("root", Int64(directory.path.mark))
            key.add("directory", directory.path.text)
            for name in directory.absentNames { key.add("absent", name) }
        }
        for condition in recording.conditions {
            key.add("condition", Int64(condition.kind.rawValue))
            key.add("value", condition.value.bytes)
        }
        recording.result = key.finish()
        return recording
    }
}
