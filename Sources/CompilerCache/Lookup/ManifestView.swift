internal import Files
internal import LarderStore

/// A manifest as it lies in memory, looked into without taking it apart.
///
/// A hit reads a few hundred records once. Making arrays of them would cost more than the rest of the hit, so the
/// view only notes where each record begins; whoever changes a manifest decodes it, through this. Grammar: ``ManifestFormat``.
struct ManifestView: ~Copyable {
    /// Where a record begins.
    private let offsets: UnsafeMutablePointer<Int32>
    private let bytes: UnsafeRawBufferPointer
    let pathCount: Int
    let fileCount: Int
    let directoryCount: Int
    let candidateCount: Int

    /// Nil for what is no manifest that we understand.
    ///
    /// `bytes` must outlive the view.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == ManifestFormat.version,
            let paths = reader.count(), let files = reader.count(), let directories = reader.count(),
            let candidates = reader.count(), bytes.count < Int(Int32.max)
        else { return nil }
        // Each count is less than the number of bytes, so the sum cannot overflow.
        let offsets = UnsafeMutablePointer<Int32>.allocate(capacity: paths + files + directories + candidates + 1)
        var next = 0
        func note() {
            offsets[next] = Int32(truncatingIfNeeded: reader.position)
            next += 1
        }
        var isWhole = true
        for _ in 0..<paths where isWhole {
            note()
            isWhole = reader.skip(1) && reader.skipText() && reader.integer(UInt8.self) == 0
        }
        for _ in 0..<files where isWhole {
            note()
            isWhole = reader.skip(4 + 1 + 8 + 32) && reader.skipIdentities()
        }
        for _ in 0..<directories where isWhole {
            note()
            isWhole = reader.skip(4) && reader.skipTexts() && reader.skipIdentities()
        }
        for _ in 0..<candidates where isWhole {
            note()
            isWhole = reader.skip(32) && reader.skipNumbers() && reader.skipNumbers() && reader.skipConditions()
        }
        guard isWhole else {
            offsets.deallocate()
            return nil
        }
        self.offsets = offsets
        self.bytes = bytes
        (pathCount, fileCount, directoryCount, candidateCount) = (paths, files, directories, candidates)
    }

    deinit { offsets.deallocate() }

    private func reader(_ index: Int) -> Reader {
        var reader = Reader(bytes)
        reader.position = Int(offsets[index])
        return reader
    }

    // MARK: - Records

    struct PathView {
        let mark: UInt8
        /// Without the NUL behind it.
        let text: UnsafeRawBufferPointer
    }

    func path(_ index: Int) -> PathView {
        var reader = reader(index)
        let mark = reader.integer(UInt8.self) ?? 0
        return PathView(mark: mark, text: reader.textView() ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    struct FileView {
        let path: Int
        let expectation: Manifest.FileRecord.Expectation
        let size: Int64
        /// 32 bytes.
        let digest: UnsafeRawBufferPointer
        let identities: IdentitiesView
    }

    /// Nil for a number that the manifest has no file for.
    func file(_ index: Int) -> FileView? {
        guard index < fileCount else { return nil }
        var reader = reader(pathCount + index)
        guard let path = reader.integer(UInt32.self), path < pathCount,
            let expectation = reader.integer(UInt8.self).flatMap(Manifest.FileRecord.Expectation.init(rawValue:)),
            let size = reader.integer(Int64.self), let digest = reader.view(32), let identities = reader.identities()
        else { return nil }
        return FileView(
            path: Int(path),
            expectation: expectation,
            size: size,
            digest: digest,
            identities: identities
        )
    }

    struct DirectoryView {
        let path: Int
        let nameCount: Int
        let names: TextsView
        let identities: IdentitiesView
    }

    /// Nil for a number that the manifest has no directory for.
    func directory(_ index: Int) -> DirectoryView? {
        guard index < directoryCount else { return nil }
        var reader = reader(pathCount + fileCount + index)
        guard let path = reader.integer(UInt32.self), path < pathCount else { return nil }
        let names = TextsView(reader)
        guard reader.skipTexts(), let identities = reader.identities() else { return nil }
        return DirectoryView(path: Int(path), nameCount: names.count, names: names, identities: identities)
    }

    struct CandidateView {
        let result: EntryKey
        let files: NumbersView
        let directories: NumbersView
        let conditions: UnsafeRawBufferPointer
    }

    func candidate(_ index: Int) -> CandidateView? {
        var reader = reader(pathCount + fileCount + directoryCount + index)
        guard let result = reader.view(32).flatMap({ Digest(memory: $0) }), let files = reader.numbers(),
            let directories = reader.numbers(), let count = reader.integer(UInt8.self),
            let conditions = reader.view(Int(count) * 33)
        else { return nil }
        return CandidateView(
            result: EntryKey(digest: result),
            files: files,
            directories: directories,
            conditions: conditions
        )
    }

    // MARK: - Lists within records

    struct NumbersView {
        let bytes: UnsafeRawBufferPointer
        var count: Int { bytes.count / 4 }
        subscript(index: Int) -> Int {
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        }
        /// All of them; nil when one is not below `limit`.
        func all(below limit: Int) -> [Int]? {
            let numbers = (0..<count).map { self[$0] }
            return numbers.allSatisfy { $0 < limit } ? numbers : nil
        }
    }

    struct IdentitiesView {
        let bytes: UnsafeRawBufferPointer

        func contains(_ identity: FileIdentity) -> Bool {
            // One that proves nothing may stand there from a time when that was not known.
            guard identity.isStampedOnChange else { return false }
            var offset = 0
            while offset < bytes.count {
                // The inode differs first where anything does.
                if bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) == identity.inode.littleEndian,
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == identity.device.littleEndian,
                    bytes.loadUnaligned(fromByteOffset: offset + 16, as: Int64.self) == identity.size.littleEndian,
                    bytes.loadUnaligned(fromByteOffset: offset + 24, as: Int64.self) == identity.modified.littleEndian,
                    bytes.loadUnaligned(fromByteOffset: offset + 32, as: Int64.self) == identity.changed.littleEndian
                {
                    return true
                }
                offset += 40
            }
            return false
        }

        var all: [FileIdentity] {
            stride(from: 0, to: bytes.count, by: 40).map { offset in
                func number<I: FixedWidthInteger>(_ index: Int, as _: I.Type) -> I {
                    I(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8 * index, as: I.self))
                }
                return FileIdentity(
                    device: number(0, as: UInt64.self),
                    inode: number(1, as: UInt64.self),
                    size: number(2, as: Int64.self),
                    modified: number(3, as: Int64.self),
                    changed: number(4, as: Int64.self)
                )
            }
        }
    }

    /// Texts one behind the other.
    struct TextsView {
        private var reader: Reader
        let count: Int

        fileprivate init(_ start: Reader) {
            reader = start
            count = reader.count() ?? 0
        }

        mutating func next() -> UnsafeRawBufferPointer? { reader.textView() }
    }

    /// Takes bytes apart from the front; what does not fit is nil or false.
    fileprivate struct Reader {
        private let bytes: UnsafeRawBufferPointer
        var position = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        @inline(__always)
        mutating func integer<I: FixedWidthInteger>(_: I.Type) -> I? {
            guard bytes.count - position >= MemoryLayout<I>.size else { return nil }
            defer { position += MemoryLayout<I>.size }
            return I(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: I.self))
        }

        @inline(__always)
        mutating func count() -> Int? {
            guard let count = integer(UInt32.self), Int(count) <= bytes.count - position else { return nil }
            return Int(count)
        }

        mutating func skip(_ count: Int) -> Bool {
            guard count <= bytes.count - position else { return false }
            position += count
            return true
        }

        @inline(__always)
        mutating func view(_ count: Int) -> UnsafeRawBufferPointer? {
            guard count <= bytes.count - position, let base = bytes.baseAddress else { return nil }
            defer { position += count }
            // A slice would be checked once more, for each of some hundred records.
            return UnsafeRawBufferPointer(start: base + position, count: count)
        }

        mutating func textView() -> UnsafeRawBufferPointer? { count().flatMap { view($0) } }
        mutating func skipText() -> Bool { count().map { skip($0) } ?? false }

        mutating func skipTexts() -> Bool {
            guard let count = count() else { return false }
            for _ in 0..<count where !skipText() { return false }
            return true
        }

        mutating func numbers() -> NumbersView? {
            count().flatMap { view($0 * 4) }.map { NumbersView(bytes: $0) }
        }

        mutating func skipNumbers() -> Bool { count().map { skip($0 * 4) } ?? false }

        @inline(__always)
        mutating func identities() -> IdentitiesView? {
            integer(UInt8.self).flatMap { view(Int($0) * 40) }.map { IdentitiesView(bytes: $0) }
        }

        mutating func skipIdentities() -> Bool { integer(UInt8.self).map { skip(Int($0) * 40) } ?? false }
        mutating func skipConditions() -> Bool { integer(UInt8.self).map { skip(Int($0) * 33) } ?? false }
    }
}
