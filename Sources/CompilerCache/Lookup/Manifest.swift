internal import Files
internal import LarderStore

/// What is known about one request: results, and for each the state of the world in which it holds.
///
/// A request's key covers its words; what the compiler *read* is here. Several results stand side by side, so a
/// header that goes from A to B and back to A finds its first result again.
struct Manifest: Sendable {
    /// A path as it is kept: relative to a root of the checkout where it lies in one.
    struct StoredPath: Hashable, Sendable {
        /// A mark of ``CheckoutRoots``, or 0 for a path that is used as it is.
        var mark: UInt8
        var text: Word
    }

    /// A file in one state.
    struct FileRecord: Sendable {
        enum Expectation: UInt8, Sendable {
            /// The content has the digest.
            case content = 1
            /// Something is there; what is in it does not matter.
            case exists = 2
            /// A directory is there, which hides nothing.
            case directory = 3
            /// The environment's variable of this name has the value with the digest; a size of -1 says that it is not set.
            case variable = 4
            /// The directory holds just the names with the digest.
            case names = 5
            /// The file has this size, and the digest is that of its time.
            case status = 6
            /// The path leads to the file whose real name has the digest.
            case realPath = 7
            /// What stat(2) tells of the path has the digest, see ``Manifest/digest(ofAttributesOf:)``.
            case attributes = 8
            /// The directory holds just the names with the digest, each a file, a directory or a link as it was.
            case entries = 9
        }
        var path: Int
        var expectation: Expectation
        var size: Int64
        var digest: Digest
        /// Identities under which this content was seen: one for each checkout, the newest last.
        var identities: [FileIdentity]
    }

    /// A directory in which nothing must appear under certain names; without names, a directory or a file that may be the
    /// same as another one (see ``Condition/Kind/directories``).
    struct DirectoryRecord: Sendable {
        var path: Int
        /// Sorted.
        var absentNames: [Word]
        var identities: [FileIdentity]
    }

    /// A result and its conditions.
    struct Candidate: Sendable {
        var result: EntryKey
        var files: [Int]
        var directories: [Int]
        var conditions: [Condition]
    }

    /// A condition besides files.
    struct Condition: Hashable, Sendable {
        /// Reaches the disk: a number is never given another meaning.
        enum Kind: UInt8, Sendable {
            /// The checkout roots and the working directory are these: the result names one of them.
            case place = 1
            /// The diagnostics go to a terminal, or to none, of this kind: there are diagnostics.
            case terminal = 2
            /// `SOURCE_DATE_EPOCH` has this value: a date is in the result.
            case epoch = 3
            /// The dependency file is asked for in just this form: ours differs from the compiler's.
            case dependencyFile = 4
            /// A program found through `PATH` is this one: the assembler.
            case program = 5
            /// Those of the directories that are the same one are these: two of them are.
            case directories = 6
        }
        var kind: Kind
        var value: Digest
    }

    /// More results than these are not kept; the oldest goes first.
    ///
    /// Few are enough for a source that is edited. Names such as a configure script's `conftest.c` have a content for each of its
    /// questions; they include little, so many of them take no more room.
    static let candidateLimit = 256
    /// So many are kept in any case; of more, as many as have no more files and directories together than ``referenceLimit``.
    static let usualCandidateLimit = 16
    static let referenceLimit = 65_536
    /// Identities kept for a file: as many checkouts can share it without reading it.
    static let identityLimit = 4

    var paths: [StoredPath] = []
    var files: [FileRecord] = []
    var directories: [DirectoryRecord] = []
    /// The newest last.
    var candidates: [Candidate] = []
}

extension Manifest {
    /// What identifies the time at which a file was written.
    static func digest(ofTimeIn identity: FileIdentity) -> Digest {
        withUnsafeBytes(of: identity.modified.littleEndian) { Digest.of(Array($0)) }
    }

    /// What identifies where a path leads: its real name, or, for a link that leads nowhere, what it says; nil for neither.
    static func digest(ofWhere path: Path) -> Digest? {
        if let real = Directory.realPath(path) { return Digest.of(Array(real.bytes)) }
        return Directory.target(ofLink: path).map { Digest.of([UInt8(ascii: "?")] + $0.bytes) }
    }
}

extension Manifest {
    /// What identifies the kind, the owner and the permissions of what is at a path, a file's size and time, and where a link leads; nil
    /// where nothing is there.
    static func digest(ofAttributesOf path: Path) -> Digest? {
        guard let link = FileStatus.ofLink(path) else { return nil }
        var key = KeyBuilder(domain: "attributes-1")
        func add(_ status: FileStatus) {
            for number in [status.mode, status.owner, status.group] { key.add("number", Int64(number)) }
            guard status.kind != .directory else { return }
            key.add("size", status.identity.size)
            key.add("time", status.identity.modified)
        }
        if link.kind == .symbolicLink {
            key.add("target", Directory.target(ofLink: path).map { Array($0.bytes) } ?? [])
            if let status = FileStatus.of(path) { add(status) }
        } else {
            add(link)
        }
        return key.finish().digest
    }

    /// What identifies the names in a directory, and what has them; nil where it cannot be read.
    static func digest(ofEntriesIn path: Path) -> Digest? {
        guard let names = try? Directory.namesWithKinds(in: path) else { return nil }
        var key = KeyBuilder(domain: "entries-1")
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) { key.add("name", Array(name)) }
        return key.finish().digest
    }
}

// MARK: - Adding

extension Manifest {
    /// What a compile has shown; goes into a manifest with ``add(_:)``.
    struct Recording: Sendable {
        typealias File = (
            path: StoredPath, expectation: FileRecord.Expectation, size: Int64, digest: Digest, identity: FileIdentity?
        )
        typealias Directory = (path: StoredPath, absentNames: [Word], identity: FileIdentity?)

