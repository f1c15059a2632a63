internal import Files

/// A text of C or one of its relatives, without its comments.
enum CommentFreeText {
    /// Whether `word` stands in `text` outside of comments, not as the end of another word; true where that cannot be told.
    static func has(_ word: StaticString, in text: [UInt8]) -> Bool {
        // What such a string holds may look like the beginning of a comment.
        if ByteSearch.contains(text, "R\"") { return true }
        var rest: [UInt8] = []
        rest.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                index = end(ofComment: index + 2, in: text)
                // A comment is a blank.
                rest.append(0x20)
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "/") {
                while index < text.count, text[index] != 0x0A {
                    // A line that goes on.
                    if text[index] == UInt8(ascii: "\\"), index + 1 < text.count { index += 1 }
                    index += 1
                }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                let end = end(ofLiteral: index, in: text)
                rest += text[index..<end]
                index = end
            } else {
                rest.append(byte)
                index += 1
            }
        }
        return contains(word, rest)
    }

    private static func contains(_ word: StaticString, _ text: [UInt8]) -> Bool {
        let word = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        return text.withUnsafeBytes { text in
            var start = 0
            while let place = ByteSearch.firstIndex(of: word, in: UnsafeRawBufferPointer(rebasing: text[start...])) {
                if start + place == 0 || !isLetter(text[start + place - 1]) { return true }
                start += place + word.count
            }
            return false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let isAlphabetic = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return isAlphabetic || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func end(ofComment start: Int, in text: [UInt8]) -> Int {
        var index = start
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "*"), text[index + 1] == UInt8(ascii: "/") { return index + 2 }
            index += 1
        }
        return text.count
    }

    /// Behind the quote that ends the literal; the end of its line where none does: so compilers read a quote that stands alone, in
    /// a part that `#if` leaves out say.
    private static func end(ofLiteral start: Int, in text: [UInt8]) -> Int {
        var index = start + 1
        while index < text.count, text[index] != 0x0A {
            if text[index] == text[start] { return index + 1 }
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, text.count)
    }
}
