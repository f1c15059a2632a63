internal import LarderStore

/// What is known of a fingerprint: what the inputs were at the last success, and what checks have seen since.
///
///     record  ::= version:u32 success:u8 [observation] checks:u32 check*
///     check   ::= processes:u32 process* observation
///     process ::= id:i32 started:i64                    who started the check, the nearest first
///     observation ::= length:u32 byte*                  see ObservationFormat
///
/// History: 1, the first.
package struct FingerprintRecord {
    static let version: UInt32 = 1
    /// Checks without a mark; more than these are not remembered.
    static let limit = 64

    package struct Process: Equatable {
        package var id: Int32
        package var started: Int64

        package init(id: Int32, started: Int64) { (self.id, self.started) = (id, started) }
    }

    package struct Check {
        var origin: [Process]
        var seen: Observation
    }

    package var success: Observation?
    package private(set) var checks: [Check] = []

    package init() {}

    /// Notes what a check has seen that was started by `origin`, in place of an earlier one of the same.
    package mutating func add(_ seen: Observation, from origin: [Process]) {
        checks.removeAll { $0.origin == origin }
        checks.append(Check(origin: origin, seen: seen))
        if checks.count > Self.limit { checks.removeFirst() }
    }

    /// Takes out what the check has seen whose processes are nearest to `origin`; nil where there is none, or several are
    /// equally near that have not seen the same.
    package mutating func take(nearestTo origin: [Process]) -> Observation? {
        let depths = checks.map { check in Self.shared(check.origin, origin) }
        guard let deepest = depths.max(), deepest > 0 else { return nil }
        let nearest = checks.indices.filter { depths[$0] == deepest }
        let seen = checks[nearest[0]].seen
        let isOne = nearest.allSatisfy { checks[$0].seen.digest == seen.digest }
        // The latest: an earlier one was left by a script that was broken off, or belongs to one that still runs.
        guard let last = nearest.last else { return nil }
        let taken = isOne ? checks[last].seen : nil
        if isOne { checks.remove(at: last) } else { checks.removeAll { Self.shared($0.origin, origin) == deepest } }
        return taken
    }

    /// How many of their ancestors two processes share, counted from the first of all processes on.
    private static func shared(_ one: [Process], _ other: [Process]) -> Int {
        zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
    }

    package var encoded: [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.integer(UInt8(success == nil ? 0 : 1))
        if let success { out.text(ObservationFormat.encode(success)) }
        out.integer(UInt32(checks.count))
        for check in checks {
            out.integer(UInt32(check.origin.count))
            for process in check.origin {
                out.integer(process.id)
                out.integer(process.started)
            }
            out.text(ObservationFormat.encode(check.seen))
        }
        return out.bytes
    }

    package init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == Self.version, let hasSuccess = reader.integer(UInt8.self), hasSuccess <= 1
        else { return nil }
        if hasSuccess == 1 {
            guard let text = reader.text(), let observation = ObservationFormat.decode(text) else { return nil }
            success = observation
        }
        guard let count = reader.integer(UInt32.self), count <= Self.limit else { return nil }
        for _ in 0..<count {
            guard let depth = reader.integer(UInt32.self), depth <= 64 else { return nil }
            var origin: [Process] = []
            for _ in 0..<depth {
                guard let id = reader.integer(Int32.self), let started = reader.integer(Int64.self) else { return nil }
                origin.append(Process(id: id, started: started))
            }
            guard let text = reader.text(), let seen = ObservationFormat.decode(text) else { return nil }
            checks.append(Check(origin: origin, seen: seen))
        }
        guard reader.isAtEnd else { return nil }
    }
}
