package import Files

/// What the user has chosen: a flag wins over a `LARDER_*` variable, that over a project's `.larder.conf`, that over
/// `larder.conf` in the cache's directory, that over the system's, that over the default.
///
/// A variable that is set but empty counts as not set. Loading takes a look at some thirty variables, four system calls, and
/// one for each directory from the working directory upwards, so the launcher can afford it on every hit.
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
    /// `-ffile-prefix-map` replaces these directories in what compilers write, so that checkouts share entries.
    package let baseDirectories: BaseDirectories
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
    /// Large outputs are hard links to files of the cache.
    package let linksOutputs: Bool
    /// A cache directory that belongs to another user is used.
    package let trustsOwner: Bool
    /// Results of two namespaces never meet; empty for none.
    package let namespace: [UInt8]
    /// The words that are put before a compiler that has to run.
    package let prefixCommand: [[UInt8]]
    /// Files whose content counts for every result.
    package let extraInputs: [Path]
    /// Options of compilers that do not count, each with a `*` at its end for all that begin so.
    package let ignoredOptions: [[UInt8]]
    /// Results that hold the time of their making are kept.
    package let ignoresTimeMacros: Bool
    /// The addresses of caches that other machines share; empty for none.
    ///
    /// What they mean is known to `larder-remote`. May hold a password.
    package let remote: [UInt8]
    /// When results are sent there.
    package let remoteWrite: RemoteWrite
    /// The public keys of those whose results are believed; empty for everybody's.
    package let remoteTrust: [[UInt8]]
    /// The file with the private key that signs what is sent.
    package let remoteKey: Path?
    /// One of so many hits is made again and compared with what is kept; 0 for none.
    package let verifiedShare: Int
    /// Where the daemon shows its counts; nil for nowhere.
    package let metrics: MetricsAddress?
    /// What the results of namespaces may take of the disk.
    package let namespaceSizes: NamespaceSizes
    /// See ``webSource(_:)``.
    private let jdkMirrorURL: [UInt8]
    private let jdkFoojayURL: [UInt8]

    /// Lines in files of settings that count for nothing: worth a warning from a command, never from a launcher.
    package var ignoredLines: [SettingsFile.IgnoredLine] {
        project.ignoredLines + file.ignoredLines + system.ignoredLines
    }

    let project: SettingsFile
    let file: SettingsFile
    let system: SettingsFile
    /// The raw value of each setting's ``Origin``, in the order of ``SettingKey/allCases``.
    private let origins: [UInt8]

    /// Reads the settings of this process; `flags` holds what its command line says.
    ///
    /// Throws also where the cache directory may not be used. Who most often only reads there does without the look at what it
    /// holds, and calls ``checkDirectory()`` before anything is written.
    ///
    /// `directory` is the working directory, whose project may have settings of its own; nil for none. `environment` is asked
    /// for the value of a variable.
    package static func load(
        flags: [SettingKey: [UInt8]] = [:],
        in directory: Path? = nil,
        checksContent: Bool = true,
        environment: @escaping (StaticString) -> [UInt8]? = Environment.value
    ) throws(SettingsError) -> Settings {
        let outside = Outside(flags: flags, environment: environment)
        do throws(SettingsError) {
            let settings = try Settings(outside, directory)
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
        let outside = Outside(flags: flags, environment: environment)
        return try outside.directory(try outside.system(), &origin)
    }

    /// Makes sure, before anything is written, that the cache directory holds a cache, or nothing but files of ours.
    package func checkDirectory() throws(SettingsError) { try CacheDirectory.checkContent(of: directory) }

    /// Whether this process uses a cache directory of another user's.
    package static func trustsOwner(_ environment: (StaticString) -> [UInt8]? = Environment.value) -> Bool {
        environment(SettingKey.trustOwner.variable).flatMap { boolean($0[...]) } ?? false
    }

    private init(_ outside: Outside, _ working: Path?) throws(SettingsError) {
        var origin = Origin.builtin
        let system = try outside.system()
        directory = try outside.directory(system, &origin)
        trustsOwner = Self.trustsOwner(outside.environment)
        let file = try outside.file(in: directory)
        let project =
            if let working {
                try ProjectSettings.load(for: working, trustsOwner: trustsOwner)
            } else {
                SettingsFile(missing: "/", scope: .project)
            }
        var origins = [UInt8](repeating: Origin.builtin.rawValue, count: SettingKey.count)
        origins[SettingKey.directory.rawValue] = origin.rawValue
        (self.project, self.file, self.system) = (project, file, system)

        func next<Value>(_ key: SettingKey, _ parse: (ArraySlice<UInt8>) -> Value?) throws(SettingsError) -> Value? {
            var origin = Origin.builtin
            var text = outside.value(of: key, &origin)
            if text.isEmpty { (text, origin) = (project.value(of: key), .project) }
            if text.isEmpty { (text, origin) = (file.value(of: key), .file) }
            if text.isEmpty { (text, origin) = (system.value(of: key), .system) }
            if text.isEmpty { return nil }
            let isInFile = origin == .file || origin == .system
            guard let value = parse(text[...]), !isInFile || Self.isFitForFile(text[...], key) else {
                let path = origin == .project ? project.path : origin == .system ? system.path : file.path
                throw .invalid(key, text, from: Self.source(origin, of: key, path))
            }
            origins[key.rawValue] = origin.rawValue
            return value
        }
        maximumSize = try next(.maximumSize) { SizeLimit(parsing: $0) }
        // A path in a project's file is meant from where that lies.
        func place(_ key: SettingKey) -> Path? {
            var origin = Origin.builtin
            if !outside.value(of: key, &origin).isEmpty { return key == .extraInputs ? working : nil }
            return project.value(of: key).isEmpty ? nil : project.path.parent
        }
        baseDirectories =
            try next(.baseDirectory) { BaseDirectories(parsing: $0, in: place(.baseDirectory)) } ?? .none
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
        linksOutputs = try next(.hardLinks) { Self.boolean($0) } ?? false
        _ = try next(.trustOwner) { Self.boolean($0) }
        namespace = try next(.namespace) { $0.count > Self.longestNamespace ? nil : Array($0) } ?? []
        prefixCommand = try next(.prefixCommand) { Self.words($0) } ?? []
        extraInputs = try next(.extraInputs) { PathList.paths(of: $0, in: place(.extraInputs)) } ?? []
        ignoredOptions = try next(.ignoreOptions) { Self.words($0) } ?? []
        ignoresTimeMacros = try next(.timeMacros) { Self.isIgnore($0) } ?? false
        remoteWrite = try next(.remoteWrite) { Self.remoteWrite($0) } ?? .always
        remoteTrust = try next(.remoteTrust) { Self.publicKeys($0) } ?? []
        remoteKey = try next(.remoteKey) { Self.absolutePath($0) }
        verifiedShare = try next(.verifyHits) { Self.share($0) } ?? 0
        metrics = try next(.metrics) { MetricsAddress.Choice(parsing: $0) }?.address
        namespaceSizes = try next(.namespaceSizes) { NamespaceSizes(parsing: $0) } ?? NamespaceSizes()

        // Not checked here: what is wrong with them must not keep a compiler from its cache.
        func text(_ key: SettingKey) -> [UInt8] {
            var origin = Origin.builtin
            var text = outside.value(of: key, &origin)
            if origin == .builtin, outside.environment(key.variable) != nil { origin = .variable }
            if origin == .builtin, file.mentions(key) { (text, origin) = (file.value(of: key), .file) }
            if origin == .builtin, system.mentions(key) { (text, origin) = (system.value(of: key), .system) }
            origins[key.rawValue] = origin.rawValue
            return text
        }
        (jdkMirrorURL, jdkFoojayURL) = (text(.jdkMirrorURL), text(.jdkFoojayURL))
        remote = text(.remote)
        self.origins = origins
    }

    /// Where the value of `key` comes from.
    package func source(of key: SettingKey) -> Source {
        let origin = Origin(rawValue: origins[key.rawValue]) ?? .builtin
        let path = origin == .project ? project.path : origin == .system ? system.path : file.path
        return Self.source(origin, of: key, path)
    }

    /// The value of `key` as `larder.conf` would have it; empty where there is none.
    package func value(of key: SettingKey) -> String {
        switch key {
        case .directory: directory.description
        case .maximumSize: maximumSize?.description ?? ""
        case .baseDirectory: baseDirectories.description
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
        case .hardLinks: "\(linksOutputs)"
        case .trustOwner: "\(trustsOwner)"
        case .namespace: String(decoding: namespace, as: UTF8.self)
        case .prefixCommand: Self.text(of: prefixCommand)
        case .extraInputs: PathList.text(of: extraInputs)
        case .ignoreOptions: Self.text(of: ignoredOptions)
        case .timeMacros: ignoresTimeMacros ? "ignore" : "keep"
        case .remote: Self.withoutSecrets(remote)
        case .remoteWrite: remoteWrite.rawValue
        case .remoteTrust: Self.text(of: remoteTrust)
        case .remoteKey: remoteKey?.description ?? ""
        case .verifyHits: verifiedShare == 0 ? "off" : "1/\(verifiedShare)"
        case .metrics: metrics?.description ?? "off"
        case .namespaceSizes: namespaceSizes.description
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
        case flag, variable, project, cacheHome, file, system, builtin
    }

    private static func source(_ origin: Origin, of key: SettingKey, _ file: Path) -> Source {
        switch origin {
        case .flag: .flag
        case .variable: .environment("\(key.variable)")
        case .cacheHome: .environment("XDG_CACHE_HOME")
        case .project, .file, .system: .file(file)
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
            let system = try? system()
            if text.isEmpty, let system, let directory = try? directory(system, &origin),
                let file = try? file(in: directory)
            {
                text = file.value(of: .strict)
            }
            if text.isEmpty { text = system?.value(of: .strict) ?? [] }
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

        /// The settings of everybody on this machine.
        fileprivate func system() throws(SettingsError) -> SettingsFile {
            let given = environment("LARDER_SYSTEM_CONFIG").flatMap { absolutePath($0[...]) }
            return try SettingsFile.system(at: given ?? "/etc/larder.conf")
        }

        fileprivate func directory(_ system: SettingsFile, _ origin: inout Origin) throws(SettingsError) -> Path {
            var given = value(of: .directory, &origin)
            if given.isEmpty { (given, origin) = (system.value(of: .directory), .system) }
            if !given.isEmpty {
                if let path = absolutePath(given[...]) { return path }
                throw .invalid(.directory, given, from: source(origin, of: .directory, system.path))
            }
            origin = .builtin
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

    /// The words of a value, with blanks between them; nil where there is none.
    static func words(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
        let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { Array($0) }
        return words.isEmpty ? nil : words
    }

    private static func text(of words: [[UInt8]]) -> String {
        String(decoding: Array(words.joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
    }

    static func isIgnore(_ text: ArraySlice<UInt8>) -> Bool? {
        if StaticString("ignore").isSpelled(by: text) { return true }
        return StaticString("keep").isSpelled(by: text) ? false : nil
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
