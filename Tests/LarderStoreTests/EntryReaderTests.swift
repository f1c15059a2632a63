import Dispatch
import Files
import Foundation
import LarderStore
import Synchronization
import Testing

/// What a reader keeps is never another value than the store would give.
@Suite struct EntryReaderTests {
    let scratch: Scratch
    let store: EntryStore
    let reader: EntryReader

    init() throws {
        scratch = try Scratch()
        store = scratch.store()
        reader = EntryReader(of: store)
    }

    private func fill(_ bytes: [UInt8], codec: Codec = .zstd) throws {
        try store.publish(key(1), parts: [NewPart("a", .bytes(bytes), codec: codec), NewPart("b", .bytes([7]))])
    }

    @Test(arguments: [0, 100, 70_000, 3_000_000], [Codec.stored, .zstd])
    func `the second lookup gives the same array without a copy`(length: Int, codec: Codec) throws {
        let bytes = noise(length)
        try fill(bytes, codec: codec)
        let first = try #require(reader.value(for: key(1)).bytes(of: "a"))
        let second = try #require(reader.value(for: key(1)).bytes(of: "a"))
        #expect(first == bytes)
        #expect(second == bytes)
        let isSame = first.withUnsafeBytes { first in second.withUnsafeBytes { first.baseAddress == $0.baseAddress } }
        #expect(isSame)
        #expect(reader.value(for: key(1)).bytes(of: "b") == [7])
        #expect(reader.value(for: key(1)).bytes(of: "c") == nil)
        #expect(reader.value(for: key(2)).reason == .absent)
    }

    @Test func `what a caller does with an array does not reach the next caller`() throws {
        try fill([1, 2, 3])
        var mine = try #require(reader.value(for: key(1)).parts)
        mine[0].bytes[0] = 9
        #expect(reader.value(for: key(1)).bytes(of: "a") == [1, 2, 3])
    }

    @Test func `memory that somebody has overwritten is not returned`() throws {
        try fill(noise(5000))
        let first = try #require(reader.value(for: key(1)).bytes(of: "a"))
        // As a stray pointer would do it.
        first.withUnsafeBytes { memory in
            UnsafeMutableRawPointer(mutating: memory.baseAddress)?.storeBytes(of: ~memory[0], as: UInt8.self)
        }
        #expect(first != noise(5000))
        #expect(reader.value(for: key(1)).bytes(of: "a") == noise(5000))
    }

    @Test func `an entry that was replaced, removed, cleared or evicted is noticed at once`() throws {
        for round in 0..<20 {
            try fill([UInt8(round)])
            #expect(reader.value(for: key(1)).bytes(of: "a") == [UInt8(round)])
        }
        try store.remove(key(1))
        #expect(reader.value(for: key(1)).reason == .absent)
        try fill([1])
        #expect(reader.value(for: key(1)).bytes(of: "a") == [1])
        try store.clear()
        #expect(reader.value(for: key(1)).reason == .absent)
        try fill([2])
        #expect(reader.value(for: key(1)).bytes(of: "a") == [2])
        _ = try scratch.store { $0.maximumSize = 1 }.collectGarbage()
        #expect(reader.value(for: key(1)).reason == .absent)
    }

    @Test func `a file that is damaged in place is a miss, and gone`() throws {
        try fill(noise(5000), codec: .stored)
        let path = store.path(of: key(1))
        try waitForAnotherTime(than: path)
        #expect(reader.value(for: key(1)).parts != nil)
        let file = try Descriptor(opening: path, O_WRONLY)
        try file.seek(to: 3000)
        try file.write([1, 2, 3, 4])
        #expect(reader.value(for: key(1)).reason == .corrupt)
        #expect(!store.exists(key(1)))

        try fill(noise(5000), codec: .stored)
        #expect(reader.value(for: key(1)).parts != nil)
        #expect(path.withCString { truncate($0, 10) } == 0)
        #expect(reader.value(for: key(1)).reason == .corrupt)
        #expect(!store.exists(key(1)))
    }

