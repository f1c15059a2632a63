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
        for word in text.split(whereSeparator: Self.isSeparator).map(Word.init) {
            if word.equals("INCLUDE") || word.equals("SEARCH_DIR") || word.equals("STARTUP") { throw .linkerScript }
            if word.hasPrefix("-l") {
                libraries.append(Word(word.dropFirst(2)))
            } else if word.first != UInt8(ascii: "/"), Self.isFileName(word) {
                names.append(word)
            }
        }
    }

    /// Longer texts are data.
    private static let limit = 1 << 20

    private static func isFileName(_ word: Word) -> Bool {
        word.hasSuffix(".so") || word.hasSuffix(".a") || word.hasSuffix(".o")
            || word.firstIndex(of: Word(".so.")) != nil
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...32, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "\""):
            true
        default: false
        }
    }
}
