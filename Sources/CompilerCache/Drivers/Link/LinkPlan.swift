internal import Files

/// What a linker is really called with: a compiler's driver is asked for it each time, before the lookup.
///
/// So whatever the driver searches for and reads itself (start files, specs, plugins, programs) needs no conditions: its
/// answer is part of the key.
struct LinkPlan {
    /// The words, the program first.
    private(set) var words: [Word] = []
    /// Where a driver has its programs searched, beside `PATH`.
    private(set) var programDirectories: [Word] = []
    /// The driver as it was called, which is called again for code for the linker.
    private var driver: Word?
    /// The lines that say how the driver's parts are called, without the names of temporary files.
    private(set) var ingredients: [Word] = []
    /// True for gcc, whose collect2 looks for the linker by itself.
    var collects: Bool { Path(bytes: words[0]).name.elementsEqual("collect2".utf8) }

    /// Asks the driver.
    init(of command: CompileCommand, _ arguments: [Word]) throws(Bypass) {
        guard let answer = CompilerQuery.ask(command, arguments + [Word("-###")]) else { throw .linking }
        for line in answer.split(separator: 10).map(Word.init) {
            if line.hasPrefix("COMPILER_PATH=") {
                programDirectories = line[("COMPILER_PATH=" as StaticString).utf8CodeUnitCount...]
                    .split(separator: UInt8(ascii: ":")).map(Word.init)
            }
            if line.hasPrefix("COLLECT_GCC=") {
                driver = Word(line[("COLLECT_GCC=" as StaticString).utf8CodeUnitCount...])
            }
            if line.first == 32, line.count > 2, line[1] != UInt8(ascii: "(") {
                // A second program would be a compiler.
                guard words.isEmpty else { throw .linking }
                words = Self.words(in: line)
            }
        }
        guard let program = words.first, program.first == UInt8(ascii: "/") else { throw .linking }
        // A header is compiled by one program, too.
        guard collects || Word(program.lastComponent).firstIndex(of: Word("ld")) != nil else { throw .linking }
        ingredients = words.map { $0.isTemporaryOfGCC ? Word("(temporary)") : $0 }
        // Only code for the linker is compiled with make's job server.
        for line in answer.split(separator: 10).map(Word.init)
        where line.first != 32 && !line.hasPrefix("MAKEFLAGS=") { ingredients.append(line) }
    }

    /// A linker that is called by itself.
    init(linker: Path, _ arguments: [Word]) {
        words = [Word(linker.bytes)] + arguments
    }

    /// The words of a command that `-###` shows: a backslash takes the next byte as it is.
    private static func words(in line: Word) -> [Word] {
        var words: [Word] = []
        var word: Word?
        var (isQuoted, isEscaped) = (false, false)
        for byte in line {
            if isEscaped {
                word = (word ?? []) + [byte]
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                word = word ?? []
            } else if byte == 32, !isQuoted {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? []) + [byte]
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    /// The programs that run, as they are found now: the first is the linker.
    func programs() -> [Word] {
        guard collects else { return [words[0]] }
        let chosen = words.last { $0.hasPrefix("-fuse-ld=") }
        let linker = chosen.map { Word("ld.") + $0[("-fuse-ld=" as StaticString).utf8CodeUnitCount...] } ?? Word("ld")
        // What collect2 and, where there is code for it in the objects, gcc's compiler for the linker may run.
        let linkers = [Word("real-ld"), Word("collect-ld"), linker].compactMap(find)
        let others = ["nm", "gnm", "strip", "gstrip", "lto-wrapper", "lto1", "as"].map { Word($0.utf8) }
        return linkers + [words[0]] + (others + [driver].compactMap { $0 }).compactMap(find)
    }

    private func find(_ name: Word) -> Word? {
        if name.contains(UInt8(ascii: "/")) { return name }
        for directory in programDirectories {
            let path = Path(bytes: directory).appending(bytes: name)
            if let status = FileStatus.of(path), status.kind == .regular, status.mode & 0o111 != 0 {
                return Word(path.bytes)
            }
        }
        return ProgramSearch.find(name).map { Word($0.bytes) }
    }
}
