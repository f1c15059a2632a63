import Files
import LarderStore
import Testing

@Suite struct BudgetTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let hour: Int64 = 3_600_000_000_000

    /// Publishes entries of 64 KiB, number 0 the longest ago.
    private func fill(_ store: EntryStore, _ count: Int) throws {
        for number in 0..<count {
            try store.publish(key(number), noise(65_000, seed: UInt64(number + 1)))
            Directory.setTimes(store.path(of: key(number)), to: Clock.wall - Int64(count - number) * Self.hour)
        }
    }

    @Test func `the sums are what the files take`() throws {
        let store = scratch.store()
        for number in 0..<30 { try store.publish(key(number % 20), noise(number * 1000)) }
        #expect(store.usage() == store.realUsage)
        #expect(store.usage().entries == 20)
        try store.remove(key(3))
        try write([1], to: store.path(of: key(4)))
        #expect(store.usage().entries == 19)
        try store.collectGarbage()
        #expect(store.usage() == store.realUsage)
    }

    @Test func `a store beyond its budget loses the oldest down to four fifths`() throws {
        try fill(scratch.store(), 20)
        let total = scratch.store().usage().bytes
        let store = scratch.store { $0.maximumSize = total }
        #expect(store.realUsage.entries == 20)
        try store.publish(key(100), noise(65_000))
        let rest = store.realUsage
        #expect(rest.bytes <= total * 4 / 5)
        #expect(rest.bytes > total * 4 / 5 - 70_000)
        #expect(store.usage() == rest)
        let evicted = 21 - rest.entries
        for number in 0..<20 { #expect(store.exists(key(number)) == (number >= evicted), "\(number)") }
        #expect(store.exists(key(100)))
        #expect(Journal(at: store.directory).statistics().evictions == evicted)
    }

    @Test func `a hit that the journal knows of protects both its entries`() throws {
        let store = scratch.store()
        try fill(store, 10)
        Journal(at: store.directory).record(Event(.hit, manifest: key(0), entry: key(1)))
        let small = scratch.store { $0.maximumSize = store.usage().bytes / 2 }
        try small.collectGarbage()
        #expect(small.realUsage.entries < 6)
        #expect(small.exists(key(0)) && small.exists(key(1)))
        #expect(!small.exists(key(2)))
    }

    @Test func `who publishes removes a bounded number`() throws {
        try fill(scratch.store(), 10)
        let store = scratch.store {
            $0.maximumSize = 1
            $0.removalsPerSweep = 3
        }
        try store.publish(key(100), noise(65_000))
        #expect(store.realUsage.entries == 8)
        #expect(store.usage() == store.realUsage)
    }

    @Test func `while somebody sweeps, others publish and go on`() throws {
        try fill(scratch.store(), 10)
        let store = scratch.store { $0.maximumSize = 100_000 }
        do {
            let name = LockName("evict")
            let lock = try WriterLock.acquire(name, in: store.directory)
            try store.publish(key(50), noise(1000))
            #expect(store.realUsage.entries == 11)
            var once = WriterLock.Options()
            once.timeout = .once
            let error = #expect(throws: StoreError.self) { try store.collectGarbage(lock: once) }
            #expect(error?.code == .locked)
            lock.release()
        }
        try store.publish(key(51), noise(1000))
        #expect(store.realUsage.bytes <= 80_000)
    }

    @Test func `sums that are missing or absurd are counted anew`() throws {
        let store = scratch.store()
        try fill(store, 5)
        let path = store.directory.appending("usage")
        try Directory.removeFile(path)
        #expect(store.usage() == store.realUsage)
        try store.publish(key(10), noise(100))
        #expect(store.usage() == store.realUsage)
        #expect(store.usage().entries == 6)
        for absurd: Int64 in [-1 << 40, .max - 1_000_000] {
            let counters = try SharedCounters(at: path)
            counters.set(0, to: absurd)
            try store.publish(key(11), noise(100))
            #expect(store.usage() == store.realUsage)
        }
        try write([1, 2, 3], to: path)
        try store.publish(key(12), noise(100))
        #expect(store.usage() == store.realUsage)
    }

    /// The directories that lie below `path`.
    private func directories(below path: Path) -> Int {
        let names = (try? Directory.names(in: path)) ?? []
        return names.map(path.appending(bytes:)).filter { FileStatus.ofLink($0)?.kind == .directory }
            .reduce(0) { $0 + 1 + directories(below: $1) }
    }

    @Test func `directories go with the last entry in them`() throws {
        let store = scratch.store()
        let entries = store.directory.appending("entries")
        try fill(store, 40)
        #expect(directories(below: entries) >= 40)
        _ = try store.evict(unusedSince: Clock.wall - 20 * Self.hour)
        let left = store.realUsage.entries
        #expect(left < 40)
        #expect(directories(below: entries) <= 2 * left)
        let small = scratch.store { $0.maximumSize = 1 }
        try small.collectGarbage()
        #expect(directories(below: entries) == 0)
        // Those that another version has left.
        try Directory.make(entries.appending("ab").appending("cd"))
        try Directory.make(entries.appending("ef"))
        try store.collectGarbage()
        try store.collectGarbage()
        #expect(directories(below: entries) == 0)
    }

    @Test func `whoever publishes into a directory that is just removed makes it again`() async throws {
        let scratch = scratch
        try await withThrowingTaskGroup { group in
            for worker in 0..<4 {
                group.addTask {
                    // One that evicts as often as it publishes, and three that only publish.
                    let store = worker == 0 ? scratch.store { $0.maximumSize = 1 } : scratch.store()
                    for number in 0..<300 { try store.publish(key(number % 7), noise(10)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(scratch.store().strangers.isEmpty)
    }

    @Test func `the free-space floor is kept by eviction, then by refusal`() throws {
        try fill(scratch.store(), 5)
        let store = scratch.store { $0.freeSpaceFloor = 1 << 60 }
        let error = #expect(throws: StoreError.self) { try store.publish(key(10), noise(100)) }
        #expect(error?.code == .noSpace)
        #expect(store.realUsage.entries == 0)
        #expect(store.strangers.isEmpty)
    }

    @Test func `only temporaries of the dead are removed, and only old ones`() throws {
        let store = scratch.store()
        try fill(store, 1)
        let entry = store.path(of: key(0))
        // No process has this number: the kernel's limit is 2^22.
        let dead = entry.appending(suffix: ".tmp.2147483000.abc")
        let young = entry.appending(suffix: ".tmp.2147483000.def")
        let ours = entry.appending(suffix: ".tmp.\(CurrentProcess.id).abc")
        let other = entry.appending(suffix: ".notes")
        for path in [dead, young, ours, other] { try write([1], to: path) }
        // The change time cannot be set back, so a temporary counts as young here whatever its modification time.
        Directory.setTimes(dead, to: Clock.wall - 2 * Self.hour)
        #expect(!Leftover.isDead(dead))
        #expect(Leftover.isDead(dead, now: Clock.wall + 2 * Self.hour))
        #expect(!Leftover.isDead(ours, now: Clock.wall + 2 * Self.hour))
        #expect(!Leftover.isDead(other, now: Clock.wall + 2 * Self.hour))
        let marker = store.directory.appending("format.tmp.2147483000.abc")
        let folded = store.directory.appending("journal/folded.tmp.2147483000.abc")
        for path in [marker, folded] { try write([1], to: path) }
        #expect(store.sweepLeftovers() == 0)
        #expect(store.sweepLeftovers(now: Clock.wall + 2 * Self.hour) == 4)
        #expect(Set(store.strangers.map(\.description)) == Set([ours, other].map(\.description)))
    }
}
