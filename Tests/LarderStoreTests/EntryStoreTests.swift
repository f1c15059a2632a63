import Files
import LarderStore
import Testing

@Suite struct EntryStoreTests {
    let scratch: Scratch
    let store: EntryStore

    init() throws {
        scratch = try Scratch()
        store = scratch.store()
    }

    @Test func `what was published is found, and nothing else`() throws {
        #expect(store.value(for: key(1)).reason == .absent)
        #expect(FileStatus.of(store.directory) == nil)
        let parts = [
            EntryStore.Part(name: "object", bytes: noise(200_000)),
            EntryStore.Part(name: "stderr", bytes: text(70_000)),
            EntryStore.Part(name: "empty", bytes: []),
            EntryStore.Part(name: "", bytes: [1]),
        ]
        for codec in [Codec.stored, .zstd] {
            try store.publish(key(1), kind: 3, parts: parts.map { NewPart($0.name, .bytes($0.bytes), codec: codec) })
            #expect(store.value(for: key(1)).parts == parts)
            #expect(store.value(for: key(2)).reason == .absent)
        }
        try store.publish(key(2), parts: [])
        #expect(store.value(for: key(2)).parts == [])
    }

    @Test(arguments: [0, 1, 65_000, 65_536, 300_000, 13_000_001], [Codec.stored, .zstd])
    func `a part from a file is found and copied whole`(length: Int, codec: Codec) throws {
        let bytes = noise(length / 2) + text(length - length / 2)
        let source = try TemporaryEntry(beside: scratch.path.appending("source"))
        try source.file.write(bytes)
        let content = NewPart.Content.file(descriptor: source.file.raw, length: length)
        try store.publish(key(1), kind: 9, parts: [NewPart("a", .bytes([5])), NewPart("b", content, codec: codec)])
        #expect(store.value(for: key(1)).parts?.map(\.bytes) == [[5], bytes])

        let entry = try store.opened(key(1))
        #expect(entry.kind == 9)
        #expect(entry.partNames == ["a", "b"])
        #expect(entry.index(of: "b") == 1)
        #expect(entry.index(of: "c") == nil)
        #expect(entry.trueLength(1) == length)
        let target = try TemporaryEntry(beside: scratch.path.appending("target"))
        try entry.copy(1, to: target.file)
        #expect(try contents(of: target.path) == bytes)
        #expect(throws: StoreError.self) { try entry.bytes(2) }
    }

    @Test(arguments: [Codec.stored, .zstd], [1000, 5_000_000])
    func `a file that is not as long as promised is not published`(codec: Codec, length: Int) throws {
        let source = try TemporaryEntry(beside: scratch.path.appending("source"))
        try source.file.write(noise(length))
        for promised in [length - 1, length + 1, 0] {
            let part = NewPart("x", .file(descriptor: source.file.raw, length: promised), codec: codec)
            let error = #expect(throws: StoreError.self) { try store.publish(key(1), parts: [part]) }
            #expect(error?.code == .changed)
        }
        #expect(!store.exists(key(1)))
        #expect(store.strangers.isEmpty)
        #expect(store.usage() == Usage(entries: 0, bytes: 0))
    }

    @Test func `what readers would refuse is not published`() throws {
        let strict = scratch.store { $0.decodedLimit = 1000 }
        let error = #expect(throws: StoreError.self) { try strict.publish(key(1), noise(1001)) }
        #expect(error?.code == .tooLarge)
        try strict.publish(key(1), noise(1000))
        let halves = [NewPart("a", .bytes(noise(600))), NewPart("b", .bytes(noise(600)))]
        #expect(throws: StoreError.self) { try strict.publish(key(2), parts: halves) }
        try store.publish(key(2), parts: halves)
        #expect(strict.value(for: key(2)).reason == .corrupt)
        let name = String(repeating: "n", count: 256)
        #expect(throws: StoreError.self) { try store.publish(key(1), parts: [NewPart(name, .bytes([]))]) }
        let many = (0..<3000).map { NewPart("\($0)", .bytes([])) }
        #expect(throws: StoreError.self) { try store.publish(key(1), parts: many) }
        let some = (0..<1000).map { NewPart("\($0)", .bytes([1])) }
        try store.publish(key(1), parts: some)
        #expect(store.value(for: key(1)).parts?.count == 1000)
    }

