internal import Files
internal import LarderStore

/// Compares the conditions of a manifest's results with the files and the environment as they are now.
struct ManifestCheck: ~Copyable {
    /// Why no result of a manifest holds.
    ///
    /// The raw value reaches the journal: it never changes its meaning.
    enum Mismatch: String, Sendable {
        case inputChanged = "input_changed"
        case inputMissing = "input_missing"
        case headerAppeared = "header_appeared"
        case searchChanged = "search_changed"
        case condition = "other_place_or_terminal"
        case variableChanged = "variable_changed"
        case noCandidate = "no_candidate"
    }

    /// What the newest result that holds is, or why the newest one does not.
    enum Finding {
        case result(EntryKey)
        case nothing(Mismatch)
    }

    /// What was found unchanged only by reading it, and its identity here.
    ///
    /// It says what the record holds, not which one it is: another process may have numbered them anew.
    struct NewIdentity {
        enum Subject {
            case file(Manifest.StoredPath, Digest)
            case directory(Manifest.StoredPath, names: [Word])
        }
        let subject: Subject
        let identity: FileIdentity
    }

    private let manifest: ManifestView
    private let context: CompileContext
    private let contents: KnownContent
    private let now: Int64
    /// What is known of each path: looked at once.
    ///
    /// Plain memory, because this is the hit.
    private let looks: UnsafeMutablePointer<Look>
    private var trust = IdentityTrust()
    private var mismatch = Mismatch.noCandidate
    /// What the first mismatch is about; files and directories by their numbers in the manifest.
    private var mismatched: Mismatched?
    private var buffer: [UInt8] = []
    /// What has been read, for the next candidate; nil where it could not be.
    private var contentsRead: [Int: KnownContent.Answer?] = [:]
    /// Empty on nearly every hit.
    private var allNewIdentities: [NewIdentity] = []
    /// What the next hit takes longer without them, in microseconds.
    private var costOfForgetting: Int64 = 0

    private struct Look {
        var isTaken = false
        var isThere = false
        var kind = FileStatus.Kind.other
        var isNullDevice = false
        /// False where this process may not read it, as another user's or group's process might.
        var isReadable = true
        var identity = FileIdentity(device: 0, inode: 0, size: 0, modified: 0, changed: 0)
    }

    private enum Mismatched {
        case condition(Manifest.Condition.Kind)
        case file(Int)
        case directory(Int)
    }

    /// What is worth the rewriting of the manifest.
    ///
    /// A publication takes about 150 µs; a build that changes a few files before every run would pay it each time.
    var newIdentities: [NewIdentity] { costOfForgetting < 150 ? [] : allNewIdentities }

    init(_ manifest: consuming ManifestView, in context: CompileContext, _ contents: KnownContent) {
        looks = UnsafeMutablePointer<Look>.allocate(capacity: manifest.pathCount + 1)
        looks.initialize(repeating: Look(), count: manifest.pathCount + 1)
        self.manifest = manifest
        self.context = context
        self.contents = contents
        now = Clock.stamp
        buffer.reserveCapacity(512)
    }

    deinit { looks.deallocate() }

    mutating func find() -> Finding {
        var index = manifest.candidateCount
        while index > 0 {
            index -= 1
            if let candidate = manifest.candidate(index), holds(candidate) { return .result(candidate.result) }
        }
        return .nothing(mismatch)
    }

