internal import Files

/// Response files: `@file` stands for the words in the file.
enum ResponseFile {
    /// The arguments with every `@file` replaced by its words, in their place, nested ones too.
    ///
    /// As gcc and clang do it, an `@name` that cannot be read stays an ordinary word.
    ///
    /// - Parameter isPlain: refuses what is written in any other than the simplest way, for a program that has its own one.
    static func expand(_ arguments: [Word], in directory: Path, isPlain: Bool = false) throws(Bypass) -> [Word] {
        guard arguments.contains(where: { $0.first == UInt8(ascii: "@") }) else { return arguments }
        var budget = 2_000
        return try expand(arguments, in: directory, isPlain: isPlain, budget: &budget)
    }

    /// True for a byte that stands for itself in every language of response files, or divides words in all of them.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 9, 10, 13: true
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
        default: (32..<127).contains(byte)
        }
    }

    private static func expand(
        _ arguments: [Word],
        in directory: Path,
        isPlain: Bool,
        budget: inout Int
    ) throws(Bypass) -> [Word] {
        var expanded: [Word] = []
        for word in arguments {
            guard word.first == UInt8(ascii: "@"), word.count > 1 else {
                expanded.append(word)
                continue
            }
            budget -= 1
            guard budget > 0 else { throw .responseFile }
            let path = Path(bytes: word[1...]).resolved(in: directory)
            guard let status = FileStatus.of(path) else {
                expanded.append(word)
                continue
            }
            // What can be read only once is the compiler's to read.
            guard status.kind == .regular, let file = try? RegularFile(at: path, isRegular: true),
                let text = try? file.bytes(limit: 16 << 20)
            else { throw .responseFile }
            let words = try words(of: text)
            if isPlain {
                // emcc takes the encoding from the name.
                guard text.allSatisfy(Self.isPlain), !words.contains(where: { $0.first == UInt8(ascii: "@") }),
                    !hasEncoding(word)
                else { throw .responseFile }
                expanded += words
                continue
            }
            expanded += try expand(words, in: directory, isPlain: false, budget: &budget)
        }
        return expanded
    }

    /// True for `name.utf-16` and its like.
    private static func hasEncoding(_ name: Word) -> Bool {
        guard let dot = name.lastComponent.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let suffix = Word(name[(dot + 1)...].map { $0 | 0x20 })
        return suffix.hasPrefix("utf") || suffix.hasPrefix("cp") || suffix.hasPrefix("iso")
    }

    /// Splits text at blanks; quotes of both kinds group, and a backslash takes the next byte as it is, also within
    /// quotes.
    ///
    /// That is where gcc and clang agree: text on which they differ is refused.
    static func words(of text: [UInt8]) throws(Bypass) -> [Word] {
        var words: [Word] = []
        var word: Word = []
        var isInWord = false
        var quote: UInt8?
        var isEscaped = false
        for byte in text {
            if isEscaped {
                word.append(byte)
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"):
                // Within single quotes the two compilers read a backslash differently.
                if quote == UInt8(ascii: "'") { throw .responseFile }
                isEscaped = true
                isInWord = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if let open = quote {
                    if open == byte { quote = nil } else { word.append(byte) }
                } else {
                    quote = byte
                    isInWord = true
                }
            case UInt8(ascii: " "), 9...13:
                if quote != nil {
                    word.append(byte)
                } else if isInWord {
                    words.append(word)
                    word = []
                    isInWord = false
                }
            case 0:
                throw .responseFile
            default:
                word.append(byte)
                isInWord = true
            }
        }
        guard quote == nil, !isEscaped else { throw .responseFile }
        if isInWord { words.append(word) }
        return words
    }
}