    /// Waits until a file that is written to gets another change time than the one at `path`: older kernels count in
    /// ticks of some milliseconds.
    private func waitForAnotherTime(than path: Path) throws {
        let status = try #require(FileStatus.of(path))
        let deadline = Clock.wall + 10_000_000_000
        while Clock.wall < deadline {
            let probe = try TemporaryEntry(beside: scratch.path.appending("probe"))
            if try probe.file.status().identity.changed > status.identity.changed { return }
        }
        throw Unexpected()
    }

    @Test func `a reader computes what nobody has, once`() throws {
        var calls = 0
        for _ in 0..<3 {
            let parts = reader.value(for: key(5)) {
                calls += 1
                return [.init(name: "x", bytes: [4, 2])]
            }
            #expect(parts == [.init(name: "x", bytes: [4, 2])])
        }
        #expect(calls == 1)
        #expect(store.value(for: key(5)).bytes(of: "x") == [4, 2])
        #expect(throws: Unexpected.self) { try reader.value(for: key(6)) { throw Unexpected() } }
        #expect(store.value(for: key(6)).reason == .absent)
    }

    @Test(arguments: [(10_000, 64), (1 << 20, 3)])
    func `a reader stays within its limits`(memory: Int, entries: Int) throws {
        let small = EntryReader(of: store, memoryLimit: memory, entryLimit: entries)
        for number in 0..<8 { try store.publish(key(number), noise(3000, seed: UInt64(number + 1))) }
        let before = try openEntries()
        for round in 0..<3 {
            for number in 0..<8 {
                #expect(small.value(for: key(number)).bytes(of: "content") == noise(3000, seed: UInt64(number + 1)))
                #expect(try openEntries() - before <= 3, "round \(round)")
            }
        }
        #expect(try openEntries() - before == 3)
        // The two that were used last stay, also when one comes that takes the place of the third.
        _ = small.value(for: key(6))
        _ = small.value(for: key(7))
        _ = small.value(for: key(1))
        try store.publish(key(20), noise(2_000_000))
        #expect(small.value(for: key(20)).bytes(of: "content") == noise(2_000_000))
        #expect(try openEntries() - before == 3)
        small.forget()
        #expect(try openEntries() == before)
        #expect(small.value(for: key(1)).parts != nil)

        let none = EntryReader(of: store, memoryLimit: -1, entryLimit: -1)
        #expect(none.value(for: key(1)).parts != nil)
        #expect(none.value(for: key(1)).parts != nil)
    }

    /// Descriptors of this process that lead into the store of this test.
    private func openEntries() throws -> Int {
        let folder = store.directory.description
        return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?.hasPrefix(folder)
                ?? false
        }
    }

    @Test func `threads that share a reader see whole entries while others write`() throws {
        let isDone = Atomic(false)
        let hits = Atomic(0)
        for number in 0..<4 {
            try store.publish(
                key(number),
                parts: SharingTests.parts(number, writer: 0).map { NewPart($0.name, .bytes($0.bytes)) }
            )
        }
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            if worker == 0 {
                for round in 0..<60 {
                    let parts = SharingTests.parts(round % 4, writer: round % 7)
                    #expect(throws: Never.self) {
                        try store.publish(key(round % 4), parts: parts.map { NewPart($0.name, .bytes($0.bytes)) })
                    }
                }
                isDone.store(true, ordering: .relaxed)
            } else {
                var round = 0
                while round < 100 || !isDone.load(ordering: .relaxed) {
                    round += 1
                    // A publication in exchange leaves no moment without an entry.
                    guard let parts = reader.value(for: key(round % 4)).parts else {
                        Issue.record("no entry")
                        continue
                    }
                    #expect(SharingTests.isWhole(parts, of: round % 4))
                    hits.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(hits.load(ordering: .relaxed) >= 300)
        #expect(store.strangers.isEmpty)
        #expect(store.usage() == store.realUsage)
    }
}
