internal import Files

/// Follows every inclusion of a compile through the directories that are searched, and notes where nothing was.
///
/// A name that appears in one of these places later is found first, or turns a `__has_include`. Where a search ends is
/// decided by evidence: at a file that the compiler did read. A file that is there but was not read belongs to a branch
/// that was not taken, or to a search that we understand less well than the compiler; then we look on.
///
/// Where the compiler does not say everything that it read, every file that a search comes by may have been read; see
/// ``isListed``.
struct HeaderSearch {
    /// Names that must not appear, by directory.
    ///
    /// A directory that does not exist stands as a name in its parent. One that is searched is here without any name, too.
    private(set) var absent: [Word: Set<Word>] = [:]
    /// Those of them that a `__has_include` asked for.
    private(set) var denied: [Word: Set<Word>] = [:]
    /// Files that must stay: a `__has_include` was answered by them.
    private(set) var present: Set<Word> = []
    /// Directories that must stay directories: those that are searched, and those under a header's name, which a search passed over.
    private(set) var directories: Set<Word> = []
    /// Links that lead nowhere, where a file or a directory was looked for: what they will lead to is no absent name.
    private(set) var dangling: Set<Word> = []
    /// Other names of files that were read: a link that leads elsewhere one day changes what is found.
    private(set) var aliases: Set<Word> = []
    /// Files that a search came by and that were not read.
    private(set) var unread: Set<Word> = []
    /// Precompiled headers that gcc may have taken instead of a header.
    private(set) var precompiledHeaders: Set<Word> = []
    /// Files that a search came by while not everything that was read is known: any of them may have been.
    private(set) var reached: [Word] = []
    /// False from where on the compiler's list does not name everything that it read.
    var isListed = true
    /// True when a file that was not read is younger than the compile: it may have come too late, or just in time.
    private(set) var isDisturbed = false

    private let request: CompileRequest
    private let quoteDirectories: [Word]
    private let bracketDirectories: [Word]
    private let filesRead: Set<FileID>
    private let pathsRead: Set<Word>
    private var explained: Set<FileID> = []
    /// Those that were reached.
    private var known: Set<Word> = []
    private let started: Int64
    private var looked: [Word: FileStatus?] = [:]
    /// Every name with what decides where it is searched.
    private var followed: Set<Word> = []

