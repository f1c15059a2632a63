internal import CLinux
internal import Glibc

/// An extended regular expression, as `grep -E` has it, that looks for lines.
package final class LinePattern {
    private let expression: UnsafeMutableRawPointer
    /// True where a text cannot be searched as a whole: its end means the end of a line.
    private let namesEnds: Bool

    /// Why an expression is none, in the C library's words.
    package struct Defect: Error { package let reason: String }

    /// Compiles `text`, in which lines are alternatives; letters of either case are the same where `ignoresCase`.
    package init(_ text: [UInt8], ignoresCase: Bool) throws(Defect) {
        _ = Self.locale
        var defect: UnsafePointer<CChar>?
        let expression = text.withUnsafeBytes { bytes in
            larder_pattern_new(
                bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                bytes.count,
                ignoresCase ? 1 : 0,
                &defect
            )
        }
        guard let expression else { throw Defect(reason: defect.map { String(cString: $0) } ?? "unknown") }
        self.expression = expression
        namesEnds = ["\\'", "\\`"].contains { ByteSearch.contains(text, $0) }
    }

    deinit { larder_pattern_free(expression) }

    /// Case and letters beyond ASCII are known in UTF-8, whatever the user's locale.
    private static let locale: Bool = setlocale(LC_CTYPE, "C.UTF-8") != nil

    /// Calls `body` with every line of `range` in which it matches, in order, until that says false.
    ///
    /// The range begins where a line begins.
    package func forEachLine(of bytes: [UInt8], in range: Range<Int>, _ body: (Range<Int>) -> Bool) {
        bytes.withUnsafeBytes { memory in
            guard range.lowerBound >= 0, range.upperBound <= memory.count else { return }
            let lineFeed = UInt8(ascii: "\n")
            var start = range.lowerBound
            while start < range.upperBound {
                var found = start
                if !namesEnds {
                    guard let offset = find(in: memory[start..<range.upperBound]) else { return }
                    found = min(start + offset, range.upperBound - 1)
                }
                let first = memory[start..<found].lastIndex(of: lineFeed).map { $0 + 1 } ?? start
                let last = memory[found..<range.upperBound].firstIndex(of: lineFeed) ?? range.upperBound
                // What matches with the line feed, or beyond it, may not match the line.
                if find(in: memory[first..<last]) != nil {
                    guard body(first..<last) else { return }
                }
                start = last + 1
            }
        }
    }

    /// Where the first match in a part of a text begins, counted from where the part does.
    private func find(in part: Slice<UnsafeRawBufferPointer>) -> Int? {
        let part = UnsafeRawBufferPointer(rebasing: part)
        // With back-references a text can keep it busy for years.
        larder_be_busy(1)
        let place = larder_pattern_find(
            expression,
            part.assumingMemoryBound(to: CChar.self).baseAddress ?? Self.nothing,
            CInt(min(part.count, Int(CInt.max)))
        )
        larder_be_busy(0)
        return place < 0 ? nil : place
    }

    private static nonisolated(unsafe) let nothing = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))
}
