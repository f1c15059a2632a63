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
    /// How long to wait for a lock, in nanoseconds; `Int64.max` is for ever.
    package let lockNanoseconds: Int64
    /// What keeps locks.
    package let lockMode: LockMode
    /// A daemon may be asked, and started, to store what was compiled.
    package let usesDaemon: Bool
    /// How long a daemon stays when nobody talks to it, in nanoseconds; `Int64.max` is for ever.
    package let daemonIdleNanoseconds: Int64
    /// Processes that miss the same result wait for the first of them to make it.
    package let isSingleFlight: Bool
    /// Linkers and archivers are cached as compilers are.
    package let cachesLinks: Bool
    /// A cache directory that belongs to another user is used.
    package let trustsOwner: Bool
    /// See ``webSource(_:)``.
    private let jdkMirrorURL: [UInt8]
    private let jdkFoojayURL: [UInt8]

    /// Keys in `larder.conf` that nobody knows: worth a warning from a command, never from a launcher.
    package var unknownKeys: [(key: String, line: Int)] { file.unknownKeys }

    let file: SettingsFile
    /// The raw value of each setting's ``Origin``, in the order of ``SettingKey/allCases``.
    private let origins: [UInt8]

    /// Reads the settings of this process; `flags` holds what its command line says.
    ///
    /// Throws also where the cache directory may not be used. Who most often only reads there does without the look at what it
    /// holds, and calls ``checkDirectory()`` before anything is written.
    ///
    /// `environment` is asked for the value of a variable.
    package static func load(
        flags: [SettingKey: [UInt8]] = [:],
        checksContent: Bool = true,
        environment: @escaping (StaticString) -> [UInt8]? = Environment.value
    ) throws(SettingsError) -> Settings {
        let outside = Outside(flags: flags, environment: environment)
        do throws(SettingsError) {
            let settings = try Settings(outside)
            if checksContent { try CacheDirectory.checkContent(of: settings.directory) }
            return settings
        } catch {
            var failure = error
            failure.isStrict = outside.isStrict
            throw failure
        }
    }

    /// Where the cache is, whatever else is set and however wrong it may be.
    package static func directory(
        flags: [SettingKey: [UInt8]] = [:],
        environment: @escaping (StaticString) -> [UInt8]? = Environment.value
    ) throws(SettingsError) -> Path {
        var origin = Origin.builtin
        return try Outside(flags: flags, environment: environment).directory(&origin)
    }

    /// Makes sure, before anything is written, that the cache directory holds a cache, or nothing but files of ours.
    package func checkDirectory() throws(SettingsError) { try CacheDirectory.checkContent(of: directory) }

    /// Whether this process uses a cache directory of another user's.
    package static func trustsOwner(_ environment: (StaticString) -> [UInt8]? = Environment.value) -> Bool {
        environment(SettingKey.trustOwner.variable).flatMap { boolean($0[...]) } ?? false
    }

    private init(_ outside: Outside) throws(SettingsError) {
        var origin = Origin.builtin
        directory = try outside.directory(&origin)
        trustsOwner = Self.trustsOwner(outside.environment)
        let file = try outside.file(in: directory)
        var origins = [UInt8](repeating: Origin.builtin.rawValue, count: SettingKey.count)
        origins[SettingKey.directory.rawValue] = origin.rawValue
        self.file = file

        func next<Value>(_ key: SettingKey, _ parse: (ArraySlice<UInt8>) -> Value?) throws(SettingsError) -> Value? {
            var origin = Origin.builtin
            var text = outside.value(of: key, &origin)
            if text.isEmpty { (text, origin) = (file.value(of: key), .file) }
            if text.isEmpty { return nil }
            guard let value = parse(text[...]), origin != .file || Self.isFitForFile(text[...], key) else {
                throw .invalid(key, text, from: Self.source(origin, of: key, file.path))
            }
            origins[key.rawValue] = origin.rawValue
            return value
        }
        maximumSize = try next(.maximumSize) { SizeLimit(parsing: $0) }
        baseDirectory = try next(.baseDirectory) { Self.absolutePath($0) }
        isDisabled = try next(.disable) { Self.boolean($0) } ?? false
        isReadOnly = try next(.readOnly) { Self.boolean($0) } ?? false
        recache = try next(.recache) { Self.boolean($0) } ?? false
        isStrict = try next(.strict) { Self.boolean($0) } ?? false
        log = try next(.log) { Path(bytes: $0) }
        compression = try next(.compression) { Self.compression($0) } ?? .none
        lockNanoseconds =
            try next(.lockTimeout) { LockTimeout.nanoseconds(parsing: $0) } ?? LockTimeout.standard.nanoseconds
        lockMode = try next(.lockMode) { Self.lockMode($0) } ?? .auto
        usesDaemon = try next(.daemon) { Self.isAuto($0) } ?? true
        daemonIdleNanoseconds =
            try next(.daemonIdle) { LockTimeout.nanoseconds(parsing: $0) } ?? Self.daemonIdleDefault
        isSingleFlight = try next(.singleFlight) { Self.boolean($0) } ?? true
        cachesLinks = try next(.cacheLink) { Self.boolean($0) } ?? false
        _ = try next(.trustOwner) { Self.boolean($0) }

        // Not checked here: what is wrong with them must not keep a compiler from its cache.
        func text(_ key: SettingKey) -> [UInt8] {
            var origin = Origin.builtin
            var text = outside.value(of: key, &origin)
            if origin == .builtin, outside.environment(key.variable) != nil { origin = .variable }
            if origin == .builtin, file.mentions(key) { (text, origin) = (file.value(of: key), .file) }
            origins[key.rawValue] = origin.rawValue
            return text
        }
        (jdkMirrorURL, jdkFoojayURL) = (text(.jdkMirrorURL), text(.jdkFoojayURL))
        self.origins = origins
    }

    /// Where the value of `key` comes from.
    package func source(of key: SettingKey) -> Source {
        Self.source(Origin(rawValue: origins[key.rawValue]) ?? .builtin, of: key, file.path)
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
        case .lockTimeout: LockTimeout.text(lockNanoseconds)
        case .lockMode: lockMode.rawValue
        case .daemon: usesDaemon ? "auto" : "off"
        case .daemonIdle: LockTimeout.text(daemonIdleNanoseconds)
        case .singleFlight: "\(isSingleFlight)"
        case .cacheLink: "\(cachesLinks)"
        case .trustOwner: "\(trustsOwner)"
        case .jdkMirrorURL: String(decoding: jdkMirrorURL, as: UTF8.self)
        case .jdkFoojayURL: String(decoding: jdkFoojayURL, as: UTF8.self)
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
            if let system = try? FileSystem.of(place) {
                // A share of what is not known is not known.
                return system.isMeasured ? maximumSize.bytes(of: system.capacity) : nil
            }
            if place.parent == place { return nil }
            place = place.parent
        }
    }
}

