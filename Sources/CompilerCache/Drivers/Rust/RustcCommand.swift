internal import Files

/// What one rustc command line asks for.
struct RustcCommand: Sendable {
    enum Kind: Sendable, Equatable { case library, staticLibrary, dynamicLibrary, program }

    enum Emission: Sendable, Equatable {
        case dependencies, metadata, link, assembly, intermediate, bitcode, object, mir
    }

    struct Extern: Sendable {
        var name: Word
        /// Nil where the crate is to be searched for.
        var path: Word?
    }

    struct SearchPath: Sendable {
        enum Kind: Sendable { case dependency, crate, native, framework, all }
        var kind: Kind
        var path: Word
    }

    /// A library that is packed into what is made: `-l static=name`.
    struct StaticLibrary: Sendable {
        var name: Word
        var isVerbatim: Bool
    }

    var words: [DriverRequest.KeyWord] = []
    var presentation: [Word] = []
    var source: Word = []
    var crateName: Word?
    var kinds: [Kind] = []
    /// What is made, and where, if that is said.
    var emissions: [(emission: Emission, path: Word?)] = []
    var outputDirectory: Word?
    var output: Word?
    var extraFilename: Word = []
    var externs: [Extern] = []
    var searchPaths: [SearchPath] = []
    var staticLibraries: [StaticLibrary] = []
    var systemRoot: Word?
    var target: Word?
    var isTest = false
    var incremental: Word?
    var linker: Word?
    var linkArguments: [Word] = []
    /// Files that options name.
    var files: [Word] = []
    /// The places that maps of path prefixes replace.
    var maps: [(old: Word, new: Word)] = []
    var isForThisProcessor = false
    var hasCompressedPaths = false
    /// True where the command line has code made in several units, whose files have names of their own.
    private var hasSeveralUnits = false

    /// True where a linker runs.
    var links: Bool {
        emissions.contains { $0.emission == .link } && kinds.contains { $0 == .program || $0 == .dynamicLibrary }
    }

    init(reading arguments: [Word], _ command: CompileCommand) throws(Bypass) {
        let expanded = try Self.expand(arguments, in: command.directory)
        var index = 0
        while index < expanded.count {
            try read(expanded, &index)
            index += 1
        }
        guard !source.isEmpty else { throw .noSource }
        if kinds.isEmpty || isTest { kinds = [.program] }
        if emissions.isEmpty { emissions = [(.link, nil)] }
        if output != nil {
            // rustc gives the name to one output, and tells the others apart by names that it makes up.
            guard emissions.count == 1, emissions[0].path == nil, kinds.count == 1, outputDirectory == nil else {
                throw .specialOutput
            }
        }
        if let target, kinds != [.library], emissions.contains(where: { $0.emission == .link }),
            !target.hasSuffix("-linux-gnu")
        {
            // Other systems' programs have other names, and other linkers.
            throw .linking
        }
        if hasSeveralUnits || incremental != nil, emissions.contains(where: { Self.suffix(of: $0.emission) != nil }) {
            throw .sideOutput
        }
        if links, !linkArguments.allSatisfy(RustcOptions.isPlainLinkArgument) { throw .toolchainOption }
    }

    /// `@file`: a word a line, none of which is read again.
    private static func expand(_ arguments: [Word], in directory: Path) throws(Bypass) -> [Word] {
        guard arguments.contains(where: { $0.first == UInt8(ascii: "@") }) else { return arguments }
        var words: [Word] = []
        for word in arguments {
            guard word.first == UInt8(ascii: "@") else {
                words.append(word)
                continue
            }
            let path = Path(bytes: word.dropFirst())
            guard let text = try? RegularFile.bytes(of: path, limit: 16 << 20), !text.contains(0), !text.contains(13)
            else { throw .responseFile }
            words += text.split(separator: 10).map { Word($0) }
        }
        return words
    }

    private mutating func read(_ all: [Word], _ index: inout Int) throws(Bypass) {
        let word = all[index]
        guard word.first == UInt8(ascii: "-") else {
            guard source.isEmpty else { throw .severalSources }
            source = word
            return key(word)
        }
        if word.equals("-") { throw .standardInput }
        guard let (rule, value, joined) = try Self.rule(for: word, all, &index) else { throw .unknownOption }
        try take(rule, value ?? [])
        // Each form of an option is keyed as itself: `-C x`, `-Cx` and `--codegen=x` mean the same, and miss.
        switch rule.meaning {
        case .presentation: presentation.append(word + [UInt8(ascii: " ")] + (joined ? [] : value ?? []))
        case .configuration:
            words.append(.text(word))
            if !joined, let value { words.append(.text(value)) }
        default:
            key(word)
            if !joined, let value { key(value) }
        }
    }

    private mutating func key(_ word: Word) { words.append(.path(word)) }

    /// The rule for `word`, its value, and whether that is in the word itself.
    private static func rule(for word: Word, _ all: [Word], _ index: inout Int) throws(Bypass)
        -> (RustcOptions.Rule, Word?, Bool)?
    {
        func next() throws(Bypass) -> Word {
            guard index + 1 < all.count else { throw .unknownOption }
            index += 1
            return all[index]
        }
        if word.hasPrefix("--") {
            let name = Word(word.prefix { $0 != UInt8(ascii: "=") })
            guard let rule = RustcOptions.long.first(where: { name.equals($0.name) }) else { return nil }
            if name.count < word.count {
                guard rule.takesValue else { return nil }
                return (rule, Word(word[(name.count + 1)...]), true)
            }
            return rule.takesValue ? (rule, try next(), false) : (rule, nil, true)
        }
        guard word.count >= 2, let rule = RustcOptions.short.first(where: { word.hasPrefix($0.name) }) else {
            return nil
        }
        if !rule.takesValue {
            // `-vV`, which every tool asks first.
            if word.count > 2 { throw word.equals("-vV") || word.equals("-Vv") ? .information : .unknownOption }
            return (rule, nil, true)
        }
        return word.count > 2 ? (rule, Word(word[2...]), true) : (rule, try next(), false)
    }

