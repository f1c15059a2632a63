/// Something that happened in the cache, as the journal keeps it.
public struct Event: Sendable, Hashable {
    /// What can happen.
    ///
    /// The raw values are on disk: never reuse one.
    public enum Kind: String, Sendable, CaseIterable {
        /// A result was found.
        case hit
        /// A result was looked for and not found.
        case miss
        /// Nothing was looked for, because the cache does not deal with such a thing.
        case bypass
        /// The cache failed.
        case error
        /// Entries were removed to keep to the budget.
        case evict
        /// A result was published.
        case publish
        /// A lock was taken, had by somebody else at first, or is kept by a lease where the kernel was to; the cause is
        /// what keeps it (`advisory`, `lease`), the time how long the wait was, the label the lock's name.
        case lockAcquired = "lock_acquired"
        case lockContended = "lock_contended"
        case lockFallback = "lock_fallback"
    }

    /// When, in milliseconds since 1970; 0 until it is recorded.
    public package(set) var time: Int64 = 0
    /// The process in which it happened; 0 until it is recorded.
    public package(set) var process: Int32 = 0
    /// What happened.
    public var kind: Kind
    /// Why, in one token of `a` to `z`, `0` to `9` and `_`: the reason of a miss, the cause of a bypass.
    public var cause: String
    /// The entry that led to the result.
    public var manifest: EntryKey?
    /// The entry that holds the result.
    ///
    /// A hit and a publication count as a use of this entry and of the manifest.
    public var entry: EntryKey?
    /// True for a miss whose result was kept.
    var isStored: Bool { kind == .miss && manifest != nil && entry != nil }

    /// Time that a hit saved, or that a miss took.
    public var microseconds: Int64
    /// How many times it happened at once: evicted entries.
    public var count: Int
    /// The build that it belongs to.
    public var session: String?
    /// What to show a person: a file name, never arguments or environment.
    public var label: String
    /// The compiler or tool, by the last component of its name; empty where there is none.
    public var program: String
    /// How long the process had been at work until then, in microseconds: what a hit cost, or what a miss took in all; 0 where that is not known.
    public var elapsedMicroseconds: Int64

    /// An event that happens now.
    public init(
        _ kind: Kind,
        cause: String = "",
        manifest: EntryKey? = nil,
        entry: EntryKey? = nil,
        microseconds: Int64 = 0,
        count: Int = 1,
        session: String? = nil,
        label: String = "",
        program: String = "",
        elapsedMicroseconds: Int64 = 0
    ) {
        (self.kind, self.cause, self.manifest, self.entry) = (kind, cause, manifest, entry)
        (self.microseconds, self.count, self.session, self.label) = (microseconds, count, session, label)
        (self.program, self.elapsedMicroseconds) = (program, elapsedMicroseconds)
    }
}

/// An event as a line of text.
///
///     line ::= "2" TAB time TAB process TAB kind TAB cause TAB manifest TAB entry TAB microseconds TAB count
///              TAB session TAB label TAB elapsed TAB program LF
///
/// `cause`, `manifest`, `entry`, `session`, `label` and `program` are `-` when there is none; `cause` consists of `a` to `z`,
/// `0` to `9` and `_`; keys have 64 hexadecimal digits; `elapsed` is in microseconds;
/// `label` has at most 100 bytes and no control characters, `program` at most 40 and no blanks either. A line is at most 512 bytes, so that one write puts it
/// into the file in one piece. What does not read as such a line is skipped and counted: a line that was cut off by a
/// full disk swallows the one behind it and then has too many fields.
///
/// Version history: 1, the first. The kinds whose names begin with `lock_` came later: whoever does not know a kind skips
/// the line and counts it as no event, so the version stays. 2: `elapsed` and `program`; lines of version 1, which end with
/// `label`, are read as well.
enum EventLine {
    static let version = UInt8(ascii: "2")
    private static let firstVersion = UInt8(ascii: "1")
    static let maximumLength = 512
    private static let tab = UInt8(ascii: "\t")
    private static let none = UInt8(ascii: "-")
    private static let fieldCount = 13
    private static let firstFieldCount = 11

