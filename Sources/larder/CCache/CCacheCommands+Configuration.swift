internal import Files
internal import LarderStore
internal import Terminal

extension CCacheCommands {
    func showConfiguration() throws(Failure) {
        let larder = try larder()
        let lines = CCacheKey.allCases.map { key in
            let (value, origin) = shown(key, larder)
            return "(\(origin)) \(key.name) = \(Text.shown(value.utf8))\n"
        }
        try Console.print(lines.joined())
        remark()
    }

    func get(_ name: [UInt8]) throws(Failure) {
        let key = try key(name[...])
        try Console.print(shown(key, try larder()).value + "\n")
    }

    mutating func set(_ assignment: [UInt8]) throws(Failure) {
        guard let equals = assignment.firstIndex(of: UInt8(ascii: "=")) else {
            throw Failure(message: "missing equal sign in \"\(Text.shown(assignment))\"")
        }
        try set(try key(assignment[..<equals]), to: assignment[(equals + 1)...])
    }

    mutating func setMaximumSize(_ text: [UInt8]) throws(Failure) {
        try set(.maximumSize, to: text[...])
        guard let size = CCacheSize(text[...]) else { return }
        try Console.print(size.bytes > 0 ? "Set cache size limit to \(size.description)\n" : "Unset cache size limit\n")
    }

    mutating func setMaximumFiles(_ text: [UInt8]) throws(Failure) {
        try set(.maximumFiles, to: text[...])
        let number = Int64(String(decoding: text, as: UTF8.self)) ?? 0
        try Console.print(number > 0 ? "Set cache file limit to \(number)\n" : "Unset cache file limit\n")
        if number > 0 { Console.complain("note: Larder limits the size, and not the number of files", as: "ccache") }
    }

    // MARK: - Values

    private func key(_ name: ArraySlice<UInt8>) throws(Failure) -> CCacheKey {
        if let key = CCacheKey(name: name) { return key }
        throw Failure(message: "unknown configuration option \"\(Text.shown(name))\"")
    }

    /// The value that holds, and who says so.
    private func shown(_ key: CCacheKey, _ larder: Settings) -> (value: String, origin: String) {
        let configuration = settings.configuration
        if settings.holds(key), key != .cacheDirectory {
            let isSize = key == .maximumSize
            let value = isSize ? configuration.maximumSize?.description ?? "" : configuration.text(of: key)
            return (value, origin(of: key))
        }
        guard let setting = Self.setting(key) else { return ("\(key.builtin)", "default") }
        let value: String
        switch key {
        case .maximumSize:
            let store = EntryStore(at: larder.directory, options: larder.storeOptions)
            value = CCacheSize(bytes: store.maximumSize).description
        case .compression: value = "\(larder.compression != .none)"
        default: value = larder.value(of: setting)
        }
        if key == .cacheDirectory, settings.holds(key) { return (value, origin(of: key)) }
        switch larder.source(of: setting) {
        case .environment(let variable) where variable.hasPrefix("LARDER_"): return (value, "environment")
        case .file(let path): return (value, path.description)
        default: return (value, "default")
        }
    }

    private func origin(of key: CCacheKey) -> String {
        switch settings.configuration.origin(of: key) {
        case .builtin: "default"
        case .system: CCacheConfiguration.systemPath.description
        case .file: settings.configuration.path?.description ?? "default"
        // An option says the same as a variable.
        case .environment, .commandLine: "environment"
        }
    }

    /// Larder's setting of the same meaning.
    private static func setting(_ key: CCacheKey) -> SettingKey? {
        switch key {
        case .cacheDirectory: .directory
        case .maximumSize: .maximumSize
        case .baseDirectory: .baseDirectory
        case .disable: .disable
        case .readOnly: .readOnly
        case .recache: .recache
        case .logFile: .log
        case .compression: .compression
        default: nil
        }
    }

    // MARK: - Changing

    /// Sets an option in the configuration file; every other line of it is kept.
    private mutating func set(_ key: CCacheKey, to value: ArraySlice<UInt8>) throws(Failure) {
        if !value.isEmpty || key.form == .size || key.form == .number, let fault = key.fault(of: value) {
            throw Failure(message: fault)
        }
        guard !value.contains(UInt8(ascii: "\n")) else { throw Failure(message: "a value must be one line") }
        guard let path = settings.configuration.path else {
            throw Failure(message: "there is no place for the configuration file: set HOME or CCACHE_CONFIGPATH")
        }
        do throws(SystemError) {
            let place = path.isAbsolute ? path : path.resolved(in: try Directory.current())
            let destination = Directory.realPath(place) ?? place
            try Directory.make(destination.parent)
            let isThere = FileStatus.of(destination)
            let old = isThere == nil ? [] : try SmallFile.read(destination)
            let entry = try TemporaryEntry(beside: destination, mode: isThere.map { $0.mode & 0o777 } ?? 0o644)
            try entry.file.write(CCacheFile(old).content(setting: key.name, to: value))
            try entry.publish()
        } catch {
            throw Failure(message: "the configuration file cannot be changed: \(error)")
        }
        reload()
        if key == .maximumSize { try limitCache() }
        if !settings.holds(key) || settings.configuration.origin(of: key) == .environment, !value.isEmpty {
            Console.complain("note: a variable of the environment wins over \(key.name) in \(path)", as: "ccache")
        }
    }

    /// The limit belongs to the cache, whoever sweeps it: `larder gc` goes by the same one.
    private func limitCache() throws(Failure) {
        guard settings.holds(.maximumSize), case .variable(_, let value) = settings.use(of: .maximumSize) else {
            return
        }
        let larder = try larder()
        do throws(Settings.EditError) {
            try Settings.edit(.maximumSize, to: value, in: larder.directory, lock: larder.lockOptions)
        } catch {
            let place = larder.directory.appending("larder.conf")
            Console.complain("note: the limit could not be set in \(place) as well", as: "ccache")
        }
    }
}
