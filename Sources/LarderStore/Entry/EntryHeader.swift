internal import Files

/// How the bytes of a part are kept in an entry.
///
/// The raw values are on disk: never reuse one.
public enum Codec: UInt8, Sendable {
    /// As they are.
    case stored = 0
    /// As one zstd frame with its content size and checksum.
    case zstd = 1
}

/// The front of an entry: what is in the file, where, and with which checksum.
///
///     entry    ::= header (gap payload)*             one payload a part, in order, and nothing behind the last
///     header   ::= magic version count length kind key block part* sum      all integers little-endian
///     magic    ::= 89 "LARDER" 0A
///     version  ::= u8 u8                             1 or 2, and its complement, so that damage does not look newer
///     count    ::= u16                               number of parts
///     length   ::= u32                               bytes of the header with its sum; at most 65536
///     kind     ::= u8                                what the front end says the entry is
///     key      ::= 32 bytes                          the key that the entry was published under
///     block    ::= u8                                version 2 only: binary logarithm of the block, 12 to 16
///     part     ::= name codec stored true checksum
///     name     ::= u8 bytes                          length first
///     codec    ::= u8                                0 stored, 1 zstd
///     stored   ::= u64                               bytes of the payload
///     true     ::= u64                               bytes once decoded
///     checksum ::= u64 u64                           XXH3-128 of the decoded bytes, low half first
///     sum      ::= u64 u64                           XXH3-128 of the header before it, low half first
///
///     gap      ::= u8*                               version 2 only: up to the next block, before a large payload
///
/// A payload is large that is stored as it is and has 65536 bytes or more. It begins with a block, so that a file system can
/// share its blocks with a file of the user's. An entry without a part of that length is written as version 1.
///
/// Version history: 1, the first; 2, blocks and gaps.
struct EntryHeader: Sendable {
    static let magic: [UInt8] = [0x89] + Array("LARDER".utf8) + [0x0A]
    /// Of an entry whose large payloads begin with a block.
    static let blockVersion: UInt8 = 2
    /// Of one whose payloads lie one behind the other.
    static let plainVersion: UInt8 = 1
    /// From this length on a payload is large.
    static let largeLength = 1 << 16
    /// Binary logarithms of the blocks that there are.
    static let blocks = 12...16
    /// Bytes up to the first part.
    static let fixedLength = 49
    static let sumLength = 16
    /// The largest header, and the largest file that is read at once.
    static let maximumLength = 1 << 16
    /// What is read first of a longer file: the header of most entries, and one page.
    static let usualLength = 4096

    struct Part: Sendable {
        /// Where the name is in the header.
        var name: Range<Int>
        var codec: Codec
        /// Where the payload starts in the file.
        var offset: Int
        var stored: Int
        var length: Int
        var checksum: Checksum
    }

    /// The parts, one behind the other in an array of bytes.
    ///
    /// An array of parts would be a type that the runtime has to build in the middle of a hit: one in twenty of its
    /// instructions. Arrays of bytes it has already.
    struct Parts: Sendable {
        private var bytes: [UInt8] = []
        private static let size = MemoryLayout<Part>.size

        init(capacity: Int) { bytes.reserveCapacity(capacity * Self.size) }

        var count: Int { bytes.count / Self.size }
        var indices: Range<Int> { 0..<count }

        /// Part `index`, which there has to be.
        subscript(index: Int) -> Part {
            precondition(indices.contains(index))
            return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * Self.size, as: Part.self) }
        }

        mutating func append(_ part: Part) {
            withUnsafeBytes(of: part) { bytes.append(contentsOf: $0[..<Self.size]) }
        }
    }

    /// Why a header is refused.
    enum Defect: Error { case corrupt, version }

    let kind: UInt8
    let length: Int
    /// Bytes of a block, a power of two; 1 where payloads lie one behind the other.
    let block: Int
    let parts: Parts
}

// MARK: - Decoding

extension EntryHeader {
    /// How long the header that starts with `head` says it is, if it could be one; nothing else is looked at.
    static func declaredLength(_ head: [UInt8]) -> Int? {
        var reader = ByteReader(head.dropFirst(magic.count + 2 + 2))
        guard let length = reader.integer(UInt32.self), length <= maximumLength else { return nil }
        return Int(length)
    }