// MARK: - Reading values

extension Settings {
    /// A ``Source`` without what belongs to it, so that loading builds no strings.
    fileprivate enum Origin: UInt8 {
        case flag, variable, cacheHome, file, builtin
    }

    private static func source(_ origin: Origin, of key: SettingKey, _ file: Path) -> Source {
        switch origin {
        case .flag: .flag
        case .variable: .environment("\(key.variable)")
        case .cacheHome: .environment("XDG_CACHE_HOME")
        case .file: .file(file)
        case .builtin: .builtin
        }
    }

    /// What comes from outside the file.
    fileprivate struct Outside {
        let flags: [SettingKey: [UInt8]]
        let environment: (StaticString) -> [UInt8]?

        /// The value of `key`, or no bytes where there is none; `origin` is set where there is one.
        ///
        /// Not an optional structure: to destroy one, the compiler asks the runtime for its metadata, which takes ten
        /// times as long as everything else here together.
        fileprivate func value(of key: SettingKey, _ origin: inout Origin) -> [UInt8] {
            if !flags.isEmpty, let value = flags[key] {
                origin = .flag
                return value
            }
            guard let value = environment(key.variable), !value.isEmpty else { return [] }
            origin = .variable
            return value
        }

        /// Whether the user asked for `strict`, as far as that can be told when something else is wrong.
        fileprivate var isStrict: Bool {
            var origin = Origin.builtin
            var text = value(of: .strict, &origin)
            if text.isEmpty, let directory = try? directory(&origin), let file = try? file(in: directory) {
                text = file.value(of: .strict)
            }
            return text.isEmpty ? false : boolean(text[...]) ?? true
        }

        /// `larder.conf` of a cache directory that may be used.
        ///
        /// Where nobody else may write to the directory, nobody else has put the file there, which saves a look at its owner.
        fileprivate func file(in directory: Path) throws(SettingsError) -> SettingsFile {
            let trustsOwner = Settings.trustsOwner(environment)
            let status = try CacheDirectory.check(directory, trustsOwner: trustsOwner)
            let isOpen = status?.isOpenToOthers ?? false
            return try SettingsFile(in: directory, ownedBy: isOpen && !trustsOwner ? CurrentProcess.user : nil)
        }

        fileprivate func directory(_ origin: inout Origin) throws(SettingsError) -> Path {
            let given = value(of: .directory, &origin)
            if !given.isEmpty {
                if let path = absolutePath(given[...]) { return path }
                throw .invalid(.directory, given, from: source(origin, of: .directory, "larder.conf"))
            }
            // The XDG specification has relative paths ignored.
            if let value = environment("XDG_CACHE_HOME"), let path = absolutePath(value[...]) {
                origin = .cacheHome
                return path.appending("larder")
            }
            guard let value = environment("HOME"), let home = absolutePath(value[...]) else { throw .homeless }
            return home.appending(".cache/larder")
        }
    }

