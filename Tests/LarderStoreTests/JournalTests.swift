import Dispatch
import Files
import Foundation
import LarderStore
import Synchronization
import Testing

@Suite struct JournalTests {
    let scratch: Scratch
    let journal: Journal

    init() throws {
        scratch = try Scratch()
        journal = Journal(at: scratch.path)
    }

    private var directory: Path { scratch.path.appending("journal") }
    private var current: Path { directory.appending("current") }

    private func segments() throws -> [Path] {
        try Directory.names(in: directory).filter { $0.starts(with: "segment.".utf8) }
            .map { directory.appending(bytes: $0) }
    }

    @Test func `a journal that is not there is empty`() throws {
        #expect(journal.statistics() == Statistics())
        #expect(journal.recentEvents().isEmpty)
        #expect(!journal.fold())
        try journal.reset()
        #expect(FileStatus.of(directory) == nil)
    }

    @Test func `events add up, by kind and by cause`() {
        let before = Clock.wall / 1_000_000
        journal.record(Event(.hit, manifest: key(1), entry: key(2), microseconds: 500))
        journal.record(Event(.hit, cause: "direct", microseconds: 250))
        journal.record(Event(.miss, cause: "absent", manifest: key(1), entry: key(2), microseconds: 3000))
        journal.record(Event(.miss, cause: "inputs_changed", manifest: key(1)))
        journal.record(Event(.bypass, cause: "linking"))
        journal.record(Event(.error, cause: "io"))
        journal.record(Event(.evict, cause: "budget", count: 40))
        journal.record(Event(.publish, entry: key(2)))
        for _ in 0..<2 {
            let sums = journal.statistics()
            #expect(sums.hits == 2 && sums.misses == 2 && sums.bypasses == 1)
            #expect(sums.errors == 1 && sums.evictions == 40 && sums.publishes == 2)
            #expect(sums.savedMicroseconds == 750)
            #expect(sums.spentMicroseconds == 3000)
            #expect(sums.byCause["miss.inputs_changed"] == 1)
            #expect(sums.byCause["evict.budget"] == 40)
            #expect(sums.byCause.count == 6)
            #expect(sums.skippedLines == 0)
            #expect((before...Clock.wall / 1_000_000).contains(sums.since ?? 0))
            #expect(journal.fold())
        }
    }

    @Test func `an event is read back as it was recorded, made harmless`() throws {
        let long = String(repeating: "é", count: 200)
        journal.record(
            Event(
                .bypass,
                cause: "a\tb\nc",
                manifest: key(1),
                entry: key(2),
                microseconds: 7,
                count: 3,
                session: "s-1",
                label: "x\ty\n\u{1B}[31m"
            )
        )
        journal.record(Event(.hit, cause: long, session: long, label: long))
        journal.record(Event(.hit, microseconds: -5, count: -1))
        #expect(try contents(of: current).split(separator: 10).allSatisfy { $0.count < 512 })
        let events = journal.recentEvents()
        try #require(events.count == 3)
        #expect(events[0].kind == .bypass && events[0].cause == "a_b_c" && events[0].label == "x?y??[31m")
        #expect(events[0].manifest == key(1) && events[0].entry == key(2))
        #expect(events[0].microseconds == 7 && events[0].count == 3 && events[0].session == "s-1")
        #expect(events[0].process == CurrentProcess.id)
        #expect(events[1].label == String(repeating: "é", count: 50))
        #expect(events[2].microseconds == 0 && events[2].count == 0)
        #expect(events[2].manifest == nil && events[2].session == nil)
        #expect(journal.statistics().skippedLines == 0)
        #expect(FileStatus.of(current).map { $0.mode & 0o777 } == 0o600)
    }

    @Test func `lines that are torn or foreign are skipped and counted`() throws {
        journal.record(Event(.hit))
        let good = try contents(of: current)
        let lines: [[UInt8]] = [
            Array("rubbish\n".utf8), [0xFF, 0, 0x0A], [0x0A], Array("3".utf8) + good.dropFirst(),
            Array("1".utf8) + good.dropFirst(),
            Array(good.prefix(20)) + good, Array("1\t1\t1\tdance\t-\t-\t-\t0\t1\t-\t-\n".utf8),
            Array("1\t99999999999999999999\t1\thit\t-\t-\t-\t0\t1\t-\t-\n".utf8),
            Array("1\t-1\t1\thit\t-\t-\t-\t0\t1\t-\t-\n".utf8), Array("1\t1\t1\thit\t-\tabc\t-\t0\t1\t-\t-\n".utf8),
            [UInt8](repeating: UInt8(ascii: "1"), count: 100_000) + [0x0A],
            Array("1\t1\t1\thit\ta b\t-\t-\t0\t1\t-\t-\n".utf8),
        ]
        let tail = good.prefix(30)
        try write(good + lines.flatMap { $0 } + good + tail, to: current)
        for _ in 0..<3 {
            let sums = journal.statistics()
            #expect(sums.hits == 2)
            #expect(sums.skippedLines == lines.count)
            journal.fold()
        }
    }

