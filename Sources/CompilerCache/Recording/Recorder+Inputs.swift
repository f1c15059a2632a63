internal import Files
internal import LarderStore

/// Reading what a compile has read, as it was when it was read.
extension Recorder {
    /// How a source is read.
    var dialect: InputMemo.Dialect {
        .init(isAssembler: request.language == .assembler, hasRawStrings: request.hasRawStrings)
    }

    /// Reads one input, makes sure that it is what the compiler read, and records it.
    ///
    /// - Parameter name: under which name it may have been known before; nil for its path.
    mutating func read(
        _ path: Word,
        scans: Bool,
        questionMacros: Set<Word> = [],
        knownAs name: Word? = nil
    ) throws(Refusal) -> Content {
        let content: Content
        // A scan for other questions is another scan.
        if questionMacros.isEmpty, let known = known(path, scans: scans) {
            content = known
        } else {
            content = try self.content(of: path, scans: scans, questionMacros)
        }
        guard steadiness.isSteady(path) else { throw .inputTooYoung }
        if !content.identity.isSettled(before: started) {
            guard let known = knownBefore[name ?? path], known.identity == content.identity,
                known.digest == content.digest
            else { throw .inputTooYoung }
        }
        recording.files.append(
            (context.stored(path), .content, content.identity.size, content.digest, trusted(content.identity, path))
        )
        return content
    }

    /// What is remembered of a file that has not changed since.
    func known(_ path: Word, scans: Bool) -> Content? {
        // What is preprocessed is read for more.
        guard let memo, !isPreprocessed, let status = FileStatus.of(Path(bytes: path)), status.kind == .regular,
            let input = memo.input(status.identity, scans ? dialect : nil)
        else { return nil }
        return Content(path: path, identity: status.identity, digest: input.digest, scan: input.scan)
    }

    /// In bytes; no header is as long.
    private static let longestGuess = 16 << 20

    func content(
        of path: Word,
        scans: Bool,
        _ questionMacros: Set<Word>
    ) throws(Refusal) -> Content {
        if RegularFile.isSpecial(Path(bytes: path)) { throw .specialInput }
        // What the compiler may not have read is taken for less than what it has.
        guard let file = try? RegularFile(at: Path(bytes: path), isRegular: true),
            let bytes = try? file.bytes(limit: isGuessing ? Self.longestGuess : RegularFile.longestText),
            file.isUnchanged, bytes.count == file.status.size
        else { throw .inputUnreadable }
        // It reads a precompiled header that no list names.
        if isPreprocessed, bytes.firstIndex(of: Word("pch_preprocess")) != nil { throw .precompiledHeader }
        let isText = scans && !Self.isPrecompiled(bytes)
        let content = Content(
            path: path,
            identity: file.status.identity,
            digest: Digest.of(bytes),
            scan: isText ? scan(bytes, questionMacros: questionMacros) : nil
        )
        if let memo, questionMacros.isEmpty, content.identity.isSettled(before: started),
            content.identity.provesContent(at: Path(bytes: path))
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

    /// The identity, unless it proves nothing on the file system where it is.
    mutating func trusted(_ identity: FileIdentity, _ path: Word) -> FileIdentity? {
        guard identity.isSettled(before: started) else { return nil }
        return trust.provesContent(identity, at: Path(bytes: path)) ? identity : nil
    }

    /// Records where a root of the system leads that is reached by a link: gcc names and searches what lies there.
    mutating func recordSystemRoots() throws(Refusal) {
        for root in SearchPath.systemRoots(of: request) where request.family == .gcc {
            subject = root
            let path = Path(bytes: root)
            guard let real = Directory.realPath(path), real != path.resolved(in: context.command.directory) else {
                continue
            }
            guard steadiness.isSteady(root) else { throw .inputTooYoung }
            recording.files.append((context.stored(root), .realPath, 0, Digest.of(Array(real.bytes)), nil))
        }
    }

    /// Records links that were followed in vain: as soon as one leads somewhere it is another search.
    mutating func record(dangling links: Set<Word>) throws(Refusal) {
        for link in links.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            subject = link
            guard steadiness.isSteady(link), FileStatus.of(Path(bytes: link)) == nil else { throw .inputTooYoung }
            guard let value = Manifest.digest(ofWhere: Path(bytes: link)) else {
                throw .inputUnreadable
            }
            recording.files.append((context.stored(link), .realPath, 0, value, nil))
        }
    }

    /// Records what led to the directories that are searched.
    mutating func take(_ probes: DriverProbes, _ search: inout HeaderSearch) throws(Refusal) {
        // The compiler may not have been asked since something appeared.
        guard probes.areAsBefore else { throw .inputTooYoung }
        for path in probes.absent { search.noteAbsence(path) }
        let known = Set(toolchain.files.map(\.path))
        for path in probes.present where !known.contains(path) {
            recording.files.append((context.stored(path), .exists, 0, Digest.of([]), nil))
        }
        for (path, names) in probes.listed {
            subject = path
            guard steadiness.isSteady(path), let identity = FileStatus.of(Path(bytes: path))?.identity,
                identity.isSettled(before: started)
            else { throw .inputTooYoung }
            recording.files.append((context.stored(path), .names, 0, names, trusted(identity, path)))
        }
    }
}
