internal import Files

/// Follows every inclusion of a compile through the directories that are searched, and notes where nothing was.
///
/// A name that appears in one of these places later is found first, or turns a `__has_include`. Where a search ends is
/// decided by evidence: at a file that the compiler did read. A file that is there but was not read belongs to a branch
/// that was not taken, or to a search that we understand less well than the compiler; then we look on.
struct HeaderSearch {
    /// Names that must not appear, by directory. A directory that does not exist stands as a name in its parent.
    private(set) var absent: [Word: Set<Word>] = [:]
    /// Files that must stay: a `__has_include` was answered by them.
    private(set) var present: Set<Word> = []
    /// Precompiled headers that gcc may have taken instead of a header.
    private(set) var precompiledHeaders: Set<Word> = []
    /// Files that stand where gcc looks for its own first header and that it did not name: it leaves that one out of its
    /// list where only the user's headers are asked for.
    private(set) var unlisted: Set<Word> = []
    /// True when a file that was not read is younger than the compile: it may have come too late, or just in time.
    private(set) var isDisturbed = false

    private let request: CompileRequest
    private let quoteDirectories: [Word]
    private let bracketDirectories: [Word]
    private let missingDirectories: [Word]
    private let filesRead: Set<FileID>
    private let started: Int64
    private var looked: [Word: FileStatus?] = [:]
    private var isImplicit = false

    struct FileID: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ identity: FileIdentity) { (device, inode) = (identity.device, identity.inode) }
    }

    /// - Parameter started: when the compiler was started, by the clock that stamps files.
    init(request: CompileRequest, searchPath: SearchPath, filesRead: Set<FileID>, started: Int64) {
        self.request = request
        self.filesRead = filesRead
        self.started = started
        quoteDirectories = request.search.filter { $0.kind == .quote }.map { Self.trimmed($0.path) }
        var status: [Word: FileStatus?] = [:]
        func identity(_ path: Word) -> FileID? {
            if let known = status[path] { return known.map { FileID($0.identity) } }
            let found = FileStatus.of(Path(bytes: path))
            status[path] = .some(found)
            return found.map { FileID($0.identity) }
        }
        let environment = Environment.value("CPATH").map {
            $0.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { $0.isEmpty ? Word(".") : Word($0) }
        }
        let system =
            request.search.filter { $0.kind == .system }.map { Self.trimmed($0.path) } + searchPath.directories
            + request.search.filter { $0.kind == .after }.map { Self.trimmed($0.path) }
        // Both compilers drop a directory of the user's that is searched as a system directory anyway.
        let systemIDs = Set(system.compactMap(identity))
        let own = (request.search.filter { $0.kind == .bracket }.map { Self.trimmed($0.path) } + (environment ?? []))
            .filter { path in identity(path).map { !systemIDs.contains($0) } ?? true }
        bracketDirectories = own + system
        missingDirectories = searchPath.missing
    }

    private static func trimmed(_ path: Word) -> Word {
        var path = path
        while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// Follows what one file includes.
    mutating func follow(_ scan: SourceScan, in file: Word, isSource: Bool) {
        let own = file.lastIndex(of: UInt8(ascii: "/")).map { $0 == 0 ? Word("/") : Word(file[..<$0]) } ?? []
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
        isImplicit = true
        defer { isImplicit = false }
        follow(.init(name: Word(name), form: .bracketed, isNext: false, isQuestion: false), from: [], mayBePrecompiled: true)
    }

    private mutating func follow(_ inclusion: SourceScan.Inclusion, from own: Word, mayBePrecompiled: Bool) {
        if inclusion.name.first == UInt8(ascii: "/") {
            _ = look(inclusion.name, inclusion, mayBePrecompiled)
            return
        }
        for directory in missingDirectories { noteAbsence(Self.join(directory, inclusion.name)) }
        if inclusion.form == .quoted {
            if look(Self.join(own, inclusion.name), inclusion, mayBePrecompiled) { return }
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
    private mutating func look(_ path: Word, _ inclusion: SourceScan.Inclusion, _ mayBePrecompiled: Bool) -> Bool {
        // gcc looks for a precompiled header in each place before it looks for the header.
        if mayBePrecompiled, request.family == .gcc { lookForPrecompiled(path + Word(".gch")) }
        guard let status = status(of: path) else {
            noteAbsence(path)
            return false
        }
        guard status.kind != .directory else { return false }
        if filesRead.contains(FileID(status.identity)) { return !inclusion.isNext }
        if !status.identity.isSettled(before: started) { isDisturbed = true }
        if inclusion.isQuestion { present.insert(path) }
        if isImplicit, status.kind == .regular { unlisted.insert(path) }
        return false
    }

    private mutating func lookForPrecompiled(_ path: Word) {
        if status(of: path) == nil { noteAbsence(path) } else { precompiledHeaders.insert(path) }
    }

    /// Notes the first component of a path that is not there, under the directory that is.
    mutating func noteAbsence(_ path: Word) {
        var path = path
        while true {
            let slash = path.lastIndex(of: UInt8(ascii: "/"))
            let directory = slash.map { $0 == 0 ? Word("/") : Word(path[..<$0]) } ?? Word(".")
            let name = slash.map { Word(path[($0 + 1)...]) } ?? path
            if slash == nil || status(of: directory) != nil {
                absent[directory, default: []].insert(name)
                return
            }
            path = directory
        }
    }

    private mutating func status(of path: Word) -> FileStatus? {
        if let known = looked[path] { return known }
        let found = FileStatus.of(Path(bytes: path))
        looked[path] = .some(found)
        return found
    }
}
