import Files
import LarderStore
import Synchronization
import Testing

private func key(_ number: Int64) -> EntryKey {
    var builder = KeyBuilder(domain: "test")
    builder.add("number", number)
    return builder.finish()
}

private let millisecond: Int64 = 1_000_000

@Suite struct PendingWritesTests {
    @Test func `at the start nothing is pending`() {
        let registry = PendingWrites()
        #expect(registry.count == 0)
        #expect(registry.wait(for: key(1), upTo: 1000 * millisecond, isProven: true) == .none)
        #expect(registry.drain(upTo: 0))
    }

    @Test func `a wait of zero only looks`() throws {
        let registry = PendingWrites()
        #expect(registry.wait(for: key(1), upTo: 0) == .none)
        let write = try #require(registry.register(key(1)))
        let start = Clock.monotonic
        #expect(registry.wait(for: key(1), upTo: 0, isProven: true) == .lookAgain)
        #expect(registry.wait(for: key(2), upTo: 0, isProven: true) == .none)
        #expect(Clock.monotonic - start < 1000 * millisecond)
        write.complete()
    }

    @Test func `an unproven key is not waited for longer than its limit, and can be completed afterwards`() throws {
        let registry = PendingWrites()
        let write = try #require(registry.register(key(1)))
        let start = Clock.monotonic
        #expect(registry.wait(for: key(1), upTo: 60_000 * millisecond) == .lookAgain)
        // The proven limit is a thousand times as long: no patience with a slow machine confuses the two.
        #expect(Clock.monotonic - start < PendingWrites.provenLimit)
        #expect(registry.count == 1)
        write.complete()
        #expect(registry.count == 0)
        #expect(registry.wait(for: key(1), upTo: 60_000 * millisecond) == .none)
    }

    @Test func `completion wakes whoever waits for a proven key`() throws {
        let registry = PendingWrites()
        let write = try #require(registry.register(key(1)))
        let answers = Mutex<[PendingWrites.Answer]>([])
        let done = try SharedWakeup()
        for _ in 0..<8 {
            try BackgroundThread.start {
                let answer = registry.wait(for: key(1), upTo: .max, isProven: true)
                let count = answers.withLock { answers in
                    answers.append(answer)
                    return answers.count
                }
                if count == 8 { done.wakeup.signal() }
            }
        }
        Clock.sleep(2 * millisecond)
        write.complete()
        #expect(done.wait(milliseconds: 60_000))
        #expect(answers.withLock { $0 }.allSatisfy { $0 == .lookAgain || $0 == .none })
    }

    @Test func `several publishers of one key are counted, and the last one ends it`() throws {
        let registry = PendingWrites()
        let first = try #require(registry.register(key(1)))
        let second = try #require(registry.register(key(1)))
        #expect(registry.count == 2)
        let calls = Atomic<Int>(0)
        #expect(registry.notify(when: key(1)) { calls.add(1, ordering: .relaxed) } != nil)
        first.complete()
        first.complete()
        #expect(registry.count == 1)
        #expect(calls.load(ordering: .relaxed) == 0)
        #expect(registry.wait(for: key(1), upTo: 0) == .lookAgain)
        second.complete()
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(registry.notify(when: key(1)) {} == nil)
    }

    @Test func `whoever drops a publication completes it`() throws {
        let registry = PendingWrites()
        func giveUp() throws {
            _ = try #require(registry.register(key(1)))
            throw Failed()
        }
        #expect(throws: Failed.self) { try giveUp() }
        #expect(registry.count == 0)
        do {
            let thread = registry.register(key(2))
            #expect(thread != nil && registry.count == 1)
        }
        #expect(registry.count == 0)
    }

    @Test func `no more are registered than there are slots`() throws {
        let registry = PendingWrites(slots: 2)
        let first = registry.register(key(1))
        let second = registry.register(key(1))
        #expect(first != nil && second != nil)
        #expect(registry.register(key(2)) == nil)
        first?.complete()
        #expect(registry.register(key(2)) != nil)
        #expect(registry.count == 1)
        second?.complete()
    }

    @Test func `a closed registry takes nothing and drains`() throws {
        let registry = PendingWrites()
        let write = try #require(registry.register(key(1)))
        registry.close()
        #expect(registry.register(key(2)) == nil)
        #expect(!registry.drain(upTo: millisecond))
        try BackgroundThread.start {
            Clock.sleep(5 * millisecond)
            write.complete()
        }
        #expect(registry.drain(upTo: 60_000 * millisecond))
    }

    @Test(.tags(.stress)) func `many threads neither lose a wake-up nor a count`() throws {
        let registry = PendingWrites(slots: 8)
        let rounds = 2000
        let left = Atomic<Int>(8)
        let late = Atomic<Int>(0)
        let done = try SharedWakeup()
        for thread in 0..<8 {
            try BackgroundThread.start {
                for round in 0..<rounds {
                    let chosen = key(Int64((round + thread) % 4))
                    if thread % 2 == 0 {
                        registry.register(chosen)?.complete()
                    } else {
                        let start = Clock.monotonic
                        _ = registry.wait(for: chosen, upTo: .max, isProven: true)
                        if Clock.monotonic - start > PendingWrites.provenLimit * 9 / 10 {
                            late.add(1, ordering: .relaxed)
                        }
                    }
                }
                if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.wakeup.signal() }
            }
        }
        #expect(done.wait(milliseconds: 300_000))
        #expect(late.load(ordering: .relaxed) == 0)
        #expect(registry.count == 0)
    }
}

private struct Failed: Error {}

private final class SharedWakeup: Sendable {
    let wakeup: Wakeup
    init() throws { wakeup = try Wakeup() }
    func wait(milliseconds: Int64) -> Bool { wakeup.wait(upTo: milliseconds * 1_000_000) }
}

extension Tag {
    @Tag static var stress: Self
}
