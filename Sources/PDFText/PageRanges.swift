/// Which pages of a document are wanted: all, or some in the order of the document.
package struct PageRanges: Hashable, Sendable, CustomStringConvertible {
    /// What no document reaches: an open end.
    static let end = 1 << 24

    /// In order, apart from each other; empty for all pages.
    package let ranges: [ClosedRange<Int>]

    /// Every page.
    package static let all = PageRanges(ranges: [])

    private init(ranges: [ClosedRange<Int>]) { self.ranges = ranges }

    /// True for every page.
    package var isAll: Bool { ranges.isEmpty }

    /// Reads `1-3,7`, `-3`, `7-`; nil for anything else.
    ///
    /// Ranges that overlap or touch become one, so that what means the same is the same.
    package init?(parsing text: [UInt8]) {
        var found: [ClosedRange<Int>] = []
        for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let range = Self.range(part) else { return nil }
            found.append(range)
        }
        var merged: [ClosedRange<Int>] = []
        for range in found.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        guard !merged.isEmpty else { return nil }
        ranges = merged == [1...Self.end] ? [] : merged
    }

    private static func range(_ text: ArraySlice<UInt8>) -> ClosedRange<Int>? {
        let ends = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let first = ends.first, let last = ends.last, ends.count <= 2, text.contains(where: { $0 != 0x2D }) else {
            return nil
        }
        let lower = first.isEmpty ? 1 : number(first)
        let upper = last.isEmpty ? end : number(last)
        guard let lower, let upper, 1 <= lower, lower <= upper else { return nil }
        return lower...upper
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count <= 8, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return number < end ? number : nil
    }

    /// `1-3,7`: what ``init(parsing:)`` reads; `all` for every page.
    package var description: String {
        if isAll { return "all" }
        return ranges.map { range in
            if range.upperBound == Self.end { return "\(range.lowerBound)-" }
            return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }.joined(separator: ",")
    }
}