    @Test func `the text of version 1 is still understood`() throws {
        let url = try #require(
            Bundle.module.url(forResource: "journal-folded-1.txt", withExtension: nil, subdirectory: "Fixtures")
        )
        let fixture = Array(try Data(contentsOf: url))
        try write(fixture, to: directory.appending("folded"))
        let a = String(repeating: "ab", count: 32)
        let b = String(repeating: "0c", count: 32)
        let line = "1\t1700000000000\t321\tmiss\tinputs_changed\t\(a)\t\(b)\t1500\t1\tci-7\tmain.c\n"
        try write(Array(line.utf8), to: current)
        let sums = journal.statistics()
        #expect(sums.hits == 12 && sums.misses == 4 && sums.evictions == 40)
        #expect(sums.byCause == ["miss.absent": 3, "miss.inputs_changed": 1, "evict.budget": 40])
        #expect(sums.savedMicroseconds == 9_000_000 && sums.spentMicroseconds == 101_500)
        #expect(sums.since == 1_600_000_000_000 && sums.skippedLines == 2)
        let event = try #require(journal.recentEvents().first)
        #expect(event.manifest?.description == a && event.entry?.description == b)
        #expect(event.session == "ci-7" && event.label == "main.c" && event.process == 321)

        for position in fixture.indices {
            var bad = fixture
            bad[position] ^= 1
            try write(bad, to: directory.appending("folded"))
            #expect(journal.statistics().hits == 0, "byte \(position)")
        }
    }

    @Test func `whoever opened the file before a fold loses nothing`() throws {
        journal.record(Event(.hit))
        let line = try contents(of: current)
        let late = try Descriptor(appendingTo: current)
        #expect(journal.fold())
        #expect(journal.statistics().hits == 1)
        late.append(line)
        #expect(journal.statistics().hits == 2)
        journal.record(Event(.hit))
        #expect(journal.statistics().hits == 3)
        #expect(journal.fold())
        #expect(journal.statistics().hits == 3)
        // Half a line, then the rest of it.
        late.append(Array(line.prefix(10)))
        #expect(journal.fold())
        #expect(journal.statistics().hits == 3)
        late.append(Array(line.dropFirst(10)))
        #expect(journal.statistics().hits == 4)
        #expect(journal.fold())
        #expect(journal.statistics().hits == 4)
        #expect(journal.statistics().skippedLines == 0)
    }

    @Test func `a segment goes when it is folded and a month old, and its sums stay`() throws {
        journal.record(Event(.hit))
        journal.fold()
        journal.fold()
        let segment = try #require(try segments().first)
        Directory.setTimes(segment, to: Clock.wall - 30 * 24 * 3_600_000_000_000)
        journal.fold()
        #expect(try segments().count == 1 && journal.recentEvents().count == 1)
        Directory.setTimes(segment, to: Clock.wall - 32 * 24 * 3_600_000_000_000)
        journal.fold()
        #expect(try segments().isEmpty)
        for _ in 0..<2 {
            #expect(journal.statistics().hits == 1)
            journal.fold()
        }
        journal.record(Event(.hit))
        #expect(journal.statistics().hits == 2)
    }

    @Test func `the oldest segments go before the journal gets too long`() throws {
        let journal = Journal(at: scratch.path, rotationLength: 1000)
        for number in 0..<600 {
            journal.record(Event(.miss, label: "\(number)"))
            guard number % 100 == 99 else { continue }
            for segment in try segments() { Directory.setTimes(segment, to: Clock.wall - 2 * 3_600_000_000_000) }
        }
        let length = try segments().reduce(0) { $0 + (FileStatus.of($1)?.identity.size ?? 0) }
        #expect(length > 16_000 && length < 60_000, "\(length)")
        #expect(journal.statistics().misses == 600)
        #expect(journal.recentEvents().last?.label == "599")
    }

    @Test func `hours and programs are summed, and stay when segments go`() throws {
        let now = Clock.wall / 1_000_000
        func record(_ kind: Event.Kind, _ program: String, hoursAgo: Int64) {
            var event = Event(kind, microseconds: 1000, program: program, elapsedMicroseconds: 77)
            event.time = now - hoursAgo * 3_600_000
            journal.record(event)
        }
        for _ in 0..<3 { record(.hit, "gcc", hoursAgo: 0) }
        record(.miss, "gcc", hoursAgo: 5)
        record(.bypass, "odd name\t\n", hoursAgo: 5)
        record(.hit, "clang", hoursAgo: 31 * 24 + 1)
        #expect(journal.recentEvents().last?.program == "clang")
        #expect(journal.recentEvents().first?.elapsedMicroseconds == 77)
        for _ in 0..<2 {
            journal.fold()
            let sums = journal.statistics()
            #expect(sums.hours.values.reduce(0) { $0 + $1.hits } == 3, "what is older than 31 days is forgotten")
            #expect(sums.hours[Tally.hour(ofMilliseconds: now - 5 * 3_600_000)]?.misses == 1)
            #expect(sums.programs["gcc"].map { $0.hits == 3 && $0.misses == 1 && $0.savedMicroseconds == 3000 } == true)
            #expect(sums.programs["clang"]?.hits == 1 && sums.programs["odd?name??"]?.bypasses == 1)
        }
    }

    @Test func `what is written while somebody follows is seen once, also across a fold`() throws {
        journal.record(Event(.hit, label: "before"))
        var tail = JournalTail(of: journal)
        #expect(tail.events().isEmpty)
        var seen: [String] = []
        for number in 0..<6 {
            journal.record(Event(.hit, label: "\(number)"))
            if number % 2 == 1 { journal.fold() }
            if number % 3 == 2 { seen += tail.events().map(\.label) }
        }
        journal.record(Event(.hit, label: "last"))
        seen += tail.events().map(\.label)
        #expect(seen == ["0", "1", "2", "3", "4", "5", "last"])
    }

    @Test(arguments: ["written", "renamed"])
    func `a process killed while folding neither loses an event nor counts one twice`(moment: String) async throws {
        for _ in 0..<5 { journal.record(Event(.hit)) }
        journal.fold()
        for _ in 0..<5 { journal.record(Event(.miss)) }
        let before = journal.statistics()
        let store = scratch.path.description
        for _ in 0..<2 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [store = store as String, moment = moment as String] in
                setenv("LARDER_CRASH_AT", moment, 1)
                Journal(at: Path(store)).fold()
            }
            #expect(journal.statistics() == before)
        }
        journal.fold()
        #expect(journal.statistics() == before)
        #expect(before.hits == 5 && before.misses == 5)
    }

    @Test func `reset forgets everything`() throws {
        for _ in 0..<3 {
            journal.record(Event(.hit))
            journal.fold()
        }
        try journal.reset()
        #expect(journal.statistics() == Statistics())
        journal.record(Event(.miss))
        #expect(journal.statistics().misses == 1)
    }

    @Test func `a use moves an entry's time forward and never back`() throws {
        let store = EntryStore(at: scratch.path)
        for number in 0..<3 { try store.publish(key(number), [1]) }
        let old = Clock.wall - 3_600_000_000_000
        let future = Clock.wall + 3_600_000_000_000
        for number in 0..<2 { Directory.setTimes(store.path(of: key(number)), to: old) }
        Directory.setTimes(store.path(of: key(2)), to: future)
        journal.record(Event(.hit, entry: key(0)))
        journal.record(Event(.miss, entry: key(1)))
        journal.record(Event(.hit, entry: key(2)))
        journal.record(Event(.hit, entry: key(3)))
        #expect(journal.fold())
        func modified(_ number: Int) -> Int64? { FileStatus.of(store.path(of: key(number)))?.identity.modified }
        #expect(modified(0).map { $0 > old } == true)
        #expect(modified(1) == old)
        #expect(modified(2) == future)
        #expect(!store.exists(key(3)))
    }

    @Test func `many writers and many folds lose no event and count none twice`() throws {
        let journal = Journal(at: scratch.path, rotationLength: 4096)
        let (writers, each) = (8, 300)
        let isDone = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: writers + 1) { writer in
            if writer < writers {
                for number in 0..<each {
                    journal.record(Event(number % 3 == 0 ? .miss : .hit, microseconds: 1, label: "\(writer)-\(number)"))
                }
                if journal.statistics().misses >= writers * each / 3 { isDone.store(true, ordering: .relaxed) }
            } else {
                var last = 0
                for _ in 0..<10_000 where !isDone.load(ordering: .relaxed) {
                    let sums = journal.statistics()
                    let total = sums.hits + sums.misses
                    #expect(total >= last && total <= writers * each)
                    last = total
                }
            }
        }
        let sums = journal.statistics()
        #expect(sums.misses == writers * each / 3)
        #expect(sums.hits == writers * each * 2 / 3)
        #expect(sums.savedMicroseconds == Int64(sums.hits))
        #expect(sums.skippedLines == 0)
        #expect(try segments().count > 1)
        #expect(journal.fold())
        #expect(journal.statistics() == sums)
    }
}

extension Descriptor {
    fileprivate func append(_ bytes: [UInt8]) {
        let isWritten = writeOnce(bytes)
        #expect(isWritten)
    }
}
