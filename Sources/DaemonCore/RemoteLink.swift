package import LarderStore
package import Wire

/// What the daemon knows of `larder-remote`, the program that talks to remote caches: which questions it has, and who waits
/// for the answers.
///
/// It does no input or output itself. Without the program every question is answered at once: there is nothing.
package struct RemoteLink {
    /// The connection to the program; nil while there is none.
    package private(set) var member: Int?
    /// What it was started for.
    package private(set) var access = RemoteAccess.none
    /// Those that it has been told to send, and has not answered.
    package private(set) var sending: Set<UInt64> = []
    /// What was not sent because too much was to be.
    package private(set) var dropped: Int64 = 0
    private var nextNumber: UInt64 = 0
    /// For each question the key, and the connections that wait for it.
    private var questions: [UInt64: (key: EntryKey, since: Int64, waiting: [Int])] = [:]
    private var numbers: [EntryKey: UInt64] = [:]
    private var failures = 0
    /// Until when it is not started again, by the clock that goes on in sleep.
    private var restsUntil: Int64 = 0

    /// Publications that may be on their way.
    package static let sendingLimit = 1024

    package init() {}

    /// How long an answer may take, in nanoseconds.
    ///
    /// The program has bounds of its own, which are shorter: one that exceeds this is stopped, or hangs.
    package static let patience: Int64 = 10_000_000_000

    /// Whether somebody waits for an answer for longer than that.
    package func isOverdue(at now: Int64) -> Bool { questions.values.contains { now - $0.since > Self.patience } }

    /// True while nobody waits for it.
    package var isIdle: Bool { questions.isEmpty && sending.isEmpty }

    /// Whether it may be started now.
    package func mayStart(at now: Int64) -> Bool { member == nil && now >= restsUntil }

    /// It has been started for `access`, and answers on the connection `member`.
    package mutating func begin(_ member: Int, for access: RemoteAccess) {
        (self.member, self.access) = (member, access)
    }

    /// It could not be started, or has ended; returns who waits in vain.
    ///
    /// One second later it may be started again, and twice as long after each further failure, up to five minutes.
    package mutating func fail(at now: Int64) -> [Int] {
        failures += 1
        restsUntil = now &+ min(1_000_000_000 << Int64(min(failures - 1, 20)), 300_000_000_000)
        let waiting = questions.values.flatMap(\.waiting)
        (member, questions, numbers, sending) = (nil, [:], [:], [])
        return waiting
    }

    /// Has it end because other caches are meant; nobody may wait for it.
    package mutating func leave() { (member, questions, numbers, sending) = (nil, [:], [:], []) }

    /// `waiting` wants what is kept under `key`; returns what is to be asked, nil where somebody has asked for it already.
    package mutating func ask(_ key: EntryKey, for waiting: Int, at now: Int64) -> Reply? {
        if let number = numbers[key] {
            questions[number]?.waiting.append(waiting)
            return nil
        }
        nextNumber += 1
        numbers[key] = nextNumber
        questions[nextNumber] = (key, now, [waiting])
        return .wanted(nextNumber, key)
    }

    /// What is to be said to have a publication sent; nil where too many are under way.
    package mutating func send(manifest: EntryKey, result: EntryKey) -> Reply? {
        guard sending.count < Self.sendingLimit else {
            dropped += 1
            return nil
        }
        nextNumber += 1
        sending.insert(nextNumber)
        return .send(nextNumber, manifest: manifest, result: result)
    }

    /// The answer to a question has come; returns who waits for it.
    package mutating func answered(_ number: UInt64) -> [Int] {
        failures = 0
        guard let question = questions.removeValue(forKey: number) else { return [] }
        numbers[question.key] = nil
        return question.waiting
    }

    package mutating func sent(_ number: UInt64) { sending.remove(number) }
}
