/// What the journal adds up to.
public struct Statistics: Hashable, Sendable {
    /// How often each kind of event happened.
    public internal(set) var counts: [Event.Kind: Int] = [:]
    /// How often each kind happened for each cause, as `miss.absent`.
    public internal(set) var byCause: [String: Int] = [:]
    /// Time that hits saved.
    public internal(set) var savedMicroseconds: Int64 = 0
    /// Time that misses took.
    public internal(set) var spentMicroseconds: Int64 = 0
    /// When the first event happened, in milliseconds since 1970; nil when there was none.
    public internal(set) var since: Int64?
    /// Lines of the journal that were not events.
    public internal(set) var skippedLines = 0

    package init() {}

    public var hits: Int { counts[.hit] ?? 0 }
    public var misses: Int { counts[.miss] ?? 0 }
    public var bypasses: Int { counts[.bypass] ?? 0 }
    public var errors: Int { counts[.error] ?? 0 }
    public var evictions: Int { counts[.evict] ?? 0 }
    public var publishes: Int { counts[.publish] ?? 0 }

    mutating func add(_ event: Event) {
        counts[event.kind, default: 0] &+= event.count
        if !event.cause.isEmpty { byCause["\(event.kind.rawValue).\(event.cause)", default: 0] &+= event.count }
        switch event.kind {
        case .hit: savedMicroseconds &+= event.microseconds
        case .miss: spentMicroseconds &+= event.microseconds
        default: break
        }
        since = min(since ?? event.time, event.time)
    }

    /// Adds every complete line of `bytes`; returns how many bytes those were.
    mutating func add(lines bytes: [UInt8], each body: (Event) -> Void = { _ in }) -> Int {
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let event = EventLine.decode(bytes[start..<end]) {
                add(event)
                body(event)
            } else {
                skippedLines += 1
            }
            start = end + 1
        }
        return start
    }
}
