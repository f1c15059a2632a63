import Files
import LarderStore
import Testing

@Suite struct DeliveryTests {
    let scratch: Scratch
    let store: EntryStore

    init() throws {
        scratch = try Scratch()
        store = scratch.store()
    }

    @Test(arguments: [0, 10, 1_000_000], [Codec.stored, .zstd])
    func `a part becomes a file, in place of what was there`(length: Int, codec: Codec) throws {
        let (bytes, target) = (noise(length), scratch.path.appending("target"))
        try store.publish(key(1), parts: [NewPart("x", .bytes([1])), NewPart("y", .bytes(bytes), codec: codec)])
        for _ in 0..<2 {
            #expect(try store.deliver("y", of: key(1), to: target))
            #expect(try contents(of: target) == bytes)
        }
        #expect(try Directory.names(in: scratch.path).count == 2)
    }

    @Test func `what is not there or damaged leaves the file alone`() throws {
        let target = scratch.path.appending("target")
        try write([5], to: target)
        try store.publish(key(1), noise(300_000))
        #expect(try !store.deliver("content", of: key(2), to: target))
        #expect(try !store.deliver("other", of: key(1), to: target))
        let path = store.path(of: key(1))
        var bad = try contents(of: path)
        bad[bad.count - 1] ^= 1
        try write(bad, to: path)
        #expect(try !store.deliver("content", of: key(1), to: target))
        #expect(!store.exists(key(1)))
        #expect(try contents(of: target) == [5])
        #expect(try Directory.names(in: scratch.path).count == 2)
    }

    @Test func `a destination that cannot be written is an error that names it, and costs no entry`() throws {
        try store.publish(key(1), noise(1000))
        let target = scratch.path.appending("missing/target")
        let error = #expect(throws: StoreError.self) { try store.deliver("content", of: key(1), to: target) }
        #expect(error?.description.contains("missing/target") == true)
        #expect(store.value(for: key(1)).parts != nil)
    }

    @Test(arguments: [999_999, 500_000, 4096, 0])
    func `an entry that is cut while it is open is damaged, and ends nobody`(length: Int) throws {
        try store.publish(key(1), noise(1_000_000))
        let entry = try store.opened(key(1))
        try Descriptor(openingForUpdate: store.path(of: key(1))).truncate(to: length)
        let target = try TemporaryEntry(beside: scratch.path.appending("target"))
        let error = #expect(throws: StoreError.self) { try entry.copy(0, to: target.file) }
        #expect(error?.code == .corrupt)
    }

    @Test func `a target that cannot be mapped gets the part all the same`() throws {
        try store.publish(key(1), noise(1_000_000))
        let path = scratch.path.appending("target")
        let target = try Descriptor(opening: path, openForWriting)
        try store.opened(key(1)).copy(0, to: target)
        #expect(try contents(of: path) == noise(1_000_000))
    }
}
