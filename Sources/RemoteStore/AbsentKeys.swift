internal import LarderStore

/// Keys that a tier did not have a moment ago: nobody asks again for a minute.
struct AbsentKeys {
    private static let lifetime: Int64 = 60_000_000_000
    private static let limit = 20_000
    /// When each was not there, in nanoseconds.
    private var times: [EntryKey: Int64] = [:]

    mutating func insert(_ key: EntryKey, at now: Int64) {
        if times.count >= Self.limit { times = times.filter { now < $0.value &+ Self.lifetime } }
        if times.count >= Self.limit { times = [:] }
        times[key] = now
    }

    mutating func remove(_ key: EntryKey) { times[key] = nil }

    func contains(_ key: EntryKey, at now: Int64) -> Bool { times[key].map { now < $0 &+ Self.lifetime } ?? false }
}
