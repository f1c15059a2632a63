import Dispatch
import Files
import Foundation
import LarderStore
import Synchronization
import Testing

/// What holds for a lock whatever keeps it: the same suite for the kernel's locks and for leases.
@Suite struct WriterLockTests {
    let scratch: Scratch
    let name = LockName("conformance")

    var store: Path { scratch.path.appending("store") }
    var directory: Path { store.appending("locks") }
    var owner: Path { directory.appending("conformance.owner") }

    init() throws { scratch = try Scratch() }

    static let modes: [LockMode] = [.advisory, .lease]

    func options(_ mode: LockMode, seconds: Double = 0, expiry: Int64 = 8_000_000_000) -> WriterLock.Options {
        var options = WriterLock.Options()
        options.mode = mode
        options.timeout = LockTimeout(seconds: seconds)
        options.purpose = "a test"
        options.timing = LeaseTiming(interval: expiry / 4, expiry: expiry)
        return options
    }

    func isFree(_ mode: LockMode) throws -> Bool {
        switch try WriterLock.attempt(name, in: store, options: options(mode)) {
        case .some: true
        case nil: false
        }
    }

    /// Files in the directory of the locks.
    var files: [String] {
        ((try? Directory.names(in: directory)) ?? []).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// The record of a process that may be anywhere.
    func record(
        id: Character,
        backend: String = "lease",
        pid: Int = 4_000_000,
        started: Int = 1,
        boot: String? = nil,
        host: String = "elsewhere",
        expiry: Int = 8000
    ) -> [UInt8] {
        let own = ProcessIdentity.current
        return Array(
            """
            larder-owner 1
            id \(String(repeating: id, count: 32))
            backend \(backend)
            pid \(pid)
            started \(started)
            space \(own.space)
            boot \(boot ?? own.boot)
            host \(host)
            since 1700000000000
            expiry \(expiry)
            purpose nothing
            command there
            later a field of another version
            end

            """.utf8
        )
    }

    // MARK: - Exclusion

    @Test(arguments: modes, modes)
    func `who has it keeps everyone else out, whatever keeps theirs`(holder: LockMode, other: LockMode) throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(holder))
        #expect(try !isFree(other))
        #expect(try !isFree(other), "asking does not open it")
        let isKept = lock.isStillHeld
        #expect(isKept)
        let status = LockStatus.of(name, in: store)
        #expect(status.isHeld)
        #expect(status.owner?.process == ProcessIdentity.current.id)
        #expect(status.owner?.backend.rawValue == holder.rawValue)
        #expect(status.owner?.purpose == "a test")
        lock.release()
        #expect(try isFree(other))
        #expect(!LockStatus.of(name, in: store).isHeld)
    }

    @Test(arguments: modes)
    func `nothing is left but an empty file of the user's own`(mode: LockMode) throws {
        for _ in 0..<3 { try WriterLock.acquire(name, in: store, options: options(mode)).release() }
        #expect(files == (mode == .advisory ? ["conformance.lock"] : []))
        if let status = FileStatus.ofLink(directory.appending("conformance.lock")) {
            #expect(status.size == 0)
            #expect(status.mode & 0o777 == 0o600)
        }
    }

    @Test(arguments: modes)
    func `different names do not wait for each other`(mode: LockMode) throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(mode))
        try WriterLock.acquire(LockName("other"), in: store, options: options(mode)).release()
        lock.release()
    }

    @Test func `of threads with both kinds of lock one at a time is inside`() throws {
        let inside = Atomic(0)
        let turns = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 6) { worker in
            for _ in 0..<15 {
                #expect(throws: Never.self) {
                    try WriterLock.withLock(
                        name,
                        in: store,
                        options: options(Self.modes[worker % 2], seconds: 60)
                    ) { _ in
                        #expect(inside.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                        turns.add(1, ordering: .relaxed)
                        inside.subtract(1, ordering: .sequentiallyConsistent)
                    }
                }
            }
        }
        #expect(turns.load(ordering: .relaxed) == 90)
        #expect(files == ["conformance.lock"])
    }

    // MARK: - Waiting

    @Test(arguments: modes)
    func `a time-out is kept, and says who was in the way`(mode: LockMode) throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(mode))
        let start = Clock.monotonic
        let error = #expect(throws: LockError.self) {
            try WriterLock.acquire(name, in: store, options: options(mode, seconds: 0.3)).release()
        }
        let elapsed = Clock.monotonic - start
        #expect(error?.code == .timedOut)
        #expect(elapsed >= 300_000_000, "it is the assertion that it does not give up early")
        #expect(elapsed < 60_000_000_000, "a hang detector; the benchmark has the bar")
        #expect(error?.wait?.owner?.process == ProcessIdentity.current.id)
        #expect(error.map { "\($0)" }?.contains("process \(ProcessIdentity.current.id)") == true)
        lock.release()
    }

    @Test(arguments: modes)
    func `a cancelled wait ends at once and is no time-out`(mode: LockMode) throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(mode))
        var options = options(mode)
        options.timeout = .infinite
        let cancellation = Cancellation()
        options.cancellation = cancellation
        let contended = DispatchSemaphore(value: 0)
        options.observers = [{ if case .contended = $0 { contended.signal() } }]
        DispatchQueue.global().async {
            contended.wait()
            cancellation.cancel()
        }
        let error = #expect(throws: LockError.self) {
            try WriterLock.acquire(name, in: store, options: options).release()
        }
        #expect(error?.code == .cancelled)
        #expect((error?.wait?.elapsed ?? .max) < 60_000_000_000)
        lock.release()
        // Cancelled once is cancelled for good, also where nobody is in the way.
        #expect(throws: LockError.self) { try WriterLock.acquire(name, in: store, options: options).release() }
    }

    @Test(arguments: modes)
    func `an endless wait ends with the release, and observers hear how it went`(mode: LockMode) throws {
        let holder = Holder(try WriterLock.acquire(name, in: store, options: options(mode)))
        var options = options(mode)
        options.timeout = .infinite
        options.tick = 20_000_000
        let heard = Mutex<[String]>([])
        options.observers = [
            { event in
                switch event {
                case .contended(let wait):
                    #expect(wait.remaining == nil)
                    heard.withLock { $0.append("contended") }
                case .waiting:
                    heard.withLock { if $0.last != "waiting" { $0.append("waiting") } }
                    holder.release()
                case .acquired(let wait, let isContended):
                    #expect(isContended && wait.elapsed > 0)
                    heard.withLock { $0.append("acquired") }
                default: heard.withLock { $0.append("\(event)") }
                }
            }
        ]
        let lock = try WriterLock.acquire(name, in: store, options: options)
        #expect(heard.withLock { $0 } == ["contended", "waiting", "acquired"])
        let waited = lock.waited
        #expect(waited >= 20_000_000)
    }

    @Test(arguments: modes)
    func `what waiting cannot help is said at once`(mode: LockMode) throws {
        try write([], to: directory)
        let start = Clock.monotonic
        let error = #expect(throws: LockError.self) {
            try WriterLock.acquire(name, in: store, options: options(mode, seconds: 600)).release()
        }
        #expect(error?.code == .system)
        #expect(Clock.monotonic - start < 120_000_000_000)
    }

    // MARK: - The dead, and those who seem dead

    @Test(arguments: modes)
    func `the record of a process that is gone is in nobody's way`(mode: LockMode) throws {
        // No such number, and a number that another process has by now.
        for (pid, started) in [(4_000_000, 5), (Int(ProcessIdentity.current.id), 1)] {
            try write(record(id: "a", pid: pid, started: started), to: owner)
            let took = Mutex<Int32?>(nil)
            var options = options(mode)
            options.observers = [{ if case .succeeded(_, let owner) = $0 { took.withLock { $0 = owner?.process } } }]
            try WriterLock.acquire(name, in: store, options: options).release()
            #expect(took.withLock { $0 } == Int32(pid))
            #expect(files.allSatisfy { $0 == "conformance.lock" })
        }
    }

    @Test(arguments: modes)
    func `an empty lock file of the other kind is in nobody's way`(mode: LockMode) throws {
        try write([], to: directory.appending("conformance.lock"))
        #expect(try isFree(mode))
    }

    @Test(arguments: modes)
    func `a process of another machine keeps its lock while it gives signs of life`(mode: LockMode) throws {
        try write(record(id: "b", boot: "another", expiry: 6000), to: owner)
        let isDone = Atomic(false)
        let hasEnded = DispatchSemaphore(value: 0)
        // A thread of its own: the pool's may all be busy with other tests.
        Thread {
            while !isDone.load(ordering: .relaxed) {
                Directory.setTimes(owner, to: Clock.wall)
                Clock.sleep(20_000_000)
            }
            hasEnded.signal()
        }.start()
        let error = #expect(throws: LockError.self) {
            try WriterLock.acquire(name, in: store, options: options(mode, seconds: 12)).release()
        }
        isDone.store(true, ordering: .relaxed)
        hasEnded.wait()
        #expect(error?.code == .timedOut)
        #expect(error.map { "\($0)" }?.contains("on elsewhere") == true)
        let lock = try WriterLock.acquire(name, in: store, options: options(mode, seconds: 120))
        let waited = lock.waited
        #expect(waited >= 5_900_000_000, "not before it had been silent for as long as it promised to speak")
        lock.release()
        #expect(files.allSatisfy { $0 == "conformance.lock" })
    }

    @Test(arguments: modes)
    func `a lock of a machine that has been gone for long is taken at once`(mode: LockMode) throws {
        try write(record(id: "c", boot: "another"), to: owner)
        #expect(try !isFree(mode))
        Directory.setTimes(owner, to: Clock.wall - 3_600_000_000_000)
        #expect(try isFree(mode))
        // Set forward, it proves nothing.
        try write(record(id: "d", boot: "another"), to: owner)
        Directory.setTimes(owner, to: Clock.wall + 3_600_000_000_000)
        #expect(try !isFree(mode))
    }

    @Test(
        arguments: modes,
        ["", "larder-owner 1\nid 5\n", "larder-owner 9\nend\n", String(repeating: "x", count: 5000)]
    )
    func `a record that cannot be read does not block for ever`(mode: LockMode, text: String) throws {
        try write(Array(text.utf8), to: owner)
        try WriterLock.acquire(name, in: store, options: options(mode, seconds: 20, expiry: 500_000_000)).release()
        #expect(files.allSatisfy { $0 == "conformance.lock" })
    }

    @Test(arguments: modes)
    func `those who died while they took over from the dead are succeeded as well`(mode: LockMode) throws {
        try write(record(id: "1"), to: owner)
        try write(record(id: "2"), to: directory.appending("conformance.after.\(String(repeating: "1", count: 32)).0"))
        try write(record(id: "3"), to: directory.appending("conformance.after.\(String(repeating: "2", count: 32)).1"))
        #expect(try isFree(mode))
        #expect(files.allSatisfy { $0 == "conformance.lock" })
    }

    @Test(arguments: modes)
    func `of many who find the holder dead one at a time is inside`(mode: LockMode) throws {
        for round in 0..<10 {
            try write(record(id: Character("\(round)")), to: owner)
            let inside = Atomic(0)
            let turns = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: 6) { _ in
                #expect(throws: Never.self) {
                    try WriterLock.withLock(name, in: store, options: options(mode, seconds: 60)) { _ in
                        #expect(inside.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                        Clock.sleep(200_000)
                        turns.add(1, ordering: .relaxed)
                        inside.subtract(1, ordering: .sequentiallyConsistent)
                    }
                }
            }
            #expect(turns.load(ordering: .relaxed) == 6)
            #expect(files.allSatisfy { $0 == "conformance.lock" })
        }
    }

    @Test(arguments: modes)
    func `who was robbed knows it, and does not take the lock of the one who came after`(mode: LockMode) throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(mode))
        let theirs = record(id: "e", boot: "another")
        try write(theirs, to: owner)
        let isKept = lock.isStillHeld
        #expect(!isKept)
        lock.release()
        #expect(try contents(of: owner) == theirs)
    }

    @Test func `a holder gives signs of life`() throws {
        let lock = try WriterLock.acquire(name, in: store, options: options(.lease, expiry: 5_000_000_000))
        let first = try FileStatus.at(owner).identity.modified
        let deadline = Clock.monotonic + 120_000_000_000
        while try FileStatus.at(owner).identity.modified == first, Clock.monotonic < deadline {
            Clock.sleep(10_000_000)
        }
        #expect(try FileStatus.at(owner).identity.modified > first)
        let isKept = lock.isStillHeld
        #expect(isKept)
        lock.release()
    }

    @Test func `sweeping removes what the dead left and nothing of the living`() throws {
        let living = try WriterLock.acquire(LockName("living"), in: store, options: options(.lease))
        try write(record(id: "f"), to: owner)
        try write(record(id: "f"), to: directory.appending("conformance.owner.tmp.4000000.abc"))
        try EntryStore(at: store).collectGarbage()
        #expect(files == ["conformance.lock", "evict.lock", "living.owner"])
        let isKept = living.isStillHeld
        #expect(isKept)
        living.release()
    }
}

/// A lock that another thread may release.
private final class Holder: Sendable {
    private let lock: Mutex<WriterLock?>

    init(_ lock: consuming WriterLock) { self.lock = Mutex(lock) }

    func release() { lock.withLock { $0 = nil } }
}
