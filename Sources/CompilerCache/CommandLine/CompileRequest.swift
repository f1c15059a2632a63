internal import Files

/// What the user wants to have written about dependencies.
struct DependencyRequest: Sendable {
    enum Scope: Sendable { case all, user }
    /// A target and whether the compiler is to quote it for make.
    struct Target: Sendable {
        var text: Word
        var isQuoted: Bool
    }
    var scope: Scope
    /// Where to, as written or derived.
    var file: Word
    /// Never empty: the output's name where nothing else was asked for.
    var targets: [Target]
    var addsPhonyTargets: Bool
}

/// What one compile command asks for: one source, one object, and everything that shapes it, in order.
struct CompileRequest: Sendable {
    var family: Family
    /// What stands in front of the compiler.
    var front: Front?
    var source: Word = []
    var language: Language = .c
    /// The object file as written or derived from the source's name.
    var output: Word = []
    var dependencies: DependencyRequest?
    /// Every word that shapes the result, in the order given, the source among them; output and dependency
    /// options are not here.
    var words: [Word] = []
    /// The arguments without output and dependency options, as the compiler is to be called.
    var runArguments: [Word] = []
    var search: [SearchEntry] = []
    /// Headers named by `-include` and `-imacros`.
    var forcedIncludes: [Word] = []
    /// Files that are read besides the source and its headers.
    var inputs: [Word] = []
    /// True where one of the files that are named can be read only once: a FIFO, as a shell makes for `<(…)`, or a device.
    var hasSpecialInput: Bool {
        ([source] + forcedIncludes + inputs).contains { RegularFile.isSpecial(Path(bytes: $0)) }
    }
    var usesPrecompiledHeader = false
    var hasDebugInformation = false
    /// Absolute paths that macros of the command line stand for: a source may include what they name, or measure them.
    var definedPaths: [Word] = []
    /// Debug information calls the working directory by a name that the command line gives it, as clang can do.
    var namesCompilationDirectory = false
    var prefixMaps: [PrefixMap] = []
    /// True when the output may depend on the directory in ways that cannot be seen by searching it.
    var isExact = false
    /// True for `-fopenmp` and its like.
    var usesOpenMP: Bool { words.contains { $0.hasPrefix("-fopenmp") } }
    /// True where the command line defines `macro`, or takes its definition away.
    func redefines(_ macro: Word) -> Bool {
        var isValue = false
        for word in words {
            let isJoined = word.count > 2 && (word.hasPrefix("-D") || word.hasPrefix("-U"))
            let definition = isValue ? word[...] : isJoined ? word.dropFirst(2) : []
            if definition.prefix(while: Word.isIdentifier).elementsEqual(macro) { return true }
            isValue = word.equals("-D") || word.equals("-U")
        }
        return false
    }
    /// True when the object holds the compiler's own language for the linker (`-flto`).
    var isForLinkTime = false

    /// True where the language has `R"(…)"`: C++ since 2011, and gcc's own C since 1999.
    var hasRawStrings: Bool {
        let isOld = isOf(["98", "03", "89", "90"])
        if isCxx { return !isOld && standard?.equals("-ansi") != true }
        return family == .gcc && (standard == nil || standard?.firstIndex(of: Word("=gnu")) != nil) && !isOld
    }

    /// True where a quote may separate the digits of a number: C++ since 2014.
    var separatesDigits: Bool { isCxx && !isOf(["98", "03", "11", "0x"]) && standard?.equals("-ansi") != true }

    private var isCxx: Bool { [.cxx, .objectiveCxx, .preprocessedCxx].contains(language) }

    /// The word that names the version of the language.
    private var standard: Word? {
        words.last { $0.hasPrefix("-std=") || $0.hasPrefix("--std=") || $0.equals("-ansi") }
    }

    private func isOf(_ years: [StaticString]) -> Bool { years.contains { standard?.hasSuffix($0) ?? false } }
    /// True when the code is for the processor at hand.
    var isForThisProcessor = false
}

