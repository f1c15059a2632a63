internal import Files

/// A text that stands where an object or a library is looked for, as `libc.so` does.
struct LinkerScript {
    /// Libraries that are searched for, without `-l`.
    private(set) var libraries: [Word] = []
    /// Files that are searched for by their names.
    private(set) var names: [Word] = []

    /// Nil where the file is no text but an object or an archive.
    init?(at path: Word) throws(Recorder.Refusal) {
        guard let file = try? RegularFile(at: Path(bytes: path)), let head = try? file.bytes(at: 0, count: 8) else {
            throw .inputUnreadable
        }
        // Its members are files of their own.
        if head.hasPrefix("!<thin>") { throw .thinArchive }
        let isBinary = head.hasPrefix("!<arch>") || head.starts(with: [0x7f, 0x45]) || head.starts(with: [0x42, 0x43])
        if isBinary || head.starts(with: [0xde, 0xc0]) { return nil }
        guard let text = try? file.bytes(at: 0, count: Self.limit), text.count < Self.limit else { throw .linkerScript }
        var depth = 0
        var isList = false
        for word in Self.words(of: text) {
            switch word {
            case [UInt8(ascii: "(")]: if isList || depth > 0 { depth += 1 }
            case [UInt8(ascii: ")")]: depth = max(0, depth - 1)
            default:
                if word.equals("INCLUDE") || word.equals("SEARCH_DIR") || word.equals("STARTUP") { throw .linkerScript }
                isList = word.equals("INPUT") || word.equals("GROUP") || word.equals("AS_NEEDED")
                if isList { continue }
                if word.hasPrefix("-l") {
                    libraries.append(Word(word.dropFirst(2)))
                } else if word.first != UInt8(ascii: "/"), depth > 0 || Self.isFileName(word) {
                    names.append(word)
                }
                continue
            }
            isList = false
        }
    }

    /// Words and round brackets, without the comments.
    private static func words(of text: [UInt8]) -> [Word] {
        var words: [Word] = []
        var word: Word = []
        func end() {
            if !word.isEmpty { words.append(word) }
            word = []
        }
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "/"), index < text.count, text[index] == UInt8(ascii: "*") {
                index += 1
                while index < text.count, text[index] != UInt8(ascii: "/") || text[index - 1] != UInt8(ascii: "*") {
                    index += 1
                }
                index += 1
                end()
            } else if byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") {
                end()
                words.append([byte])
            } else if isSeparator(byte) {
                end()
            } else {
                word.append(byte)
            }
        }
        end()
        return words
    }

    /// Longer texts are data.
    private static let limit = 1 << 20

    private static func isFileName(_ word: Word) -> Bool {
        word.hasSuffix(".so") || word.hasSuffix(".a") || word.hasSuffix(".o")
            || word.firstIndex(of: Word(".so.")) != nil
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...32, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""):
            true
        default: false
        }
    }
}