    static func absolutePath(_ text: ArraySlice<UInt8>) -> Path? {
        text.first == UInt8(ascii: "/") ? Path(bytes: text) : nil
    }

    static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        var lower = text
        for index in lower.indices where lower[index] >= UInt8(ascii: "A") && lower[index] <= UInt8(ascii: "Z") {
            lower[index] |= 0x20
        }
        func says(_ word: StaticString) -> Bool { word.isSpelled(by: lower) }
        if says("1") || says("true") || says("yes") || says("on") { return true }
        if says("0") || says("false") || says("no") || says("off") { return false }
        return nil
    }

    static func compression(_ text: ArraySlice<UInt8>) -> Compression? {
        if StaticString("none").isSpelled(by: text) { return Compression.none }
        return StaticString("zstd").isSpelled(by: text) ? .zstd : nil
    }

    /// An hour.
    fileprivate static var daemonIdleDefault: Int64 { 3_600_000_000_000 }

    static func isAuto(_ text: ArraySlice<UInt8>) -> Bool? {
        if StaticString("auto").isSpelled(by: text) { return true }
        // Also what a switch would be set to.
        return boolean(text)
    }

    static func lockMode(_ text: ArraySlice<UInt8>) -> LockMode? {
        if StaticString("auto").isSpelled(by: text) { return .auto }
        if StaticString("advisory").isSpelled(by: text) { return .advisory }
        return StaticString("lease").isSpelled(by: text) ? .lease : nil
    }

    /// Whether a value that parses may stand in `larder.conf`: a path there is absolute, because nobody can tell from
    /// which directory a relative one would be seen.
    static func isFitForFile(_ text: ArraySlice<UInt8>, _ key: SettingKey) -> Bool {
        key != .log || text.first == UInt8(ascii: "/")
    }
}
