internal import Files

/// How long ago something was, as a user writes it: `7d`, `12h`, `30m`.
struct Age {
    /// What a text must be, to follow "it must be".
    static let accepted = "a number and one of w, d, h, m, s and ms, such as 2w, 7d, 12h or 30m"

    /// A hundred years: longer than anything that is made here lives.
    static let century: Int64 = 100 * 365 * 86_400_000_000_000

    /// Never negative; an age that no clock reaches is the longest one.
    let nanoseconds: Int64

    /// Nil for a text that is no age: also for a number without its unit, which another program may take for seconds or days.
    init?(_ text: [UInt8]) {
        let digits = text.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let unit: Int64
        switch String(decoding: text[digits.count...], as: UTF8.self) {
        case "w": unit = 604_800_000_000_000
        case "d": unit = 86_400_000_000_000
        case "h": unit = 3_600_000_000_000
        case "m": unit = 60_000_000_000
        case "s": unit = 1_000_000_000
        case "ms": unit = 1_000_000
        default: return nil
        }
        guard digits.count <= 18, let number = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        nanoseconds = overflow ? Int64.max : product
    }

    /// When that was, in nanoseconds since 1970.
    var moment: Int64 { Clock.wall.subtracting(saturating: nanoseconds) }
}
