internal import CLinux
internal import Glibc

/// An extended regular expression of POSIX, as `grep -E` has it, that looks for lines.
package final class LinePattern {
    private var expression = regex_t()

    /// Why an expression is none: what regerror(3) says.
    package struct Defect: Error { package let reason: String }

    /// Compiles `text`; letters of either case are the same where `ignoresCase`.
    package init(_ text: [UInt8], ignoresCase: Bool) throws(Defect) {
        _ = Self.locale
        let flags = REG_EXTENDED | REG_NEWLINE | (ignoresCase ? REG_ICASE : 0)
        let code = (text.prefix { $0 != 0 } + [0]).withUnsafeBytes { bytes in
            regcomp(&expression, bytes.assumingMemoryBound(to: CChar.self).baseAddress, flags)
        }
        guard code == 0 else {
            var reason = [CChar](repeating: 0, count: 256)
            regerror(code, &expression, &reason, reason.count)
            throw Defect(
                reason: String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            )
        }
    }

    deinit { regfree(&expression) }

    /// Case and letters beyond ASCII are known in UTF-8, whatever the user's locale.
    private static let locale: Bool = setlocale(LC_CTYPE, "C.UTF-8") != nil

    /// Calls `body` with every line of `range` in which it matches, in order, until that says false.
    ///
    /// The range begins where a line begins.
    package func forEachLine(of bytes: [UInt8], in range: Range<Int>, _ body: (Range<Int>) -> Bool) {
        bytes.withUnsafeBytes { memory in
            guard let base = memory.baseAddress, range.lowerBound >= 0, range.upperBound <= memory.count else { return }
            let text = base.assumingMemoryBound(to: CChar.self)
            let lineFeed = UInt8(ascii: "\n")
            var start = range.lowerBound
            while start < range.upperBound {
                var match = regmatch_t()
                match.rm_so = regoff_t(truncatingIfNeeded: 0)
                match.rm_eo = regoff_t(truncatingIfNeeded: min(range.upperBound - start, Int(Int32.max) - 1))
                // With back-references a text can keep it busy for years.
                larder_be_busy(1)
                let failure = regexec(&expression, text + start, 1, &match, REG_STARTEND)
                larder_be_busy(0)
                guard failure == 0 else { return }
                let found = min(start + Int(match.rm_so), range.upperBound - 1)
                let first = memory[start..<found].lastIndex(of: lineFeed).map { $0 + 1 } ?? start
                let last = memory[found..<range.upperBound].firstIndex(of: lineFeed) ?? range.upperBound
                guard body(first..<last) else { return }
                start = last + 1
            }
        }
    }
}
