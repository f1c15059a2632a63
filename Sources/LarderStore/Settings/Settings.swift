package import Files

/// What the user has chosen: a flag wins over a `LARDER_*` variable, that over `larder.conf`, that over the default.
///
/// A variable that is set but empty counts as not set. Loading takes a look at a dozen variables and three system
/// calls, so the launcher can afford it on every hit.
package struct Settings: Sendable {
    /// Where a value comes from.
    package enum Source: Hashable, Sendable {
        case flag
        /// The name of the variable.
        case environment(String)
        case file(Path)
        case builtin
    }

    /// How the parts of an entry are stored; the raw values stand in `larder.conf`.
    package enum Compression: String, CaseIterable, Sendable {
        /// As they are: decoding an object would cost more than copying it.
        case none
        case zstd
    }

    /// The cache's home, always absolute, which need not exist.
    package let directory: Path
    /// Nil for the store's own rule: 5 % of the file system, but at least 5 GiB and at most 100 GiB.
    package let maximumSize: SizeLimit?
    /// A directory, always absolute: paths below it are taken as relative, so that checkouts share entries.
    package let baseDirectory: Path?
    /// Every compiler runs as given.
    package let isDisabled: Bool
    /// Nothing is stored, removed or counted.
    package let isReadOnly: Bool
    /// Nothing is looked up; results are stored anew.
    package let recache: Bool
    /// A failing cache fails the user's work.
    package let isStrict: Bool
    /// A file that gets a line for every decision; a relative one is seen from the working directory.
    package let log: Path?
    package let compression: Compression

    /// Keys in `larder.conf` that nobody knows: worth a warning from a command, never from a launcher.
    package var unknownKeys: [(key: String, line: Int)] { file.unknownKeys }

    let file: SettingsFile
    /// In the order of ``SettingKey/allCases``.
    private let sources: [Source]

    /// Reads the settings of this process; `flags` holds what its command line says.
    ///
    /// `environment` is asked for the value of a variable.
    package static func load(
        flags: [SettingKey: [UInt8]] = [:],
        environment: @escaping (StaticString) -> [UInt8]? = Environment.value
    ) throws(SettingsError) -> Settings {
        let outside = Outside(flags: flags, environment: environment)
        do {
            return try Settings(outside)
        } catch {
            // Strictness in the file counts only when the file could be read, so it asks the environment alone.
            var error = error
            if let (value, _) = outside.value(of: .strict) { error.isStrict = Self.boolean(value) ?? true }
            throw error
        }
    }

    /// Where the cache is, whatever else is set and however wrong it may be.
    package static func directory(
        flags: [SettingKey: [UInt8]] = [:],
        environment: @escaping (StaticString) -> [UInt8]? = Environment.value
    ) throws(SettingsError) -> Path {
        try Outside(flags: flags, environment: environment).directory().0
    }

    private init(_ outside: Outside) throws(SettingsError) {
        var sources = [Source](repeating: .builtin, count: SettingKey.allCases.count)
        (directory, sources[0]) = try outside.directory()
        let file = try SettingsFile(in: directory)
        self.file = file

        var index = 1
        func next<Value>(_ key: SettingKey, _ parse: (ArraySlice<UInt8>) -> Value?) throws(SettingsError) -> Value? {
            defer { index += 1 }
            var found = outside.value(of: key)
            if found == nil, let value = file[key] { found = (value, .file(file.path)) }
            guard let (text, source) = found else { return nil }
            guard let value = parse(text), Self.accepts(text, for: key, from: source) else {
                throw .invalid(key, text, from: source)
            }
            sources[index] = source
            return value
        }
        maximumSize = try next(.maximumSize) { SizeLimit(parsing: $0) }
        baseDirectory = try next(.baseDirectory, Self.absolutePath)
        isDisabled = try next(.disable, Self.boolean) ?? false
        isReadOnly = try next(.readOnly, Self.boolean) ?? false
        recache = try next(.recache, Self.boolean) ?? false
        isStrict = try next(.strict, Self.boolean) ?? false
        log = try next(.log) { Path(bytes: $0) }
        compression = try next(.compression, Self.compression) ?? .none
        self.sources = sources
    }

    /// Where the value of `key` comes from.
    package func source(of key: SettingKey) -> Source {
        SettingKey.allCases.firstIndex(of: key).map { sources[$0] } ?? .builtin
    }

    /// The value of `key` as `larder.conf` would have it; empty where there is none.
    package func value(of key: SettingKey) -> String {
        switch key {
        case .directory: directory.description
        case .maximumSize: maximumSize?.description ?? ""
        case .baseDirectory: baseDirectory?.description ?? ""
        case .disable: "\(isDisabled)"
        case .readOnly: "\(isReadOnly)"
        case .recache: "\(recache)"
        case .strict: "\(isStrict)"
        case .log: log?.description ?? ""
        case .compression: compression.rawValue
        }
    }

    /// Every setting with its value and where that comes from.
    package var table: [(key: SettingKey, value: String, source: Source)] {
        SettingKey.allCases.map { ($0, value(of: $0), source(of: $0)) }
    }

    /// The limit in bytes, or nil for the store's own rule.
    ///
    /// A share takes one statvfs(2) of the nearest directory that exists: for whoever publishes, not for a hit.
    package var maximumBytes: Int64? {
        guard let maximumSize else { return nil }
        if case .bytes(let bytes) = maximumSize { return bytes }
        var place = directory
        while true {
            if let system = try? FileSystem.of(place) { return maximumSize.bytes(of: system.capacity) }
            if place.parent == place { return nil }
            place = place.parent
        }
    }
}