    private mutating func holds(_ candidate: ManifestView.CandidateView) -> Bool {
        var offset = 0
        var partition: Digest?
        while offset < candidate.conditions.count {
            guard let kind = Manifest.Condition.Kind(rawValue: candidate.conditions[offset]),
                let value = Digest(
                    memory: UnsafeRawBufferPointer(rebasing: candidate.conditions[(offset + 1)..<(offset + 33)])
                )
            else { return fails(.condition) }
            if kind == .directories {
                partition = value
            } else if context.value(of: kind) != value {
                return fails(.condition, .condition(kind))
            }
            offset += 33
        }
        for index in 0..<candidate.files.count {
            if let reason = checkFile(candidate.files[index]) { return fails(reason, .file(candidate.files[index])) }
        }
        let count = candidate.directories.count
        var (devices, inodes) = ([UInt64](repeating: 0, count: count), [UInt64](repeating: 0, count: count))
        for index in 0..<count {
            guard let directory = manifest.directory(candidate.directories[index]), isStillWithout(directory) else {
                return fails(.headerAppeared, .directory(candidate.directories[index]))
            }
            let look = looks[directory.path]
            if look.isThere { (devices[index], inodes[index]) = (look.identity.device, look.identity.inode) }
        }
        return DirectoryPartition.value(devices: devices, inodes: inodes) == partition || fails(.searchChanged)
    }

    private mutating func fails(_ reason: Mismatch, _ about: Mismatched? = nil) -> Bool {
        if mismatch == .noCandidate { (mismatch, mismatched) = (reason, about) }
        return false
    }

    /// What the mismatch is about: a path, the name of a variable, or what kind of condition it is.
    var subject: Word {
        switch mismatched {
        case nil: return []
        case .condition(.epoch): return Word("SOURCE_DATE_EPOCH")
        case .condition(let kind): return Word("\(kind)".utf8)
        case .file(let index):
            guard let file = manifest.file(index) else { return [] }
            if file.expectation == .variable { return Word(manifest.path(file.path).text) }
            return path(file.path).map { Word($0.bytes) } ?? []
        case .directory(let index):
            guard let directory = manifest.directory(index), let path = path(directory.path) else { return [] }
            var names = directory.names
            for _ in 0..<directory.nameCount {
                guard let name = names.next() else { break }
                let appeared = path.appending(bytes: Array(name))
                if FileStatus.ofLink(appeared) != nil { return Word(appeared.bytes) }
            }
            return Word(path.bytes)
        }
    }

    private mutating func checkFile(_ index: Int) -> Mismatch? {
        guard let file = manifest.file(index) else { return .inputMissing }
        if file.expectation == .variable {
            let value = VariableValue(of: Word(manifest.path(file.path).text), context.roots)
            return value.size == file.size && value.hasDigest(file.digest) ? nil : .variableChanged
        }
        if file.expectation == .realPath {
            let value = path(file.path).flatMap { Manifest.digest(ofWhere: $0) }
            return value?.withBytes { $0.elementsEqual(file.digest) } == true ? nil : .inputChanged
        }
        if file.expectation == .attributes || file.expectation == .entries {
            let value = path(file.path).flatMap { path in
                file.expectation == .attributes
                    ? Manifest.digest(ofAttributesOf: path) : Manifest.digest(ofEntriesIn: path)
            }
            return value?.withBytes { $0.elementsEqual(file.digest) } == true ? nil : .inputChanged
        }
        let look = look(file.path)
        guard look.isThere else { return .inputMissing }
        switch file.expectation {
        // A directory under a header's name is no header.
        case .exists: return look.kind == .directory || !look.isReadable ? .inputChanged : nil
        case .directory: return look.kind == .directory ? nil : .inputChanged
        case .names:
            if file.identities.contains(look.identity) { return nil }
            guard let path = path(file.path), let digest = Digest.ofNames(in: path) else { return .inputChanged }
            return digest.withBytes({ $0.elementsEqual(file.digest) }) ? nil : .inputChanged
        case .status:
            let isSame =
                look.identity.size == file.size
                && Manifest.digest(ofTimeIn: look.identity).withBytes { $0.elementsEqual(file.digest) }
            return isSame ? nil : .inputChanged
        case .content, .variable, .realPath, .attributes, .entries: break
        }
        guard look.isReadable else { return .inputChanged }
        if file.identities.contains(look.identity) { return nil }
        guard look.kind == .regular || look.isNullDevice, look.identity.size == file.size, let path = path(file.path),
            let read = content(file.path, at: path), read.digest.withBytes({ $0.elementsEqual(file.digest) })
        else { return .inputChanged }
        if !read.isRemembered, look.identity.isSettled(before: now), trust.provesContent(look.identity, at: path) {
            // Opening, reading and closing 10 µs; SHA-256 about 0.6 µs a KiB.
            costOfForgetting += 10 + look.identity.size / 1700
            allNewIdentities.append(
                NewIdentity(subject: .file(stored(file.path), read.digest), identity: look.identity)
            )
        }
        return nil
    }