    /// Takes the header apart from `head`, the first bytes of a file of `fileSize` bytes, and believes nothing:
    /// every length has to fit, and the parts have to fill the file exactly.
    init(decoding head: [UInt8], fileSize: Int, key: EntryKey, decodedLimit: Int) throws(Defect) {
        var reader = ByteReader(head[...])
        guard let magic = reader.bytes(Self.magic.count), magic.elementsEqual(Self.magic),
            let version = reader.byte(), let complement = reader.byte(), version == ~complement
        else { throw .corrupt }
        guard version == Self.plainVersion || version == Self.blockVersion else { throw .version }
        guard let count = reader.integer(UInt16.self), let declared = reader.integer(UInt32.self),
            let kind = reader.byte(), let echo = reader.bytes(Digest.byteCount)
        else { throw .corrupt }
        var block = 1
        if version == Self.blockVersion {
            guard let logarithm = reader.byte(), Self.blocks.contains(Int(logarithm)) else { throw .corrupt }
            block <<= Int(logarithm)
        }

        let length = Int(declared)
        guard length >= Self.fixedLength + Self.sumLength, length <= min(head.count, Self.maximumLength),
            let stored = Self.storedSum(of: head, length: length), Self.sum(of: head, length: length) == stored,
            key.digest.withBytes({ $0.elementsEqual(echo) })
        else { throw .corrupt }

        var parts = Parts(capacity: Int(count))
        var (offset, decoded) = (length, 0)
        for _ in 0..<count {
            guard var part = Self.part(from: &reader, decodedLimit: decodedLimit - decoded) else { throw .corrupt }
            let gap = Self.isLarge(part.codec, part.stored) ? Self.gap(behind: offset, block: block) : 0
            part.offset = offset &+ gap
            decoded += part.length
            let (size, isTooLarge) = gap.addingReportingOverflow(part.stored)
            let (end, isBeyond) = offset.addingReportingOverflow(size)
            guard !isTooLarge, !isBeyond else { throw .corrupt }
            offset = end
            parts.append(part)
        }
        guard offset == fileSize, head.count - reader.rest.count == length - Self.sumLength else { throw .corrupt }
        (self.kind, self.length, self.block, self.parts) = (kind, length, block, parts)
    }

    /// True for a payload that begins with a block.
    static func isLarge(_ codec: Codec, _ stored: Int) -> Bool { codec == .stored && stored >= largeLength }

    /// Bytes from `offset`, which is not negative, to the next block; `block` is a power of two.
    static func gap(behind offset: Int, block: Int) -> Int { -offset & (block - 1) }

    /// The next part, which does not say where its payload is.
    private static func part(from reader: inout ByteReader, decodedLimit: Int) -> Part? {
        guard let nameLength = reader.byte(), let name = reader.bytes(Int(nameLength)),
            let codec = reader.byte().flatMap(Codec.init(rawValue:)),
            let stored = reader.integer(UInt64.self).flatMap(Int.init(exactly:)),
            let length = reader.integer(UInt64.self).flatMap(Int.init(exactly:)),
            let low = reader.integer(UInt64.self), let high = reader.integer(UInt64.self),
            length <= decodedLimit,
            // A frame of zstd is never longer than what it holds by more than this: nobody allocates for more.
            codec == .stored ? stored == length : stored - length <= length >> 7 + 1024
        else { return nil }
        return Part(
            name: name.startIndex..<name.endIndex,
            codec: codec,
            offset: 0,
            stored: stored,
            length: length,
            checksum: Checksum(low: low, high: high)
        )
    }

    private static func sum(of head: [UInt8], length: Int) -> Checksum {
        head.withUnsafeBytes { Checksum(of: UnsafeRawBufferPointer(rebasing: $0[..<(length - sumLength)])) }
    }

    private static func storedSum(of head: [UInt8], length: Int) -> Checksum? {
        var reader = ByteReader(head[(length - sumLength)..<length])
        guard let low = reader.integer(UInt64.self), let high = reader.integer(UInt64.self) else { return nil }
        return Checksum(low: low, high: high)
    }
}

// MARK: - Encoding

extension EntryHeader {
    /// What a written part turned out to be.
    struct Written {
        var name: [UInt8]
        var codec: Codec
        var stored: Int
        var length: Int
        var checksum: Checksum
    }

    /// How long the header of parts with names of these lengths is; nil when no reader would accept it.
    static func length(names: some Sequence<Int>, hasBlocks: Bool) -> Int? {
        var (length, count) = (fixedLength + (hasBlocks ? 1 : 0) + sumLength, 0)
        for name in names {
            guard name <= Int(UInt8.max) else { return nil }
            length += 1 + name + 1 + 8 + 8 + sumLength
            count += 1
            guard length <= maximumLength else { return nil }
        }
        return count <= Int(UInt16.max) ? length : nil
    }

    /// The bytes of a header of `length` bytes; `block` is 1 where payloads lie one behind the other.
    static func encode(key: EntryKey, kind: UInt8, length: Int, block: Int, parts: [Written]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        func add(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes += magic
        let version = block > 1 ? blockVersion : plainVersion
        bytes += [version, ~version]
        add(UInt16(truncatingIfNeeded: parts.count))
        add(UInt32(truncatingIfNeeded: length))
        bytes.append(kind)
        key.digest.withBytes { bytes.append(contentsOf: $0) }
        if block > 1 { bytes.append(UInt8(block.trailingZeroBitCount)) }
        for part in parts {
            bytes.append(UInt8(truncatingIfNeeded: part.name.count))
            bytes += part.name
            bytes.append(part.codec.rawValue)
            add(UInt64(part.stored))
            add(UInt64(part.length))
            add(part.checksum.low)
            add(part.checksum.high)
        }
        let sum = bytes.withUnsafeBytes { Checksum(of: $0) }
        add(sum.low)
        add(sum.high)
        return bytes
    }
}
