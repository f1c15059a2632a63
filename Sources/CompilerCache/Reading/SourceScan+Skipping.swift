internal import Files

/// How much of a text is blank, comment or string.
extension SourceScan {
    /// Behind blanks, comments and continued lines.
    mutating func skipBlanks(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            switch text[index] {
            case 32, 9, 11, 12, 0: index += 1
            case UInt8(ascii: "\\") where index + 1 < text.count && text[index + 1] == 10: index += 2
            case UInt8(ascii: "/") where index + 1 < text.count && text[index + 1] == UInt8(ascii: "*"):
                index = endOfComment(text, index + 2)
            default: return index
            }
        }
        return index
    }

    func endOfLine(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
            guard let found = ByteSearch.firstIndex(of: 10, in: rest) else { return text.count }
            index += found
            let before = index > 0 && text[index - 1] == 13 ? index - 2 : index - 1
            guard before >= start, text[before] == UInt8(ascii: "\\") else { return index }
            index += 1
        }
        return index
    }

    /// Behind the end of the comment that has begun before `start`; the end of the text where it has none.
    mutating func endOfComment(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        // An assembler's text is looked at within comments as well, and each `/*` there would be followed to the same end.
        if start >= comment.start, start <= comment.star { return comment.end }
        var index = start
        while index < text.count {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
            guard let found = ByteSearch.firstIndex(of: UInt8(ascii: "*"), in: rest) else { break }
            index += found + 1
            if index < text.count, text[index] == UInt8(ascii: "/") {
                comment = (start, index - 1, index + 1)
                return index + 1
            }
        }
        comment = (start, text.count, text.count)
        return text.count
    }

    /// Behind the closing quote, or at the end of the line where there is none.
    func endOfString(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ quote: UInt8) -> Int {
        var index = start
        while index < text.count {
            switch text[index] {
            case quote: return index + 1
            case UInt8(ascii: "\\"): index += 2
            case 10: return index
            default: index += 1
            }
        }
        return text.count
    }

    func endOfIdentifier(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count, Word.isIdentifier(text[index]) { index += 1 }
        return index
    }

    /// True when nothing but blanks and comments follows on the line.
    mutating func isEndOfLine(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        let index = skipBlanks(text, start)
        if index == text.count || text[index] == 10 { return true }
        guard index + 1 < text.count else { return false }
        return text[index] == 13 && text[index + 1] == 10
            || text[index] == UInt8(ascii: "/") && text[index + 1] == UInt8(ascii: "/")
    }
}
