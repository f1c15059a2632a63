import Files
import Foundation
import LarderStore
import Synchronization
import TestSupport
import Testing
import Wire

/// Many threads at once, for the thread sanitizer above all (`make tsan`).
@Suite struct StressTests {
    @Test func `a registry that many threads use wakes every one that waits, and is empty at the end`() {
        let registry = PendingWrites(slots: 16)
        let registered = Atomic<Int>(0)
        let woken = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            for round in 0..<500 {
                let number = (thread * 7 + round) % 8
                let key = EntryKey.numbered(number)
                if thread % 2 == 0 {
                    guard let write = registry.register(key) else { continue }
                    registered.add(1, ordering: .relaxed)
                    _ = registry.notify(when: key) { woken.add(1, ordering: .relaxed) }
                    // One way or another: said twice, or only forgotten.
                    if round % 3 != 0 { write.complete() }
                    if round % 5 == 0 { write.complete() }
                } else {
                    let patience = Int64(round % 4) * 500_000
                    _ = registry.wait(for: key, upTo: patience, isProven: round % 2 == 0)
                    if round % 50 == 0 { _ = registry.drain(upTo: 1_000_000) }
                }
            }
        }
        #expect(registry.count == 0)
        #expect(registry.drain(upTo: 0))
        #expect(woken.load(ordering: .relaxed) == registered.load(ordering: .relaxed), "every notice came, and once")
    }

    @Test func `hundreds of connections of many threads are all answered`() throws {
        let workshop = try Workshop()
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        let file = try FileHandle(forReadingFrom: workshop.directory)
        let place = try daemon.place
        let answered = Atomic<Int>(0)
        let broken = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 400) { number in
            guard let client = try? HostileClient(place) else {
                broken.add(1, ordering: .relaxed)
                return
            }
            switch number % 4 {
            case 0: client.send(.status)
            case 1: client.send(.ask(.ours, .numbered(number)))
            case 2:
                client.send(.publish(.ours, .numbered(number), job: []), [file.fileDescriptor, file.fileDescriptor])
            default:
                client.send([2, 0])
                return
            }
            if client.answer() != nil { answered.add(1, ordering: .relaxed) }
        }
        #expect(broken.load(ordering: .relaxed) == 0)
        #expect(answered.load(ordering: .relaxed) == 300)
        #expect(daemon.settle())
        #expect(eventually { daemon.status?.connections == 1 && daemon.status?.flights == 0 })
    }
}
