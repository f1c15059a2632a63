internal import Files

/// Whether what nasm makes shows the date.
///
/// nasm asks for it each time it starts, and makes macros of it (`__DATE__`, `__?TIME?__`, `__POSIX_TIME__` and others). So the call says
/// nothing, and the texts and the words say whether one of these is used. Other formats than these have a field for the date,
/// which is empty with `--reproducible`.
package enum AssemblyDate {
    private static let formats = ["elf", "bin", "macho"]
    private static let words = [Array("DATE".utf8), Array("TIME".utf8)]
    /// Asks for words of its own.
    private static let variable = "NASMENV"

    /// True for nasm.
    static func isAskedFor(by program: [UInt8], _ function: [UInt8]) -> Bool {
        isNasm(program) && ["time", "localtime", "gmtime"].contains { function.starts(with: $0.utf8) }
    }

    private static func isNasm(_ program: [UInt8]) -> Bool { Path(bytes: program).name.elementsEqual("nasm".utf8) }

    /// The text or the word that may use it; nil for none.
    package static func use(in accesses: Accesses, words: [[UInt8]]) -> [UInt8]? {
        guard accesses.asksDate else { return nil }
        // Somebody else has called nasm, with words that nobody has seen.
        if let other = accesses.programs.first(where: { !isNasm($0) }) { return other }
        if Environment.value(of: Array(variable.utf8)) != nil { return Array(variable.utf8) }
        // Words of a file.
        if let word = words.first(where: { $0.starts(with: "-@".utf8) }) { return word }
        // A text takes the values of variables in (`%!NAME`).
        let values = accesses.variables.compactMap { Environment.value(of: $0) }
        if let word = (words + values).first(where: { holds($0) }) { return word }
        let isReproducible = words.contains { $0.elementsEqual("--reproducible".utf8) }
        if !isReproducible, let format = datedFormat(of: words) { return format }
        return accesses.contents.sorted { $0.lexicographicallyPrecedes($1) }.first { name in
            // A library of the program's is no text.
            guard let head = try? RegularFile.head(of: Path(bytes: name), count: 4), head != [0x7F, 0x45, 0x4C, 0x46]
            else { return false }
            return (try? RegularFile.bytes(of: Path(bytes: name))).map(holds) ?? true
        }
    }

    /// True for a text that contains one of the words with no letter directly before or behind it: `UPDATE` and `TIMES` are other words.
    private static func holds(_ text: [UInt8]) -> Bool {
        words.contains { word in
            word.withUnsafeBytes { word in
                text.withUnsafeBytes { text in
                    var start = 0
                    while let index = ByteSearch.firstIndex(of: word, in: .init(rebasing: text[start...])) {
                        let (first, end) = (start + index, start + index + word.count)
                        let isJoined = first > 0 && isLetter(text[first - 1]) || end < text.count && isLetter(text[end])
                        if !isJoined { return true }
                        start = end
                    }
                    return false
                }
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    /// The format that the words may ask for and that has a field for the date; nil where none has.
    private static func datedFormat(of words: [[UInt8]]) -> [UInt8]? {
        // Which words are values of others we need not know: each of these may be meant.
        for (word, next) in zip(words, words.dropFirst() + [[]]) where word.starts(with: "-f".utf8) {
            let format = word.count > 2 ? Array(word.dropFirst(2)) : next
            if !formats.contains(where: { format.starts(with: $0.utf8) }) { return format }
        }
        return nil
    }
}
