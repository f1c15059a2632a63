/// A piece of what launcher and daemon say to each other.
///
///     frame   ::= length version kind payload
///     length  ::= u32, little-endian: bytes that follow it, 2 at least
///     version ::= u8
///     kind    ::= u8, see Request and Reply
///
/// Whoever sees another version, or a length beyond the bound, answers no more and closes the connection.
///
/// Version history: 1, the first.
package struct Frame: Equatable, Sendable {
    package static let version: UInt8 = 1
    /// A publication brings the list of the files that a compile has read; the longest of them have some 100 kB.
    package static let maximumLength = 4 << 20

    package var kind: UInt8
    package var payload: ArraySlice<UInt8>

    package init(kind: UInt8, payload: ArraySlice<UInt8>) { (self.kind, self.payload) = (kind, payload) }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(6 + payload.count)
        withUnsafeBytes(of: UInt32(payload.count + 2).littleEndian) { bytes += $0 }
        bytes += [Self.version, kind]
        bytes += payload
        return bytes
    }

    /// What the first bytes of a stream are.
    package enum Reading: Equatable, Sendable {
        /// A frame, and how many bytes it took.
        case frame(Frame, length: Int)
        /// The beginning of one; the whole has so many bytes, if that is known.
        case partial(length: Int?)
        case malformed
    }

    /// Reads the frame that `bytes` begins with.
    package static func read(_ bytes: ArraySlice<UInt8>, upTo limit: Int = maximumLength) -> Reading {
        guard bytes.count >= 4 else { return .partial(length: nil) }
        let length = Int(bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) })
        guard length >= 2, length <= limit else { return .malformed }
        let start = bytes.startIndex + 4
        if bytes.count > 4, bytes[start] != version { return .malformed }
        guard bytes.count >= 4 + length else { return .partial(length: 4 + length) }
        return .frame(
            Frame(kind: bytes[start + 1], payload: bytes[(start + 2)..<(start + length)]),
            length: 4 + length
        )
    }
}
