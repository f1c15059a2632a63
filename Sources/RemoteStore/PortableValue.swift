package import LarderStore
internal import Wire

/// What is kept in a remote cache under one key: the entry of that key, and perhaps others that who asks for it needs next.
///
///     value     ::= "LARDERRM" version:u8 signature length:u32 frame
///     signature ::= 00 | 01 public-key:32 signature:64           Ed25519 over the text of ``signedText(_:_:)``
///     frame     ::= entry+ by zstd, `length` bytes once decoded
///     entry     ::= key:32 kind:u8 count:u32 part*
///     part      ::= name content                                 both in the form of ``ByteWriter``
///
/// Integers are little-endian. The first entry is that of the key.
///
/// Version history: 1, the first.
package struct PortableValue: Sendable {
    package static let version: UInt8 = 1
    static let magic = Array("LARDERRM".utf8)

    package var entries: [PortableEntry]
    /// Who has signed it; nil for nobody.
    package var signer: [UInt8]?

    package init(_ entries: [PortableEntry]) { self.entries = entries }

    /// Why bytes from a remote cache are not used; the raw value is counted.
    package enum Defect: String, Error, Sendable, CaseIterable {
        /// They are no value, or a damaged one.
        case damaged
        /// Another version has written them.
        case version
        /// They stand under another key than their own.
        case otherKey = "other_key"
        /// Nobody has signed them who is trusted.
        case untrusted
        /// They are, or would become, longer than what is taken.
        case tooLarge = "too_large"
    }

    /// What is signed.
    private static func signedText(_ key: EntryKey, _ frame: ArraySlice<UInt8>) -> [UInt8] {
        Array("larder-remote-1".utf8) + key.digest.bytes + Digest.of(Array(frame)).bytes
    }

    /// The bytes to be kept under the first entry's key; nil when memory is short.
    ///
    /// - Parameter level: how hard zstd tries, 1 for what is sent behind a build.
    package func encoded(by signer: Signer?, level: Int32 = 1) -> [UInt8]? {
        guard let key = entries.first?.key else { return nil }
        var writer = ByteWriter()
        for entry in entries {
            for byte in entry.key.digest.bytes { writer.add(byte) }
            writer.add(entry.kind)
            writer.add(entry.parts.flatMap { [Array($0.name.utf8), $0.bytes] })
        }
        let raw = writer.bytes
        guard let length = UInt32(exactly: raw.count),
            let frame = raw.withUnsafeBytes({ Zstd.encode($0, level: level) })
        else { return nil }
        var bytes = Self.magic + [Self.version]
        if let signer {
            bytes += [1] + signer.publicKey + signer.sign(Self.signedText(key, frame[...]))
        } else {
            bytes += [0]
        }
        withUnsafeBytes(of: length.littleEndian) { bytes += $0 }
        return bytes + frame
    }

    /// - Parameters:
    ///   - key: what the bytes were found under.
    ///   - trusted: the public keys of those who are believed; empty for everybody.
    ///   - limit: the longest that the entries may be together, in bytes.
    ///   - count: how many entries there may be: a manifest and a result.
    package init(decoding bytes: [UInt8], of key: EntryKey, trusted: [[UInt8]], limit: Int, upTo count: Int = 2)
        throws(Defect)
    {
        guard bytes.starts(with: Self.magic), bytes.count > Self.magic.count + 2 else { throw .damaged }
        guard bytes[Self.magic.count] == Self.version else { throw .version }
        var rest = bytes[(Self.magic.count + 2)...]
        var signature: (publicKey: [UInt8], bytes: [UInt8])?
        switch bytes[Self.magic.count + 1] {
        case 0: break
        case 1:
            guard rest.count > 96 else { throw .damaged }
            signature = (Array(rest.prefix(32)), Array(rest.dropFirst(32).prefix(64)))
            rest = rest.dropFirst(96)
        default: throw .damaged
        }
        guard rest.count > 4 else { throw .damaged }
        let length = Int(rest.prefix(4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
        let frame = rest.dropFirst(4)
        if let signature {
            let isGenuine = Signer.isGenuine(
                signature.bytes,
                of: Self.signedText(key, frame),
                by: signature.publicKey
            )
            if isGenuine { signer = signature.publicKey }
        }
        if !trusted.isEmpty {
            guard let signer, trusted.contains(signer) else { throw .untrusted }
        }
        guard length <= limit else { throw .tooLarge }
        guard let raw = frame.withUnsafeBytes({ Zstd.decode($0, length: length) }) else { throw .damaged }
        do throws(ByteReader.Malformed) { entries = try Self.entries(in: raw, upTo: count) } catch { throw .damaged }
        guard let first = entries.first else { throw .damaged }
        guard first.key == key else { throw .otherKey }
    }

    /// More parts than any entry has: a short value may say that it becomes very many empty ones.
    private static let partLimit = 1000

    private static func entries(in raw: [UInt8], upTo limit: Int) throws(ByteReader.Malformed) -> [PortableEntry] {
        var reader = ByteReader(raw)
        var entries: [PortableEntry] = []
        while !reader.remainder.isEmpty {
            guard entries.count < limit, let digest = Digest(bytes: try reader.take(32)) else {
                throw ByteReader.Malformed()
            }
            let kind = try reader.byte()
            let texts = try reader.list(upTo: 2 * partLimit)
            guard texts.count.isMultiple(of: 2) else { throw ByteReader.Malformed() }
            let parts = stride(from: 0, to: texts.count, by: 2).map { index in
                EntryStore.Part(name: String(decoding: texts[index], as: UTF8.self), bytes: texts[index + 1])
            }
            entries.append(PortableEntry(key: EntryKey(digest: digest), kind: kind, parts: parts))
        }
        return entries
    }
}