    struct FileID: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ identity: FileIdentity) { (device, inode) = (identity.device, identity.inode) }
    }

    /// - Parameter started: when the compiler was started, by the clock that stamps files.
    init(
        request: CompileRequest,
        searchPath: SearchPath,
        filesRead: Set<FileID>,
        pathsRead: some Sequence<Word>,
        started: Int64
    ) {
        self.pathsRead = Set(pathsRead.map { Self.plain($0) })
        self.request = request
        self.filesRead = filesRead
        self.started = started
        var status: [Word: FileStatus?] = [:]
        func identity(_ path: Word) -> FileID? {
            if let known = status[path] { return known.map { FileID($0.identity) } }
            let found = FileStatus.of(Path(bytes: path))
            status[path] = .some(found)
            return found.map { FileID($0.identity) }
        }
        func asked(_ kind: SearchEntry.Kind) -> [Word] {
            request.search.filter { $0.kind == kind }.map { Self.trimmed($0.path) }
        }
        if searchPath.isWhole {
            quoteDirectories = searchPath.quoted
            bracketDirectories = searchPath.own
        } else {
            let system = asked(.system) + searchPath.system + asked(.after)
            let systemIDs = Set(system.compactMap(identity))
            func isOwn(_ path: Word) -> Bool { identity(path).map { !systemIDs.contains($0) } ?? true }
            // Both compilers drop a directory of the user's that is searched as a system directory anyway; clang searches
            // it for `"name"` all the same.
            bracketDirectories = (asked(.bracket) + searchPath.own).filter(isOwn) + system
            quoteDirectories = request.family == .gcc ? asked(.quote).filter(isOwn) : asked(.quote)
        }
        // Two that are one now, or become one, are searched as one: each is looked at, whatever is searched in it.
        let all =
            request.search.map { Self.trimmed($0.path) } + searchPath.quoted + searchPath.own + searchPath.system
            + searchPath.doubled.map { Self.trimmed($0) }
        // Compilers say so where one is no directory, and clang's debug information tells whether one was there.
        for directory in all where !directory.isEmpty {
            if let found = self.status(of: directory) {
                absent[directory] = []
                if found.kind == .directory { directories.insert(directory) } else { present.insert(directory) }
            } else {
                noteAbsence(directory)
            }
        }
        // A directory that appears would be searched, whatever for.
        for directory in searchPath.missing { noteAbsence(directory) }
    }

    /// Without the working directory in front, which compilers leave out.
    private static func plain(_ path: Word) -> Word { path.hasPrefix("./") ? Word(path.dropFirst(2)) : path }

    static func trimmed(_ path: Word) -> Word {
        var path = path
        while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// Where the quoted inclusions of a file are searched first; empty for the working directory.
    static func directory(of file: Word) -> Word {
        file.lastIndex(of: UInt8(ascii: "/")).map { $0 == 0 ? Word("/") : Word(file[..<$0]) } ?? []
    }

    /// Follows what one file includes.
    mutating func follow(_ scan: SourceScan, in file: Word, isSource: Bool) {
        let own = Self.directory(of: file)
        for inclusion in scan.inclusions {
            follow(inclusion, from: own, mayBePrecompiled: isSource)
        }
    }

    /// Follows a header of the command line, which is searched from the working directory on.
    mutating func followForced(_ name: Word) {
        follow(.init(name: name, form: .quoted, isNext: false, isQuestion: false), from: [], mayBePrecompiled: true)
        // clang takes `name.pch` for `-include name`.
        if request.family == .clang {
            for suffix in [".pch", ".gch"] as [StaticString] { lookForPrecompiled(name + Word(suffix)) }
        }
    }

    /// Follows the header that gcc includes before anything else.
    mutating func followImplicit(_ name: StaticString) {
        follow(
            .init(name: Word(name), form: .bracketed, isNext: false, isQuestion: false),
            from: [],
            mayBePrecompiled: true
        )
    }

    /// Whether a directive leads to the file.
    func isExplained(_ identity: FileIdentity) -> Bool { explained.contains(FileID(identity)) }

    /// Follows a file that was read although no directive names it: a macro did, or the compiler's own options.
    ///
    /// - Returns: false when no directory that is searched leads to it.
    mutating func explain(_ path: Word, _ identity: FileIdentity, from owners: Set<Word>) -> Bool {
        if explained.contains(FileID(identity)) { return true }
        for directory in owners.union(quoteDirectories).union(bracketDirectories).union([[]]) {
            let prefix = directory.isEmpty ? [] : Self.join(directory, [])
            guard path.count > prefix.count, path.starts(with: prefix) else { continue }
            let name = Word(path[prefix.count...])
            for owner in owners.union([[]]) {
                follow(
                    .init(name: name, form: .quoted, isNext: false, isQuestion: false),
                    from: owner,
                    mayBePrecompiled: false
                )
            }
        }
        return explained.contains(FileID(identity))
    }

    private mutating func follow(_ inclusion: SourceScan.Inclusion, from own: Word, mayBePrecompiled: Bool) {
        // Hundreds of headers include the same few.
        var question = inclusion.name
        question.append(inclusion.form.rawValue)
        question.append(
            (inclusion.isNext ? 1 : 0) | (inclusion.isQuestion ? 2 : 0) | (mayBePrecompiled ? 4 : 0)
                | (isListed ? 8 : 0)
        )
        if inclusion.form == .quoted { question.append(contentsOf: own) }
        guard followed.insert(question).inserted else { return }
        if inclusion.name.first == UInt8(ascii: "/") {
            _ = look(inclusion.name, inclusion, mayBePrecompiled)
            return
        }
        if inclusion.form == .quoted {
            if look(Self.join(own, inclusion.name), inclusion, mayBePrecompiled, isBeside: true) { return }
            for directory in quoteDirectories
            where look(Self.join(directory, inclusion.name), inclusion, mayBePrecompiled) { return }
        }
        for directory in bracketDirectories
        where look(Self.join(directory, inclusion.name), inclusion, mayBePrecompiled) { return }
    }

    private static func join(_ directory: Word, _ name: Word) -> Word {
        if directory.isEmpty { return name }
        return directory.last == UInt8(ascii: "/") ? directory + name : directory + [UInt8(ascii: "/")] + name
    }

    /// Looks at one place; true when the search ended there.
    private mutating func look(
        _ path: Word,
        _ inclusion: SourceScan.Inclusion,
        _ mayBePrecompiled: Bool,
        isBeside: Bool = false
    ) -> Bool {
        // gcc looks for a precompiled header in each place before it looks for the header.
        if mayBePrecompiled, request.family == .gcc { lookForPrecompiled(path + Word(".gch")) }
        guard let status = status(of: path) else {
            noteAbsence(path, isAnswer: inclusion.isQuestion)
            return false
        }
        guard status.kind != .directory else {
            directories.insert(path)
            return false
        }
        if filesRead.contains(FileID(status.identity)) {
            explained.insert(FileID(status.identity))
            if !pathsRead.contains(Self.plain(path)) { aliases.insert(path) }
            return !inclusion.isNext
        }
        unread.insert(path)
        if !isListed, !inclusion.isQuestion { reach(path, FileID(status.identity)) }
        if !status.identity.isSettled(before: started) { isDisturbed = true }
        if inclusion.isQuestion { present.insert(path) }
        // No search passes over a file beside the includer.
        return isBeside && !isListed && !inclusion.isNext
    }

    /// One file in one directory, by whatever path.
    private struct Place: Hashable {
        var file: FileID
        var directory: FileID
    }

    /// With how many paths a place was reached.
    private var spellings: [Place: Int] = [:]
    private static let mostSpellings = 8

    /// True where headers that include each other by `../` lead to ever longer paths of the same files.
    private(set) var isEndless = false

    private mutating func reach(_ path: Word, _ id: FileID) {
        explained.insert(id)
        guard known.insert(path).inserted else { return }
        let directory = Self.directory(of: path)
        if let parent = status(of: directory.isEmpty ? Word(".") : directory) {
            let place = Place(file: id, directory: FileID(parent.identity))
            spellings[place, default: 0] += 1
            if spellings[place, default: 0] > Self.mostSpellings { isEndless = true }
        }
        reached.append(path)
        // gcc calls a system header by its real name where that is shorter, and searches beside that one.
        if let real = Directory.realPath(Path(bytes: path)).map({ Word($0.bytes) }), real.count < path.count,
            known.insert(real).inserted
        {
            reached.append(real)
        }
    }

    /// Takes a file that may have been read though no inclusion leads to it: the text of a precompiled header.
    mutating func reach(_ path: Word) -> Bool {
        guard let status = status(of: path) else { return false }
        if !pathsRead.contains(Self.plain(path)) { reach(path, FileID(status.identity)) }
        return true
    }

    private mutating func lookForPrecompiled(_ path: Word) {
        if status(of: path) == nil { noteAbsence(path) } else { precompiledHeaders.insert(path) }
    }

    /// Notes the first component of a path that is not there, under the directory that is; or the link that leads nowhere.
    ///
    /// What such a link names may appear in another directory, without a trace in the one that holds the link.
    ///
    /// - Parameter isAnswer: a `__has_include` asked for it.
    mutating func noteAbsence(_ path: Word, isAnswer: Bool = false) {
        // As long as a link leads nowhere there is nothing behind it.
        if !dangling.isEmpty, dangling.contains(where: { path.starts(with: Self.join($0, [])) }) { return }
        var path = path
        while true {
            let slash = path.lastIndex(of: UInt8(ascii: "/"))
            let directory = slash.map { $0 == 0 ? Word("/") : Word(path[..<$0]) } ?? Word(".")
            let name = slash.map { Word(path[($0 + 1)...]) } ?? path
            if status(of: path) == nil, dangling.contains(path) { return }
            // The root is there, whatever is said of it.
            if slash == nil || slash == 0 || status(of: directory) != nil {
                absent[directory, default: []].insert(name)
                if isAnswer { denied[directory, default: []].insert(name) }
                return
            }
            path = directory
        }
    }

    private mutating func status(of path: Word) -> FileStatus? {
        if let known = looked[path] { return known }
        var found = FileStatus.ofLink(Path(bytes: path))
        if found?.kind == .symbolicLink {
            found = FileStatus.of(Path(bytes: path))
            if found == nil { dangling.insert(path) }
        }
        looked[path] = .some(found)
        return found
    }
}
