import Files
import Foundation
import LarderStore
import Synchronization
import Testing

/// A document of lines.
private struct Lines: SnapshotDocument, Equatable {
    static let kind = "lines-1"
    var lines: [String]

    struct Refusal: Error, CustomStringConvertible { var description: String }

    init(_ lines: String...) { self.lines = lines }

    init(snapshotBytes bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n") else { throw Refusal(description: "no end") }
        lines = text.split(separator: "\n").map(String.init)
    }

    func snapshotBytes() throws -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

    func validate() throws { if lines.isEmpty { throw Refusal(description: "there is nothing in it") } }
}

@Suite struct SnapshotTests {
    let scratch: Scratch
    private let snapshot: Snapshot<Lines>
    var store: Path { scratch.path.appending("store") }

    init() throws {
        scratch = try Scratch()
        snapshot = Snapshot(LockName("lines"), in: scratch.path.appending("store"))
    }

    /// Files beside the document.
    var strangers: [String] {
        ((try? Directory.names(in: snapshot.path.parent)) ?? []).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "lines" }
    }

    // MARK: - Reading

    @Test func `what was published is read, by anyone and whole`() throws {
        #expect(snapshot.read().copy == nil)
        let published = try snapshot.refresh { Lines("a", "b") }
        let copy = try #require(snapshot.read().copy)
        #expect(copy.document == Lines("a", "b"))
        #expect(copy.writtenAt == published.copy.writtenAt)
        #expect(copy.fileSize == (try FileStatus.at(snapshot.path).size))
        #expect(copy.age >= 0 && copy.age < 60_000)
        #expect(try FileStatus.at(snapshot.path).mode & 0o777 == 0o600)
        #expect(strangers.isEmpty)
    }

    @Test func `the format is the one that is on people's disks`() throws {
        let golden = "larder-snapshot 1 lines-1 1700000000000 4 xxh3-128:"
        try write(Array("\(golden)00000000000000000000000000000000\na\nb\n".utf8), to: snapshot.path)
        guard case .unusable(.damaged) = snapshot.read() else { throw Unexpected() }
        let url = try #require(
            Bundle.module.url(forResource: "snapshot-1.bin", withExtension: nil, subdirectory: "Fixtures")
        )
        try write(Array(try Data(contentsOf: url)), to: snapshot.path)
        let copy = try #require(snapshot.read().copy)
        #expect(copy.document == Lines("a", "b"))
        #expect(copy.writtenAt == 1_700_000_000_000)
    }

    @Test func `every damage is seen, and is as good as no document`() throws {
        _ = try snapshot.refresh { Lines("a", "b") }
        let good = try contents(of: snapshot.path)
        for length in 0..<good.count {
            try write(Array(good.prefix(length)), to: snapshot.path)
            #expect(snapshot.read().copy == nil, "cut to \(length)")
        }
        for index in good.indices {
            for flip: UInt8 in [1, 0x20, 0x80] {
                var bad = good
                bad[index] ^= flip
                try write(bad, to: snapshot.path)
                #expect(snapshot.read().copy == nil, "byte \(index)")
            }
        }
        for other in [good + [0], [UInt8](repeating: 0, count: 300), noise(1000), Array("larder-snapshot 1\n".utf8)] {
            try write(other, to: snapshot.path)
            #expect(snapshot.read().copy == nil)
        }
        // One refresh, and all is well.
        _ = try snapshot.refresh(RefreshPolicy(ifOlderThan: 1_000_000)) { Lines("c") }
        #expect(snapshot.read().copy?.document == Lines("c"))
    }

    @Test func `another kind of document and another version say so`() throws {
        _ = try snapshot.refresh { Lines("a") }
        let text = String(decoding: try contents(of: snapshot.path), as: UTF8.self)
        for (from, to, defect) in [
            ("lines-1", "lines-2", SnapshotDefect.kind), ("snapshot 1", "snapshot 2", .version),
        ] {
            try write(Array(text.replacingOccurrences(of: from, with: to).utf8), to: snapshot.path)
            guard case .unusable(let found) = snapshot.read() else { throw Unexpected() }
            #expect(found == defect)
        }
    }

    // MARK: - Refreshing

    private static func failure(of writer: consuming SnapshotWriter<Lines>, publishing document: Lines)
        -> SnapshotError.Code?
    {
        do throws(SnapshotError) {
            _ = try writer.publish(document)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a young document is not made again, an old one is`() throws {
        let made = Atomic(0)
        func refresh(_ age: Int64?) throws -> Refreshed<Lines> {
            try snapshot.refresh(RefreshPolicy(ifOlderThan: age)) {
                Lines("\(made.add(1, ordering: .relaxed).newValue)")
            }
        }
        _ = try refresh(1_000_000)
        guard case .current = try refresh(1_000_000) else { throw Unexpected() }
        guard case .published = try refresh(nil) else { throw Unexpected() }
        #expect(made.load(ordering: .relaxed) == 2)
        // From the future: the clock was set back, so nobody knows how old it is.
        let text = String(decoding: try contents(of: snapshot.path), as: UTF8.self)
        #expect(text.hasPrefix("larder-snapshot 1 "))
        let copy = try #require(snapshot.read().copy)
        #expect(!copy.isOlder(than: 1_000_000))
        #expect(copy.isOlder(than: -1))
    }

    @Test func `who waits looks again, and makes nothing`() throws {
        _ = try snapshot.refresh { Lines("old") }
        guard case .writer(let writer) = try snapshot.beginRefresh(RefreshPolicy()) else { throw Unexpected() }
        let results = Mutex<[String]>([])
        let group = DispatchGroup()
        let waiting = Atomic(0)
        for _ in 0..<4 {
            group.enter()
            // Threads of their own: the pool's may all be busy with other tests.
            Thread {
                defer { group.leave() }
                var policy = RefreshPolicy()
                policy.lock.timeout = .infinite
                policy.lock.observers = [{ if case .contended = $0 { waiting.add(1, ordering: .relaxed) } }]
                let refreshed = try? snapshot.refresh(policy) {
                    results.withLock { $0.append("made") }
                    return Lines("by a waiter")
                }
                results.withLock { $0.append(refreshed?.copy.document.lines.first ?? "nothing") }
            }.start()
        }
        while waiting.load(ordering: .relaxed) < 4 { Clock.sleep(5_000_000) }
        // Nobody waits for the reader.
        #expect(snapshot.read().copy?.document == Lines("old"))
        #expect(writer.previous.copy?.document == Lines("old"))
        _ = try writer.publish(Lines("new"))
        group.wait()
        #expect(results.withLock { $0 } == ["new", "new", "new", "new"])
    }

    @Test func `an old document is served while another process makes a new one, on request`() throws {
        _ = try snapshot.refresh { Lines("old") }
        guard case .writer(let writer) = try snapshot.beginRefresh(RefreshPolicy()) else { throw Unexpected() }
        var policy = RefreshPolicy(ifOlderThan: -1)
        policy.servesStale = true
        policy.lock.timeout = .infinite
        guard case .stale(let copy) = try snapshot.refresh(policy, produce: { throw Unexpected() }) else {
            throw Unexpected()
        }
        #expect(copy.document == Lines("old"))
        writer.giveUp()
        guard case .published = try snapshot.refresh(policy, produce: { Lines("new") }) else { throw Unexpected() }
    }

    @Test func `a failure keeps the old document and says why`() throws {
        struct Offline: Error, CustomStringConvertible { var description: String { "there is no network" } }
        let error = #expect(throws: SnapshotError.self) { _ = try snapshot.refresh { throw Offline() } }
        #expect(error?.code == .notMade)
        #expect(error.map { "\($0)" } == "there is no network")
        _ = try snapshot.refresh { Lines("good") }
        guard case .kept(let copy, let reason) = try snapshot.refresh(produce: { throw Offline() }) else {
            throw Unexpected()
        }
        #expect(copy.document == Lines("good"))
        #expect(reason.code == .notMade)
        // An empty one is no document either.
        guard case .kept(_, let unfit) = try snapshot.refresh(produce: { Lines() }) else { throw Unexpected() }
        #expect(unfit.code == .unfit)
        #expect("\(unfit)".contains("there is nothing in it"))
        #expect(snapshot.read().copy?.document == Lines("good"))
        #expect(strangers.isEmpty)
    }

    @Test func `a writer that was robbed publishes nothing`() throws {
        _ = try snapshot.refresh { Lines("old") }
        guard case .writer(let writer) = try snapshot.beginRefresh(RefreshPolicy()) else { throw Unexpected() }
        try write(Array("somebody else's".utf8), to: store.appending("locks/lines.owner"))
        #expect(Self.failure(of: writer, publishing: Lines("late")) == .lost)
        #expect(snapshot.read().copy?.document == Lines("old"))
        #expect(strangers.isEmpty)
    }

    @Test func `clear takes the lock, and what is cleared is gone`() throws {
        #expect(try !snapshot.clear())
        _ = try snapshot.refresh { Lines("a") }
        guard case .writer(let writer) = try snapshot.beginRefresh(RefreshPolicy()) else { throw Unexpected() }
        var once = WriterLock.Options()
        once.timeout = .once
        let error = #expect(throws: SnapshotError.self) { try snapshot.clear(lock: once) }
        #expect(error?.code == .locked)
        writer.giveUp()
        #expect(try snapshot.clear(lock: once))
        #expect(snapshot.read().copy == nil)
    }

    @Test func `what was called aside when somebody was killed is read and comes back`() throws {
        _ = try snapshot.refresh { Lines("a") }
        let aside = snapshot.path.appending(suffix: ".previous")
        try Directory.rename(snapshot.path, to: aside)
        #expect(snapshot.read().copy?.document == Lines("a"))
        guard case .kept = try snapshot.refresh(produce: { throw Unexpected() }) else { throw Unexpected() }
        _ = try snapshot.refresh { Lines("b") }
        #expect(snapshot.read().copy?.document == Lines("b"))
        #expect(strangers.isEmpty)
    }
}