// MARK: - Reading values

extension Settings {
    /// What comes from outside the file.
    fileprivate struct Outside {
        let flags: [SettingKey: [UInt8]]
        let environment: (StaticString) -> [UInt8]?

        func value(of key: SettingKey) -> (ArraySlice<UInt8>, Source)? {
            if !flags.isEmpty, let value = flags[key] { return (value[...], .flag) }
            guard let value = environment(key.variable), !value.isEmpty else { return nil }
            return (value[...], .environment(key.variable.description))
        }

        func directory() throws(SettingsError) -> (Path, Source) {
            if let (value, source) = value(of: .directory) {
                guard let path = absolutePath(value) else { throw .invalid(.directory, value, from: source) }
                return (path, source)
            }
            // The XDG specification has relative paths ignored.
            if let path = environment("XDG_CACHE_HOME").flatMap({ absolutePath($0[...]) }) {
                return (path.appending("larder"), .environment("XDG_CACHE_HOME"))
            }
            guard let home = environment("HOME").flatMap({ absolutePath($0[...]) }) else { throw .homeless }
            return (home.appending(".cache/larder"), .builtin)
        }
    }

    static func absolutePath(_ text: ArraySlice<UInt8>) -> Path? {
        text.first == UInt8(ascii: "/") ? Path(bytes: text) : nil
    }

    static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        let lower = text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        func isOne(of words: [StaticString]) -> Bool {
            words.contains { word in word.withUTF8Buffer { lower.elementsEqual($0) } }
        }
        if isOne(of: ["1", "true", "yes", "on"]) { return true }
        if isOne(of: ["0", "false", "no", "off"]) { return false }
        return nil
    }

    static func compression(_ text: ArraySlice<UInt8>) -> Compression? {
        Compression.allCases.first { text.elementsEqual($0.rawValue.utf8) }
    }

    /// Whether a value that parses may also stand where it does: in the file a path is absolute, because nobody
    /// can tell from which directory a relative one would be seen.
    static func accepts(_ text: ArraySlice<UInt8>, for key: SettingKey, from source: Source) -> Bool {
        guard key == .log, case .file = source else { return true }
        return absolutePath(text) != nil
    }
}
