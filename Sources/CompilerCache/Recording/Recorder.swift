internal import Files
internal import LarderStore

/// Works out, after a compile, under which conditions its result holds.
struct Recorder {
    let request: CompileRequest
    let context: CompileContext
    let toolchain: Toolchain
    /// Where the compiler searches by itself; nil when it did not say.
    let searchPath: SearchPath?
    /// When the compiler was started, by the clock that stamps files.
    let started: Int64
    /// Files whose content was known before the compiler started, by path.
    let knownBefore: [Word: Toolchain.File]
    /// What a process that records many compiles remembers of their inputs.
    let memo: InputMemo?
    let namesBefore: NamesBefore
    let choices: Choices

    /// What the user's settings say about recording.
    struct Choices {
        /// A result may hold the time of its making.
        var ignoresTimes = false
        /// The compiler ran behind a prefix command: gcc's assembler was not asked what it read.
        var isPrefixed = false
        /// No terminal's width decides where lines end.
        var marksDiagnostics = true
    }

    var recording = Manifest.Recording(result: EntryKey(digest: Digest.of([])))
    /// The file that is looked at: what a refusal is about.
    var subject: Word = []
    var trust = IdentityTrust()
    private(set) var namesItself = false
    /// Names of files, each with another name that means the same file or an equal one.
    var namesOfOneFile: Set<Word> = []
    /// True when the result holds only in the directory where it was made: the trace decided about it, or a text names a file of the
    /// checkout by its full path.
    var holdsHereOnly = false
    /// True when diagnostics may show lines of files that were not compiled.
    private(set) var renamesLines = false
    var takesTimeAsGiven = false
    var listing = FileList.Extent.all
    /// True while the recorder reads files that the compiler may not have read; before such a refusal the compiler is asked.
    var isGuessing = false
    /// Whether the ways to the inputs have stayed as they were.
    var steadiness: PathSteadiness

    init(
        request: CompileRequest,
        context: CompileContext,
        toolchain: Toolchain,
        searchPath: SearchPath?,
        started: Int64,
        knownBefore: [Word: Toolchain.File],
        memo: InputMemo?,
        namesBefore: NamesBefore,
        choices: Choices
    ) {
        self.request = request
        self.context = context
        self.toolchain = toolchain
        self.searchPath = searchPath
        self.started = started
        self.knownBefore = knownBefore
        self.memo = memo
        self.namesBefore = namesBefore
        self.choices = choices
        steadiness = PathSteadiness(since: started)
    }

    /// True when the object may contain the path of a file in a form that no prefix map replaces.
    private(set) var namesDespiteMap = false
    /// True when a root is there only because a map, or the base directory, replaces it.
    private var isMapped: Bool { context.roots.hasMapped }

    /// True when a file was read under a name that holds a root and is not mapped to something else.
    var readsByRoot: Bool {
        recording.files.contains { $0.path.mark != 0 && !CheckoutRoots.isMapped($0.path.mark) }
    }

    /// Precompiled headers that gcc may have taken.
    ///
    /// They are recorded; what is in them is not known.
    private(set) var precompiledHeaders: Set<Word> = []

    /// Records everything that the compile read or looked for.
    mutating func record(_ list: FileList) throws(Refusal) {
        listing = list.extent
        try recordToolchain()
        var paths: [Word] = []
        var seen: Set<Word> = []
        for path in [request.source] + list.files + list.inputs + request.inputs where seen.insert(path).inserted {
            paths.append(path)
        }

        var contents: [Content] = []
        for path in paths {
            subject = path
            let isText = !request.inputs.contains(path) && !list.inputs.contains(path)
            contents.append(try read(path, scans: isText))
            // The user's own one may lead to more headers of the system's.
            if listing == .traced, path.lastComponent.elementsEqual("stdc-predef.h".utf8) { listing = .user }
        }
        try search(contents)
    }

    /// Records the programs, which were known before they ran.
    mutating func recordToolchain() throws(Refusal) {
        for file in toolchain.files {
            subject = file.path
            // It was looked at before the compile; this process may have waited for another one since.
            guard FileStatus.of(Path(bytes: file.path))?.identity == file.identity else { throw .toolchainChanged }
            recording.files.append(
                (
                    context.stored(file.path), .content, file.identity.size, file.digest,
                    trusted(file.identity, file.path)
                )
            )
        }
        if toolchain.findsAssembler, let assembler = context.value(of: .program) {
            recording.conditions.append(.init(kind: .program, value: assembler))
        }
    }

    struct Content {
        var path: Word
        var identity: FileIdentity
        var digest: Digest
        /// Nil for what is no source.
        ///
        /// The bytes are not kept: megabytes of fresh memory cost more than scanning them.
        var scan: SourceScan?
    }