    @Test func `directories and files are the user's alone`() throws {
        try store.publish(key(1), [1])
        let path = store.path(of: key(1))
        #expect(FileStatus.of(path).map { $0.mode & 0o777 } == 0o600)
        for directory in [store.directory, path.parent, path.parent.parent, path.parent.parent.parent] {
            #expect(FileStatus.of(directory).map { $0.mode & 0o777 } == 0o700)
        }
        let hex = key(1).description
        #expect(
            path.description.hasSuffix("/entries/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex.dropFirst(4))")
        )
    }

    @Test func `a value is computed once and then found`() throws {
        var calls = 0
        for _ in 0..<3 {
            let parts = store.value(for: key(1)) {
                calls += 1
                return [EntryStore.Part(name: "x", bytes: text(1000))]
            }
            #expect(parts.map(\.bytes) == [text(1000)])
        }
        #expect(calls == 1)

        struct Failure: Error {}
        #expect(throws: Failure.self) { try store.value(for: key(2)) { () throws(Failure) in throw Failure() } }
        // A store that cannot be written costs time only.
        try write([1], to: scratch.path.appending("file"))
        let broken = EntryStore(at: scratch.path.appending("file/cache"))
        #expect(broken.value(for: key(1)) { [.init(name: "x", bytes: [1])] }.count == 1)
    }

    @Test func `a read-only store changes nothing`() throws {
        try store.publish(key(1), [1, 2, 3])
        try write([1, 2, 3], to: store.path(of: key(2)))
        let reader = scratch.store { $0.isReadOnly = true }
        #expect(reader.value(for: key(1)).parts?.first?.bytes == [1, 2, 3])
        #expect(reader.value(for: key(2)).reason == .corrupt)
        #expect(reader.exists(key(2)))
        for attempt: () throws -> Void in [
            { try reader.publish(key(3), [1]) }, { try reader.clear() }, { try reader.remove(key(1)) },
            { try reader.collectGarbage() },
        ] {
            let error = #expect(throws: StoreError.self, performing: attempt)
            #expect(error?.code == .readOnly)
        }
        let report = try reader.verify()
        #expect(report.damaged == [key(2)])
        #expect(reader.exists(key(2)))
    }

    @Test(arguments: ["larder 2\n", "larder\n", "rubbish", "larder 99999999999999999999\n"])
    func `a directory of another format is refused until it is cleared`(marker: String) throws {
        try store.publish(key(1), [1])
        try write(Array(marker.utf8), to: store.directory.appending("format"))
        for attempt: () throws -> Void in [{ try store.publish(key(2), [1]) }, { try store.verify() }] {
            let error = #expect(throws: StoreError.self, performing: attempt)
            #expect(error?.code == .version)
            let text = error?.description ?? ""
            #expect(text.contains("this Larder reads 1; run `larder clear`"))
            #expect(marker != "larder 2\n" || text.contains("holds cache format 2"))
        }
        // Entries say themselves what they are.
        #expect(store.value(for: key(1)).parts != nil)
        try store.clear()
        try store.publish(key(2), [1])
        #expect(store.value(for: key(1)).reason == .absent)
    }

    @Test func `clear leaves an empty store`() throws {
        try store.clear()
        #expect(FileStatus.of(store.directory) == nil)
        for number in 0..<20 { try store.publish(key(number), noise(100)) }
        // What a killed `clear` left behind.
        try write([1], to: store.directory.appending("entries.tmp.1.abc/ab/cd/ef"))
        try store.clear()
        #expect(store.usage() == Usage(entries: 0, bytes: 0))
        #expect(store.realUsage.entries == 0)
        let names = try Directory.names(in: store.directory).map { String(decoding: $0, as: UTF8.self) }
        #expect(Set(names).isSubset(of: ["format", "locks", "journal", "usage"]))
        try store.publish(key(1), [1])
        #expect(store.usage().entries == 1)
    }

    @Test func `verify finds and removes what is damaged`() throws {
        for number in 0..<10 { try store.publish(key(number), text(100_000), codec: .zstd) }
        for number in 0..<3 {
            let path = store.path(of: key(number))
            var bytes = try contents(of: path)
            bytes[bytes.count - 1] ^= 1
            try write(bytes, to: path)
        }
        var calls: [Int] = []
        let report = try store.verify { done, total in
            calls.append(done)
            return total == 10
        }
        #expect(calls == Array(1...10))
        #expect(report.entries == 10)
        #expect(Set(report.damaged) == Set((0..<3).map(key)))
        #expect(report.trueBytes == 700_000)
        #expect(report.storedBytes < 100_000)
        let again = try store.verify()
        #expect(again.damaged.isEmpty)
        #expect(again.entries == 7)
        #expect(store.usage() == store.realUsage)
        #expect(try store.verify { done, _ in done < 2 }.isCancelled)
    }

    @Test func `an entry is readable after it was replaced, removed and cleared`() throws {
        try store.publish(key(1), noise(500_000))
        let entry = try store.opened(key(1))
        try store.publish(key(1), [1])
        try store.remove(key(1))
        try store.remove(key(1))
        try store.clear()
        #expect(try entry.bytes(0) == noise(500_000))
    }

    @Test func `a damaged file that was replaced meanwhile is not removed`() throws {
        try store.publish(key(1), noise(100))
        let entry = try store.opened(key(1))
        try store.publish(key(1), noise(200))
        store.discard(key(1), ifStill: entry.identity)
        #expect(store.exists(key(1)))
        store.discard(key(1))
        #expect(!store.exists(key(1)))
    }
}
