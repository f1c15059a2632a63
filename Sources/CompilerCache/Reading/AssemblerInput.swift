/// Directives by which an assembler reads a file that no list of dependencies of clang's names.
///
/// They stand in the strings of inline assembly, in assembler sources, or outside of strings where a macro makes a
/// string of them.
enum AssemblerInput {
    private static let names = ["incbin", "include"].map { Array($0.utf8) }

    /// True when one of them is in `text`, in letters of either case.
    static func isNamed(in text: some RandomAccessCollection<UInt8>) -> Bool {
        var rest = text[...]
        while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            rest = rest[rest.index(after: dot)...]
            if names.contains(where: { rest.lazy.map { $0 | 0x20 }.starts(with: $0) }) { return true }
        }
        return false
    }

    /// True when `text` holds the first part of one, three letters at least, which a macro or the next string may complete.
    static func isBegun(in text: some RandomAccessCollection<UInt8>) -> Bool {
        var rest = text[...]
        while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            let isInName = dot > text.startIndex && Word.isIdentifier(text[text.index(before: dot)])
            rest = rest[rest.index(after: dot)...]
            let word = rest.prefix { Word.isIdentifier($0) }.map { $0 | 0x20 }
            if !isInName, word.count >= 3, names.contains(where: { $0.starts(with: word) }) { return true }
        }
        return false
    }

    /// A string's text with escapes replaced by what they mean, as far as that is a character of ASCII.
    static func unescaped(_ text: some Collection<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                plain.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                var value = Int(escape) - 48
                for _ in 0..<2 {
                    guard let digit = rest.first, (48...55).contains(digit) else { break }
                    value = value * 8 + Int(digit) - 48
                    rest = rest.dropFirst()
                }
                plain.append(UInt8(truncatingIfNeeded: value))
            case UInt8(ascii: "x"):
                let digits = rest.prefix { Self.hexadecimal($0) != nil }
                rest = rest.dropFirst(digits.count)
                plain.append(digits.reduce(0) { $0 &* 16 &+ (hexadecimal($1) ?? 0) })
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): plain.append(escape)
            // The end of a line, a blank, or a parameter of an assembler's macro: no part of the name before or behind it.
            default: plain.append(10)
            }
        }
        return plain
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