    static func encode(_ event: Event) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(maximumLength)
        line.append(version)
        append(event.time, to: &line)
        append(Int64(event.process), to: &line)
        line.append(tab)
        line += event.kind.rawValue.utf8
        append(cause: event.cause, to: &line)
        append(event.manifest, to: &line)
        append(event.entry, to: &line)
        append(event.microseconds, to: &line)
        append(Int64(event.count), to: &line)
        append(event.session ?? "", limit: 40, to: &line)
        append(event.label, limit: 100, to: &line)
        append(event.elapsedMicroseconds, to: &line)
        append(program: event.program, to: &line)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The event of a line without its LF; nil when it is not one.
    static func decode(_ line: ArraySlice<UInt8>) -> Event? {
        guard line.count < maximumLength, let first = line.first, first == version || first == firstVersion else {
            return nil
        }
        let isFirst = first == firstVersion
        let fields = line.split(separator: tab, omittingEmptySubsequences: false)
        guard fields.count == (isFirst ? firstFieldCount : fieldCount), fields[0].count == 1,
            let time = number(fields[1]), let process = number(fields[2]).flatMap(Int32.init(exactly:)),
            let kind = Event.Kind(rawValue: String(decoding: fields[3], as: UTF8.self)),
            let manifest = key(fields[5]), let entry = key(fields[6]),
            let microseconds = number(fields[7]), let count = number(fields[8]),
            let cause = text(fields[4]), cause.utf8.allSatisfy(isToken), let session = text(fields[9]),
            let label = text(fields[10]),
            let elapsed = isFirst ? 0 : number(fields[11]), let program = isFirst ? "" : text(fields[12])
        else { return nil }
        var event = Event(
            kind,
            cause: cause,
            manifest: manifest.key,
            entry: entry.key,
            microseconds: microseconds,
            count: Int(count),
            session: session.isEmpty ? nil : session,
            label: label,
            program: program,
            elapsedMicroseconds: elapsed
        )
        (event.time, event.process) = (time, process)
        return event
    }

    private static func append(_ number: Int64, to line: inout [UInt8]) {
        line.append(tab)
        let start = line.count
        var rest = max(number, 0)
        repeat {
            line.insert(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), at: start)
            rest /= 10
        } while rest > 0
    }

    private static func append(_ key: EntryKey?, to line: inout [UInt8]) {
        line.append(tab)
        if let key { key.digest.appendHex(to: &line) } else { line.append(none) }
    }

    private static func append(cause: String, to line: inout [UInt8]) {
        line.append(tab)
        if cause.isEmpty { line.append(none) }
        for byte in cause.utf8.prefix(40) { line.append(isToken(byte) ? byte : UInt8(ascii: "_")) }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func append(program: String, to line: inout [UInt8]) {
        line.append(tab)
        if program.isEmpty { line.append(none) }
        for byte in program.utf8.prefix(40) { line.append(byte <= 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
    }

    private static func append(_ text: String, limit: Int, to line: inout [UInt8]) {
        line.append(tab)
        if text.isEmpty { line.append(none) }
        for byte in text.utf8.prefix(limit) { line.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
    }

    /// Digits only, and no more than fit.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard !field.isEmpty, field.count <= 18 else { return nil }
        var number: Int64 = 0
        for digit in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }

    private static func key(_ field: ArraySlice<UInt8>) -> (key: EntryKey?, Void)? {
        if isNone(field) { return (nil, ()) }
        return Digest(hexBytes: field).map { (EntryKey(digest: $0), ()) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String? {
        guard !field.isEmpty else { return nil }
        return isNone(field) ? "" : String(decoding: field, as: UTF8.self)
    }

    private static func isNone(_ field: ArraySlice<UInt8>) -> Bool { field.count == 1 && field.first == none }
}