/// Reads a command line by a dialect's table.
struct CommandLineReader {
    private var request: CompileRequest
    private let arguments: [Word]
    private var index = 0
    private var language: Language?
    private var compiles = false
    private var output: Word?
    private var scope: DependencyRequest.Scope?
    private var asksForAll = false
    private var dependencyFile: Word?
    private var targets: [DependencyRequest.Target] = []
    private var addsPhonyTargets = false
    private var hasDependencyDetail = false
    /// What the preprocessor is asked for behind the driver's back.
    private var preprocessorRequest: (scope: DependencyRequest.Scope, file: Word)?
    private var isForCxx = false
    /// True where all sources are to be found, not one to be understood.
    private var takesSeveral = false
    /// Where in the arguments the sources stand, and where the words are that choose a language.
    private var sources: [Int] = []
    private var languageWords: [Int] = []

    /// What `arguments` (response files expanded) ask of a compiler of `family`, or why that is not for a cache.
    ///
    /// - Parameter name: the compiler's name; one that ends with `++` reads C as C++.
    static func read(
        _ arguments: [Word],
        family: Family,
        front: Front? = nil,
        name: Word
    ) throws(Bypass) -> CompileRequest {
        var reader = CommandLineReader(arguments, family)
        reader.request.front = front
        reader.isForCxx = name.lastComponent.contains(UInt8(ascii: "+"))
        return try reader.read()
    }

    /// The word of a command at which reading it ends with `bypass`; empty where none of the words alone is the cause.
    static func word(thatMeans bypass: Bypass, in command: CompileCommand) -> Word {
        guard let arguments = try? ResponseFile.expand(command.arguments, in: command.directory) else { return [] }
        var reader = CommandLineReader(arguments, ToolNames.family(of: command) ?? .gcc)
        reader.request.front = Front(named: Word(command.name.lastComponent))
        var cause: Bypass?
        do throws(Bypass) { try reader.readWords() } catch { cause = error }
        guard cause == bypass, reader.index > 0 else { return [] }
        return arguments[reader.index - 1]
    }

    /// Takes a command line that compiles several sources apart: one command line for each, in their order.
    ///
    /// All options count for all sources, wherever they stand, but `-x` only for those behind it.
    static func separate(_ arguments: [Word]) throws(Bypass) -> [[Word]] {
        // What the two families read differently is no matter here.
        var reader = CommandLineReader(arguments, .gcc)
        reader.takesSeveral = true
        try reader.readWords()
        // One object, or one dependency file, for all of them: an error of the compiler's, or each writes over the one
        // before. And gcc warns of a language for nothing.
        guard reader.compiles, reader.output == nil, reader.dependencyFile == nil, reader.preprocessorRequest == nil,
            let last = reader.sources.last,
            reader.languageWords.last ?? 0 < last
        else { throw .severalSources }
        var isSource = [Bool](repeating: false, count: arguments.count)
        var isLanguage = isSource
        for index in reader.sources { isSource[index] = true }
        for index in reader.languageWords { isLanguage[index] = true }
        return reader.sources.map { source in
            arguments.indices.filter { index in
                isSource[index] ? index == source : !isLanguage[index] || index < source
            }.map { arguments[$0] }
        }
    }

    private init(_ arguments: [Word], _ family: Family) {
        self.arguments = arguments
        request = CompileRequest(family: family)
        request.words.reserveCapacity(arguments.count)
    }

    private mutating func read() throws(Bypass) -> CompileRequest {
        try readWords()
        guard compiles else { throw request.source.isEmpty ? .noCompileStep : .linking }
        guard !request.source.isEmpty else { throw .noSource }
        try settleOutputs()
        return request
    }

