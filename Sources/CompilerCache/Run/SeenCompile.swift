package import Files
internal import LarderStore

/// A compile that has to be seen to be known: its words do not say what it reads or makes.
package struct SeenCompile: Sendable {
    package let compiler: Path
    /// The compiler's name as it was given, then its arguments.
    package let words: [[UInt8]]
    /// The same with response files expanded.
    package let expanded: [[UInt8]]
    /// Names of the variables of the environment that compilers are known to read.
    package let variables: [[UInt8]]
    /// Names of the variables that only decide how diagnostics look.
    package let presentation: [[UInt8]]
    /// Names of the variables in `presentation` that describe a terminal.
    package let terminal: [[UInt8]]
    /// The features of the processor, where the code is for the one at hand.
    package let processor: [UInt8]?
    /// The source, or what is made, or the compiler, for the journal.
    package let label: [UInt8]
    /// The exit statuses that are a result, and no failure.
    package let keptStatuses: [Int32]
    /// False for what only links or archives.
    package let compiles: Bool
    /// Why it has to be seen.
    package let cause: String
    /// The word that says so, for an explanation; empty where it is no word.
    ///
    /// Reads the command line again.
    package let doubtfulWord: @Sendable () -> [UInt8]

    /// False for a tool that reads texts itself: an assembler, a linker, an archiver, a checker.
    package let isCompiler: Bool
    /// Whether it is called through a program that may be anybody's; reads that program.
    package let isBehindProgram: @Sendable () -> Bool

    /// Nil for a program that neither its name nor an answer of its own makes a compiler, for what is read differently by one in front of it, and for one
    /// that reads what nobody can read twice.
    init?(_ command: CompileCommand, cause: Bypass) {
        let tool = SeenTool(named: command.name)
        guard tool != nil || cause == .wrapper || ToolNames.family(of: command) != nil,
            Front(named: Word(command.name.lastComponent)) == nil,
            let environment = try? CompileEnvironment(in: command.directory),
            let expanded = try? ResponseFile.expand(command.arguments, in: command.directory)
        else { return nil }
        guard !Self.readsInput(expanded), !Self.namesStream(expanded, at: command.directory) else { return nil }
        let source =
            if let tool { tool.subject(of: expanded, in: command.directory) } else {
                expanded.last {
                    $0.first != UInt8(ascii: "-") && (Language(source: $0) != nil || Language.isFortran($0))
                } ?? (cause == .linking ? SeenTool.output(of: expanded) : nil)
            }
        if tool == .assembler, source == nil { return nil }
        // Objects for Microsoft's linker hold the time, and such a build ID is another one each time.
        guard let linkers = Self.linkersWords(in: expanded, at: command.directory),
            !(expanded + linkers).contains(where: { word in
                ["msvc", "build-id=uuid"].contains { word.firstIndex(of: Word($0.utf8)) != nil }
            }), !linkers.contains(where: Self.measures)
        else { return nil }
        compiler = command.compiler
        words = [command.name] + command.arguments
        self.expanded = expanded
        var names = environment.keyed.map { Word($0.prefix { $0 != UInt8(ascii: "=") }) }
        // Debug information has the working directory as the shell names it.
        names += [Word("PWD"), Word("TMPDIR")]
        variables = names
        presentation = CompileEnvironment.presentationNames.map { Word($0) }
        terminal = CompileEnvironment.terminalNames.map { Word($0) }
        processor =
            expanded.contains { $0.hasSuffix("=native") }
            ? Processor.features.reduce(into: []) { text, word in text += Array("\(word) ".utf8) } : nil
        label = source ?? command.name
        keptStatuses = tool?.keptStatuses(expanded) ?? [0]
        let isLinker = tool == .linker || tool == .archiver
        // Behind -x a file of any name is a source.
        let namesSource = expanded.contains {
            Language(source: $0) != nil || Language.isFortran($0) || $0.hasPrefix("-x")
        }
        compiles = !isLinker && (cause != .linking || namesSource)
        self.cause = cause.rawValue
        isCompiler = tool == nil
        isBehindProgram = { tool == nil && !ToolchainProbe.isDriver(command.compiler) }
        doubtfulWord = { MissRecord.harmless(word: CommandLineReader.word(thatMeans: cause, in: command)) }
    }

    /// The words of response files that are for the linker alone (`-Wl,@FILE`); nil where one cannot be read.
    private static func linkersWords(in words: [Word], at directory: Path) -> [Word]? {
        var found: [Word] = []
        for (word, previous) in zip(words, [[]] + words) where word.hasPrefix("-Wl,") || previous.equals("-Xlinker") {
            for part in word.split(separator: UInt8(ascii: ",")) where part.first == UInt8(ascii: "@") {
                guard let more = try? ResponseFile.expand([Word(part)], in: directory) else { return nil }
                found += more
            }
        }
        return found
    }

    /// True where a word names a link that leads to a stream, standard output above all.
    ///
    /// That is a pipe of ours while the compile is traced. Some compilers write there, others remove the link first, and which they do
    /// depends on what the stream is.
    private static func namesStream(_ words: [Word], at directory: Path) -> Bool {
        words.contains { word in
            guard let start = startOfPath(in: word), start < word.count else { return false }
            return leadsToStream(Path(bytes: word[start...]).resolved(in: directory))
        }
    }

    /// Where in a word a path of something that is made may begin: `so`, `-oso`, `-MFso`, `-al=so`; nil for an option without one.
    private static func startOfPath(in word: Word) -> Int? {
        guard word.first == UInt8(ascii: "-") else { return 0 }
        if word.hasPrefix("-MF") || word.hasPrefix("-MJ") { return 3 }
        if word.hasPrefix("-o") || word.hasPrefix("-l") { return 2 }
        return word.firstIndex(of: UInt8(ascii: "=")).map { $0 + 1 }
    }

    private static func leadsToStream(_ path: Path) -> Bool {
        guard FileStatus.ofLink(path)?.kind == .symbolicLink else { return false }
        var path = path
        // As many as the kernel follows.
        for _ in 0..<40 {
            guard let target = Directory.target(ofLink: path) else { break }
            path = target.resolved(in: path.parent)
            let kernels: [StaticString] = ["/proc/", "/dev/fd/"]
            if kernels.contains(where: { Word(path.bytes).hasPrefix($0) }) { return true }
        }
        return FileStatus.of(path)?.kind == .other
    }

    /// Why no trace tells what the command makes, whatever else its words mean; nil where one may.
    static func obstacle(in command: CompileCommand) -> Bypass? {
        guard let words = try? ResponseFile.expand(command.arguments, in: command.directory) else { return nil }
        if readsInput(words) { return .standardInput }
        // They name temporary files, or places in memory.
        if words.contains(where: { $0.equals("-###") || isLoud($0) }) { return .verbose }
        if ToolNames.family(of: command) != nil, words.contains(where: { $0.equals("-v") }) { return .verbose }
        return words.contains(where: measures) ? .timing : nil
    }

    /// True for a word that has include-what-you-use say what it does, and where that lies in memory.
    private static func isLoud(_ word: Word) -> Bool {
        word.hasPrefix("--verbose=") && !(word.count == 11 && word[10] <= UInt8(ascii: "3"))
    }

    /// True for a word that has a compiler, an assembler or a linker say how long it took, or how much memory.
    private static func measures(_ word: Word) -> Bool {
        let starts: [StaticString] = [
            "-ftime-", "-time", "--time", "-fmem-report", "-fpre-ipa-mem-report", "-fpost-ipa-mem-report",
            "-fproc-stat-report", "-fstats", "--statistics", "--stats", "-enable-check-profile",
            "--enable-check-profile",
            "-store-check-profile", "--store-check-profile",
        ]
        let wholes: [StaticString] = ["-Q", "-stats"]
        if wholes.contains(where: { word.equals($0) }) || starts.contains(where: { word.hasPrefix($0) }) { return true }
        // Words within words, such as a linker's, or a compiler's of a checker's.
        let parts: [StaticString] = [
            ",--statistics", ",--stats", ",-stats", ",--time", ",-time", "=-time-passes", "=--time-passes", "=-ftime-",
            "=-stats",
        ]
        return word.first == UInt8(ascii: "-") && parts.contains { word.firstIndex(of: Word($0)) != nil }
    }

    /// True where standard input may be read.
    ///
    /// That is `-` and `-Wa,-`; behind some options `-` is standard output.
    private static func readsInput(_ words: [Word]) -> Bool {
        var previous: Word = []
        // What nobody reads twice, whoever has opened it.
        let foreign: [StaticString] = ["/dev/fd/", "/dev/std", "/proc/", "/dev/tty"]
        for word in words {
            if foreign.contains(where: { word.firstIndex(of: Word($0)) != nil }) { return true }
            let isOutput = previous.equals("-o") || previous.equals("-MF")
            if word.equals("-") && !isOutput || word.hasSuffix(",-") { return true }
            previous = word
        }
        return false
    }
}
