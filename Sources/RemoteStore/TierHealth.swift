package import RemoteTiers

/// What is known of how a tier does: whether it is worth asking, and for how long.
///
/// A tier rests where it has failed three times in a row, was silent for too long, or costs more time than it saves: 30 seconds
/// at first, then twice as long each time, up to five minutes. One that has failed rests until it has answered a question for which
/// nobody waits (see ``recovered(in:at:)``). One that only costs too much is still written to, which costs no build anything, and
/// fills it. Every time is in nanoseconds.
package struct TierHealth: Sendable {
    /// What has been counted since the program began.
    package struct Counts: Sendable, Equatable {
        package var hits: Int64 = 0
        package var misses: Int64 = 0
        package var writes: Int64 = 0
        package var failures: Int64 = 0
        /// Values that were not taken, by ``PortableValue/Defect``.
        package var rejected: [String: Int64] = [:]
        package var bytesRead: Int64 = 0
        package var bytesWritten: Int64 = 0
        /// Times that it began to rest.
        package var rests: Int64 = 0

        package init() {}
    }

    package private(set) var counts = Counts()
    /// Why it failed the last time, in one sentence; nil where it never did.
    package private(set) var lastFailure: String?
    package private(set) var restsUntil: Int64 = 0
    /// It has failed, and has not answered since: nobody asks it or writes to it, whatever the time is.
    package private(set) var isDown = false
    private var restLength = Self.shortestRest
    /// It takes no entries, which says nothing of what it gives: a replica, or a server that may only be read.
    private var writesRestUntil: Int64 = 0
    private var writeRestLength = Self.shortestRest
    private var failuresInRow = 0
    /// What it has saved, less what it has cost; counted again after each rest.
    private var balance: Int64 = 0
    /// The last answers' times, any order.
    private var latencies: [Int64] = []
    private var nextLatency = 0

    private static let shortestRest: Int64 = 30_000_000_000
    private static let longestRest: Int64 = 300_000_000_000
    /// So much may be lost before it rests.
    private static let allowance: Int64 = 150_000_000
    /// What a question costs that is not worth counting: a server on this machine or next to it.
    private static let free: Int64 = 1_500_000
    /// Nothing is saved beyond that: a tier that was good for hours is seen to be bad in a moment.
    private static let mostSaved: Int64 = 500_000_000
    private static let sampleLimit = 128

    /// What the user has set for an answer, instead of what is known; then only failures are a reason to rest.
    private let patience: Int64?

    package init(patience: Int64? = nil) { self.patience = patience }

    package func mayAsk(at now: Int64) -> Bool { !isDown && now >= restsUntil }

    package func mayWrite(at now: Int64) -> Bool { !isDown && now >= writesRestUntil }

    /// How long an answer may take for which a build waits: eight times as long as usual, from 100 ms to 2 s, and 200 ms where nothing
    /// is known: a server that takes longer to be connected with is known afterwards.
    package var timeLimit: Int64 {
        if let patience { return patience }
        guard let usual = latency(at: 0.5) else { return 200_000_000 }
        return min(max(usual * 8, 100_000_000), 2_000_000_000)
    }

    /// The time that so much of the last answers took at most; nil where there were none.
    package func latency(at share: Double) -> Int64? {
        guard !latencies.isEmpty else { return nil }
        let sorted = latencies.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    /// An entry has come.
    ///
    /// - Parameter saved: what the compile took whose result it is; 0 for a manifest.
    package mutating func found(in latency: Int64, bytes: Int, saving saved: Int64, at now: Int64) {
        counts.hits += 1
        counts.bytesRead += Int64(bytes)
        answered(in: latency, saving: saved, at: now)
    }

    /// It has answered that there is no such entry.
    package mutating func missed(in latency: Int64, at now: Int64) {
        counts.misses += 1
        answered(in: latency, saving: 0, at: now)
    }

    /// Something has come that is not used.
    package mutating func rejected(_ defect: PortableValue.Defect, in latency: Int64, at now: Int64) {
        counts.rejected[defect.rawValue, default: 0] += 1
        answered(in: latency, saving: 0, at: now)
    }

    package mutating func wrote(bytes: Int) {
        counts.writes += 1
        counts.bytesWritten += Int64(bytes)
        (failuresInRow, writeRestLength) = (0, Self.shortestRest)
    }

    /// It has taken no entry; returns how long nothing is written there, where it has refused to.
    package mutating func refusedWrite(_ failure: TierFailure, at now: Int64) -> Int64? {
        guard failure.kind == .refused else { return nil }
        counts.failures += 1
        lastFailure = failure.description
        // Several are under way.
        guard now >= writesRestUntil else { return 0 }
        let length = writeRestLength
        writesRestUntil = now &+ length
        writeRestLength = min(length * 2, Self.longestRest)
        return length
    }

    /// It has failed; true where it begins to rest, and is to be tried again by a question for which nobody waits.
    package mutating func failed(_ failure: TierFailure, at now: Int64) -> Bool {
        counts.failures += 1
        lastFailure = failure.description
        // A value that is too long says nothing about the server.
        if failure.kind == .tooLarge { return false }
        // Whoever is silent has cost the most already, and a password does not become right.
        failuresInRow += failure.kind == .timedOut || failure.kind == .refused ? 3 : 1
        guard failuresInRow >= 3, !isDown else { return false }
        rest(at: now)
        isDown = true
        return true
    }

    /// It has not answered the question for which nobody waits: it rests on.
    package mutating func isStillDown(_ failure: TierFailure, at now: Int64) {
        lastFailure = failure.description
        rest(at: now)
    }

    /// It has answered that question, in so much time.
    package mutating func recovered(in latency: Int64, at now: Int64) {
        (isDown, restsUntil, failuresInRow) = (false, now, 0)
        note(latency)
    }

    private mutating func answered(in latency: Int64, saving saved: Int64, at now: Int64) {
        failuresInRow = 0
        note(latency)
        balance = min(balance + saved - max(0, latency - Self.free), Self.mostSaved)
        if balance < -Self.allowance, patience == nil {
            if mayAsk(at: now) { rest(at: now) }
        } else if saved > 0, balance > 0 {
            restLength = Self.shortestRest
        }
    }

    private mutating func note(_ latency: Int64) {
        if latencies.count < Self.sampleLimit {
            latencies.append(latency)
        } else {
            latencies[nextLatency % Self.sampleLimit] = latency
        }
        nextLatency += 1
    }

    private mutating func rest(at now: Int64) {
        counts.rests += 1
        restsUntil = now &+ restLength
        restLength = min(restLength * 2, Self.longestRest)
        (balance, failuresInRow) = (0, 0)
    }
}