    private mutating func content(_ index: Int, at path: Path) -> KnownContent.Answer? {
        if let known = contentsRead[index] { return known }
        let answer = contents.digest(of: path, isRegular: true)
        contentsRead[index] = .some(answer)
        return answer
    }

    /// True when none of the names has appeared in the directory.
    private mutating func isStillWithout(_ directory: ManifestView.DirectoryView) -> Bool {
        let look = look(directory.path)
        // Where there is no directory there is nothing in it.
        if !look.isThere {
            return path(directory.path).map { FileStatus.of($0) == nil && FileStatus.isAbsentFromDirectory($0) } ?? true
        }
        if directory.identities.contains(look.identity) { return true }
        // It is only about which directories, or files, are one.
        if directory.nameCount == 0 { return true }
        guard look.kind == .directory, let path = path(directory.path) else { return false }
        guard hasNone(of: directory.names, directory.nameCount, path, size: look.identity.size) else { return false }
        // A directory in which a build works is never the same again: it is worth remembering only beside a file.
        if !allNewIdentities.isEmpty, look.identity.isSettled(before: now), trust.provesContent(look.identity, at: path)
        {
            var (names, all) = (directory.names, [Word]())
            while all.count < directory.nameCount, let name = names.next() { all.append(Word(name)) }
            allNewIdentities.append(
                NewIdentity(subject: .directory(stored(directory.path), names: all), identity: look.identity)
            )
        }
        return true
    }

    /// True when the directory at `path` holds none of the names, which are any number.
    private func hasNone(of names: ManifestView.TextsView, _ count: Int, _ path: Path, size: Int64) -> Bool {
        var names = names
        // Asking for a few names is cheaper than listing a directory, and than a large one at any rate.
        if count <= 4 || size > 1 << 16 {
            for _ in 0..<count {
                guard let name = names.next(), FileStatus.isAbsent(path.appending(bytes: Array(name))) else {
                    return false
                }
            }
            return true
        }
        let wanted = NameTable(count: count)
        for _ in 0..<count {
            guard let name = names.next() else { return false }
            wanted.insert(name)
        }
        do throws(SystemError) {
            return try Directory.withListing(of: path) { !wanted.containsAny(of: $0) }
        } catch {
            return false
        }
    }

    private func path(_ index: Int) -> Path? { context.path(of: stored(index)) }

    private func stored(_ index: Int) -> Manifest.StoredPath {
        let path = manifest.path(index)
        return .init(mark: path.mark, text: Word(path.text))
    }

    private mutating func look(_ index: Int) -> Look {
        if looks[index].isTaken { return looks[index] }
        looks[index].isTaken = true
        if let status = status(of: manifest.path(index)) {
            looks[index].isThere = true
            looks[index].kind = status.kind
            looks[index].isNullDevice = status.isNullDevice
            if !status.isReadableByItsMode {
                looks[index].isReadable = path(index).map { status.isReadable(at: $0) } ?? false
            }
            looks[index].identity = status.identity
        }
        return looks[index]
    }

    /// A stat(2) of what a stored path means here.
    private mutating func status(of path: ManifestView.PathView) -> FileStatus? {
        // The manifest holds it as the kernel wants it. No text is a root's own; a path without a mark has one.
        if path.mark == 0, let text = path.text.baseAddress {
            return FileStatus.of(text.assumingMemoryBound(to: CChar.self))
        }
        guard let root = context.roots.path(of: path.mark) else { return nil }
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: root)
        buffer.append(contentsOf: path.text)
        buffer.append(0)
        return buffer.withUnsafeBytes { bytes in
            FileStatus.of(bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }
}
