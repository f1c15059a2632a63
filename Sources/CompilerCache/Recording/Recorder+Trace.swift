internal import Files
internal import LarderStore
internal import Trace

/// Recording a compile by what it was seen to do.
///
/// A result that is recorded so holds where it was made only: what it says of its place nobody has read.
extension Recorder {
    /// Records everything that the compile was seen to read, to look at and to look for in vain.
    mutating func record(_ accesses: Accesses) throws(Refusal) {
        // Another program may depend on what no note shows, such as all variables of the environment.
        guard request.front == nil, accesses.programs.allSatisfy(KnownPrograms.ignoreTimes),
            !accesses.asksHost, !accesses.asksDate
        else {
            throw .dependenciesUnknown
        }
        guard accesses.outputs.allSatisfy({ Leftover.maker(ofTemporary: Path(bytes: $0.path).name) != nil }) else {
            throw .sideOutput
        }
        try recordToolchain()
        let accesses = accesses.withoutTimes
        try recordContents(accesses)
        for path in accesses.statuses.sorted(by: Self.precedes) { try recordStatus(path) }
        for path in accesses.presences.sorted(by: Self.precedes) {
            guard steadiness.isSteady(path), let kind = FileStatus.of(Path(bytes: path))?.kind else {
                throw .inputTooYoung
            }
            recording.files.append(
                (context.stored(path), kind == .directory ? .directory : .exists, 0, Digest.of([]), nil)
            )
        }
        for path in accesses.realPaths.sorted(by: Self.precedes) {
            guard steadiness.isSteady(path), let real = Directory.realPath(Path(bytes: path)) else {
                throw .inputTooYoung
            }
            recording.files.append((context.stored(path), .realPath, 0, Digest.of(Array(real.bytes)), nil))
        }
        try recordDirectories(accesses)
        for (path, own) in accesses.listings.sorted(by: { Self.precedes($0.key, $1.key) }) {
            guard own.isEmpty, steadiness.isSteady(path), let identity = FileStatus.of(Path(bytes: path))?.identity,
                identity.isSettled(before: started), let names = Digest.ofNames(in: Path(bytes: path))
            else { throw .inputTooYoung }
            recording.files.append((context.stored(path), .names, 0, names, trusted(identity, path)))
        }
        holdsHereOnly = true
    }

    /// Adds what clang was seen to open and did not say, such as a file of its distribution's; refuses what its assembler may
    /// have read, which has a search of its own.
    mutating func complete(_ opened: Set<Word>) throws(Refusal) {
        var known: Set<Word> = []
        for file in recording.files where file.expectation == .content {
            guard let path = context.path(of: file.path) else { continue }
            known.insert(Word(path.resolved(in: context.command.directory).bytes))
        }
        var identities: Set<HeaderSearch.FileID>?
        for path in opened.sorted(by: Self.precedes) where !known.contains(path) {
            let kernels: [StaticString] = ["/proc/", "/sys/", "/dev/"]
            guard !kernels.contains(where: { path.hasPrefix($0) }), let status = FileStatus.of(Path(bytes: path)),
                status.kind == .regular
            else { continue }
            // Under another name, such as one without `..`.
            let all = identities ?? Set(known.compactMap { FileStatus.of(Path(bytes: $0)).map { .init($0.identity) } })
            identities = all
            if all.contains(.init(status.identity)) { continue }
            let systems: [StaticString] = ["/etc/", "/usr/", "/lib/", "/opt/"]
            guard systems.contains(where: { path.hasPrefix($0) }) else { throw .assemblerInput }
            _ = try read(path, scans: false)
        }
    }

