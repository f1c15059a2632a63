internal import Files
internal import LarderStore

/// How a manifest lies in its entry's only part.
///
///     manifest    ::= version:u32 counts path* file* directory* candidate*
///     counts      ::= paths:u32 files:u32 directories:u32 candidates:u32
///     path        ::= mark:u8 length:u32 byte* 00            a path without a mark is handed to the kernel as it lies
///     file        ::= path:u32 expectation:u8 size:i64 digest:32 identities
///     directory   ::= path:u32 names:u32 name* identities
///     name        ::= length:u32 byte*
///     identities  ::= count:u8 identity*
///     identity    ::= device:u64 inode:u64 size:i64 modified:i64 changed:i64
///     candidate   ::= result:32 files:u32 file-number:u32* directories:u32 directory-number:u32*
///                     conditions:u8 (kind:u8 value:32)*
///
/// Integers are little-endian. The entry around it verifies the bytes; what does not parse in spite of that is no
/// manifest. History: 1, the first; 2, a NUL behind each path.
enum ManifestFormat {
    static let version: UInt32 = 2

    static func encode(_ manifest: Manifest) -> [UInt8] {
        var out = Writer()
        out.integer(version)
        for count in [
            manifest.paths.count, manifest.files.count, manifest.directories.count, manifest.candidates.count,
        ] {
            out.integer(UInt32(truncatingIfNeeded: count))
        }
        for path in manifest.paths {
            out.integer(path.mark)
            out.text(path.text)
            out.integer(0 as UInt8)
        }
        for file in manifest.files {
            out.integer(UInt32(truncatingIfNeeded: file.path))
            out.integer(file.expectation.rawValue)
            out.integer(file.size)
            out.digest(file.digest)
            out.identities(file.identities)
        }
        for directory in manifest.directories {
            out.integer(UInt32(truncatingIfNeeded: directory.path))
            out.integer(UInt32(truncatingIfNeeded: directory.absentNames.count))
            for name in directory.absentNames { out.text(name) }
            out.identities(directory.identities)
        }
        for candidate in manifest.candidates {
            out.digest(candidate.result.digest)
            out.numbers(candidate.files)
            out.numbers(candidate.directories)
            out.integer(UInt8(truncatingIfNeeded: candidate.conditions.count))
            for condition in candidate.conditions {
                out.integer(condition.kind.rawValue)
                out.digest(condition.value)
            }
        }
        return out.bytes
    }