    // MARK: - What is said in the files

    private mutating func search(_ contents: [Content]) throws(Refusal) {
        let searchPath = isPreprocessed ? SearchPath() : searchPath
        guard let searchPath else { throw .searchPathUnknown }
        var search = HeaderSearch(
            request: request,
            searchPath: searchPath,
            filesRead: Set(contents.map { .init($0.identity) }),
            pathsRead: contents.map(\.path),
            started: started
        )
        search.isListed = listing != .user
        var texts = contents.filter { $0.scan != nil }
        var scans = try scans(of: texts)
        for (content, scan) in zip(texts, scans) {
            subject = content.path
            try check(scan, of: content)
            if !isPreprocessed { search.follow(scan, in: content.path, isSource: content.path == request.source) }
        }
        subject = []
        if !isPreprocessed { notePlaces(texts, scans) }
        try scanArguments()
        let definitions = SourceScan(definitions, isAssembler: true)
        if !isPreprocessed {
            try checkPasting(scans + [definitions])
            for header in request.forcedIncludes { search.followForced(header) }
            if listing == .traced { search.isListed = false }
            if request.family == .gcc { search.followImplicit("stdc-predef.h") }
            if listing != .asked { try close(&search, &texts, &scans, definitions) }
            // Where one of the texts may not have been read the compiler is asked.
            isGuessing = texts.count > contents.count
            try followNamed(texts, scans, from: 0, areQuestions: true, &search)
            isGuessing = false
            try followComputed(texts, scans, &search)
        }
        let said = scans + [definitions]
        if Self.computesDependency(said) { throw .timestampMacro }
        if request.family == .gcc {
            // A `_Pragma` marks the file in which its macro is used.
            let areAll =
                said.contains(where: \.imports)
                || said.contains(where: \.usesPragmaOperator) && said.contains(where: \.saysOnce)
                || said.contains(where: \.computesPragma) && said.contains(where: \.pasted.pastes)
            let once = zip(texts, scans).filter { areAll || $1.isOnce }.map(\.0)
            if !once.isEmpty { try refuseTwins(once, search.unread.subtracting(texts.map(\.path))) }
        }
        noteNamesOfOneFile(search.aliases, texts)
        try take(&search)
    }

    var isPreprocessed: Bool {
        request.language == .preprocessedC || request.language == .preprocessedCxx
    }

    /// Refuses what nobody could tell the conditions of, and notes what a text says about dates and places.
    mutating func check(_ scan: SourceScan, of content: Content) throws(Refusal) {
        if scan.embeds { throw .embed }
        if scan.usesAssemblerInput { throw .assemblerInput }
        if scan.asksForComputedHeader { throw .computedHasInclude }
        if scan.hasTrigraphs { throw .obscureSource }
        if request.family == .clang || choices.isPrefixed, scan.mentionsAssemblerInput { throw .assemblerInput }
        if scan.hasLoneReturn || scan.dividesNames { throw .obscureSource }
        if request.family == .clang, scan.mayHoldRawString || scan.offloads && request.usesOpenMP {
            throw .obscureSource
        }
        if scan.separatesDigits, !request.separatesDigits { throw .obscureSource }
        if scan.renamesLines { renamesLines = true }
        if isPreprocessed {
            // gcc is done with directives and dates by now; clang reads them again.
            let usesTimes = scan.usesDate || scan.usesTime || scan.usesTimestamp
            if request.family == .clang, usesTimes, !choices.ignoresTimes { throw .timeMacro }
            if request.family == .clang, scan.comparesTimes { throw .timestampMacro }
            if request.family == .clang,
                scan.computesInclusion || !scan.inclusions.isEmpty || !scan.namedInclusions.isEmpty
            {
                throw .obscureSource
            }
            return
        }
        try noteTimes(scan)
        if scan.namesItself, !isSameEverywhere(content.path) { namesItself = true }
        if scan.namesFunction, !isForAssertions(content.path) { noteFunctionName() }
    }

