internal import Files

/// The command that the user puts before a compiler that has to run: one that distributes compiles, as distcc does.
struct PrefixCommand {
    private let program: Path
    private let words: [Word]

    /// Nil where there are no words.
    ///
    /// What is not found in `PATH` is taken for a path, so that its absence is said when it is started.
    init?(_ words: [Word], before compiler: Path, named name: Word) {
        guard let first = words.first else { return nil }
        program = ProgramSearch.find(first) ?? Path(bytes: first)
        // By its path: what looks for the compiler's name in `PATH` might find this launcher.
        self.words = words + [name.contains(UInt8(ascii: "/")) ? name : Word(compiler.bytes)]
    }

    /// The program and its first words, for a process that is about to start it.
    ///
    /// A launcher that this command finds in the place of the compiler does nothing but run the next one.
    var started: (program: Path, words: [Word]) {
        Environment.set(Self.disabling, to: Word("1"))
        return (program, words)
    }

    private static let disabling: StaticString = "LARDER_DISABLE"
}
