import RemoteStore
import RemoteTiers
import Testing

/// When a tier is left alone, and for how long.
@Suite struct TierHealthTests {
    private let second: Int64 = 1_000_000_000
    private let millisecond: Int64 = 1_000_000

    private func expect(_ health: inout TierHealth, _ failure: TierFailure, rests: Bool) {
        let begins = health.failed(failure, at: 0)
        #expect(begins == rests)
    }

    @Test func `three failures in a row are a rest of 30 seconds, then of 60, up to five minutes`() {
        var health = TierHealth()
        var now: Int64 = 0
        for length in [30, 60, 120, 240, 300, 300] as [Int64] {
            #expect(health.mayAsk(at: now))
            var begins: [Bool] = []
            for _ in 0..<3 { begins.append(health.failed(TierFailure(.unreachable, "it is gone"), at: now)) }
            #expect(begins == [false, false, true])
            #expect(!health.mayAsk(at: now) && !health.mayWrite(at: now))
            #expect(health.restsUntil == now + length * second)
            now += length * second
            // No build tries whether it is there again.
            #expect(!health.mayAsk(at: now + 1000 * second))
            health.recovered(in: 3 * millisecond, at: now)
            #expect(health.mayAsk(at: now) && health.mayWrite(at: now))
        }
        #expect(health.counts.failures == 18 && health.counts.rests == 6)
        #expect(health.lastFailure == "it is gone")
    }

    @Test func `one that stays silent rests twice as long each time, and is known when it answers`() {
        var health = TierHealth()
        expect(&health, TierFailure(.timedOut, "silent"), rests: true)
        var now: Int64 = 0
        for length in [60, 120, 240, 300, 300] as [Int64] {
            now = health.restsUntil
            health.isStillDown(TierFailure(.timedOut, "still silent"), at: now)
            #expect(health.restsUntil == now + length * second && !health.mayAsk(at: health.restsUntil))
        }
        #expect(health.lastFailure == "still silent" && health.counts.failures == 1)
        health.recovered(in: 300 * millisecond, at: now)
        #expect(health.mayAsk(at: now) && health.timeLimit == 2 * second)
    }

    @Test func `an answer between failures forgives them, silence and a wrong password are not forgiven`() {
        var health = TierHealth()
        for _ in 0..<5 {
            expect(&health, TierFailure(.unreachable, "x"), rests: false)
            expect(&health, TierFailure(.unreachable, "x"), rests: false)
            health.missed(in: millisecond, at: 0)
        }
        expect(&health, TierFailure(.timedOut, "x"), rests: true)
        var other = TierHealth()
        expect(&other, TierFailure(.refused, "x"), rests: true)
        // A value that is too long says nothing about the server.
        var third = TierHealth()
        for _ in 0..<10 { expect(&third, TierFailure(.tooLarge, "x"), rests: false) }
    }

    @Test func `one that takes no entries is read all the same`() {
        var health = TierHealth()
        let replica = TierFailure(.refused, "a replica")
        #expect(health.refusedWrite(TierFailure(.timedOut, "x"), at: 0) == nil)
        #expect(health.refusedWrite(replica, at: 0) == 30 * second)
        // The next one was under way.
        #expect(health.refusedWrite(replica, at: second) == 0)
        #expect(!health.mayWrite(at: 29 * second) && health.mayAsk(at: second))
        #expect(health.mayWrite(at: 30 * second))
        #expect(health.refusedWrite(replica, at: 30 * second) == 60 * second)
        health.wrote(bytes: 1)
        #expect(health.refusedWrite(replica, at: 100 * second) == 30 * second)
    }

    @Test func `a far server that saves nothing is left alone, one that saves more than it costs is not`() {
        var useless = TierHealth()
        var asked = 0
        while useless.mayAsk(at: 0), asked < 1000 {
            useless.missed(in: 80 * millisecond, at: 0)
            asked += 1
        }
        #expect(asked == 2)
        // What is made here fills it all the same.
        #expect(useless.mayWrite(at: 0))
        var useful = TierHealth()
        for _ in 0..<1000 {
            useful.found(in: 40 * millisecond, bytes: 1, saving: 50 * millisecond, at: 0)
            #expect(useful.mayAsk(at: 0))
        }
        // What was saved for hours is forgotten in half a second.
        asked = 0
        while useful.mayAsk(at: 0), asked < 1000 {
            useful.missed(in: 80 * millisecond, at: 0)
            asked += 1
        }
        #expect(asked <= 10)
        // A server next door may have nothing for as long as it likes.
        var near = TierHealth()
        for _ in 0..<10_000 { near.missed(in: millisecond, at: 0) }
        #expect(near.mayAsk(at: 0))
    }

    @Test func `an answer may take eight times as long as usual`() {
        var health = TierHealth()
        #expect(health.timeLimit == 200 * millisecond)
        health.missed(in: millisecond, at: 0)
        #expect(health.timeLimit == 100 * millisecond)
        for _ in 0..<200 { health.found(in: 50 * millisecond, bytes: 0, saving: second, at: 0) }
        #expect(health.timeLimit == 400 * millisecond)
        #expect(health.latency(at: 0.5) == 50 * millisecond)
        // Who sets a time means it.
        var patient = TierHealth(patience: 7 * second)
        for _ in 0..<100 { patient.missed(in: second, at: 0) }
        #expect(patient.timeLimit == 7 * second && patient.mayAsk(at: 0))
    }
}
