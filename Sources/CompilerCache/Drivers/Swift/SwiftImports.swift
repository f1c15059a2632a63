/// The names of modules that a Swift source imports or asks for.
///
/// The text is not parsed: what follows `import` or `canImport` in a string or behind code is taken, too. A name too many
/// costs a miss one day. Lines that are comments are left out: what documentation speaks of may be built meanwhile.
enum SwiftImports {
    static func names(in text: [UInt8]) -> Set<Word> {
        var names: Set<Word> = []
        var comment = (beginnings: 0..<0, end: 0)
        var index = 0
        var isLineStart = true
        while index < text.count {
            if isLineStart, let end = endOfComment(in: text, index) { index = end }
            isLineStart =
                index < text.count && (text[index] == 10 || text[index] == 13 || isLineStart && isBlank(text[index]))
            let start = index
            while index < text.count, isPartOfName(text[index]) { index += 1 }
            guard index > start else {
                index += 1
                continue
            }
            let word = text[start..<index]
            if word.elementsEqual("import".utf8) {
                var next = name(in: text, after: index, &comment)
                // `import struct Module.Type`
                while let kind = next, kinds.contains(where: { kind.name.equals($0) }) {
                    next = name(in: text, after: kind.end, &comment)
                }
                if let next { names.insert(next.name) }
            } else if word.elementsEqual("canImport".utf8) {
                var open = index
                while open < text.count, isBlank(text[open]) { open += 1 }
                if open < text.count, text[open] == UInt8(ascii: "("),
                    let found = name(in: text, after: open + 1, &comment)
                {
                    names.insert(found.name)
                }
            }
        }
        return names
    }

    /// The end of the line where it is a comment, and nothing but that.
    private static func endOfComment(in text: [UInt8], _ start: Int) -> Int? {
        guard start + 1 < text.count, text[start] == UInt8(ascii: "/"), text[start + 1] == UInt8(ascii: "/") else {
            return nil
        }
        let end = text[start...].firstIndex { $0 == 10 || $0 == 13 } ?? text.count
        // The end of a longer comment may stand there, and code behind it.
        return Word(text[start..<end]).firstIndex(of: Word("*/")) == nil ? end : nil
    }

    private static let kinds: [StaticString] = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
    ]

    /// The next name behind blanks, comments and back quotes.
    ///
    /// - Parameter comment: where another would end where the last one does that was looked through, and that end: what
    ///   stands in a comment is looked at, too, and may begin one each time.
    private static func name(
        in text: [UInt8],
        after start: Int,
        _ comment: inout (beginnings: Range<Int>, end: Int)
    ) -> (name: Word, end: Int)? {
        var index = start
        while index < text.count, !isPartOfName(text[index]) {
            if text[index] == UInt8(ascii: "/"), index + 1 < text.count, text[index + 1] == UInt8(ascii: "*") {
                if comment.beginnings.contains(index) {
                    index = comment.end
                    continue
                }
                let opening = index
                index += 2
                while index + 1 < text.count, text[index] != UInt8(ascii: "*") || text[index + 1] != UInt8(ascii: "/") {
                    index += 1
                }
                let isOpen = index + 1 >= text.count
                comment = (opening..<max(opening, isOpen ? text.count : index - 1), index + 2)
                index += 2
                continue
            }
            guard isBlank(text[index]) || text[index] == UInt8(ascii: "`") else { return nil }
            index += 1
        }
        guard index < text.count else { return nil }
        var end = index
        while end < text.count, isPartOfName(text[end]) { end += 1 }
        return (Word(text[index..<end]), end)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
