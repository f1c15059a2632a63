internal import Files

/// The command line of an assembler that is called by itself: `as`, nasm, yasm.
enum AssemblerLine {
    /// Options whose value is the next word.
    private static let separate: [StaticString] = [
        "-o", "-I", "-f", "-F", "-l", "-MD", "-MF", "-MT", "-MQ", "--MD", "--defsym", "--debug-prefix-map",
    ]

    /// The source that the words name; nil where standard input may be read.
    ///
    /// `as` reads it where there is no other source, or at the word `--`.
    static func source(in words: [Word], at directory: Path) -> Word? {
        var source: Word?
        var previous: Word = []
        for word in words {
            if word.equals("--") { return nil }
            if word.first != UInt8(ascii: "-"), !separate.contains(where: { previous.equals($0) }) { source = word }
            previous = word
        }
        guard let source, FileStatus.of(Path(bytes: source).resolved(in: directory))?.kind == .regular else {
            return nil
        }
        return source
    }
}
