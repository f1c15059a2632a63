internal import Files
internal import LarderStore

/// A command line of swiftc that compiles one module: what it reads, what it makes, and every word that counts.
struct SwiftInvocation: Sendable {
    /// Every word, in order, for the key.
    private(set) var words: [DriverRequest.KeyWord] = []
    private(set) var sources: [Word] = []
    /// Other files that the command line names.
    private(set) var inputs: [Word] = []
    /// Module maps that the command line names: their text is in the key, because SwiftPM writes the checkout's place into it.
    private(set) var moduleMaps: [Word] = []
    /// Where Swift modules and C headers are searched.
    private(set) var searched: [Word] = []
    /// Directories with macros.
    private(set) var pluginDirectories: [Word] = []
    /// Plugins, and directories of plugins, that are loaded into the compiler, and those that run beside it.
    private(set) var loadedPlugins: [Word] = []
    private(set) var startedPlugins: [Word] = []
    private(set) var maps: [PrefixMap] = []
    private(set) var moduleCache: Word?
    private(set) var indexStore: Word?
    private(set) var moduleName: Word?
    private(set) var outputMap: Word?
    private(set) var output: Word?
    private(set) var (isCompile, makesModule, isWhole, hasThreads) = (false, false, false, false)
    private(set) var (saysDependencies, saysMessages, hasDebugInformation) = (false, false, false)
    /// True for a module of tests, as SwiftPM compiles it.
    private(set) var isForTests = false
    private(set) var (modulePath, headerPath, sourceInfoPath): (Word?, Word?, Word?)
    private(set) var makesHeader = false
    private(set) var (makesSourceInfo, makesDiagnostics) = (true, false)

