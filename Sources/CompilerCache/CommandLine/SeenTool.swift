internal import Files

/// A program beside the compilers of which only a trace tells what it reads and makes.
enum SeenTool {
    case assembler, linker, archiver, checker

    /// Nil for any other program.
    init?(named name: Word) {
        let name = ToolNames.withoutVersion(Word(name.lastComponent))
        let checkers: [StaticString] = ["clang-tidy", "include-what-you-use", "iwyu"]
        if checkers.contains(where: { name.equals($0) }) {
            self = .checker
        } else if ToolNames.isAssembler(name) {
            self = .assembler
        } else if ToolNames.isLinker(name) {
            self = .linker
        } else if ToolNames.isArchiver(name) {
            self = .archiver
        } else {
            return nil
        }
    }

    /// What a command with these words is: one to be seen, where `cause` says so, or one that runs as it is given.
    ///
    /// - Parameter words: with response files expanded.
    func cause(of words: [Word], in directory: Path) -> Bypass {
        switch self {
        case .archiver: Self.obstacle(toArchive: words, in: directory) ?? .archive
        case .checker: subject(of: words, in: directory) == nil ? .information : .check
        case .assembler: Self.namesSomething(words) ? .assemblerSource : .information
        case .linker: Self.namesSomething(words) ? .linking : .information
        }
    }

    /// What the command is about: a source, or else what is made; nil where that is not known.
    func subject(of words: [Word], in directory: Path) -> Word? {
        switch self {
        case .assembler: AssemblerLine.source(in: words, at: directory)
        case .archiver: Self.archive(of: words)?.names.first
        case .checker: words.prefix { !$0.equals("--") }.last { Language(source: $0) != nil || Language.isHeader($0) }
        case .linker: Self.output(of: words)
        }
    }

    /// The exit statuses that are a result, and no failure.
    func keptStatuses(_ words: [Word]) -> [Int32] {
        guard self == .checker else { return [0] }
        // A warning may be an error; some versions of include-what-you-use say 2 for success.
        let own = words.filter { $0.hasPrefix("--error") }.compactMap { word in
            word.firstIndex(of: UInt8(ascii: "=")).flatMap { Int32(String(decoding: word[($0 + 1)...], as: UTF8.self)) }
        }
        return [0, 1, 2] + own.filter { (3..<128).contains($0) }
    }

    /// What `-o` names, for a linker or a compiler that links.
    static func output(of words: [Word]) -> Word? {
        var output: Word?
        for (word, next) in zip(words, words.dropFirst() + [[]]) where word.hasPrefix("-o") {
            output = word.count > 2 ? Word(word.dropFirst(2)) : next
        }
        return output
    }

    private static func namesSomething(_ words: [Word]) -> Bool { words.contains { $0.first != UInt8(ascii: "-") } }

    /// Why it is no archive that is made anew of whole files.
    ///
    /// What is added to an archive depends on what is in it.
    private static func obstacle(toArchive words: [Word], in directory: Path) -> Bypass? {
        guard let (letters, names) = archive(of: words), let archive = names.first else { return .archiveOption }
        let usual = Word("rqcsSDuvP")
        guard letters.contains(UInt8(ascii: "r")) != letters.contains(UInt8(ascii: "q")),
            letters.allSatisfy({ usual.contains($0) }),
            !names.contains(where: { $0.isEmpty || $0.first == UInt8(ascii: "-") })
        else { return .archiveOption }
        return FileStatus.ofLink(Path(bytes: archive).resolved(in: directory)) == nil ? nil : .archiveExists
    }

    /// What an archiver is to do, in letters, and the names that follow, the archive's first; nil for no such command.
    private static func archive(of words: [Word]) -> (letters: Word, names: ArraySlice<Word>)? {
        guard let first = words.first, first.count > 1 || first.first != UInt8(ascii: "-") else { return nil }
        let more = words.dropFirst().prefix {
            $0.count > 1 && $0.first == UInt8(ascii: "-") && $0[1] != UInt8(ascii: "-")
        }
        let letters = ([first] + more).flatMap { $0.first == UInt8(ascii: "-") ? $0.dropFirst() : $0[...] }
        return (Word(letters), words.dropFirst(1 + more.count))
    }
}
