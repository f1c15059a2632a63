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
}
