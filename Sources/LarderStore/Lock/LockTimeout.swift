/// How long to wait for a lock, and who said so.
public struct LockTimeout: Hashable, Sendable, CustomStringConvertible {
    /// In nanoseconds; `Int64.max` is for ever, 0 a single attempt.
    public let nanoseconds: Int64
    /// Where the value comes from, to follow "from": `--lock-timeout`, `LARDER_LOCK_TIMEOUT`, a file, `default`.
    public let source: String

    /// Waits as long as it takes.
    public static let infinite = LockTimeout(nanoseconds: .max)
    /// Tries once.
    public static let once = LockTimeout(nanoseconds: 0)
    /// 10 seconds.
    public static let standard = LockTimeout(nanoseconds: 10_000_000_000, source: "default")

    /// A negative time is none.
    public init(nanoseconds: Int64, source: String = "the program") {
        (self.nanoseconds, self.source) = (max(nanoseconds, 0), source)
    }

    /// A time in seconds; what is not a number is none, and more than 30 years are for ever.
    public init(seconds: Double, source: String = "the program") {
        let isEndless = seconds > 1e9
        self.init(nanoseconds: isEndless ? .max : seconds > 0 ? Int64(seconds * 1e9) : 0, source: source)
    }

    /// What a value must be, to follow "it must be".
    package static let accepted =
        "seconds (10, 0.5), a time (500ms, 5m, 1h), 0 to try once, or infinite"

    /// Reads what ``accepted`` describes; nil for anything else, and for more than 30 years.
    package static func nanoseconds(parsing text: ArraySlice<UInt8>) -> Int64? {
        if text.count == 8, text.elementsEqual("infinite".utf8, by: { $0 | 0x20 == $1 }) { return .max }
        var (whole, fraction, scale): (Int64, Int64, Int64) = (0, 0, 1)
        var rest = text
        var (hasDigits, isBehindPoint) = (false, false)
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !isBehindPoint, hasDigits {
                (isBehindPoint, hasDigits) = (true, false)
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                let digit = Int64(byte - UInt8(ascii: "0"))
                if !isBehindPoint {
                    whole = whole * 10 + digit
                } else if scale < 1_000_000_000 {
                    (fraction, scale) = (fraction * 10 + digit, scale * 10)
                }
                guard whole <= 1_000_000_000 else { return nil }
                hasDigits = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard hasDigits, let unit = unit(rest), whole <= 1_000_000_000 / (unit.seconds) else { return nil }
        // At most 1e9 seconds: no overflow.
        return whole * unit.nanoseconds + fraction * (unit.nanoseconds / scale)
    }

    private static func unit(_ text: ArraySlice<UInt8>) -> (nanoseconds: Int64, seconds: Int64)? {
        if text.isEmpty || text.elementsEqual("s".utf8) { return (1_000_000_000, 1) }
        if text.elementsEqual("ms".utf8) { return (1_000_000, 1) }
        if text.elementsEqual("m".utf8) { return (60_000_000_000, 60) }
        return text.elementsEqual("h".utf8) ? (3_600_000_000_000, 3600) : nil
    }

    /// True above an hour: more likely a slip than a wish.
    package var isSuspicious: Bool { nanoseconds > 3_600_000_000_000 && nanoseconds != .max }

    /// `10s`, `500ms`, `infinite`: what ``nanoseconds(parsing:)`` reads.
    public var description: String { Self.text(nanoseconds) }

    package static func text(_ nanoseconds: Int64) -> String {
        if nanoseconds == .max { return "infinite" }
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds < 1000, milliseconds > 0 { return "\(milliseconds)ms" }
        let tenths = milliseconds % 1000 / 100
        return tenths == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds / 1000).\(tenths)s"
    }
}
