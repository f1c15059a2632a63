internal import Files

/// What has been added up so far, and how far into which segment.
///
///     folded  ::= "larder-journal 1" LF line* "sum " hex32 LF
///     line    ::= "generation " n LF                 one more at each fold
///               | "since " n LF                      milliseconds since 1970; absent when nothing happened
///               | "saved " n LF | "spent " n LF      microseconds
///               | "skipped " n LF                    lines that were no events
///               | "count " kind " " n LF
///               | "cause " kind "." cause " " n LF
///               | "program " name " " sum " " n LF    of one compiler or tool: hit, miss, bypass, saved, spent
///               | "hour " n " " sum " " n LF         of one hour, by its number since 1970: hit, miss, bypass, error, saved, spent
///               | "size " n " " n LF                 what the store held in that hour, in bytes
///               | "segment " name " " n LF           bytes of the segment that are in these sums
///               | "session " name " " sum            for one session, as above: since, saved, spent, count, cause, and
///                                                  "last " n LF, milliseconds since 1970
///     hex32   ::= XXH3-128 of everything before "sum ", high half first
///
/// Lines that are not understood are left out when read, so that a version may add some.
///
/// Version history: 1, the first.
struct FoldedJournal: Equatable {
    var generation: Int64 = 0
    var statistics = Statistics()
    var offsets: [String: Int] = [:]
    /// Bytes in the store by hours since 1970.
    var sizes: [Int64: Int64] = [:]

    private static let title = "larder-journal 1"

    /// Reads the file; a missing, damaged or foreign one is as good as none.
    static func read(at path: Path) -> FoldedJournal {
        guard let file = try? Descriptor(reading: path), let bytes = try? file.readAll(expected: 4096, limit: 1 << 24)
        else { return FoldedJournal() }
        return FoldedJournal(decoding: bytes) ?? FoldedJournal()
    }

    func publish(at path: Path) throws(SystemError) {
        let file = try TemporaryEntry(beside: path)
        try file.file.write(encoded())
        try file.publish()
    }

    func encoded() -> [UInt8] {
        var text = Self.title + "\ngeneration \(generation)\n"
        if let since = statistics.since { text += "since \(since)\n" }
        text += "saved \(statistics.savedMicroseconds)\nspent \(statistics.spentMicroseconds)\n"
        text += "skipped \(statistics.skippedLines)\n"
        for kind in Event.Kind.allCases { text += "count \(kind.rawValue) \(statistics.counts[kind] ?? 0)\n" }
        for (cause, count) in statistics.byCause.sorted(by: { $0.key < $1.key }) { text += "cause \(cause) \(count)\n" }
        for (name, session) in statistics.sessions.sorted(by: { $0.key < $1.key }) {
            text += session.lines(behind: "session \(name) ")
        }
        for (name, sums) in statistics.programs.sorted(by: { $0.key < $1.key }) {
            text += sums.lines(behind: "program \(name) ")
        }
        for (hour, sums) in statistics.hours.sorted(by: { $0.key < $1.key }) {
            text += sums.lines(behind: "hour \(hour) ")
        }
        for (hour, bytes) in sizes.sorted(by: { $0.key < $1.key }) { text += "size \(hour) \(bytes)\n" }
        for (name, offset) in offsets.sorted(by: { $0.key < $1.key }) { text += "segment \(name) \(offset)\n" }
        let body = Array(text.utf8)
        return body + Array("sum \(Self.sum(of: body[...]))\n".utf8)
    }

    init() {}

    init?(decoding bytes: [UInt8]) {
        // "sum ", 32 digits, LF
        guard bytes.count >= 37 else { return nil }
        let body = bytes.dropLast(37)
        guard bytes.suffix(37).elementsEqual("sum \(Self.sum(of: body))\n".utf8) else { return nil }
        var lines = String(decoding: body, as: UTF8.self).split(separator: "\n")[...]
        guard lines.popFirst() == Self.title[...] else { return nil }
        for line in lines {
            let words = line.split(separator: " ")
            guard let number = words.last.flatMap({ Int($0) }) else { continue }
            switch (words[0], words.count) {
            case ("generation", 2): generation = Int64(number)
            case ("skipped", 2): statistics.skippedLines = number
            case ("segment", 3): offsets[String(words[1])] = number
            case ("program", 4):
                statistics.programs[String(words[1]), default: Tally()].take(words[2], Int64(number))
            case ("hour", 4):
                if let hour = Int64(words[1]) {
                    statistics.hours[hour, default: Tally()].take(words[2], Int64(number))
                }
            case ("size", 3): if let hour = Int64(words[1]) { sizes[hour] = Int64(number) }
            case ("session", 4...5):
                statistics.sessions[String(words[1]), default: Statistics()].take(words[2...], number)
            default: statistics.take(words[...], number)
            }
        }
    }

    /// Notes what the store holds now, and forgets what it held long ago; `size` is nil where that is not known.
    mutating func note(size: Int64?, at now: Int64) {
        let hour = Tally.hour(ofMilliseconds: now / 1_000_000)
        if let size { sizes[hour] = size }
        sizes = sizes.filter { $0.key > hour - Int64(Statistics.hourLimit) }
    }

    private static func sum(of bytes: ArraySlice<UInt8>) -> String {
        let sum = bytes.withUnsafeBytes { Checksum(of: $0) }
        return hex(sum.high) + hex(sum.low)
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Statistics {
    /// The lines that stand for a session's sums.
    fileprivate func lines(behind prefix: String) -> String {
        var lines = [("since", since ?? 0), ("last", last), ("saved", savedMicroseconds), ("spent", spentMicroseconds)]
        for kind in Event.Kind.allCases {
            if let count = counts[kind] { lines.append(("count \(kind.rawValue)", Int64(count))) }
        }
        for (cause, count) in byCause.sorted(by: { $0.key < $1.key }) { lines.append(("cause \(cause)", Int64(count))) }
        return lines.map { "\(prefix)\($0.0) \($0.1)\n" }.joined()
    }

    /// Takes what a line says, taken apart.
    fileprivate mutating func take(_ words: ArraySlice<Substring>, _ number: Int) {
        guard let first = words.first else { return }
        let name = words.count == 3 ? String(words[words.startIndex + 1]) : ""
        switch (first, words.count) {
        case ("since", 2): since = Int64(number)
        case ("last", 2): last = Int64(number)
        case ("saved", 2): savedMicroseconds = Int64(number)
        case ("spent", 2): spentMicroseconds = Int64(number)
        case ("count", 3): if let kind = Event.Kind(rawValue: name) { counts[kind] = number }
        case ("cause", 3): byCause[name] = number
        default: break
        }
    }
}
