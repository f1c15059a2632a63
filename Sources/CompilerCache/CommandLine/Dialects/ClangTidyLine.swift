/// A command line of clang-tidy's.
struct ClangTidyLine {
    private enum Meaning {
        /// Part of the key; with a value or without.
        case flag, value
        /// Part of the key; the checks are asked for otherwise when the tool is asked what it does.
        case checks
        /// A file that it reads.
        case input
        /// Where the compilation database is.
        case build
        case bypass(Bypass)
    }

    private static let options: [(name: StaticString, meaning: Meaning)] = [
        ("quiet", .flag), ("use-color", .flag), ("system-headers", .flag),
        ("allow-enabling-analyzer-alpha-checkers", .flag),
        ("header-filter", .value), ("line-filter", .value), ("config", .value), ("extra-arg", .value),
        ("extra-arg-before", .value), ("exclude-header-filter", .value),
        ("checks", .checks), ("warnings-as-errors", .checks),
        ("config-file", .input), ("p", .build),
        ("list-checks", .bypass(.information)), ("dump-config", .bypass(.information)),
        ("explain-config", .bypass(.information)), ("verify-config", .bypass(.information)),
        ("version", .bypass(.information)), ("help", .bypass(.information)), ("help-hidden", .bypass(.information)),
        ("fix", .bypass(.sideOutput)), ("fix-errors", .bypass(.sideOutput)), ("fix-notes", .bypass(.sideOutput)),
        ("export-fixes", .bypass(.sideOutput)), ("store-check-profile", .bypass(.sideOutput)),
        ("enable-check-profile", .bypass(.timing)), ("load", .bypass(.plugin)),
        ("vfsoverlay", .bypass(.toolchainOption)),
    ]

    /// The one source.
    private(set) var source: Word = []
    /// The words before `--`.
    private(set) var own: [Word] = []
    /// Those without the ones that choose checks.
    private(set) var withoutChecks: [Word] = []
    /// `--` and the words behind it.
    private(set) var rest: [Word] = []
    private(set) var buildDirectory: Word?
    /// Files that it reads besides sources and headers.
    private(set) var inputs: [Word] = []

    /// True where the compiler's words stand in the command line.
    var isFixed: Bool { !rest.isEmpty }

    init(_ arguments: [Word]) throws(Bypass) {
        guard !arguments.contains(where: { $0.first == UInt8(ascii: "@") }) else { throw .responseFile }
        let end = arguments.firstIndex { $0.equals("--") } ?? arguments.count
        own = Array(arguments[..<end])
        rest = Array(arguments[end...])
        var index = 0
        while index < own.count {
            let word = own[index]
            let start = index
            index += 1
            var choosesChecks = false
            if word.first == UInt8(ascii: "-"), word.count > 1 {
                choosesChecks = try read(word, &index)
            } else {
                guard !word.equals("-") else { throw .standardInput }
                guard source.isEmpty else { throw .severalSources }
                source = word
            }
            if !choosesChecks { withoutChecks += own[start..<index] }
        }
        guard !source.isEmpty else { throw .noSource }
        // CMake gives the whole command of the compiler, whose name and source clang-tidy leaves out.
        var words = rest.dropFirst().filter { $0 != source }
        if let first = words.first, first.first != UInt8(ascii: "-") { words.removeFirst() }
        inputs += try Self.compile(words + [Word("-c"), source]).inputs
    }

    /// Whatever makes a compile no business of a cache's makes a check none.
    static func compile(_ words: [Word]) throws(Bypass) -> CompileRequest {
        // So CMake says which compiler is meant.
        let modes: [StaticString] = ["--driver-mode=gcc", "--driver-mode=g++"]
        let words = words.filter { word in !modes.contains { word.equals($0) } }
        // The tool drops what asks for a dependency file, but not where the preprocessor is asked.
        guard !words.contains(where: { $0.hasPrefix("-Wp,-M") }) else { throw .dependencyOption }
        return try CommandLineReader.read(words, family: .clang, name: Word("clang++"))
    }

    /// Reads one option; true for one that chooses checks.
    private mutating func read(_ word: Word, _ index: inout Int) throws(Bypass) -> Bool {
        let body = word.dropFirst(word.hasPrefix("--") ? 2 : 1)
        let name = Word(body.prefix { $0 != UInt8(ascii: "=") })
        guard let meaning = Self.options.first(where: { name.equals($0.name) })?.meaning else { throw .unknownOption }
        var value: Word {
            get throws(Bypass) {
                if name.count < body.count { return Word(body.dropFirst(name.count + 1)) }
                guard index < own.count else { throw .unknownOption }
                index += 1
                return own[index - 1]
            }
        }
        switch meaning {
        case .flag: return false
        case .value:
            let value = try value
            // What the compiler gets by another way is read as if it came by the usual one.
            if name.hasPrefix("extra-arg") { _ = try Self.compile([value, Word("-c"), Word("a.c")]) }
            return false
        case .checks:
            _ = try value
            return true
        case .input:
            inputs.append(try value)
            return false
        case .build:
            buildDirectory = try value
            return false
        case .bypass(let cause): throw cause
        }
    }
}