    private mutating func readWords() throws(Bypass) {
        // emcc drops empty words, and what came before and behind one comes together.
        if request.front == .emscripten, arguments.contains([]) { throw .unknownOption }
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            if word.first == UInt8(ascii: "-") {
                if word.count == 1 { throw .standardInput }
                try readOption(word)
            } else {
                try readInput(word)
            }
        }
    }

    private mutating func readInput(_ word: Word) throws(Bypass) {
        request.runArguments.append(word)
        guard let language = language ?? Language(source: word) else {
            if word.hasSuffix(".s") { throw .assemblerSource }
            if Language.isHeader(word) { throw .precompiledHeaderOutput }
            throw compiles ? .otherInputs : .linking
        }
        guard request.source.isEmpty || takesSeveral else { throw compiles || willCompile ? .severalSources : .linking }
        // A list of numbers would have the runtime build a type for it, on each hit.
        if takesSeveral { sources.append(index - 1) }
        // Whether emcc tells the assembler about its own directories depends on its version.
        if request.front == .emscripten, language == .assembler { throw .assemblerSource }
        request.source = word
        request.language = language
        if isForCxx, self.language == nil {
            if language == .c { request.language = .cxx }
            if language == .preprocessedC { request.language = .preprocessedCxx }
        }
        request.words.append(word)
    }

    /// True where a `-c` is still to come.
    private var willCompile: Bool { arguments[index...].contains { $0.equals("-c") } }

    private mutating func readOption(_ word: Word) throws(Bypass) {
        if request.front == .emscripten, try readSetting(word) { return }
        guard let rule = rule(for: word) else { throw .unknownOption }
        let start = index - 1
        var value: Word = []
        switch rule.form {
        case .alone: break
        case .joined: value = Word(word[rule.name.utf8CodeUnitCount...])
        case .separate: value = try next()
        case .joinedOrSeparate:
            value = Word(word[rule.name.utf8CodeUnitCount...])
            if value.isEmpty { value = try next() }
        }
        if request.front == .emscripten { try EmscriptenOptions.check(word, value, isApart: index - start == 2) }
        if case .preprocessor = rule.meaning, try readDependencyOption(value) { return }
        try apply(rule, word, value)
        switch rule.meaning {
        case .output, .dependencies: break
        case .compile: request.runArguments.append(word)
        default:
            // A separate value keeps its own place, so that `-D X` and `-DX` are two commands.
            // One by one: a slice of words would have the runtime build a type for it.
            for position in start..<index {
                request.words.append(arguments[position])
                request.runArguments.append(arguments[position])
            }
        }
    }

    /// Reads one of emcc's settings: `-sNAME=value`, `-s NAME=value`, either without a value; false where `word` is none.
    private mutating func readSetting(_ word: Word) throws(Bypass) -> Bool {
        guard word.hasPrefix("-s") else { return false }
        let isApart = word.count == 2
        guard let setting = isApart ? index < arguments.count ? arguments[index] : nil : Word(word.dropFirst(2)),
            try EmscriptenOptions.isSetting(setting)
        else { return false }
        if isApart { index += 1 }
        let words = isApart ? [word, setting] : [word]
        request.words += words
        request.runArguments += words
        return true
    }

    private func rule(for word: Word) -> OptionRule? {
        if request.front == .emscripten, let rule = EmscriptenOptions.rules.first(where: { $0.matches(word) }) {
            return rule
        }
        return GNUOptions.rules(for: word[1]).first { $0.matches(word) }
    }

    private mutating func next() throws(Bypass) -> Word {
        // The compiler will say better than we what is missing.
        guard index < arguments.count else { throw .unknownOption }
        index += 1
        return arguments[index - 1]
    }

    private mutating func apply(_ rule: OptionRule, _ word: Word, _ value: Word) throws(Bypass) {
        switch rule.meaning {
        case .keyed:
            // An option that we do not know by name and that holds a path may read or write the file.
            if word.hasPrefix("-f"), value.contains(UInt8(ascii: "/")), !word.hasPrefix("-frandom-seed=") {
                throw .unknownOption
            }
            if rule.name.utf8CodeUnitCount == 2, word.hasPrefix("-D") { noteDefinition(value) }
        case .exact: request.isExact = true
        case .compilationDirectory: request.namesCompilationDirectory = true
        case .debug: request.hasDebugInformation = true
        case .noDebug: request.hasDebugInformation = false
        case .prefixMap(let scope):
            guard let map = PrefixMap(value, scope) else { throw .unknownOption }
            request.prefixMaps.append(map)
        case .search(let kind):
            // Relative to the system root.
            if value.first == UInt8(ascii: "=") || value.hasPrefix("$SYSROOT") { throw .headerSearch }
            request.search.append(SearchEntry(kind: kind, path: value))
        case .forcedInclude: request.forcedIncludes.append(value)
        case .input: request.inputs.append(value)
        case .precompiledHeader: try usePrecompiledHeader(value)
        case .language:
            if takesSeveral { languageWords += index - (rule.name.utf8CodeUnitCount < word.count ? 1 : 2)..<index }
            try setLanguage(value)
        case .compile: compiles = true
        case .output:
            guard output == nil else { throw .unknownOption }
            output = value
        case .dependencies(let option): noteDependencies(option, value)
        case .assembler: try checkAssemblerOptions(value)
        case .preprocessor: try checkPreprocessorOptions(value)
        case .frontend: try readFrontendOption(value)
        case .processor: if value.equals("native") { request.isForThisProcessor = true }
        case .target:
            // Headers are searched in Microsoft's way then.
            for system in ["msvc", "windows", "win32"] as [StaticString]
            where value.firstIndex(of: Word(system)) != nil { throw .headerSearch }
        case .bypass(let cause): throw cause
        }
    }

    private mutating func setLanguage(_ value: Word) throws(Bypass) {
        // emcc puts the source behind everything.
        if request.front == .emscripten, !request.source.isEmpty { throw .unsupportedLanguage }
        if value.equals("none") {
            language = nil
        } else if value.hasSuffix("-header") {
            throw .precompiledHeaderOutput
        } else {
            guard let known = Language(option: value) else { throw .unsupportedLanguage }
            language = known
        }
    }

    private mutating func usePrecompiledHeader(_ path: Word) throws(Bypass) {
        request.inputs.append(path)
        request.usesPrecompiledHeader = true
        request.isExact = true
    }

    /// A macro whose value is a path may be measured as well as stored, so its directory cannot be abstracted from.
    private mutating func noteDefinition(_ value: Word) {
        guard let equals = value.firstIndex(of: UInt8(ascii: "=")) else { return }
        let text = value[(equals + 1)...]
        // A path begins at the start or behind a quote; a division does not.
        var previous = UInt8(ascii: "\"")
        for (index, byte) in zip(text.indices, text) {
            if byte == UInt8(ascii: "/"), previous == UInt8(ascii: "\"") || previous == UInt8(ascii: "<") {
                let ends = [UInt8(ascii: "\""), UInt8(ascii: ">"), UInt8(ascii: "\\")]
                request.definedPaths.append(Word(text[index...].prefix { !ends.contains($0) }))
            }
            previous = byte
        }
    }

    private mutating func noteDependencies(_ option: OptionRule.DependencyOption, _ value: Word) {
        switch option {
        case .all:
            asksForAll = true
            if scope == nil { scope = .all }
        case .user: scope = .user
        case .file:
            dependencyFile = value
            hasDependencyDetail = true
        case .target:
            targets.append(.init(text: value, isQuoted: false))
            hasDependencyDetail = true
        case .quotedTarget:
            targets.append(.init(text: value, isQuoted: true))
            hasDependencyDetail = true
        case .phony:
            addsPhonyTargets = true
            hasDependencyDetail = true
        }
    }

    /// Only options that are known to read and write nothing.
    private func checkAssemblerOptions(_ value: Word) throws(Bypass) {
        for option in value.split(separator: UInt8(ascii: ",")).map(Word.init) {
            let isHarmless =
                option.equals("--noexecstack") || option.equals("--execstack")
                || option.hasPrefix("-mrelax-relocations")
                || option.hasPrefix("-march=") || option.hasPrefix("-mtune=") || option.equals("--fatal-warnings")
                || option.equals("-W") || option.equals("--no-warn") || option.equals("--warn")
            if !isHarmless { throw .assemblerOption }
        }
    }

    /// Reads `-Wp,-MD,FILE` and `-Wp,-MMD,FILE`, which Linux and what has its build system from there write; false where
    /// `value` is neither.
    private mutating func readDependencyOption(_ value: Word) throws(Bypass) -> Bool {
        let words = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Word.init)
        guard request.front == nil, words.count == 2, words[0].equals("-MD") || words[0].equals("-MMD"),
            !words[1].isEmpty
        else { return false }
        guard preprocessorRequest == nil else { throw .dependencyOption }
        preprocessorRequest = (words[0].equals("-MD") ? .all : .user, words[1])
        return true
    }

    private func checkPreprocessorOptions(_ value: Word) throws(Bypass) {
        for option in value.split(separator: UInt8(ascii: ",")).map(Word.init) {
            guard option.hasPrefix("-D") || option.hasPrefix("-U"), option.count > 2 else {
                throw option.hasPrefix("-M") ? .dependencyOption : .preprocessorOption
            }
        }
    }

    /// What CMake passes to use a precompiled header, and nothing else.
    private mutating func readFrontendOption(_ value: Word) throws(Bypass) {
        if value.equals("-include-pch") || value.equals("-include") {
            guard try next().equals("-Xclang") else { throw .frontendOption }
            let path = try next()
            if value.equals("-include") {
                request.forcedIncludes.append(path)
            } else {
                try usePrecompiledHeader(path)
            }
        } else if value.equals("-emit-pch") {
            throw .precompiledHeaderOutput
        } else if !value.equals("-fno-pch-timestamp") {
            throw .frontendOption
        }
    }

    /// Derives the names that the command line leaves open, as both compilers do.
    private mutating func settleOutputs() throws(Bypass) {
        let name = Word(request.source.lastComponent)
        let stem = name.lastIndex(of: UInt8(ascii: ".")).map { Word(name[..<$0]) } ?? name
        request.output = output ?? stem + Word(".o")
        guard !request.output.isEmpty, !request.output.equals("-") else { throw .specialOutput }
        request.isForLinkTime =
            request.words.last { $0.hasPrefix("-flto") || $0.equals("-fno-lto") }?.hasPrefix("-flto") ?? false
        // What the assembler reads cannot be asked for: gcc notes the options for it in the object.
        if request.isForLinkTime, request.family == .gcc,
            request.words.contains(where: { $0.equals("-ffat-lto-objects") })
        {
            throw .assemblerOption
        }
        if let asked = preprocessorRequest {
            // Two lists, or two names for one: which one counts is not for us to say.
            guard scope == nil, dependencyFile == nil else { throw .dependencyOption }
            (scope, dependencyFile) = (asked.scope, asked.file)
        }
        // clang notes every word, those that we add as well; gcc leaves them out.
        if request.family == .clang, request.words.contains(where: { $0.equals("-grecord-gcc-switches") }) {
            throw .recordsCommandLine
        }
        let isPreprocessed = request.language == .preprocessedC || request.language == .preprocessedCxx
        if isPreprocessed, scope != nil { throw .dependencyOption }
        // clang's graph of inclusions leaves out headers of the command line, and the system root of every path.
        if request.family == .clang, scope == .user,
            !request.forcedIncludes.isEmpty
                || request.words.contains(where: { $0.hasPrefix("--sysroot") || $0.hasPrefix("-isysroot") })
        {
            throw .dependencyOption
        }
        guard let scope else {
            // Without -MD they are an error or a warning, which would be lost if we added ours.
            if hasDependencyDetail { throw .dependencyOption }
            return
        }
        if dependencyFile?.equals("-") == true { throw .dependencyOption }
        // Of -MD and -MMD, the latter counts for both compilers, in any order; clang also warns.
        if asksForAll, scope == .user, request.family == .clang { throw .dependencyOption }
        // clang's driver reads `-Wp,-MD,FILE` as `-MD -MF FILE`. gcc's does not, and its preprocessor knows no object.
        let target = preprocessorRequest != nil && request.family == .gcc ? stem + Word(".o") : request.output
        request.dependencies = DependencyRequest(
            scope: scope,
            file: dependencyFile ?? derivedDependencyFile(stem: stem),
            targets: targets.isEmpty ? [.init(text: target, isQuoted: true)] : orderedTargets,
            addsPhonyTargets: addsPhonyTargets
        )
    }

    /// The targets in the order in which the compiler writes them.
    ///
    /// gcc's driver hands on quoted ones first; its preprocessor then puts each unquoted one in the place of the first
    /// quoted one, which goes to the end.
    private var orderedTargets: [DependencyRequest.Target] {
        guard request.family == .gcc else { return targets }
        var ordered = targets.filter(\.isQuoted)
        for (position, target) in targets.filter({ !$0.isQuoted }).enumerated() {
            if position < ordered.count {
                ordered.append(ordered[position])
                ordered[position] = target
            } else {
                ordered.append(target)
            }
        }
        return ordered
    }

    /// The object's name with its suffix replaced, or the source's in the working directory.
    private func derivedDependencyFile(stem: Word) -> Word {
        guard let output else { return stem + Word(".d") }
        let name = output.lastComponent
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return output + Word(".d") }
        return Word(output[..<dot]) + Word(".d")
    }
}
