internal import Files

/// Names in the text of a crate, wherever they stand: in comments and strings as well.
enum RustcText {
    /// Every word of letters, digits and underscores.
    static func names(in text: [UInt8]) -> Set<Word> { Set(words(of: text)) }

    /// The names behind `extern crate`.
    static func externalCrates(in text: [UInt8]) -> Set<Word> {
        var found: Set<Word> = []
        let (external, crate) = (Word("extern"), Word("crate"))
        var (first, second): (Word, Word) = ([], [])
        for word in words(of: text) {
            if first == external, second == crate { found.insert(word) }
            (first, second) = (second, word)
        }
        return found
    }

    private static func words(of text: [UInt8]) -> [Word] {
        text.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                48...57, 128...:
                false
            default: true
            }
        }
        .map { Word($0) }
    }
}
