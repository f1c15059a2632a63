/// What the words of a linker's command line say.
struct LinkWords {
    /// Objects, archives, libraries and scripts that are named.
    private(set) var inputs: [Word] = []
    /// Libraries to be searched for, without `-l`.
    private(set) var libraries: [Word] = []
    /// Where they are searched, in order.
    private(set) var directories: [Word] = []
    /// Where those are searched that libraries need themselves.
    private(set) var neededDirectories: [Word] = []
    private(set) var output = Word("a.out")
    private(set) var map: Word?
    private(set) var dependencyFile: Word?

    init(_ words: [Word]) throws(Bypass) {
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.first == UInt8(ascii: "-"), word.count > 1 else {
                guard !word.isEmpty, word.first != UInt8(ascii: "-") else { throw .standardInput }
                // Words for the linker alone, which would have to be read as its own are.
                guard word.first != UInt8(ascii: "@") else { throw .responseFile }
                inputs.append(word)
                continue
            }
            guard let (rule, own, takesNext) = LinkerOptions.rule(for: word) else { throw .linkerOption }
            var value = own ?? []
            if takesNext {
                guard index < words.count else { throw .linkerOption }
                value = words[index]
                index += 1
            }
            try note(rule, value)
        }
        guard !inputs.isEmpty else { throw .noSource }
    }

    private mutating func note(_ rule: LinkerOptions.Rule, _ value: Word) throws(Bypass) {
        // Relative to a system root, or a number that is different each time.
        if value.first == UInt8(ascii: "="), rule.meaning != .keyed { throw .linkerOption }
        if value.hasPrefix("$SYSROOT") || value.equals("uuid") { throw .linkerOption }
        switch rule.meaning {
        case .keyed: break
        case .plugin: if !LinkerOptions.isHarmless(pluginOption: value) { throw .linkerOption }
        case .input: inputs.append(value)
        case .output: output = value
        case .map:
            guard !value.equals("-"), !value.contains(UInt8(ascii: "%")) else { throw .linkerOption }
            map = value
        case .dependencyFile: dependencyFile = value
        case .library: libraries.append(value)
        case .directory: directories.append(value)
        case .neededDirectories: neededDirectories += Self.list(value)
        case .bypass: throw .linkerOption
        }
    }

    /// The directories of a list with colons; an empty one is the working directory.
    static func list(_ text: Word) -> [Word] {
        text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            $0.isEmpty ? Word(".") : Word($0)
        }
    }
}
