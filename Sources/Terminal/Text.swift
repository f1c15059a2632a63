/// Numbers and words as a person reads them.
package enum Text {
    /// `1.5 GiB`: one digit behind the point above a KiB.
    package static func size(_ bytes: Int64) -> String {
        let units: [(String, Int64)] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        for (name, unit) in units where bytes >= unit {
            return "\(bytes / unit).\(bytes % unit * 10 / unit) \(name)"
        }
        return "\(bytes) B"
    }

    /// `97.2 %`, or nil when there is nothing to divide by.
    package static func percent(_ part: Int64, of whole: Int64) -> String? {
        guard whole > 0, part >= 0 else { return nil }
        // Doubles, because a product of two byte counts could overflow.
        // No more than a number that converts back: of a limit of one byte anything is a great many percent.
        let tenths = Int64(min(Double(part) / Double(whole) * 1000, 1e15).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// `830 ms`, `12.3 s`, `4 min 5 s`, `3 h 12 min`, `5 d 3 h`.
    package static func duration(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<1: return "\(milliseconds) ms"
        case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<172_800: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }

    /// `1 entry`, `2 entries`.
    package static func count(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// The bytes as text in which nothing moves a terminal's cursor.
    package static func shown(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }

    /// `5 minutes`, `3 hours`, `12 days`.
    package static func age(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds / 60_000)
        switch minutes {
        case ..<120: return "\(minutes) minutes"
        case ..<2880: return "\(minutes / 60) hours"
        default: return "\(minutes / 1440) days"
        }
    }
}
