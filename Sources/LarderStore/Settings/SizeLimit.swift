/// How large a cache may become: so many bytes, or a share of the file system that it lies on.
package enum SizeLimit: Hashable, Sendable, CustomStringConvertible {
    /// At least 1.
    case bytes(Int64)
    /// In thousandths of a percent: 1 to 100,000.
    case share(Int64)

    /// What ``init(parsing:)`` takes, for messages.
    package static let accepted = "a size such as 5GiB, 500M or 1.5TiB, a share such as 5%, or a number of bytes"

    /// Reads `5GiB`, `500MB`, `1.5TiB`, `5%`, `0.5%` or a plain number of bytes; nil for anything else, for nothing
    /// at all (`0`) and for more than 8 EiB.
    ///
    /// Ki, Mi, Gi, Ti count in 1024; k, M, G, T in 1000; a `B` may follow each. ccache reads them so, too.
    package init?(parsing text: ArraySlice<UInt8>) {
        var unit = text
        guard let number = Decimal(readFrom: &unit) else { return nil }
        if StaticString("%").isSpelled(by: unit) {
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
            for (unit, factor) in Self.units where bytes % factor == 0 { return "\(bytes / factor)\(unit)" }
            return "\(bytes)"
        case .share(let share):
            var fraction = String(1000 + share % 1000).dropFirst()
            while fraction.last == "0" { fraction.removeLast() }
            return fraction.isEmpty ? "\(share / 1000)%" : "\(share / 1000).\(fraction)%"
        }
    }

    /// The largest one that divides a limit is the one to show it in.
    private static let units: [(name: String, factor: Int64)] = [
        ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1000),
    ]

    // Not by the table above: this one is on the way of a hit, and a table of text and numbers has its price there.
    private static func factor(of unit: ArraySlice<UInt8>) -> Int64? {
        func says(_ name: StaticString) -> Bool { name.isSpelled(by: unit) }
        if says("") || says("B") { return 1 }
        if says("KiB") || says("Ki") { return 1 << 10 }
        if says("MiB") || says("Mi") { return 1 << 20 }
        if says("GiB") || says("Gi") { return 1 << 30 }
        if says("TiB") || says("Ti") { return 1 << 40 }
        if says("kB") || says("k") || says("K") { return 1000 }
        if says("MB") || says("M") { return 1_000_000 }
        if says("GB") || says("G") { return 1_000_000_000 }
        if says("TB") || says("T") { return 1_000_000_000_000 }
        return nil
    }

    /// A number with a few digits behind its point, exactly: `value / divisor`.
    private struct Decimal {
        private var value: Int64 = 0
        private var divisor: Int64 = 1
        private(set) var hasFraction = false

        /// Reads the number that `text` begins with, and drops it there; nil where there is none or it is too large.
        init?(readFrom text: inout ArraySlice<UInt8>) {
            guard let digits = readDigits(from: &text), digits > 0 else { return nil }
            guard text.first == UInt8(ascii: ".") else { return }
            text = text.dropFirst()
            hasFraction = true
            // Six digits of a TiB are a byte or so; with more the arithmetic would overflow.
            guard let digits = readDigits(from: &text), (1...6).contains(digits) else { return nil }
            for _ in 0..<digits { divisor *= 10 }
        }

        /// Appends the digits at the start of `text`; how many there were, or nil where the number gets too large.
        private mutating func readDigits(from text: inout ArraySlice<UInt8>) -> Int? {
            var count = 0
            while let digit = text.first, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLarge) = product.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
                if overflow || tooLarge { return nil }
                value = sum
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
