package import Files

/// The digests of files that were read, found again by the files' identities: shared by every process that uses a cache.
///
/// One file of a fixed size, read and written in place without a lock. A slot that is being written, or was cut short by a
/// kill or a full disk, has a wrong checksum and is empty; whoever needs a slot takes the oldest of its row. So it may forget
/// anything at any time, and says nothing that it was not told.
///
///     table    ::= row*                                      4096 rows at most, 1.5 MiB; a hole is empty slots
///     row      ::= slot slot slot slot
///     slot     ::= magic identity digest sum                 96 bytes; all integers little-endian
///     magic    ::= 89 "LARDG" 0A version                     version 01
///     identity ::= device:u64 inode:u64 size:i64 modified:i64 changed:i64    device: its complement for a verified entry
///     digest   ::= 32 bytes                                  SHA-256 of the file's content; of a verified entry its key; of a
///                                                            linked output half its key and the XXH3-128 of its content
///     sum      ::= u64 u64                                   XXH3-128 of the slot before it, low half first
///
/// The row of a file is the low bits of the low half of the XXH3-128 of its device and inode. Version history: 1, the first.
package struct DigestTable: Sendable {
    private static let magic: [UInt8] = [0x89] + Array("LARDG".utf8) + [0x0A, 1]
    private static let slotLength = 96
    private static let slotsPerRow = 4
    private static let rowLength = slotLength * slotsPerRow
    private static let rows: UInt64 = 4096

    let directory: Path

    /// The table of the cache in `directory`.
    ///
    /// Every hit makes one, and most ask it nothing.
    package init(in directory: Path) { self.directory = directory }

    static func path(in directory: Path) -> Path { directory.appending("digests") }

    /// What the file of this identity held; nil where that is not known.
    package func digest(of identity: FileIdentity) -> Digest? {
        guard let file = try? Descriptor(opening: Self.path(in: directory), openForReading),
            let row = try? file.bytes(at: Self.offset(of: identity), count: Self.rowLength)
        else { return nil }
        for slot in Self.slots(of: row) where slot.identity == identity { return slot.digest }
        return nil
    }

    /// Remembers what the file of this identity holds.
    ///
    /// Only for an identity that the file will never have with another content. That it could not be written is no error;
    /// nothing is in a directory that holds other files, or a cache of another format.
    package func remember(_ digest: Digest, of identity: FileIdentity) {
        guard let isPresent = try? StoreFormat.isPresent(in: directory),
            isPresent || (try? StoreFormat.write(in: directory)) != nil,
            let file = try? Descriptor(openingForUpdate: Self.path(in: directory))
        else { return }
        let offset = Self.offset(of: identity)
        guard let row = try? file.bytes(at: offset, count: Self.rowLength) else { return }
        let slots = Self.slots(of: row)
        let same = slots.firstIndex { $0.identity?.device == identity.device && $0.identity?.inode == identity.inode }
        let chosen =
            same ?? (slots.count < Self.slotsPerRow ? slots.count : nil) ?? slots.firstIndex { $0.identity == nil }
            ?? slots.indices.min { slots[$0].age < slots[$1].age } ?? 0
        try? file.write(Self.encode(digest, identity), at: offset + chosen * Self.slotLength)
    }

    private static func offset(of identity: FileIdentity) -> Int {
        var name: [UInt8] = []
        append(identity.device, to: &name)
        append(identity.inode, to: &name)
        let sum = name.withUnsafeBytes { Checksum(of: $0) }
        return Int(sum.low % rows) * rowLength
    }

    // MARK: - Slots

    private struct Slot {
        var identity: FileIdentity?
        var digest: Digest?

        var age: Int64 { identity?.changed ?? .min }
    }

    /// The slots that are there; fewer where the file ends.
    private static func slots(of row: [UInt8]) -> [Slot] {
        stride(from: 0, to: row.count - row.count % slotLength, by: slotLength).map { start in
            decode(row[start..<(start + slotLength)])
        }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> Slot {
        var reader = ByteReader(bytes)
        guard let magic = reader.bytes(magic.count), magic.elementsEqual(Self.magic),
            let device = reader.integer(UInt64.self), let inode = reader.integer(UInt64.self),
            let size = reader.integer(Int64.self), let modified = reader.integer(Int64.self),
            let changed = reader.integer(Int64.self), let digest = reader.bytes(Digest.byteCount),
            let low = reader.integer(UInt64.self), let high = reader.integer(UInt64.self),
            bytes.dropLast(16).withUnsafeBytes({ Checksum(of: $0) }) == Checksum(low: low, high: high)
        else { return Slot() }
        let identity = FileIdentity(device: device, inode: inode, size: size, modified: modified, changed: changed)
        return Slot(identity: identity, digest: Digest(bytes: digest))
    }

    private static func encode(_ digest: Digest, _ identity: FileIdentity) -> [UInt8] {
        var bytes = magic
        append(identity.device, to: &bytes)
        append(identity.inode, to: &bytes)
        append(identity.size, to: &bytes)
        append(identity.modified, to: &bytes)
        append(identity.changed, to: &bytes)
        digest.withBytes { bytes.append(contentsOf: $0) }
        let sum = bytes.withUnsafeBytes { Checksum(of: $0) }
        append(sum.low, to: &bytes)
        append(sum.high, to: &bytes)
        return bytes
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
