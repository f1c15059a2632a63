internal import Files

/// A linker that can say what it reads.
struct Linker {
    /// The directories that it searches by itself, last.
    private(set) var directories: [Word] = []
    /// True for GNU ld, which looks for what libraries need; lld does not.
    let followsNeeds: Bool

    /// Asks the program what it is; nil where it is none that we know, or too old for `--dependency-file`.
    init?(at program: Word) {
        guard
            let answer = CompilerQuery.answer(of: Path(bytes: program), named: program, [Word("--version")]),
            let line = answer.output.split(separator: 10).first.map(Word.init)
        else { return nil }
        if line.hasPrefix("GNU ld ") {
            guard Self.version(line, behind: ") ") >= (2, 35) else { return nil }
            followsNeeds = true
            guard let script = CompilerQuery.answer(of: Path(bytes: program), named: program, [Word("--verbose")])
            else { return nil }
            directories = Self.searched(in: script.output)
        } else if line.firstIndex(of: Word("LLD ")) != nil {
            guard Self.version(line, behind: "LLD ") >= (11, 0) else { return nil }
            followsNeeds = false
        } else {
            return nil
        }
    }

    private static func version(_ line: Word, behind mark: StaticString) -> (Int, Int) {
        guard let found = line.firstIndex(of: Word(mark)) else { return (0, 0) }
        let numbers = line[(found + mark.utf8CodeUnitCount)...].split(separator: UInt8(ascii: ".")).map { part in
            Int(String(decoding: part.prefix { (48...57).contains($0) }, as: UTF8.self)) ?? 0
        }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    /// `SEARCH_DIR("=/usr/lib")`, as often as there are directories; `=` is the system root, which is `/`.
    private static func searched(in script: [UInt8]) -> [Word] {
        let mark = Word("SEARCH_DIR(\"")
        var directories: [Word] = []
        var place = 0
        while let found = script.firstIndex(of: mark, from: place) {
            let text = script[(found + mark.count)...].prefix { $0 != UInt8(ascii: "\"") }
            directories.append(Word(text.first == UInt8(ascii: "=") ? text.dropFirst() : text))
            place = found + mark.count
        }
        return directories
    }
}
