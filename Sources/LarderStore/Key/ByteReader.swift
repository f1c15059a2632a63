/// Takes a buffer apart from its front, and never past its end: every read that does not fit is nil.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func byte() -> UInt8? { rest.popFirst() }

    /// A little-endian integer.
    mutating func integer<I: FixedWidthInteger>(_: I.Type) -> I? {
        let size = MemoryLayout<I>.size
        guard rest.count >= size else { return nil }
        let value = rest.withUnsafeBytes { I(littleEndian: $0.loadUnaligned(as: I.self)) }
        rest = rest.dropFirst(size)
        return value
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