    /// Reads words in which response files are expanded.
    init(_ arguments: [Word]) throws(Bypass) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            // A comment in a response file.
            if word.hasPrefix("//") { throw .responseFile }
            guard word.first == UInt8(ascii: "-") else {
                guard word.hasSuffix(".swift"), word.count > 6 else { throw .otherInputs }
                sources.append(word)
                words.append(.path(word))
                continue
            }
            guard word.count > 1 else { throw .standardInput }
            guard let option = SwiftOptions.rule(for: word) else { throw .unknownOption }
            let value = try Self.value(of: word, option, &rest)
            try take(option, word, value, &rest)
        }
        guard isCompile || makesModule else { throw .noCompileStep }
        guard !sources.isEmpty else { throw .noSource }
        guard Set(sources).count == sources.count else { throw .severalSources }
    }

    private static func value(of word: Word, _ option: SwiftOption, _ rest: inout ArraySlice<Word>) throws(Bypass)
        -> Word
    {
        switch option.form {
        case .alone: return []
        case .joined: return Word(word[option.name.utf8CodeUnitCount...])
        case .joinedOrSeparate where word.count > option.name.utf8CodeUnitCount:
            return Word(word[option.name.utf8CodeUnitCount...])
        case .separate, .joinedOrSeparate:
            guard let value = rest.popFirst() else { throw .unknownOption }
            return value
        }
    }

    private mutating func take(_ option: SwiftOption, _ word: Word, _ value: Word, _ rest: inout ArraySlice<Word>)
        throws(Bypass)
    {
        var keyed = option.form == .alone || option.form == .joined ? [word] : [Word(option.name), value]
        switch option.meaning {
        case .keyed:
            words += keyed.map { .text($0) }
            return
        case .bypass(let cause): throw cause
        case .path: break
        case .search: searched.append(value)
        case .input: inputs.append(value)
        case .plugin:
            let plugin = Self.before(UInt8(ascii: "#"), in: value)
            inputs.append(plugin)
            if word.hasSuffix("library") { loadedPlugins.append(plugin) } else { startedPlugins.append(plugin) }
        case .pluginDirectory:
            let parts = value.split(separator: UInt8(ascii: "#")).map { Word($0) }
            guard let directory = parts.first else { throw .plugin }
            pluginDirectories.append(directory)
            inputs += parts.dropFirst()
            if parts.count > 1 { startedPlugins.append(directory) } else { loadedPlugins.append(directory) }
        case .prefixMap:
            guard let map = PrefixMap(value, .debug) else { throw .unknownOption }
            maps.append(map)
        case .compile: isCompile = true
        case .emitModule: makesModule = true
        case .modulePath: (makesModule, modulePath) = (true, value)
        case .sourceInfoPath: sourceInfoPath = value
        case .noSourceInfo: makesSourceInfo = false
        case .header: makesHeader = true
        case .headerPath: (makesHeader, headerPath) = (true, value)
        case .output: output = value
        case .outputMap:
            // Its text is read apart: it is full of the checkout's paths.
            outputMap = value
            keyed = [Word(option.name)]
        case .emitDependencies: saysDependencies = true
        case .serializeDiagnostics: makesDiagnostics = true
        case .wholeModule: isWhole = true
        case .batch: isWhole = false
        case .threads: hasThreads = !value.equals("0")
        case .moduleName: moduleName = value
        case .moduleCache: moduleCache = value
        case .messages: saysMessages = true
        case .indexStore: indexStore = value
        case .debug: hasDebugInformation = true
        case .processor: if value.equals("native") { throw .nativeProcessor }
        case .frontend:
            guard let hasValue = SwiftOptions.frontend(value) else { throw .frontendOption }
            if value.equals("-enable-cross-import-overlays") { isForTests = true }
            if hasValue {
                guard let dash = rest.popFirst(), dash.equals("-Xfrontend"), let next = rest.popFirst() else {
                    throw .frontendOption
                }
                keyed += [dash, next]
            }
        case .clang: keyed += try takeForClang(value, &rest)
        }
        words += keyed.map { .path($0) }
    }

    /// Takes a word for clang, and the next one where it is its value; what is new in the key.
    private mutating func takeForClang(_ word: Word, _ rest: inout ArraySlice<Word>) throws(Bypass) -> [Word] {
        for option in ["-I", "-isystem", "-iquote", "-F"] as [StaticString] where word.hasPrefix(option) {
            if word.count > option.utf8CodeUnitCount {
                searched.append(Word(word[option.utf8CodeUnitCount...]))
                return []
            }
            guard let dash = rest.popFirst(), dash.equals("-Xcc"), let value = rest.popFirst() else {
                throw .frontendOption
            }
            searched.append(value)
            return [dash, value]
        }
        let map = Word("-fmodule-map-file=")
        if word.starts(with: map) {
            moduleMaps.append(Word(word[map.count...]))
            return []
        }
        let prefixMap = Word("-fdebug-prefix-map=")
        if word.starts(with: prefixMap) {
            guard let map = PrefixMap(Word(word[prefixMap.count...]), .debug) else { throw .frontendOption }
            maps.append(map)
            return []
        }
        guard Self.isPlainForClang(word) else { throw .frontendOption }
        return []
    }

    /// True for options of clang that shape what headers mean, and nothing else.
    private static func isPlainForClang(_ word: Word) -> Bool {
        let names: [StaticString] = [
            "-fPIC", "-fpic", "-fPIE", "-fno-omit-frame-pointer", "-fomit-frame-pointer", "-fno-color-diagnostics",
            "-fcolor-diagnostics", "-fblocks", "-fno-common", "-fwrapv", "-fno-strict-aliasing", "-g", "-pthread", "-w",
        ]
        if names.contains(where: { word.equals($0) }) { return true }
        return word.hasPrefix("-D") || word.hasPrefix("-U") || word.hasPrefix("-std=") || word.hasPrefix("-O")
            || word.hasPrefix("-W") && !word.contains(UInt8(ascii: ","))
            || word.hasPrefix("-m") && !word.hasSuffix("=native") && !word.hasPrefix("-mllvm")
    }

    private static func before(_ byte: UInt8, in word: Word) -> Word { Word(word.prefix { $0 != byte }) }
}