    private mutating func take(_ rule: RustcOptions.Rule, _ value: Word) throws(Bypass) {
        switch rule.meaning {
        case .keyed, .presentation, .configuration: break
        case .bypass(let cause): throw cause
        case .crateName: crateName = value
        case .crateType: for type in value.split(separator: UInt8(ascii: ",")) { try add(type: Word(type)) }
        case .emit: for item in value.split(separator: UInt8(ascii: ",")) { try add(emission: Word(item)) }
        case .outputDirectory: outputDirectory = value
        case .output:
            guard !value.equals("-"), output == nil else { throw .specialOutput }
            output = value
        case .externCrate: externs.append(Self.extern(value))
        case .searchPath: searchPaths.append(try Self.searchPath(value))
        case .library: try add(library: value)
        case .systemRoot: systemRoot = value
        case .target:
            target = value
            if value.hasSuffix(".json") { files.append(value) }
        case .test: isTest = true
        case .remap:
            // rustc splits at the last one.
            guard let equals = value.lastIndex(of: UInt8(ascii: "=")) else { throw .unknownOption }
            maps.append((Word(value[..<equals]), Word(value[(equals + 1)...])))
        case .codegen: try add(codegen: value)
        }
    }

    private mutating func add(type: Word) throws(Bypass) {
        let kind: Kind
        if type.equals("lib") || type.equals("rlib") {
            kind = .library
        } else if type.equals("staticlib") {
            kind = .staticLibrary
        } else if type.equals("dylib") || type.equals("cdylib") || type.equals("proc-macro") {
            kind = .dynamicLibrary
        } else if type.equals("bin") {
            kind = .program
        } else {
            throw .unknownOption
        }
        if !kinds.contains(kind) { kinds.append(kind) }
    }

    private mutating func add(emission item: Word) throws(Bypass) {
        let name = Word(item.prefix { $0 != UInt8(ascii: "=") })
        let path = name.count < item.count ? Word(item[(name.count + 1)...]) : nil
        if path?.equals("-") == true || path?.isEmpty == true { throw .specialOutput }
        let known: [(StaticString, Emission)] = [
            ("dep-info", .dependencies), ("metadata", .metadata), ("link", .link), ("asm", .assembly),
            ("llvm-ir", .intermediate), ("llvm-bc", .bitcode), ("obj", .object), ("mir", .mir),
        ]
        guard let emission = known.first(where: { name.equals($0.0) })?.1 else { throw .sideOutput }
        emissions.removeAll { $0.emission == emission }
        emissions.append((emission, path))
    }

    /// `name`, `name=path`, each behind `modifier,modifier:`.
    private static func extern(_ value: Word) -> Extern {
        let name = Word(value.prefix { $0 != UInt8(ascii: "=") })
        let path = name.count < value.count ? Word(value[(name.count + 1)...]) : nil
        let colon = name.lastIndex(of: UInt8(ascii: ":"))
        return Extern(name: colon.map { Word(name[($0 + 1)...]) } ?? name, path: path)
    }

    private static func searchPath(_ value: Word) throws(Bypass) -> SearchPath {
        let kinds: [(StaticString, SearchPath.Kind)] = [
            ("dependency=", .dependency), ("crate=", .crate), ("native=", .native), ("framework=", .framework),
            ("all=", .all),
        ]
        for (prefix, kind) in kinds where value.hasPrefix(prefix) {
            return SearchPath(kind: kind, path: Word(value[prefix.utf8CodeUnitCount...]))
        }
        // `@RUSTC_BUILTIN` is a place within the compiler.
        if value.first == UInt8(ascii: "@") { throw .unknownOption }
        return SearchPath(kind: .all, path: value)
    }

    /// `kind:modifiers=name:rename`, all but the name optional.
    private mutating func add(library value: Word) throws(Bypass) {
        guard let equals = value.firstIndex(of: UInt8(ascii: "=")) else { return }
        let kind = value[..<equals].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let name = Word(value[(equals + 1)...].prefix { $0 != UInt8(ascii: ":") })
        switch kind.first.map({ Word($0) }) {
        case .some(let kind) where kind.equals("dylib"): return
        case .some(let word) where word.equals("static"):
            let modifiers = kind.count > 1 ? Word(kind[1]) : []
            let isVerbatim = modifiers.firstIndex(of: Word("+verbatim")) != nil
            staticLibraries.append(StaticLibrary(name: name, isVerbatim: isVerbatim))
        default: throw .unknownOption
        }
    }

    private mutating func add(codegen value: Word) throws(Bypass) {
        let name = Word(value.prefix { $0 != UInt8(ascii: "=") })
        let setting = name.count < value.count ? Word(value[(name.count + 1)...]) : []
        switch RustcOptions.codegen(name) {
        case .keyed: break
        case .units: hasSeveralUnits = !setting.equals("1")
        case .bypass(let cause): throw cause
        case .extraFilename: extraFilename = setting
        case .incremental: incremental = setting
        case .linker: linker = setting
        case .linkArgument: linkArguments.append(setting)
        case .linkArguments: linkArguments += setting.split(separator: 32).map { Word($0) }
        case .profile: files.append(setting)
        case .processor: if setting.equals("native") { isForThisProcessor = true }
        case .splitDebug: if !setting.equals("off") { throw .sideOutput }
        case .coverage: hasCompressedPaths = true
        }
    }
}