        var result: EntryKey
        var files: [File] = []
        var directories: [Directory] = []
        var conditions: [Condition] = []
    }

    /// Adds a result; one with the same key is replaced.
    ///
    /// Records that no candidate needs any more are dropped.
    mutating func add(_ recording: Recording) {
        candidates.removeAll { $0.result == recording.result }
        limitCandidates(beside: recording.files.count + recording.directories.count)
        var known: [StoredPath: Int] = [:]
        for (index, path) in paths.enumerated() { known[path] = index }
        candidates.append(
            Candidate(
                result: recording.result,
                files: add(recording.files, &known),
                directories: add(recording.directories, &known),
                conditions: recording.conditions
            )
        )
        dropUnused()
    }

    /// The number of a path, which is new where `known` does not name it.
    private mutating func number(of path: StoredPath, _ known: inout [StoredPath: Int]) -> Int {
        if let index = known[path] { return index }
        paths.append(path)
        known[path] = paths.count - 1
        return paths.count - 1
    }

    /// The numbers of the records that say what a compile has read.
    private mutating func add(_ recorded: [Recording.File], _ known: inout [StoredPath: Int]) -> [Int] {
        var byPath: [Int: [Int]] = [:]
        for (index, file) in files.enumerated() { byPath[file.path, default: []].append(index) }
        var numbers: [Int] = []
        for file in recorded {
            let path = number(of: file.path, &known)
            let same = byPath[path]?.first {
                files[$0].expectation == file.expectation && files[$0].size == file.size
                    && files[$0].digest == file.digest
            }
            if let same {
                if let identity = file.identity { Self.note(identity, in: &files[same].identities) }
                numbers.append(same)
                continue
            }
            files.append(
                FileRecord(
                    path: path,
                    expectation: file.expectation,
                    size: file.size,
                    digest: file.digest,
                    identities: file.identity.map { [$0] } ?? []
                )
            )
            byPath[path, default: []].append(files.count - 1)
            numbers.append(files.count - 1)
        }
        return numbers
    }

    /// The numbers of the records that say where a compile has searched in vain.
    private mutating func add(_ recorded: [Recording.Directory], _ known: inout [StoredPath: Int]) -> [Int] {
        var byPath: [Int: [Int]] = [:]
        for (index, directory) in directories.enumerated() { byPath[directory.path, default: []].append(index) }
        var numbers: [Int] = []
        for directory in recorded {
            let path = number(of: directory.path, &known)
            let same = byPath[path]?.first { directories[$0].absentNames == directory.absentNames }
            if let same {
                if let identity = directory.identity { Self.note(identity, in: &directories[same].identities) }
                numbers.append(same)
                continue
            }
            directories.append(
                DirectoryRecord(
                    path: path,
                    absentNames: directory.absentNames,
                    identities: directory.identity.map { [$0] } ?? []
                )
            )
            numbers.append(directories.count - 1)
        }
        return numbers
    }

    /// Drops the oldest candidates, so that there is room for one more with so many files and directories.
    private mutating func limitCandidates(beside references: Int) {
        var (references, kept) = (references, 0)
        for candidate in candidates.reversed() {
            references += candidate.files.count + candidate.directories.count
            guard kept + 1 < Self.usualCandidateLimit || references <= Self.referenceLimit,
                kept + 1 < Self.candidateLimit
            else { break }
            kept += 1
        }
        candidates.removeFirst(candidates.count - kept)
    }

    /// Remembers that something was found unchanged under an identity that was not known.
    mutating func add(_ new: ManifestCheck.NewIdentity) {
        switch new.subject {
        case .file(let path, let digest):
            for index in files.indices
            where files[index].expectation == .content && files[index].digest == digest
                && paths[files[index].path] == path
            { Self.note(new.identity, in: &files[index].identities) }
        case .directory(let path, let names):
            for index in directories.indices
            where directories[index].absentNames == names && paths[directories[index].path] == path {
                Self.note(new.identity, in: &directories[index].identities)
            }
        }
    }

    /// Remembers one more identity of a known content.
    static func note(_ identity: FileIdentity, in identities: inout [FileIdentity]) {
        identities.removeAll { $0 == identity }
        if identities.count >= identityLimit { identities.removeFirst() }
        identities.append(identity)
    }

    /// Drops what no candidate refers to.
    private mutating func dropUnused() {
        let usedFiles = Set(candidates.flatMap(\.files))
        let usedDirectories = Set(candidates.flatMap(\.directories))
        guard usedFiles.count < files.count || usedDirectories.count < directories.count else { return }
        var trimmed = Manifest()
        var newPath: [Int: Int] = [:]
        func move(_ path: Int) -> Int {
            if let index = newPath[path] { return index }
            trimmed.paths.append(paths[path])
            newPath[path] = trimmed.paths.count - 1
            return trimmed.paths.count - 1
        }
        var newFile: [Int: Int] = [:]
        for (index, file) in files.enumerated() where usedFiles.contains(index) {
            var file = file
            file.path = move(file.path)
            trimmed.files.append(file)
            newFile[index] = trimmed.files.count - 1
        }
        var newDirectory: [Int: Int] = [:]
        for (index, directory) in directories.enumerated() where usedDirectories.contains(index) {
            var directory = directory
            directory.path = move(directory.path)
            trimmed.directories.append(directory)
            newDirectory[index] = trimmed.directories.count - 1
        }
        trimmed.candidates = candidates.map { candidate in
            var candidate = candidate
            candidate.files = candidate.files.compactMap { newFile[$0] }
            candidate.directories = candidate.directories.compactMap { newDirectory[$0] }
            return candidate
        }
        self = trimmed
    }
}
