/// How large a cache may become: so many bytes, or a share of the file system that it lies on.
package enum SizeLimit: Hashable, Sendable, CustomStringConvertible {
    /// At least 1.
    case bytes(Int64)
    /// In thousandths of a percent: 1 to 100,000.
    case share(Int64)

    /// What ``init(parsing:)`` takes, for messages.
    package static let accepted = "a size such as 5GiB, 500MB or 1.5TiB, a share such as 5%, or a number of bytes"

    /// Reads `5GiB`, `500MB`, `1.5TiB`, `5%`, `0.5%` or a plain number of bytes; nil for anything else, for nothing
    /// at all (`0`) and for more than 8 EiB.
    ///
    /// Units are written as the standard has them: KiB, MiB, GiB, TiB count in 1024, kB, MB, GB, TB in 1000.
    package init?(parsing text: some Collection<UInt8>) {
        guard let (number, unit) = Self.split(text) else { return nil }
        if unit.elementsEqual("%".utf8) {
            guard let share = number.scaled(by: 1000), (1...100_000).contains(share) else { return nil }
            self = .share(share)
            return
        }
        guard let factor = Self.factor(of: unit), !(unit.isEmpty && number.hasFraction),
            let bytes = number.scaled(by: factor), bytes > 0
        else { return nil }
        self = .bytes(bytes)
    }

    /// The limit in bytes on a file system of `capacity` bytes.
    package func bytes(of capacity: Int64) -> Int64 {
        switch self {
        case .bytes(let bytes): bytes
        // The parts are divided first, so that nothing overflows; at least one byte, because 0 would mean no limit
        // to some and no cache to others.
        case .share(let share): max(1, capacity / 100_000 * share + capacity % 100_000 * share / 100_000)
        }
    }

    /// As a person would write it, and as ``init(parsing:)`` reads it: `5GiB`, `500MB`, `2.5%`, `1234567`.
    package var description: String {
        switch self {
        case .bytes(let bytes):
            for (unit, factor) in Self.units.reversed() where bytes % factor == 0 { return "\(bytes / factor)\(unit)" }
            return "\(bytes)"
        case .share(let share):
            var fraction = String(1000 + share % 1000).dropFirst()
            while fraction.last == "0" { fraction.removeLast() }
            return fraction.isEmpty ? "\(share / 1000)%" : "\(share / 1000).\(fraction)%"
        }
    }

    /// Ascending, and where two divide the same number the later one is preferred.
    private static let units: [(name: String, factor: Int64)] = [
        ("kB", 1000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20),
        ("GB", 1_000_000_000), ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
    ]

    private static func factor(of unit: some Collection<UInt8>) -> Int64? {
        if unit.isEmpty || unit.elementsEqual("B".utf8) { return 1 }
        return units.first { unit.elementsEqual($0.name.utf8) }?.factor
    }

    /// The number that `text` begins with, and the rest.
    private static func split<Text: Collection<UInt8>>(_ text: Text) -> (Decimal, Text.SubSequence)? {
        var number = Decimal()
        var rest = text[...]
        guard number.readDigits(from: &rest) > 0 else { return nil }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            number.hasFraction = true
            let digits = number.readDigits(from: &rest)
            // Six digits of a TiB are a byte or so; with more the arithmetic would overflow.
            guard (1...6).contains(digits) else { return nil }
            for _ in 0..<digits { number.divisor *= 10 }
        }
        return number.isTooLarge ? nil : (number, rest)
    }

    /// A number with a few digits behind its point, exactly: `value / divisor`.
    private struct Decimal {
        var value: Int64 = 0
        var divisor: Int64 = 1
        var hasFraction = false
        var isTooLarge = false

        /// Appends the digits at the start of `text` and drops them there; returns how many there were.
        mutating func readDigits<Text: Collection<UInt8>>(from text: inout Text) -> Int where Text.SubSequence == Text {
            var count = 0
            while let digit = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLarge) = product.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
                if overflow || tooLarge { isTooLarge = true } else { value = sum }
                text = text.dropFirst()
                count += 1
            }
            return count
        }

        /// The number times `factor`, rounded down; nil when that is too large.
        func scaled(by factor: Int64) -> Int64? {
            let (whole, overflow) = (value / divisor).multipliedReportingOverflow(by: factor)
            // divisor is at most 10^6 and factor at most 2^40: no overflow below.
            let (sum, tooLarge) = whole.addingReportingOverflow(value % divisor * factor / divisor)
            return overflow || tooLarge ? nil : sum
        }
    }
}
