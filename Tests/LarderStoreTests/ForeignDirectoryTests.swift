import Files
import LarderStore
import Testing

/// A store in a directory that holds somebody else's files, and names that the store has for itself.
@Suite struct ForeignDirectoryTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `nothing of somebody else's is removed`() throws {
        let store = scratch.store()
        let files = [store.path(of: key(1)), store.directory.appending("journal").appending("current")]
        for file in files { try Directory.make(file.parent) }
        for file in files { try write([1], to: file) }
        try write([2], to: store.directory.appending("notes.txt"))
        func refuses(_ body: () throws(StoreError) -> Void) {
            do throws(StoreError) {
                try body()
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.code == .foreign)
            }
        }
        refuses { () throws(StoreError) in try store.clear() }
        refuses { () throws(StoreError) in try store.remove(key(1)) }
        refuses { () throws(StoreError) in try store.collectGarbage() }
        refuses { () throws(StoreError) in try Journal(at: store.directory).reset() }
        #expect(files.allSatisfy { FileStatus.of($0) != nil })
        #expect(FileStatus.of(store.directory.appending("locks")) == nil)
    }

    @Test func `names of the store's own locks, and of what a snapshot puts aside, are none`() {
        for name in ["evict", "journal", "config", "jdk.previous"] {
            #expect(LockName(name as String) == nil, "\(name)")
        }
        for name in ["evict2", "previous", "a.previous.b"] { #expect(LockName(name as String) != nil, "\(name)") }
    }

    @Test func `sums in the place of which something else stands are made anew`() throws {
        try scratch.store().publish(key(1), noise(9000))
        let store = scratch.store { $0.maximumSize = 1 }
        let usage = store.directory.appending("usage")
        try Directory.removeFile(usage)
        try Directory.make(usage)
        #expect(try store.collectGarbage().removed.entries == 1)
        #expect(FileStatus.of(usage)?.kind == .regular)
    }

    @Test func `whoever asks for a collection gets all of it`() throws {
        let store = scratch.store { ($0.maximumSize, $0.removalsPerSweep) = (1, 2) }
        for number in 0..<7 { try scratch.store().publish(key(number), noise(9000, seed: UInt64(number + 1))) }
        #expect(try store.collectGarbage().removed.entries == 7)
    }
}
