import Files
import Foundation
import LarderStore
import Testing

/// Writes an entry from its grammar alone, so that the store is checked by something that is not the store.
struct EntryForge {
    struct Part {
        var name = "content"
        var codec: UInt8 = 0
        var payload: [UInt8] = []
        var stored: UInt64?
        var length: UInt64?
        var checksumOf: [UInt8]?
    }

    var version: [UInt8] = [1, 0xFE]
    var kind: UInt8 = 0
    var key: EntryKey
    var parts: [Part]
    var count: UInt16?
    /// Of version 2.
    var block: UInt8?

    private static func little<I: FixedWidthInteger>(_ number: I) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func sum(_ bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.withUnsafeBytes { Checksum(of: $0) }
        return little(sum.low) + little(sum.high)
    }

    var bytes: [UInt8] {
        var table: [UInt8] = []
        for part in parts {
            table += [UInt8(part.name.utf8.count)] + Array(part.name.utf8) + [part.codec]
            table += Self.little(part.stored ?? UInt64(part.payload.count))
            table += Self.little(part.length ?? UInt64(part.payload.count))
            table += Self.sum(part.checksumOf ?? part.payload)
        }
        var header: [UInt8] = [0x89] + Array("LARDER".utf8) + [0x0A] + version
        let blocks = block.map { [$0] } ?? []
        header += Self.little(count ?? UInt16(parts.count)) + Self.little(UInt32(49 + blocks.count + table.count + 16))
        header += [kind] + key.digest.bytes + blocks + table
        var entry = header + Self.sum(header)
        for part in parts {
            if let block, part.codec == 0, part.payload.count >= 65536 {
                while entry.count % (1 << Int(block)) != 0 { entry.append(0) }
            }
            entry += part.payload
        }
        return entry
    }
}

@Suite struct EntryFormatTests {
    let scratch: Scratch
    let store: EntryStore

    init() throws {
        scratch = try Scratch()
        store = scratch.store()
    }

    private func fixture(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
        return Array(try Data(contentsOf: url))
    }

    /// A part of each codec, and an empty one.
    private var mixedParts: [NewPart] {
        [NewPart("object", .bytes(noise(100))), NewPart("stderr", .bytes(text(1500))), NewPart("empty", .bytes([]))]
    }

    private var goldenParts: [EntryStore.Part] {
        [
            .init(name: "object", bytes: noise(100)), .init(name: "stderr", bytes: text(400)),
            .init(name: "empty", bytes: []),
        ]
    }

