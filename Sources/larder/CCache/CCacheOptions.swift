internal import Terminal

/// An option of ccache's command line.
struct CCacheOption: Sendable {
    let short: Character?
    let name: String
    /// What to call its value, for an option that has one.
    let value: String?
    let summary: String

    init(_ short: Character?, _ name: String, _ value: String? = nil, _ summary: String) {
        (self.short, self.name, self.value, self.summary) = (short, name, value, summary)
    }

    static let all: [CCacheOption] = [
        CCacheOption("c", "cleanup", nil, "remove what is beyond the limit, and leftovers"),
        CCacheOption("C", "clear", nil, "remove everything but the settings"),
        CCacheOption(nil, "config-path", "PATH", "use this configuration file"),
        CCacheOption("d", "dir", "PATH", "use the cache in PATH/larder"),
        CCacheOption(nil, "directory", "PATH", "the same"),
        CCacheOption(nil, "evict-namespace", "NAMESPACE", "remove what belongs to NAMESPACE"),
        CCacheOption(nil, "evict-older-than", "AGE", "remove what was not used for so long: 7d, 12h, 30m, 90s"),
        CCacheOption("F", "max-files", "NUM", "kept in the configuration, without effect"),
        CCacheOption("M", "max-size", "SIZE", "limit the size: 5, 5G (GB), 5Gi (GiB); 0 for no limit"),
        CCacheOption("X", "recompress", "LEVEL", "without effect; see LARDER_COMPRESSION"),
        CCacheOption("o", "set-config", "KEY=VALUE", "set KEY in the configuration file"),
        CCacheOption("x", "show-compression", nil, "show how large the results are, and how they are kept"),
        CCacheOption("p", "show-config", nil, "show each option, its value and where that comes from"),
        CCacheOption(nil, "show-log-stats", nil, "not supported"),
        CCacheOption("s", "show-stats", nil, "show hits and misses; more with -v, everything with -vv"),
        CCacheOption("v", "verbose", nil, "show more"),
        CCacheOption("z", "zero-stats", nil, "begin to count anew"),
        CCacheOption(nil, "threads", "NUM", "without effect"),
        CCacheOption("h", "help", nil, "show this help"),
        CCacheOption("V", "version", nil, "show which ccache this stands for, and what it is"),
        CCacheOption(nil, "trim-dir", "PATH", "not supported"),
        CCacheOption(nil, "trim-max-size", "SIZE", "belongs to --trim-dir"),
        CCacheOption(nil, "trim-method", "METHOD", "belongs to --trim-dir"),
        CCacheOption(nil, "trim-recompress", "LEVEL", "belongs to --trim-dir"),
        CCacheOption(nil, "checksum-file", "PATH", "not supported"),
        CCacheOption(nil, "extract-result", "PATH", "not supported"),
        CCacheOption(nil, "format", "FORMAT", "how --print-stats prints: tab or json"),
        CCacheOption("k", "get-config", "KEY", "print the value of KEY"),
        CCacheOption(nil, "hash-file", "PATH", "not supported"),
        CCacheOption(nil, "inspect", "PATH", "not supported"),
        CCacheOption(nil, "print-log-stats", nil, "not supported"),
        CCacheOption(nil, "print-stats", nil, "print counters, one a line, for programs"),
        CCacheOption(nil, "print-version", nil, "print the version alone"),
    ]

    /// How messages name it.
    var shown: String { "--\(name)" }
}

/// The options of a command line, in the order in which they were given.
struct CCacheOptions {
    struct Given {
        let name: String
        /// Empty for an option without one.
        let value: [UInt8]
    }

    private(set) var given: [Given] = []

    /// Reads `words` as getopt_long(3) does.
    ///
    /// `-sv`, `-M5G`, `-M 5G`, `--max-size=5G`, `--max-s 5G`; words that are no options mean nothing.
    init(_ words: ArraySlice<[UInt8]>) throws(Failure) {
        var rest = words
        while let word = rest.popFirst() {
            if word.elementsEqual("--".utf8) { return }
            guard word.first == UInt8(ascii: "-"), word.count > 1 else { continue }
            if word[1] == UInt8(ascii: "-") {
                try take(long: word.dropFirst(2), &rest)
            } else {
                try take(short: word.dropFirst(), &rest)
            }
        }
    }

    func has(_ name: String) -> Bool { given.contains { $0.name == name } }
    func value(of name: String) -> [UInt8]? { given.last { $0.name == name }?.value }

    private mutating func take(long word: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>) throws(Failure) {
        let sign = word.firstIndex(of: UInt8(ascii: "="))
        let name = Text.shown(word[..<(sign ?? word.endIndex)])
        let exact = CCacheOption.all.filter { $0.name == name }
        let fitting = exact.isEmpty ? CCacheOption.all.filter { $0.name.hasPrefix(name) } : exact
        guard let option = fitting.first else { throw Failure(message: "unrecognized option '--\(name)'") }
        // `--dir` and `--directory` are one.
        guard fitting.allSatisfy({ $0.name.hasPrefix(option.name) }) else {
            throw Failure(message: "option '--\(name)' is ambiguous")
        }
        guard option.value != nil else {
            guard sign == nil else { throw Failure(message: "option '--\(option.name)' takes no value") }
            return given.append(Given(name: option.name, value: []))
        }
        if let sign {
            given.append(Given(name: option.name, value: Array(word[(sign + 1)...])))
        } else if let next = rest.popFirst() {
            given.append(Given(name: option.name, value: next))
        } else {
            throw Failure(message: "option '--\(option.name)' needs a value")
        }
    }

    private mutating func take(short word: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>) throws(Failure) {
        var letters = word
        while let letter = letters.popFirst() {
            let option = CCacheOption.all.first { $0.short?.asciiValue == letter }
            guard let option else { throw Failure(message: "unrecognized option '-\(Text.shown([letter]))'") }
            guard option.value != nil else {
                given.append(Given(name: option.name, value: []))
                continue
            }
            if !letters.isEmpty { return given.append(Given(name: option.name, value: Array(letters))) }
            guard let next = rest.popFirst() else {
                throw Failure(message: "option '-\(Text.shown([letter]))' needs a value")
            }
            return given.append(Given(name: option.name, value: next))
        }
    }
}
