internal import Files
internal import LarderStore

/// Works out, after a run, under which conditions its result holds.
struct DriverRecorder {
    let context: CompileContext
    let contents: KnownContent
    /// When the compiler was started, by the clock that stamps files.
    let started: Int64
    let linked: LinkedInputs
    private var steadiness: PathSteadiness
    private var trust = IdentityTrust()
    /// The file that is looked at: what a refusal is about.
    private(set) var subject: Word = []
    private(set) var recording = Manifest.Recording(result: EntryKey(digest: Digest.of([])))

    init(context: CompileContext, contents: KnownContent, started: Int64, linked: LinkedInputs) {
        (self.context, self.contents, self.started, self.linked) = (context, contents, started, linked)
        steadiness = PathSteadiness(since: started)
    }

    /// Records everything that `reading` names, as it is now and was all the while.
    mutating func record(_ reading: DriverReading) throws(Recorder.Refusal) {
        // First, because to look at them costs nothing: files are read only where these are right.
        for name in Self.distinct(reading.variables) {
            let value = VariableValue(of: name, context.roots)
            recording.files.append((.init(mark: 0, text: name), .variable, value.size, value.digest, nil))
        }
        for path in Self.distinct(reading.files) { try record(file: path) }
        for path in Self.distinct(reading.directories) {
            subject = path
            guard FileStatus.of(Path(bytes: path))?.kind == .directory, steadiness.isSteady(path) else {
                throw .inputUnreadable
            }
            recording.files.append((context.stored(path), .directory, 0, Digest.of([]), nil))
        }
        for path in Self.distinct(reading.present) {
            subject = path
            guard FileStatus.of(Path(bytes: path)) != nil, steadiness.isSteady(path) else { throw .inputUnreadable }
            recording.files.append((context.stored(path), .exists, 0, Digest.of([]), nil))
        }
        try record(attributesOf: Self.distinct(reading.attributes))
        for path in Self.distinct(reading.realPaths) {
            subject = path
            guard let real = Manifest.digest(ofWhere: Path(bytes: path)), steadiness.isSteady(path) else {
                throw .inputUnreadable
            }
            recording.files.append((context.stored(path), .realPath, 0, real, nil))
        }
        for path in Self.distinct(reading.entries) {
            try record(path, .entries) { Manifest.digest(ofEntriesIn: $0) }
        }
        for path in Self.distinct(reading.listings) { try record(path, .names) { Digest.ofNames(in: $0) } }
        try record(absent: reading.absent, searched: reading.searched)
    }

    /// Adds what stat(2) tells of files, links and directories.
    mutating func record(attributesOf paths: some Sequence<Word>) throws(Recorder.Refusal) {
        for path in paths {
            subject = path
            guard let status = FileStatus.of(Path(bytes: path)) ?? FileStatus.ofLink(Path(bytes: path)),
                let digest = Manifest.digest(ofAttributesOf: Path(bytes: path)),
                status.kind == .directory || status.identity.isSettled(before: started), steadiness.isSteady(path)
            else { throw .inputTooYoung }
            recording.files.append((context.stored(path), .attributes, 0, digest, nil))
        }
    }

    /// Adds the files that the run was seen to open and did not name.
    mutating func complete(_ opened: Set<Word>) throws(Recorder.Refusal) {
        var known: Set<Word> = []
        for file in recording.files where file.expectation == .content {
            guard let path = context.path(of: file.path) else { continue }
            known.insert(Word(path.resolved(in: context.command.directory).bytes))
        }
        let kernels: [StaticString] = ["/proc/", "/sys/", "/dev/"]
        for path in opened.sorted(by: { $0.lexicographicallyPrecedes($1) }) where !known.contains(path) {
            guard !kernels.contains(where: { path.hasPrefix($0) }),
                FileStatus.of(Path(bytes: path))?.kind == .regular
            else { continue }
            try record(file: path)
        }
    }

    mutating func bind(_ condition: Manifest.Condition) { recording.conditions.append(condition) }

    mutating func seal(under manifest: EntryKey) { recording.seal(under: manifest) }

    private mutating func record(file path: Word) throws(Recorder.Refusal) {
        subject = path
        guard let content = contents.digest(of: Path(bytes: path)) else { throw .inputUnreadable }
        let identity = content.identity
        // It is what the compiler read if nobody has touched it since before that was started.
        guard identity.isSettled(before: started) || linked.hold(content), steadiness.isSteady(path) else {
            throw .inputTooYoung
        }
        recording.files.append((context.stored(path), .content, identity.size, content.digest, trusted(identity, path)))
    }

    /// Adds what `digest` says of a directory.
    private mutating func record(
        _ path: Word,
        _ expectation: Manifest.FileRecord.Expectation,
        _ digest: (Path) -> Digest?
    ) throws(Recorder.Refusal) {
        subject = path
        guard let status = FileStatus.of(Path(bytes: path)), status.kind == .directory,
            let digest = digest(Path(bytes: path)),
            FileStatus.of(Path(bytes: path))?.identity == status.identity
        else { throw .inputUnreadable }
        guard status.identity.isSettled(before: started), steadiness.isSteady(path) else { throw .inputTooYoung }
        recording.files.append((context.stored(path), expectation, 0, digest, trusted(status.identity, path)))
    }

    private mutating func record(absent paths: [Word], searched: [Word]) throws(Recorder.Refusal) {
        var names: [Word: Set<Word>] = [:]
        for path in searched { names[path] = [] }
        for path in paths {
            subject = path
            guard FileStatus.ofLink(Path(bytes: path)) == nil else { throw .inputTooYoung }
            let slash = path.lastIndex(of: UInt8(ascii: "/"))
            let directory = slash.map { $0 == 0 ? Word("/") : Word(path[..<$0]) } ?? Word(".")
            names[directory, default: []].insert(Word(path.lastComponent))
        }
        var identities: [FileIdentity] = []
        for (directory, names) in names.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            // Where there is no directory there is nothing in it; one that appears is looked into.
            subject = directory
            let status = FileStatus.of(Path(bytes: directory))
            guard status == nil || status?.kind == .directory && steadiness.isSteady(directory) else {
                throw .inputTooYoung
            }
            identities.append(status?.identity ?? .init(device: 0, inode: 0, size: 0, modified: 0, changed: 0))
            let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
            var identity: FileIdentity?
            if let status { identity = trusted(status.identity, directory) }
            recording.directories.append((context.stored(directory), sorted, identity))
        }
        if let value = DirectoryPartition.value(devices: identities.map(\.device), inodes: identities.map(\.inode)) {
            bind(.init(kind: .directories, value: value))
        }
    }

    /// The identity, unless it proves nothing.
    private mutating func trusted(_ identity: FileIdentity, _ path: Word) -> FileIdentity? {
        guard identity.isSettled(before: started), trust.provesContent(identity, at: Path(bytes: path)) else {
            return nil
        }
        return identity
    }

    private static func distinct(_ words: [Word]) -> [Word] {
        var seen: Set<Word> = []
        return words.filter { seen.insert($0).inserted }
    }
}

extension DriverReading {
    /// Adds the libraries of a program, and what the loader would take instead; a result is not kept where nobody can be asked.
    mutating func addLibraries(of program: Word) throws(Recorder.Refusal) {
        guard let libraries = SharedLibraries.loaded(by: program) else { throw .unknownToolchain }
        files += libraries
        absent += SharedLibraries.rivals(of: libraries).map { $0.directory + [UInt8(ascii: "/")] + $0.name }
    }
}
