import Foundation
import LarderStore
import RemoteStore
import Testing

/// What lies in a remote cache.
@Suite struct PortableValueTests {
    private let key = EntryKey(digest: Digest.of(Array("a key".utf8)))
    private let other = EntryKey(digest: Digest.of(Array("another".utf8)))

    private func value(_ key: EntryKey) -> PortableValue {
        let parts = [
            EntryStore.Part(name: "duration", bytes: [1, 2, 3, 4, 5, 6, 7, 8]), .init(name: "object", bytes: [0, 255]),
            .init(name: "stderr", bytes: []),
        ]
        return PortableValue([
            PortableEntry(key: key, kind: EntryKind.object.rawValue, parts: parts),
            PortableEntry(key: other, kind: EntryKind.outputs.rawValue, parts: []),
        ])
    }

    private func read(_ bytes: [UInt8], of key: EntryKey, trusted: [[UInt8]] = [], limit: Int = 1 << 20)
        -> PortableValue.Defect?
    {
        do throws(PortableValue.Defect) {
            _ = try PortableValue(decoding: bytes, of: key, trusted: trusted, limit: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what goes out comes back`() throws {
        let bytes = try #require(value(key).encoded(by: nil))
        let back = try PortableValue(decoding: bytes, of: key, trusted: [], limit: 1 << 20)
        #expect(back.signer == nil && back.entries.map(\.key) == [key, other])
        #expect(back.entries[0].parts == value(key).entries[0].parts)
        #expect(back.entries.map(\.kind) == [2, 6])
    }

    @Test func `version 1 of the format stays as it is`() throws {
        let bytes = try #require(value(key).encoded(by: nil))
        // The head is fixed to the byte; behind it stands a frame of zstd, whose bytes may change with its version.
        #expect(Array(bytes.prefix(10)) == Array("LARDERRM".utf8) + [1, 0])
        let length = bytes[10..<14].reversed().reduce(0) { $0 << 8 | Int($1) }
        let frame = bytes[14...]
        #expect(Array(frame.prefix(4)) == [0x28, 0xB5, 0x2F, 0xFD])
        let raw = try #require(frame.withUnsafeBytes { Zstd.decode($0, length: length) })
        var expected = key.digest.bytes + [2, 6, 0, 0, 0]
        for text in [
            Array("duration".utf8), [1, 2, 3, 4, 5, 6, 7, 8], Array("object".utf8), [0, 255], Array("stderr".utf8), [],
        ]
            as [[UInt8]]
        {
            expected += [UInt8(text.count), 0, 0, 0] + text
        }
        expected += other.digest.bytes + [6, 0, 0, 0, 0]
        #expect(raw == expected)
    }

    /// A frame that is right, as who is trusted may have made it, around entries that are not.
    @Test func `no entries bring the reader down, or become more than they were`() throws {
        let bytes = try #require(value(key).encoded(by: nil))
        let length = bytes[10..<14].reversed().reduce(0) { $0 << 8 | Int($1) }
        let raw = try #require(bytes[14...].withUnsafeBytes { Zstd.decode($0, length: length) })
        var state: UInt64 = 1
        func random(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var taken = 0
        for _ in 0..<4000 {
            var changed = raw
            for _ in 0...random(below: 3) where !changed.isEmpty {
                let index = random(below: changed.count)
                switch random(below: 4) {
                case 0: changed[index] = [0, 1, 0x7F, 0xFF][random(below: 4)]
                case 1: changed[index] = UInt8(random(below: 256))
                case 2: changed.removeSubrange(index..<min(changed.count, index + 1 + random(below: 40)))
                default: changed.insert(contentsOf: changed[index...].prefix(random(below: 40)), at: index)
                }
            }
            guard let frame = changed.withUnsafeBytes({ Zstd.encode($0, level: 1) }) else { continue }
            let head = withUnsafeBytes(of: UInt32(changed.count).littleEndian) { Array($0) }
            let whole = bytes.prefix(10) + head + frame
            guard let back = try? PortableValue(decoding: Array(whole), of: key, trusted: [], limit: 1 << 20) else {
                continue
            }
            taken += 1
            let size = back.entries.flatMap(\.parts).reduce(0) { $0 + $1.name.utf8.count + $1.bytes.count }
            #expect(back.entries.count <= 2 && size <= 3 * changed.count)
        }
        #expect(taken > 100, "some changes do no harm")
    }

    @Test func `nothing that was changed, cut or moved is taken`() throws {
        let bytes = try #require(value(key).encoded(by: nil))
        #expect(read(bytes, of: key) == nil)
        #expect(read(bytes, of: other) == .otherKey)
        #expect(read(bytes, of: key, limit: 10) == .tooLarge)
        #expect(read([], of: key) == .damaged)
        for count in 0..<bytes.count { #expect(read(Array(bytes.prefix(count)), of: key) != nil, "\(count)") }
        for index in bytes.indices {
            for bit in [1, 0x80] as [UInt8] {
                var changed = bytes
                changed[index] ^= bit
                // One flag of a frame's head is reserved, and read by nobody.
                let isSame = read(changed, of: key) == nil
                let reads = isSame ? try PortableValue(decoding: changed, of: key, trusted: [], limit: 1 << 20) : nil
                #expect(reads == nil || reads?.entries[0].parts == value(key).entries[0].parts, "\(index)")
            }
        }
    }

    @Test func `a signature is for one key, one content and one signer`() throws {
        let (signer, stranger) = (Signer(), Signer())
        let bytes = try #require(value(key).encoded(by: signer))
        #expect(try PortableValue(decoding: bytes, of: key, trusted: [], limit: 1 << 20).signer == signer.publicKey)
        #expect(read(bytes, of: key, trusted: [signer.publicKey]) == nil)
        #expect(read(bytes, of: key, trusted: [stranger.publicKey, signer.publicKey]) == nil)
        #expect(read(bytes, of: key, trusted: [stranger.publicKey]) == .untrusted)
        let unsigned = try #require(value(key).encoded(by: nil))
        #expect(read(unsigned, of: key, trusted: [signer.publicKey]) == .untrusted)
        // Under another key, also one that the value was made for: the signature holds the key.
        #expect(read(bytes, of: other, trusted: [signer.publicKey]) == .untrusted)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(read(changed, of: key, trusted: [signer.publicKey]) != nil, "\(index)")
        }
        // The stranger puts the trusted one's public key before a signature of its own.
        var forged = try #require(value(key).encoded(by: stranger))
        forged.replaceSubrange(10..<42, with: signer.publicKey)
        #expect(read(forged, of: key, trusted: [signer.publicKey]) == .untrusted)
    }

    /// The second of the test vectors of RFC 8032, section 7.1.
    @Test func `signatures are those of Ed25519`() throws {
        let secret = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
        let signer = try #require(Signer(text: Array(secret.utf8)))
        let known = Digest(hex: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(signer.publicKey == known?.bytes)
        let signature = signer.sign([0x72])
        let halves = [
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ]
        #expect(signature == halves.flatMap { Digest(hex: $0)?.bytes ?? [] })
        #expect(Signer.isGenuine(signature, of: [0x72], by: signer.publicKey))
        #expect(!Signer.isGenuine(signature, of: [0x73], by: signer.publicKey))
        #expect(!Signer.isGenuine(Array(signature.dropLast()), of: [0x72], by: signer.publicKey))
    }

    @Test func `a key is read from its file, and nothing else is a key`() {
        let signer = Signer()
        let digits = Digest(bytes: signer.secret)?.hex ?? ""
        #expect(Signer(text: Array("\(digits)\n".utf8))?.publicKey == signer.publicKey)
        for text in ["", "\n", String(digits.dropLast()), digits + "0", "-----BEGIN PRIVATE KEY-----"] {
            #expect(Signer(text: Array(text.utf8)) == nil, "\(text.count)")
        }
    }
}
