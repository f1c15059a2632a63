import Dispatch
import Files
import Foundation
import LarderStore
import Synchronization
import Testing

/// Many threads and processes on one store.
@Suite struct SharingTests {
    let scratch: Scratch
    let store: EntryStore

    init() throws {
        scratch = try Scratch()
        store = scratch.store()
    }

    /// The content of key `number` as one of several writers makes it: every writer's is whole and its own.
    static func parts(_ number: Int, writer: Int) -> [EntryStore.Part] {
        let length = 1000 + number * 9000 + writer * 137
        return [
            .init(name: "who", bytes: [UInt8(writer)]),
            .init(name: "body", bytes: noise(length, seed: UInt64(number * 100 + writer + 1))),
        ]
    }

    static func isWhole(_ parts: [EntryStore.Part], of number: Int) -> Bool {
        guard let writer = parts.first?.bytes.first else { return false }
        return parts == Self.parts(number, writer: Int(writer))
    }

    @Test func `eight writers of eight keys all succeed`() throws {
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for round in 0..<8 {
                let number = (writer + round) % 8
                let parts = Self.parts(number, writer: writer).map { NewPart($0.name, .bytes($0.bytes)) }
                #expect(throws: Never.self) { try store.publish(key(number), parts: parts) }
            }
        }
        for number in 0..<8 {
            let parts = try #require(store.value(for: key(number)).parts)
            #expect(Self.isWhole(parts, of: number))
        }
        #expect(store.strangers.isEmpty)
        #expect(store.realUsage.entries == 8)
    }

    @Test func `readers among writers and a sweeper see whole entries or none`() throws {
        let small = scratch.store { $0.maximumSize = 200_000 }
        let isDone = Atomic(0)
        let hits = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 6) { worker in
            if worker < 3 {
                for round in 0..<40 {
                    let number = (worker + round) % 8
                    let parts = Self.parts(number, writer: worker).map { NewPart($0.name, .bytes($0.bytes)) }
                    #expect(throws: Never.self) { try small.publish(key(number), parts: parts) }
                }
                isDone.add(1, ordering: .relaxed)
            } else {
                var round = 0
                // A reader that is late to start still reads.
                while round < 64 || isDone.load(ordering: .relaxed) < 3 {
                    round += 1
                    switch store.value(for: key(round % 8)) {
                    case .hit(let parts):
                        #expect(Self.isWhole(parts, of: round % 8))
                        hits.add(1, ordering: .relaxed)
                    case .miss(let reason):
                        #expect(reason == .absent)
                    }
                }
            }
        }
        #expect(hits.load(ordering: .relaxed) > 0)
        #expect(store.strangers.isEmpty)
        try small.collectGarbage()
        #expect(store.usage() == store.realUsage)
        #expect(store.realUsage.bytes <= 200_000)
    }

    @Test func `clear among writers leaves a store that works`() throws {
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            for round in 0..<30 {
                do {
                    if worker == 0 { try store.clear() } else { try store.publish(key(round), noise(3000)) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        // A writer whose directory goes three times in a row gives up; that is a miss later.
        let surprises = failures.withLock { $0 }.filter { !$0.contains("No such file") }
        #expect(surprises.isEmpty, "\(surprises)")
        #expect(store.strangers.isEmpty)
        try store.collectGarbage()
        #expect(store.usage() == store.realUsage)
        try store.publish(key(1), [1])
        #expect(store.value(for: key(1)).parts != nil)
    }

    /// What one of several processes does; a function, because it runs in a process of its own.
    static func work(in directory: String, process: Int) throws {
        var options = EntryStore.Options()
        options.freeSpaceFloor = 0
        let store = EntryStore(at: Path(directory), options: options)
        let journal = Journal(at: store.directory, rotationLength: 8192)
        for round in 0..<100 {
            let number = (process * 3 + round) % 10
            let parts = store.value(
                for: key(number),
                orCompute: {
                    journal.record(Event(.miss, entry: key(number)))
                    return Self.parts(number, writer: process)
                }
            )
            guard Self.isWhole(parts, of: number) else { throw Unexpected() }
            journal.record(Event(.hit, entry: key(number)))
            if round % 10 == process {
                try store.publish(
                    key(number),
                    parts: Self.parts(number, writer: process).map { NewPart($0.name, .bytes($0.bytes)) }
                )
                journal.record(Event(.publish, entry: key(number)))
            }
        }
    }

    @Test func `four processes with ten keys each find whole entries and lose no event`() async throws {
        let directory = store.directory.description
        await withTaskGroup(of: Void.self) { group in
            for process in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [directory = directory as String, process = process as Int] in
                        try Self.work(in: directory, process: process)
                    }
                }
            }
        }
        let sums = Journal(at: store.directory).statistics()
        #expect(sums.hits == 400)
        #expect(sums.publishes == 40)
        #expect(sums.misses >= 10)
        #expect(sums.skippedLines == 0)
        #expect(try store.verify().entries == 10)
        #expect(try store.verify().damaged.isEmpty)
        #expect(store.strangers.isEmpty)
    }

    /// Computes key 1 while another process does the same: neither has published before both have begun.
    static func computeTogether(in directory: String, process: Int) throws {
        let store = EntryStore(at: Path(directory))
        let parts = try store.value(for: key(1)) {
            let meeting = Path(directory + ".begun.\(process)")
            try write([1], to: meeting)
            let deadline = Clock.wall + 1_800_000_000_000
            while FileStatus.of(Path(directory + ".begun.\(1 - process)")) == nil {
                guard Clock.wall < deadline else { throw Unexpected() }
                usleep(1000)
            }
            return [EntryStore.Part(name: "who", bytes: [UInt8(process)])]
        }
        guard parts == [EntryStore.Part(name: "who", bytes: [UInt8(process)])] else { throw Unexpected() }
        // From now on both find one and the same.
        guard let stays = store.value(for: key(1)).bytes(of: "who"), stays == [0] || stays == [1] else {
            throw Unexpected()
        }
    }

    @Test func `two processes that compute one key at once both get their own result, and one of them stays`() async {
        let directory = store.directory.description
        await withTaskGroup(of: Void.self) { group in
            for process in 0..<2 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [directory = directory as String, process = process as Int] in
                        try Self.computeTogether(in: directory, process: process)
                    }
                }
            }
        }
        let stays = store.value(for: key(1)).bytes(of: "who")
        #expect(stays == [0] || stays == [1])
        var isComputed = false
        let found = store.value(for: key(1)) {
            isComputed = true
            return []
        }
        #expect(found.first?.bytes == stays)
        #expect(!isComputed)
        #expect(store.strangers.isEmpty)
    }

    static let moments = ["written", "flushed", "renamed"]

    /// Publishes key 2 in a process that ends on the way.
    static func publish(in directory: String, until moment: String) throws {
        setenv("LARDER_CRASH_AT", moment, 1)
        var options = EntryStore.Options()
        options.freeSpaceFloor = 0
        try EntryStore(at: Path(directory), options: options).publish(key(2), noise(50_000))
    }

    @Test(arguments: moments) func `a process killed while publishing leaves nothing that is read`(moment: String)
        async throws
    {
        try store.publish(key(1), [9])
        let before = store.value(for: key(2)).reason
        #expect(before == .absent)
        let (directory, started) = (store.directory.description, Clock.wall)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = directory as String, moment = moment as String] in
            try Self.publish(in: directory, until: moment)
        }
        switch store.value(for: key(2)) {
        case .hit(let parts):
            #expect(moment == "renamed")
            #expect(parts.first?.bytes == noise(50_000))
        case .miss(let reason):
            #expect(moment != "renamed")
            #expect(reason == .absent)
        }
        let leftovers = moment == "renamed" ? 0 : 1
        #expect(store.strangers.count == leftovers)
        // On a busy machine it may be an hour ago by now.
        #expect(store.sweepLeftovers(now: started) == 0)
        #expect(store.sweepLeftovers(now: Clock.wall + 2 * 3_600_000_000_000) == leftovers)
        try store.publish(key(2), [1])
        try store.collectGarbage()
        #expect(store.usage() == store.realUsage)
    }

    @Test(arguments: moments) func `a process killed while replacing leaves the old entry or the new one`(
        moment: String
    ) async throws {
        try store.publish(key(2), noise(40_000, seed: 7))
        let directory = store.directory.description
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = directory as String, moment = moment as String] in
            try Self.publish(in: directory, until: moment)
        }
        let expected = moment == "renamed" ? noise(50_000) : noise(40_000, seed: 7)
        #expect(store.value(for: key(2)).parts?.first?.bytes == expected)
        // The other one of the two, under the temporary name.
        #expect(store.strangers.count == 1)
        #expect(store.sweepLeftovers(now: Clock.wall + 2 * 3_600_000_000_000) == 1)
        try store.collectGarbage()
        #expect(store.usage() == store.realUsage)
        #expect(store.value(for: key(2)).parts?.first?.bytes == expected)
    }

    @Test(arguments: [0, 1] as [Int64]) func `a full disk is an error of the publisher and of nobody else`(
        keepFree: Int64
    ) throws {
        let mount = scratch.path.appending("disk")
        try Directory.make(mount)
        func run(_ program: String, _ arguments: [String]) -> Bool {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
        guard run("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.description]) else {
            try Test.cancel("no right to mount a small file system")
        }
        defer { _ = run("/bin/umount", [mount.description]) }
        var options = EntryStore.Options()
        // Far below zero, nothing looks at the free space before the disk itself is full.
        options.freeSpaceFloor = keepFree == 0 ? -1 << 40 : 100_000
        let store = EntryStore(at: mount.appending("cache"), options: options)
        var failures = 0
        for number in 0..<30 {
            do throws(StoreError) {
                try store.publish(key(number), parts: [NewPart("x", .bytes(noise(100_000, seed: UInt64(number + 1))))])
            } catch {
                #expect(error.code == .noSpace)
                failures += 1
            }
            Journal(at: store.directory).record(Event(.miss))
        }
        #expect(keepFree == 0 ? failures > 15 : failures == 0)
        #expect(store.strangers.isEmpty)
        #expect(try store.verify().damaged.isEmpty)
        #expect(store.realUsage.entries >= 4)
        #expect(store.usage() == store.realUsage)
        if keepFree > 0 { #expect(try FileSystem.of(mount).free >= 100_000 - 8192) }
    }
}
