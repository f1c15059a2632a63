package import Files

/// One part of an entry that is to be published.
public struct NewPart: Sendable {
    /// Where the bytes come from.
    public enum Content: Sendable {
        /// Memory.
        case bytes([UInt8])
        /// An open file, `length` bytes from its start; read in parts, its position is not moved.
        ///
        /// The descriptor stays the caller's. A file that is longer or shorter is not published.
        case file(descriptor: CInt, length: Int)
    }

    /// At most 255 bytes of UTF-8.
    public var name: String
    /// How to keep it.
    ///
    /// zstd is a wish: what is short or does not get smaller is stored as it is.
    public var codec: Codec
    /// Where its bytes come from.
    public var content: Content
    /// An open file that holds the same bytes, and whose blocks the entry may have as well.
    ///
    /// The descriptor stays the caller's. Where the file has other bytes by then, the entry counts as damaged.
    package var origin: CInt?
    /// Of the content, where that is known.
    ///
    /// Bytes in memory have it. A file is held against it where its bytes pass through memory; where its blocks are shared they
    /// are not read for it.
    package var checksum: Checksum?

    /// Names some content.
    public init(_ name: String, _ content: Content, codec: Codec = .zstd) {
        (self.name, self.codec, self.content) = (name, codec, content)
    }

    /// The length that the content promises.
    var length: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .file(_, let length): length
        }
    }
}
