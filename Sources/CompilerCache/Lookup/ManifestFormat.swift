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
/// manifest. History: 1, the first; 2, a NUL behind each path. Within 2 came the expectations `status`, `realPath`, `attributes`
/// and `entries`, and directories without names: who does not know them finds that the candidate does not hold.
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
        guard let view = ManifestView(bytes) else { return nil }
        var manifest = Manifest()
        for index in 0..<view.pathCount {
            let path = view.path(index)
            manifest.paths.append(.init(mark: path.mark, text: Word(path.text)))
        }
        for index in 0..<view.fileCount {
            guard let file = view.file(index), let digest = Digest(memory: file.digest) else { return nil }
            manifest.files.append(
                .init(
                    path: file.path,
                    expectation: file.expectation,
                    size: file.size,
                    digest: digest,
                    identities: file.identities.all
                )
            )
        }
        for index in 0..<view.directoryCount {
            guard let directory = view.directory(index) else { return nil }
            var (names, absent) = (directory.names, [Word]())
            for _ in 0..<directory.nameCount {
                guard let name = names.next() else { return nil }
                absent.append(Word(name))
            }
            manifest.directories.append(
                .init(path: directory.path, absentNames: absent, identities: directory.identities.all)
            )
        }
        for index in 0..<view.candidateCount {
            guard let candidate = view.candidate(index), let files = candidate.files.all(below: view.fileCount),
                let directories = candidate.directories.all(below: view.directoryCount),
                let conditions = conditions(candidate.conditions)
            else { return nil }
            manifest.candidates.append(
                .init(result: candidate.result, files: files, directories: directories, conditions: conditions)
            )
        }
        return manifest
    }

    private static func conditions(_ bytes: UnsafeRawBufferPointer) -> [Manifest.Condition]? {
        var conditions: [Manifest.Condition] = []
        for offset in stride(from: 0, to: bytes.count, by: 1 + Digest.byteCount) {
            let value = UnsafeRawBufferPointer(rebasing: bytes[(offset + 1)..<(offset + 1 + Digest.byteCount)])
            guard let kind = Manifest.Condition.Kind(rawValue: bytes[offset]), let value = Digest(memory: value)
            else { return nil }
            conditions.append(.init(kind: kind, value: value))
        }
        return conditions
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
}