    /// True for a precompiled header of gcc or clang.
    static func isPrecompiled(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "gpch".utf8) || bytes.starts(with: "CPCH".utf8)
    }

    func scan(_ bytes: [UInt8], questionMacros: Set<Word> = []) -> SourceScan {
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
            guard let bytes = try? RegularFile.bytes(of: Path(bytes: text.path)), Digest.of(bytes) == text.digest
            else { throw .inputTooYoung }
            again.append(scan(bytes, questionMacros: macros))
        }
        return again
    }

    /// Macros of the command line mean what they say in every file.
    private mutating func scanArguments() throws(Refusal) {
        let arguments = SourceScan(Word(request.words.joined(separator: [10])) + [10], isAssembler: true)
        try noteTimes(arguments)
        if arguments.embeds { throw .embed }
        if arguments.asksForComputedHeader || arguments.inclusions.contains(where: \.isQuestion)
            || !arguments.namedInclusions.isEmpty
        {
            throw .computedHasInclude
        }
    }

    /// The macros that the command line defines: a line for each.
    private var definitions: [UInt8] {
        var lines: [UInt8] = []
        var isValue = false
        for word in request.words {
            if isValue || word.hasPrefix("-D") || word.hasPrefix("-Wp,") { lines += word + [10] }
            isValue = word.equals("-D")
        }
        return lines
    }

    /// Takes a name that could be put together from parts for one that is used.
    mutating func checkPasting(_ scans: [SourceScan]) throws(Refusal) {
        var pasted = PastedNames()
        for scan in scans { pasted.formUnion(scan.pasted) }
        var macros: HeaderMacros?
        let possible = pasted.possible { name in
            if macros == nil { macros = self.macros(scans) }
            return macros?.mayBeMacro(name) ?? true
        }
        for name in possible {
            if isGiven(name) { continue }
            if name.equals("__TIMESTAMP__"), !choices.ignoresTimes { throw .timestampMacro }
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

    private func isSameEverywhere(_ path: Word) -> Bool {
        CheckoutRoots.isMapped(context.roots.split(path).mark) || isForAssertions(path)
    }

    /// True for the headers that come with compilers and name their reader only to say where an assertion failed: the object has
    /// that as a text, or has it not.
    private func isForAssertions(_ path: Word) -> Bool {
        guard context.roots.split(path).mark == 0 else { return false }
        return path.lastComponent.elementsEqual("assert.h".utf8) || path.firstIndex(of: Word("/c++/")) != nil
    }

    private func macros(_ scans: [SourceScan]) -> HeaderMacros {
        HeaderMacros(scans, definitions: definitions, areAllSeen: !request.usesPrecompiledHeader)
    }

    /// Follows the headers that texts from number `first` on include, or ask for, by the name of a macro.
    mutating func followNamed(
        _ texts: [Content],
        _ scans: [SourceScan],
        from first: Int,
        areQuestions: Bool,
        _ search: inout HeaderSearch
    ) throws(Refusal) {
        let asking = scans[first...].contains { $0.namedInclusions.contains { $0.isQuestion == areQuestions } }
        guard asking else { return }
        let macros = macros(scans)
        for (content, scan) in zip(texts[first...], scans[first...]) {
            var found: Set<SourceScan.Inclusion> = []
            for named in scan.namedInclusions where named.isQuestion == areQuestions {
                guard let headers = macros.headers(of: named.macro) else {
                    throw areQuestions ? .computedHasInclude : .dependenciesUnknown
                }
                for var header in headers {
                    (header.isNext, header.isQuestion) = (named.isNext, named.isQuestion)
                    found.insert(header)
                }
            }
            if !found.isEmpty {
                search.follow(.followed(found), in: content.path, isSource: content.path == request.source)
            }
        }
    }

    /// Follows the headers whose names are made by macros, as far as what was read gives them away.
    private mutating func followComputed(
        _ texts: [Content],
        _ scans: [SourceScan],
        _ search: inout HeaderSearch
    ) throws(Refusal) {
        var owners: Set<Word> = []
        let isComputing = scans.contains(where: \.computesInclusion)
        let named = Set(isComputing ? scans.flatMap { $0.headerMacros.values.joined() } : [])
            .filter { macro in texts.contains { $0.path.suffix(macro.name.count).elementsEqual(macro.name) } }
        let followed = SourceScan.followed(named)
        for (content, scan) in zip(texts, scans) where scan.computesInclusion {
            search.follow(followed, in: content.path, isSource: content.path == request.source)
            owners.insert(content.path.lastIndex(of: UInt8(ascii: "/")).map { Word(content.path[..<$0]) } ?? [])
        }
        // Nothing but a directive leads to a header, unless somebody adds words of his own.
        let areDirected = !isComputing && request.front == nil && !toolchain.mayIncludeMore
        func isOnCommandLine(_ content: Content) -> Bool {
            content.path == request.source || request.forcedIncludes.contains(content.path)
        }
        // The compiler may spell their names in another way.
        let given = Set(texts.filter(isOnCommandLine).map { HeaderSearch.FileID($0.identity) })
        for content in texts where !isOnCommandLine(content) {
            let isNamed = given.contains(.init(content.identity)) || search.isExplained(content.identity)
            let isHidden = areDirected && !isNamed
            let isFound = search.explain(content.path, content.identity, from: owners)
            // The headers inside of a precompiled one were searched when it was made.
            if isHidden || !isFound, !request.usesPrecompiledHeader { throw .obscureSource }
        }
    }

    /// gcc takes a file that is to be read once for another one of the same content and time, and leaves it out of
    /// its list.
    ///
    /// What it will take for the same tomorrow is up to the times of both.
    private mutating func refuseTwins(_ contents: [Content], _ unread: Set<Word>) throws(Refusal) {
        var known: [Int64: [Digest: HeaderSearch.FileID]] = [:]
        for content in contents where content.identity.size > 0 {
            let id = HeaderSearch.FileID(content.identity)
            let twin = known[content.identity.size, default: [:]].updateValue(id, forKey: content.digest)
            if let twin, twin != id {
                subject = content.path
                throw .twinHeaders
            }
        }
        for path in unread {
            guard let status = FileStatus.of(Path(bytes: path)), let same = known[status.identity.size] else {
                continue
            }
            guard let file = try? RegularFile(at: Path(bytes: path)), let digest = try? Digest.ofFile(file),
                same[digest] == nil
            else {
                subject = path
                throw .twinHeaders
            }
        }
    }

    /// Adds a condition, once.
    mutating func bind(_ condition: Manifest.Condition) {
        if !recording.conditions.contains(condition) { recording.conditions.append(condition) }
    }

    private mutating func take(_ search: inout HeaderSearch) throws(Refusal) {
        precompiledHeaders = search.precompiledHeaders
        if takesTimeAsGiven, !precompiledHeaders.isEmpty || request.usesPrecompiledHeader { throw .timeMacro }
        for file in toolchain.absentFiles { search.noteAbsence(file.directory + [UInt8(ascii: "/")] + file.name) }
        if let probes = searchPath?.probes { try take(probes, &search) }
        try recordSystemRoots()
        if search.isDisturbed { throw .inputTooYoung }
        // Compilers tell a directory from what is none, or from nothing.
        guard namesBefore.searched.isEmpty || namesBefore.searched == NamesBefore.searched(by: request) else {
            throw .inputTooYoung
        }
        try record(dangling: search.dangling)
        for path in search.unread where !steadiness.isSteady(path) {
            subject = path
            throw .inputTooYoung
        }
        if request.family == .gcc, !search.denied.allSatisfy(hasLostNone) { throw .inputTooYoung }
        for directory in search.absent.keys where !steadiness.isSteady(directory) {
            subject = directory
            throw .inputTooYoung
        }
        // clang's holds the times of its headers, which are nowhere here.
        if request.family == .clang, !search.precompiledHeaders.isEmpty || request.usesPrecompiledHeader {
            throw .precompiledHeader
        }
        for path in search.precompiledHeaders.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            subject = path
            guard FileStatus.of(Path(bytes: path))?.kind == .regular else { throw .precompiledHeaderDirectory }
            _ = try read(path, scans: false)
        }
        for path in search.aliases.sorted(by: { $0.lexicographicallyPrecedes($1) }) { _ = try read(path, scans: false) }
        for path in search.directories.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            recording.files.append((context.stored(path), .directory, 0, Digest.of([]), nil))
        }
        for path in search.present.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            recording.files.append((context.stored(path), .exists, 0, Digest.of([]), nil))
        }
        var identities: [FileIdentity] = []
        var absent = search.absent
        for path in namesOfOneFile { absent[path, default: []] = [] }
        for (directory, names) in absent.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            subject = directory
            // Something may have come between the compiler's look and ours.
            guard let status = FileStatus.of(Path(bytes: directory)) else { throw .inputTooYoung }
            guard status.kind == .directory || names.isEmpty else {
                try record(inTheWay: directory, status)
                continue
            }
            identities.append(status.identity)
            let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
            recording.directories.append((context.stored(directory), sorted, trusted(status.identity, directory)))
        }
        if let value = DirectoryPartition.value(devices: identities.map(\.device), inodes: identities.map(\.inode)) {
            bind(.init(kind: .directories, value: value))
        }
    }

    /// Records a file that stands where a directory was looked into: below it there is nothing as long as it is this file.
    ///
    /// That is how `<vector/a.h>` is looked for beside a header called `vector`.
    mutating func record(inTheWay path: Word, _ status: FileStatus) throws(Refusal) {
        guard status.kind == .regular else { throw .inputUnreadable }
        _ = try read(path, scans: false)
    }

    /// True when none of the names can have been removed from the directory since the compiler was started.
    private func hasLostNone(_ directory: Word, _ names: Set<Word>) -> Bool {
        if let status = FileStatus.of(Path(bytes: directory)), status.identity.isSettled(before: started) {
            return true
        }
        return names.allSatisfy { namesBefore.isWithout($0, in: directory) }
    }
}
