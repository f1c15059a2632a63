/// What an entry is found by: the digest of everything that decides its content.
public struct EntryKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The digest.
    public let digest: Digest

    /// Takes a digest as a key.
    public init(digest: Digest) { self.digest = digest }

    /// The order of the digests.
    public static func < (left: EntryKey, right: EntryKey) -> Bool { left.digest < right.digest }

    /// 64 hexadecimal digits.
    public var description: String { digest.hex }
}

/// Collects the ingredients of a key, in order.
///
/// Every ingredient is written with its type, label and length, so two different lists never give the same bytes:
/// the key tells `-O0 -O2` from `-O2 -O0`, `ab` `c` from `a` `bc`, and a missing value from an empty one. All
/// of it goes into one buffer that is hashed once, because this runs on every hit.
public struct KeyBuilder: Sendable {
    // ingredient ::= type label-length:u32 label value-length:u64 value     (integers little-endian)
    // type       ::= "b" (bytes) | "n" (a signed 64-bit number, 8 bytes)
    // The first ingredient is the domain.
    private var buffer: [UInt8] = []

    private enum Kind {
        static let bytes = UInt8(ascii: "b")
        static let number = UInt8(ascii: "n")
    }

    /// Starts a key.
    ///
    /// Keys of different domains never meet: name the use and its version, as in `manifest-1`.
    public init(domain: String) {
        buffer.reserveCapacity(4096)
        add("domain", domain)
    }

    /// Adds bytes.
    public mutating func add(_ label: StaticString, _ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ append(label, Kind.bytes, UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { append(label, Kind.bytes, $0) }
        }
    }

    /// Adds bytes.
    ///
    /// For the type that all have: a generic call into another module has the runtime look for that type first.
    package mutating func add(_ label: StaticString, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(label, Kind.bytes, $0) }
    }

    /// Adds text, as UTF-8.
    public mutating func add(_ label: StaticString, _ text: String) { add(label, text.utf8) }

    /// Adds a number.
    public mutating func add(_ label: StaticString, _ number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { append(label, Kind.number, $0) }
    }

    /// The key of everything added so far.
    public func finish() -> EntryKey { EntryKey(digest: Digest.of(buffer)) }

    private mutating func append(_ label: StaticString, _ kind: UInt8, _ value: UnsafeRawBufferPointer) {
        buffer.append(kind)
        label.withUTF8Buffer { label in
            append(UInt32(truncatingIfNeeded: label.count))
            buffer.append(contentsOf: label)
        }
        append(UInt64(value.count))
        buffer.append(contentsOf: value)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { buffer.append(contentsOf: $0) }
    }
}

extension KeyBuilder {
    /// Label and value of every ingredient, in order, read back from the buffer; numbers as decimal digits.
    ///
    /// Two keys that differ differ here, which is what an explanation of a miss compares.
    public var ingredients: [(label: String, value: [UInt8])] {
        var found: [(label: String, value: [UInt8])] = []
        var reader = ByteReader(buffer[...])
        while let kind = reader.byte(),
            let labelLength = reader.integer(UInt32.self), let label = reader.bytes(Int(labelLength)),
            let length = reader.integer(UInt64.self), let value = reader.bytes(Int(truncatingIfNeeded: length))
        {
            let text = String(decoding: label, as: UTF8.self)
            var numbers = ByteReader(value)
            if kind == Kind.number, let number = numbers.integer(Int64.self) {
                found.append((text, Array(String(number).utf8)))
            } else {
                found.append((text, Array(value)))
            }
        }
        return found
    }
}