    @Test func `every processor computes the same checksum, at once and in parts`() throws {
        let bytes = noise(70_000)
        for length in Array(0...1100) + [4095, 4096, 4097, 65_535, 65_536, 70_000] {
            try bytes[..<length].withUnsafeBytes { bytes in
                let sum = Checksum(of: bytes)
                #expect(sum == Checksum.withoutWideVectors(of: bytes), "\(length) bytes")
                guard let running = Checksum.Running() else { throw Unexpected() }
                var start = 0
                // Parts that end within a block, at its end and behind it.
                for step in [1, 63, 64, 200, 255, 256, 1024, 1000, .max] where start < length {
                    let end = min(length, step == .max ? length : start + step)
                    running.update(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    start = end
                }
                #expect(running.finish() == sum, "\(length) bytes in parts")
            }
        }
    }

    @Test func `an entry of version 1 is still read`() throws {
        try write(try fixture("entry-1.bin"), to: store.path(of: key(1)))
        #expect(store.value(for: key(1)).parts == goldenParts)
    }

    @Test func `an entry of stored parts is written byte for byte as the grammar says`() throws {
        let parts = goldenParts.map { NewPart($0.name, .bytes($0.bytes), codec: .stored) }
        try store.publish(key(1), kind: 7, parts: parts)
        let forged = EntryForge(
            kind: 7,
            key: key(1),
            parts: goldenParts.map { .init(name: $0.name, payload: $0.bytes) }
        )
        #expect(try contents(of: store.path(of: key(1))) == forged.bytes)
    }

    @Test(arguments: [[0, 65_535], [65_536, 10, 100_000, 65_535], [3, 200_000], [81_920, 81_920]])
    func `a large part begins with a block`(lengths: [Int]) throws {
        let values = lengths.enumerated().map { noise($1, seed: UInt64($0 + 1)) }
        let parts = values.map { NewPart("part", .bytes($0), codec: .stored) }
        try store.publish(key(1), kind: 7, parts: parts)
        let hasBlocks = lengths.contains { $0 >= 65_536 }
        let forged = EntryForge(
            version: hasBlocks ? [2, ~2] : [1, ~1],
            kind: 7,
            key: key(1),
            parts: values.map { .init(name: "part", payload: $0) },
            block: hasBlocks ? 12 : nil
        )
        #expect(try contents(of: store.path(of: key(1))) == forged.bytes)
        #expect(store.value(for: key(1)).parts?.map(\.bytes) == values)
    }

    @Test(arguments: [12, 13, 16] as [UInt8]) func `a block of any size is read`(block: UInt8) throws {
        let values = [noise(70_000), noise(5, seed: 2), noise(65_536, seed: 3)]
        let parts = values.map { EntryForge.Part(payload: $0) }
        let forged = EntryForge(version: [2, ~2], key: key(1), parts: parts, block: block)
        try write(forged.bytes, to: store.path(of: key(1)))
        #expect(store.value(for: key(1)).parts?.map(\.bytes) == values)
        for (index, value) in values.enumerated() {
            let target = try TemporaryEntry(beside: scratch.path.appending("out"))
            try store.opened(key(1)).copy(index, to: target.file)
            #expect(try target.file.bytes(at: 0, count: value.count + 1) == value)
        }
    }

    @Test(arguments: [0, 11, 17, 63, 255] as [UInt8]) func `a block that cannot be is damage`(block: UInt8) throws {
        let forged = EntryForge(version: [2, ~2], key: key(1), parts: [.init(payload: [1])], block: block)
        try write(forged.bytes, to: store.path(of: key(1)))
        #expect(store.value(for: key(1)).reason == .corrupt)
    }

    @Test func `a file is published with blocks as it is from memory`() throws {
        let value = noise(300_001)
        var options = EntryStore.Options()
        for isSharing in [false, true] {
            options.sharesBlocks = isSharing
            let store = EntryStore(at: store.directory, options: options)
            let path = scratch.path.appending("large")
            try write(value, to: path)
            let file = try Descriptor(reading: path)
            let parts: [NewPart] = [
                NewPart("first", .bytes([1]), codec: .stored),
                NewPart("large", .file(descriptor: file.raw, length: value.count), codec: .stored),
                NewPart("last", .bytes([2]), codec: .stored),
            ]
            try store.publish(key(1), parts: parts)
            let payloads = [[1], value, [2]]
            let forged = EntryForge(
                version: [2, ~2],
                key: key(1),
                parts: zip(parts, payloads).map { .init(name: $0.name, payload: $1) },
                block: 12
            )
            #expect(try contents(of: store.path(of: key(1))) == forged.bytes)
        }
    }

    @Test func `an entry with any byte changed is a miss, and gone`() throws {
        try store.publish(key(1), parts: mixedParts)
        let path = store.path(of: key(1))
        let good = try contents(of: path)
        for position in good.indices {
            for change in [UInt8(1) << (position % 8), 0xFF] {
                var bad = good
                bad[position] ^= change
                try write(bad, to: path)
                let lookup = store.value(for: key(1))
                #expect(lookup.reason == .corrupt, "byte \(position) of \(good.count)")
                #expect(!store.exists(key(1)), "byte \(position)")
            }
        }
    }

    @Test func `an entry cut off anywhere is a miss, and gone`() throws {
        try store.publish(key(1), parts: mixedParts)
        let path = store.path(of: key(1))
        let good = try contents(of: path)
        for length in 0..<good.count {
            try write(Array(good.prefix(length)), to: path)
            #expect(store.value(for: key(1)).reason == .corrupt, "length \(length)")
            #expect(!store.exists(key(1)))
        }
        try write(good + [0], to: path)
        #expect(store.value(for: key(1)).reason == .corrupt)
        try write([UInt8](repeating: 0, count: good.count), to: path)
        #expect(store.value(for: key(1)).reason == .corrupt)
    }

    @Test(arguments: [Codec.stored, .zstd], [2000, 300_000])
    func `damage to a payload is found however it is read`(codec: Codec, length: Int) throws {
        try store.publish(key(1), noise(length) + text(length), codec: codec)
        let path = store.path(of: key(1))
        var bad = try contents(of: path)
        bad[bad.count - length / 2] ^= 4
        try write(bad, to: path)

        let entry = try store.opened(key(1))
        let target = try TemporaryEntry(beside: scratch.path.appending("out"))
        for read: () throws -> Void in [{ _ = try entry.bytes(0) }, { try entry.check(0) }] {
            let error = #expect(throws: StoreError.self, performing: read)
            #expect(error?.code == .corrupt)
        }
        let error = #expect(throws: StoreError.self) { try entry.copy(0, to: target.file) }
        #expect(error?.code == .corrupt)
        #expect(store.exists(key(1)))
        #expect(try store.verify().damaged == [key(1)])
        #expect(!store.exists(key(1)))
        try write(bad, to: path)
        #expect(store.value(for: key(1)).reason == .corrupt)
        #expect(!store.exists(key(1)))
    }

    @Test func `an entry under another key's name is a miss`() throws {
        try store.publish(key(1), [1, 2, 3])
        try write(try contents(of: store.path(of: key(1))), to: store.path(of: key(2)))
        #expect(store.value(for: key(2)).reason == .corrupt)
        #expect(store.value(for: key(1)).parts?.first?.bytes == [1, 2, 3])
    }

    @Test func `an entry of a newer version is a miss that stays`() throws {
        let forged = EntryForge(version: [3, ~3], key: key(1), parts: [.init(payload: [1])])
        try write(forged.bytes, to: store.path(of: key(1)))
        #expect(store.value(for: key(1)).reason == .version)
        #expect(store.exists(key(1)))
    }

    @Test func `a directory, a FIFO and a link to nowhere in an entry's place are misses`() throws {
        let path = store.path(of: key(1))
        try Directory.make(path)
        #expect(store.value(for: key(1)).parts == nil)
        Directory.removeIfEmpty(path)
        #expect(path.withCString { mkfifo($0, 0o600) } == 0)
        #expect(store.value(for: key(1)).reason == .corrupt)
        #expect(path.withCString { symlink("/nowhere/at/all", $0) } == 0)
        #expect(store.value(for: key(1)).reason == .absent)
    }

    @Test(arguments: [0, 100, 100_000]) func `a header longer than a page is read whole`(length: Int) throws {
        let parts = (0..<200).map { number in
            let name = "\(number)" + String(repeating: "n", count: 240)
            return EntryStore.Part(name: name, bytes: number % 50 == 0 ? noise(length, seed: UInt64(number + 1)) : [1])
        }
        for codec in [Codec.stored, .zstd] {
            try store.publish(key(1), parts: parts.map { NewPart($0.name, .bytes($0.bytes), codec: codec) })
            #expect(store.value(for: key(1)).parts == parts)
            #expect(try store.verify().damaged.isEmpty)
        }
    }

    static let lies: [(String, EntryForge.Part)] = [
        ("longer than the limit", .init(codec: 1, payload: [1, 2, 3], length: 1 << 40)),
        ("stored longer than the limit", .init(payload: [1], stored: 1 << 40, length: 1 << 40)),
        ("an impossible length", .init(payload: [1], stored: .max, length: .max)),
        ("lengths that overflow", .init(codec: 1, payload: [1], stored: UInt64(Int.max), length: 1)),
        ("stored and true lengths that differ", .init(payload: [1, 2], length: 1)),
        ("a codec that nobody knows", .init(codec: 9, payload: [1, 2])),
        ("a checksum of something else", .init(payload: [1, 2], checksumOf: [3])),
        ("zstd that is none", .init(codec: 1, payload: Array(repeating: 7, count: 50), length: 50)),
        ("an empty frame", .init(codec: 1, payload: [], length: 5)),
    ]

    @Test(arguments: lies) func `a header that lies makes a miss`(_ lie: (String, EntryForge.Part)) throws {
        for parts in [[lie.1], [.init(name: "good", payload: [1]), lie.1]] {
            try write(EntryForge(key: key(1), parts: parts).bytes, to: store.path(of: key(1)))
            #expect(store.value(for: key(1)).reason == .corrupt)
            #expect(!store.exists(key(1)))
        }
    }

    @Test(arguments: [Int(UInt8.max), 5000]) func `nobody makes room for a frame longer than what it holds`(
        length: Int
    ) throws {
        // A sparse file is as long as its header says, and takes no space.
        let claimed = 1 << 42
        let part = EntryForge.Part(codec: 1, stored: UInt64(claimed), length: UInt64(length))
        let path = store.path(of: key(1))
        let forged = EntryForge(key: key(1), parts: [part]).bytes
        try write(forged, to: path)
        #expect(path.withCString { truncate($0, off_t(forged.count + claimed)) } == 0)
        #expect(store.value(for: key(1)).reason == .corrupt)
        #expect(!store.exists(key(1)))
    }

    @Test func `a count that lies makes a miss`() throws {
        for count: UInt16 in [0, 2, .max] {
            let forged = EntryForge(key: key(1), parts: [.init(payload: [1, 2])], count: count)
            try write(forged.bytes, to: store.path(of: key(1)))
            #expect(store.value(for: key(1)).reason == .corrupt)
        }
    }

    @Test func `a bomb is never decoded beyond what its header admits`() throws {
        let large = [UInt8](repeating: 0, count: 32 << 20)
        try store.publish(key(1), large, codec: .zstd)
        let entry = try contents(of: store.path(of: key(1)))
        #expect(entry.count < 100_000)
        let frame = Array(entry.dropFirst(49 + 16 + 1 + 7 + 1 + 32))
        for length in [frame.count, 100_000, large.count - 1, large.count + 1] {
            let part = EntryForge.Part(
                codec: 1,
                payload: frame,
                length: UInt64(length),
                checksumOf: Array(large.prefix(length))
            )
            try write(EntryForge(key: key(2), parts: [part]).bytes, to: store.path(of: key(2)))
            let target = try TemporaryEntry(beside: scratch.path.appending("out"))
            let opened = try store.opened(key(2))
            #expect(throws: StoreError.self) { try opened.copy(0, to: target.file) }
            #expect(try target.file.status().size <= length)
            #expect(throws: StoreError.self) { try opened.bytes(0) }
            #expect(store.value(for: key(2)).reason == .corrupt)
        }
        let strict = scratch.store { $0.decodedLimit = 1 << 20 }
        #expect(strict.value(for: key(1)).reason == .corrupt)
    }

    @Test func `zstd's own checksum is on`() throws {
        try store.publish(key(1), text(5000), codec: .zstd)
        let frame = try contents(of: store.path(of: key(1))).dropFirst(49 + 16 + 1 + 7 + 1 + 32)
        #expect(Array(frame.prefix(4)) == [0x28, 0xB5, 0x2F, 0xFD])
        // Bit 2 of the frame header descriptor: RFC 8878, 3.1.1.1.1.
        #expect(frame[frame.startIndex + 4] & 4 == 4)
    }
}