    private mutating func recordContents(_ accesses: Accesses) throws(Refusal) {
        var known: [FileIdentity: Digest] = [:]
        for file in toolchain.files { known[file.identity] = file.digest }
        var twins: [Digest: [Word]] = [:]
        var comparesTimes = false
        var scans: [SourceScan] = []
        var precompiled: [Word] = []
        for path in accesses.contents.sorted(by: Self.precedes) {
            if let identity = FileStatus.of(Path(bytes: path))?.identity, let digest = known[identity] {
                guard steadiness.isSteady(path) else { throw .inputTooYoung }
                recording.files.append(
                    (context.stored(path), .content, identity.size, digest, trusted(identity, path))
                )
                continue
            }
            let isSource = Path(bytes: request.source).resolved(in: context.command.directory) == Path(bytes: path)
            let content = try read(path, scans: true, knownAs: isSource ? request.source : path)
            // `#pragma GCC dependency`
            if let scan = content.scan {
                if scan.comparesTimes { comparesTimes = true }
                scans.append(scan)
            }
            if content.identity.size > 0 { twins[content.digest, default: []].append(path) }
            if PrecompiledHeader.holdsTimes(Path(bytes: path)) { precompiled.append(path) }
        }
        if Self.computesDependency(scans) { comparesTimes = true }
        if request.family == .clang { noteNamesOfOneFile(in: accesses) }
        // clang refuses a precompiled header, or a module, once the time of a file that it was made from has changed. Neither the
        // source is one of those, nor a precompiled header that stands alone.
        if comparesTimes || !precompiled.isEmpty {
            let source = Word(Path(bytes: request.source).resolved(in: context.command.directory).bytes)
            for path in accesses.contents where comparesTimes || path != source && precompiled != [path] {
                try recordStatus(path)
            }
        }
        for same in twins.values where same.count > 1 {
            // gcc tells files that are to be read once apart by content, size and time, clang all files by their inodes.
            if request.family == .clang {
                namesOfOneFile.formUnion(same)
            } else {
                for path in same { try recordStatus(path) }
            }
        }
    }

    /// Compilers take all names of one file for one header, which they read once where it says so, and clang says the first of the
    /// names; tomorrow they may be two, or two that are equal may be one.
    mutating func noteNamesOfOneFile(_ aliases: Set<Word>, _ texts: [Content]) {
        let areTwice = Set(texts.map(\.digest)).count < texts.count
        if aliases.isEmpty, !areTwice { return }
        var names: [Digest: Set<Word>] = [:]
        var digests: [HeaderSearch.FileID: Digest] = [:]
        for text in texts {
            names[text.digest, default: []].insert(text.path)
            digests[.init(text.identity)] = text.digest
        }
        for alias in aliases {
            guard let identity = FileStatus.of(Path(bytes: alias))?.identity, let digest = digests[.init(identity)]
            else { continue }
            names[digest]?.insert(alias)
        }
        for same in names.values where same.count > 1 { namesOfOneFile.formUnion(same) }
    }

    /// True where a macro may make `#pragma GCC dependency`.
    static func computesDependency(_ scans: [SourceScan]) -> Bool {
        scans.contains(where: \.computesPragma) && scans.contains(where: \.saysDependency)
    }

    /// Notes the names of files that were seen under several names.
    private mutating func noteNamesOfOneFile(in accesses: Accesses) {
        var names: [HeaderSearch.FileID: [Word]] = [:]
        for path in accesses.contents.union(accesses.statuses).union(accesses.presences) {
            guard let status = FileStatus.of(Path(bytes: path)), status.kind == .regular else { continue }
            names[.init(status.identity), default: []].append(path)
        }
        for same in names.values where same.count > 1 { namesOfOneFile.formUnion(same) }
    }

    /// Records the size and the time of a file.
    private mutating func recordStatus(_ path: Word) throws(Refusal) {
        guard steadiness.isSteady(path), let status = FileStatus.of(Path(bytes: path)),
            status.identity.isSettled(before: started)
        else { throw .inputTooYoung }
        recording.files.append(
            (context.stored(path), .status, status.identity.size, Manifest.digest(ofTimeIn: status.identity), nil)
        )
    }

    private mutating func recordDirectories(_ accesses: Accesses) throws(Refusal) {
        var absent: [Word: Set<Word>] = [:]
        // Two that are one directory are searched once.
        for path in accesses.directories.union(namesOfOneFile) { absent[path] = [] }
        for path in accesses.absences {
            let whole = Path(bytes: path)
            // Names of ours, which nobody else uses.
            if Leftover.maker(ofTemporary: whole.name) != nil { continue }
            absent[Word(whole.parent.bytes), default: []].insert(Word(whole.name))
        }
        var identities: [FileIdentity] = []
        for (directory, names) in absent.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard steadiness.isSteady(directory), let status = FileStatus.of(Path(bytes: directory)) else {
                throw .inputTooYoung
            }
            guard status.kind == .directory || names.isEmpty else {
                try record(inTheWay: directory, status)
                continue
            }
            identities.append(status.identity)
            recording.directories.append(
                (context.stored(directory), names.sorted(by: Self.precedes), trusted(status.identity, directory))
            )
        }
        if let value = DirectoryPartition.value(devices: identities.map(\.device), inodes: identities.map(\.inode)) {
            bind(.init(kind: .directories, value: value))
        }
    }

    private static func precedes(_ one: Word, _ other: Word) -> Bool { one.lexicographicallyPrecedes(other) }
}