    /// The manifest in `bytes`, or nil when they are none that we understand.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> Manifest? {
        var reader = Reader(bytes)
        return decode(&reader)
    }

    private static func decode(_ reader: inout Reader) -> Manifest? {
        guard reader.integer(UInt32.self) == version,
            let pathCount = reader.count(), let fileCount = reader.count(), let directoryCount = reader.count(),
            let candidateCount = reader.count()
        else { return nil }
        var manifest = Manifest()
        manifest.paths.reserveCapacity(pathCount)
        for _ in 0..<pathCount {
            guard let mark = reader.integer(UInt8.self), let text = reader.text(), reader.integer(UInt8.self) == 0
            else { return nil }
            manifest.paths.append(.init(mark: mark, text: text))
        }
        manifest.files.reserveCapacity(fileCount)
        for _ in 0..<fileCount {
            guard let path = reader.number(below: pathCount),
                let expectation = reader.integer(UInt8.self).flatMap(Manifest.FileRecord.Expectation.init(rawValue:)),
                let size = reader.integer(Int64.self), let digest = reader.digest(),
                let identities = reader.identities()
            else { return nil }
            manifest.files.append(
                .init(path: path, expectation: expectation, size: size, digest: digest, identities: identities)
            )
        }
        for _ in 0..<directoryCount {
            guard let path = reader.number(below: pathCount), let nameCount = reader.count() else { return nil }
            var names: [Word] = []
            names.reserveCapacity(nameCount)
            for _ in 0..<nameCount {
                guard let name = reader.text() else { return nil }
                names.append(name)
            }
            guard let identities = reader.identities() else { return nil }
            manifest.directories.append(.init(path: path, absentNames: names, identities: identities))
        }
        for _ in 0..<candidateCount {
            guard let result = reader.digest(), let files = reader.numbers(below: fileCount),
                let directories = reader.numbers(below: directoryCount), let conditionCount = reader.integer(UInt8.self)
            else { return nil }
            var conditions: [Manifest.Condition] = []
            for _ in 0..<conditionCount {
                guard let kind = reader.integer(UInt8.self).flatMap(Manifest.Condition.Kind.init(rawValue:)),
                    let value = reader.digest()
                else { return nil }
                conditions.append(.init(kind: kind, value: value))
            }
            manifest.candidates.append(
                .init(result: EntryKey(digest: result), files: files, directories: directories, conditions: conditions)
            )
        }
        return manifest
    }

    private struct Writer {
        var bytes: [UInt8] = []

        init() { bytes.reserveCapacity(1 << 15) }

        mutating func integer(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }

        mutating func text(_ text: Word) {
            integer(UInt32(truncatingIfNeeded: text.count))
            bytes.append(contentsOf: text)
        }

        mutating func digest(_ digest: Digest) { digest.withBytes { bytes.append(contentsOf: $0) } }

        mutating func numbers(_ numbers: [Int]) {
            integer(UInt32(truncatingIfNeeded: numbers.count))
            for number in numbers { integer(UInt32(truncatingIfNeeded: number)) }
        }

        mutating func identities(_ identities: [FileIdentity]) {
            integer(UInt8(truncatingIfNeeded: identities.count))
            for identity in identities {
                integer(identity.device)
                integer(identity.inode)
                integer(identity.size)
                integer(identity.modified)
                integer(identity.changed)
            }
        }
    }

    /// Takes bytes apart from the front; what does not fit is nil.
    private struct Reader {
        private let bytes: UnsafeRawBufferPointer
        private var position = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        mutating func integer<I: FixedWidthInteger>(_: I.Type) -> I? {
            guard bytes.count - position >= MemoryLayout<I>.size else { return nil }
            defer { position += MemoryLayout<I>.size }
            return I(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: I.self))
        }

        /// A number of things of at least one byte each: never more than there are bytes left.
        mutating func count() -> Int? {
            guard let count = integer(UInt32.self), Int(count) <= bytes.count - position else { return nil }
            return Int(count)
        }

        mutating func number(below limit: Int) -> Int? {
            guard let number = integer(UInt32.self), Int(number) < limit else { return nil }
            return Int(number)
        }

        mutating func numbers(below limit: Int) -> [Int]? {
            guard let count = count() else { return nil }
            var numbers: [Int] = []
            numbers.reserveCapacity(count)
            for _ in 0..<count {
                guard let number = number(below: limit) else { return nil }
                numbers.append(number)
            }
            return numbers
        }

        mutating func text() -> Word? {
            guard let count = count() else { return nil }
            defer { position += count }
            return Word(bytes[position..<(position + count)])
        }

        mutating func digest() -> Digest? {
            guard bytes.count - position >= Digest.byteCount else { return nil }
            defer { position += Digest.byteCount }
            return Digest(bytes: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Digest.byteCount)]))
        }

        mutating func identities() -> [FileIdentity]? {
            guard let count = integer(UInt8.self), bytes.count - position >= Int(count) * 40 else { return nil }
            var identities: [FileIdentity] = []
            identities.reserveCapacity(Int(count))
            for _ in 0..<count {
                guard let device = integer(UInt64.self), let inode = integer(UInt64.self),
                    let size = integer(Int64.self),
                    let modified = integer(Int64.self), let changed = integer(Int64.self)
                else { return nil }
                identities.append(.init(device: device, inode: inode, size: size, modified: modified, changed: changed))
            }
            return identities
        }
    }
}
