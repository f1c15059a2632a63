internal import Files
internal import LarderStore

/// How an observation lies in a part of an entry.
///
///     observation ::= version:u32 count:u32 ingredient*
///     ingredient  ::= kind:u8 form:u8 length:u32 name:byte* value:32 trusted:u8 [identity]   identity where trusted is 1
///     identity    ::= device:u64 inode:u64 size:i64 modified:i64 changed:i64
///
/// Integers are little-endian. The entry around it verifies the bytes; what does not parse in spite of that is no
/// observation. History: 1, the first.
package enum ObservationFormat {
    static let version: UInt32 = 1

    package static func encode(_ observation: Observation) -> [UInt8] {
        var out = Writer()
        out.integer(version)
        out.integer(UInt32(truncatingIfNeeded: observation.ingredients.count))
        for ingredient in observation.ingredients {
            out.integer(ingredient.kind.rawValue)
            out.integer(ingredient.form.rawValue)
            out.text(ingredient.name)
            out.digest(ingredient.value)
            if ingredient.isTrusted, let identity = ingredient.identity {
                out.integer(1 as UInt8)
                out.integer(identity.device)
                out.integer(identity.inode)
                out.integer(identity.size)
                out.integer(identity.modified)
                out.integer(identity.changed)
            } else {
                out.integer(0 as UInt8)
            }
        }
        return out.bytes
    }

    /// The observation in `bytes`, or nil when they are none that we understand.
    package static func decode(_ bytes: [UInt8]) -> Observation? {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == version, let count = reader.integer(UInt32.self),
            Int(count) <= bytes.count
        else { return nil }
        var observation = Observation()
        observation.ingredients.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let kind = reader.integer(UInt8.self).flatMap(Ingredient.Kind.init(rawValue:)),
                let form = reader.integer(UInt8.self).flatMap(Ingredient.Form.init(rawValue:)),
                let name = reader.text(), let value = reader.digest(), let trusted = reader.integer(UInt8.self),
                trusted <= 1
            else { return nil }
            var ingredient = Ingredient(kind: kind, form: form, name: name, value: value)
            if trusted == 1 {
                guard let device = reader.integer(UInt64.self), let inode = reader.integer(UInt64.self),
                    let size = reader.integer(Int64.self), let modified = reader.integer(Int64.self),
                    let changed = reader.integer(Int64.self)
                else { return nil }
                ingredient.identity = FileIdentity(
                    device: device,
                    inode: inode,
                    size: size,
                    modified: modified,
                    changed: changed
                )
                ingredient.isTrusted = true
            }
            observation.ingredients.append(ingredient)
        }
        return reader.isAtEnd ? observation : nil
    }
}

/// Puts integers and texts one behind the other.
struct Writer {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1024) }

    mutating func integer(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ text: [UInt8]) {
        integer(UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
    }

    mutating func digest(_ digest: Digest) { digest.withBytes { bytes.append(contentsOf: $0) } }
}

/// Takes them apart again, and never past the end: what does not fit is nil.
struct Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func integer<I: FixedWidthInteger>(_: I.Type) -> I? {
        let size = MemoryLayout<I>.size
        guard bytes.count - position >= size else { return nil }
        defer { position += size }
        return bytes.withUnsafeBytes { I(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: I.self)) }
    }

    mutating func text() -> [UInt8]? {
        guard let length = integer(UInt32.self), Int(length) <= bytes.count - position else { return nil }
        defer { position += Int(length) }
        return Array(bytes[position..<(position + Int(length))])
    }

    mutating func digest() -> Digest? {
        guard bytes.count - position >= Digest.byteCount else { return nil }
        defer { position += Digest.byteCount }
        return bytes.withUnsafeBytes {
            Digest(memory: UnsafeRawBufferPointer(rebasing: $0[position..<(position + Digest.byteCount)]))
        }
    }
}
