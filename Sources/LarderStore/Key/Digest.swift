internal import CNettle
package import Files

/// A SHA-256 digest: what identifies content and keys.
///
/// Kept as four words, so that comparing and hashing cost nothing; their order is that of the bytes.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes in a digest.
    public static let byteCount = 32

    // Big-endian words of the digest, first word first.
    private let words: Words
    private struct Words: Hashable, Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    /// Takes a digest from its 32 bytes; nil when there are more or fewer.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = Words()
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.init(bigEndian: words)
    }

    /// Takes a digest from 32 bytes of memory; nil when there are more or fewer.
    package init?(memory: UnsafeRawBufferPointer) {
        guard memory.count == Self.byteCount else { return nil }
        self.init(bigEndian: memory.loadUnaligned(as: Words.self))
    }

    private init(bigEndian words: Words) {
        self.words = Words(
            first: UInt64(bigEndian: words.first),
            second: UInt64(bigEndian: words.second),
            third: UInt64(bigEndian: words.third),
            fourth: UInt64(bigEndian: words.fourth)
        )
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Calls `body` with the 32 bytes, without an array around them.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let memory = Words(
            first: words.first.bigEndian,
            second: words.second.bigEndian,
            third: words.third.bigEndian,
            fourth: words.fourth.bigEndian
        )
        return withUnsafeBytes(of: memory, body)
    }

    /// The order of the bytes.
    public static func < (left: Digest, right: Digest) -> Bool {
        let (left, right) = (left.words, right.words)
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        if left.third != right.third { return left.third < right.third }
        return left.fourth < right.fourth
    }
}

// MARK: - Hexadecimal

extension Digest {
    /// The digest as 64 lowercase hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: Self.byteCount * 2) { buffer in
            writeHex(to: buffer)
            return Self.byteCount * 2
        }
    }

    /// Takes a digest from 64 hexadecimal digits, of either case.
    public init?(hex: String) { self.init(hexBytes: hex.utf8) }

    /// Takes a digest from the ASCII of 64 hexadecimal digits, of either case.
    package init?(hexBytes digits: some Collection<UInt8>) {
        guard digits.count == Self.byteCount * 2 else { return nil }
        var words = Words()
        let isValid = withUnsafeMutableBytes(of: &words) { buffer in
            var position = 0
            for digit in digits {
                guard let value = Self.value(ofHexDigit: digit) else { return false }
                buffer[position / 2] = buffer[position / 2] << 4 | value
                position += 1
            }
            return true
        }
        guard isValid else { return nil }
        self.init(bigEndian: words)
    }

    /// Appends the 64 lowercase hexadecimal digits to `text`.
    package func appendHex(to text: inout [UInt8]) {
        let start = text.count
        text.append(contentsOf: repeatElement(0, count: Self.byteCount * 2))
        text.withUnsafeMutableBufferPointer { writeHex(to: UnsafeMutableBufferPointer(rebasing: $0[start...])) }
    }

    private func writeHex(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        withBytes { bytes in
            for (position, byte) in bytes.enumerated() {
                buffer[position * 2] = Self.hexDigit(byte >> 4)
                buffer[position * 2 + 1] = Self.hexDigit(byte & 15)
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    private static func value(ofHexDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// 64 hexadecimal digits.
    public var description: String { hex }
}

// MARK: - Making one

extension Digest {
    /// The digest of `bytes`.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var running = Running()
        running.update(bytes)
        return running.finish()
    }

    /// The digest of `bytes`.
    public static func of(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { of($0) } }

    /// The digest of a file from its current position to its end, read in parts.
    package static func ofFile(_ descriptor: borrowing Descriptor) throws(SystemError) -> Digest {
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { part.deallocate() }
        var running = Running()
        while true {
            let count = try descriptor.read(into: part)
            if count == 0 { return running.finish() }
            running.update(UnsafeRawBufferPointer(rebasing: part[..<count]))
        }
    }

    /// The digest of a file that some text names; one of more than ``RegularFile/longest`` bytes is an error.
    package static func ofFile(_ file: borrowing RegularFile) throws(SystemError) -> Digest {
        guard file.status.size <= RegularFile.longest else { throw .tooLong }
        return try ofFile(file.descriptor)
    }

    /// A digest of bytes that come in parts.
    package struct Running {
        private var context = sha256_ctx()

        package init() { nettle_sha256_init(&context) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
            nettle_sha256_update(&context, bytes.count, base.assumingMemoryBound(to: UInt8.self))
        }

        /// The digest of everything so far; starts again from nothing.
        package mutating func finish() -> Digest {
            var words = Words()
            withUnsafeMutableBytes(of: &words) { buffer in
                // Four words always have a base address.
                let base = buffer.assumingMemoryBound(to: UInt8.self).baseAddress.unsafelyUnwrapped
                nettle_sha256_digest(&context, Digest.byteCount, base)
            }
            return Digest(bigEndian: words)
        }
    }
}
