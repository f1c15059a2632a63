internal import Files

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

    /// The same for each session, without the sessions' own.
    package internal(set) var sessions: [String: Statistics] = [:]
    /// When the last event of a session happened, in milliseconds since 1970.
    var last: Int64 = 0
    /// The sums of each compiler and tool, by its name.
    package internal(set) var programs: [String: Tally] = [:]
    /// The sums of each of the last hours, by its number since 1970.
    package internal(set) var hours: [Int64: Tally] = [:]

    /// Sessions of which the sums are kept, the ones last used.
    package static let sessionLimit = 64
    /// Hours of which the sums are kept: 31 days.
    package static let hourLimit = 31 * 24
    /// Programs of which the sums are kept, the busiest ones.
    static let programLimit = 256

    package init() {}

    /// The sums of `events`, without those of sessions.
    package init(of events: [Event]) {
        for event in events {
            var event = event
            event.session = nil
            add(event)
        }
    }

    /// What a session's name must be, to follow "it must be".
    package static let acceptedSession = "up to 40 of the characters a-z, A-Z, 0-9, '.', '_', '-'"

    /// Whether `name` can name a session.
    package static func isSession(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 40
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Results that were found.
    public var hits: Int { counts[.hit] ?? 0 }
    /// Results that had to be made.
    public var misses: Int { counts[.miss] ?? 0 }
    /// Calls that are not cached at all.
    public var bypasses: Int { counts[.bypass] ?? 0 }
    /// Failures of the cache itself.
    public var errors: Int { counts[.error] ?? 0 }
    /// Entries that were removed to keep the budget.
    public var evictions: Int { counts[.evict] ?? 0 }
    /// Results that were published.
    public var publishes: Int { counts[.publish] ?? 0 }

    /// How often `kind` happened, by cause.
    package func causes(of kind: Event.Kind) -> [String: Int64] {
        let prefix = kind.rawValue + "."
        var causes: [String: Int64] = [:]
        for (name, count) in byCause where name.hasPrefix(prefix) {
            causes[String(name.dropFirst(prefix.count))] = Int64(count)
        }
        return causes
    }

    mutating func add(_ event: Event, isOfSession: Bool = false) {
        counts[event.kind, default: 0] &+= event.count
        if event.isStored { counts[.publish, default: 0] &+= event.count }
        if !event.cause.isEmpty { byCause["\(event.kind.rawValue).\(event.cause)", default: 0] &+= event.count }
        switch event.kind {
        case .hit: savedMicroseconds &+= event.microseconds
        case .miss: spentMicroseconds &+= event.microseconds
        default: break
        }
        since = min(since ?? event.time, event.time)
        if !isOfSession {
            if !event.program.isEmpty { programs[event.program, default: Tally()].add(event) }
            if Tally.counts(event.kind) { hours[Tally.hour(ofMilliseconds: event.time), default: Tally()].add(event) }
        }
        guard let session = event.session, Self.isSession(session) else { return }
        var own = event
        own.session = nil
        var sums = sessions[session] ?? Statistics()
        sums.add(own, isOfSession: true)
        sums.last = max(sums.last, event.time)
        sessions[session] = sums
    }

    /// Forgets all sessions but the ones last used, all programs but the busiest, and what was long ago.
    mutating func limit() {
        // A line may claim any time; a clock that was ahead is believed for a day.
        let now = Tally.hour(ofMilliseconds: Clock.wall / 1_000_000)
        hours = hours.filter { $0.key > now - Int64(Self.hourLimit) && $0.key <= now + 24 }
        if programs.count > Self.programLimit {
            let kept = programs.sorted { ($1.value.lookups, $0.key) < ($0.value.lookups, $1.key) }
            programs = Dictionary(uniqueKeysWithValues: kept.prefix(Self.programLimit).map { ($0.key, $0.value) })
        }
        limitSessions()
    }

    private mutating func limitSessions() {
        guard sessions.count > Self.sessionLimit else { return }
        let kept = sessions.sorted { ($1.value.last, $0.key) < ($0.value.last, $1.key) }.prefix(Self.sessionLimit)
        sessions = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    /// Adds every complete line of `bytes`; returns how many bytes those were.
    mutating func add(lines bytes: [UInt8], each body: (Event) -> Void = { _ in }) -> Int {
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let event = EventLine.decode(bytes[start..<end]) {
                add(event)
                body(event)
            } else {
                skippedLines &+= 1
            }
            start = end + 1
        }
        return start
    }
}
