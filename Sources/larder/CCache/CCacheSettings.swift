internal import Files
internal import LarderStore

/// ccache's configuration in the words of Larder's settings.
///
/// What ccache's options say becomes variables of this process, where nobody has set them: so everything behind the
/// front, the daemon included, has to know of Larder's settings only. A variable that Larder does not know is ignored.
struct CCacheSettings {
    /// What became of an option.
    enum Use {
        /// It is a setting of Larder's, which this variable holds.
        case variable(StaticString, [UInt8])
        /// Larder does it anyway, or it makes no difference to the result.
        case settled
        /// Larder has nothing of the kind.
        case missing
    }

    let configuration: CCacheConfiguration

    /// Sets the variables.
    ///
    /// - Parameter isExplicit: the cache's directory was named on the command line, and wins over `LARDER_DIR`.
    func apply(isExplicit: Bool = false) {
        forEachVariable { key, name, value in
            let wins = isExplicit && key == .cacheDirectory
            if wins || (Environment.value(name) ?? []).isEmpty { Environment.set(name, to: value) }
        }
    }

    /// Takes back what ``apply(isExplicit:)`` has set.
    func withdraw() {
        forEachVariable { _, name, value in
            if Environment.value(name) == value { Environment.set(name, to: []) }
        }
    }

    /// Whether `key` is set, and nothing of Larder's own wins over it.
    func holds(_ key: CCacheKey) -> Bool {
        guard configuration.origin(of: key) != .builtin else { return false }
        guard case .variable(let name, let value) = use(of: key) else { return true }
        return Environment.value(name) == value
    }

    private func forEachVariable(_ body: (CCacheKey, StaticString, [UInt8]) -> Void) {
        var index = 0
        while let key = CCacheKey(rawValue: index) {
            index += 1
            guard configuration.origin(of: key) != .builtin, case .variable(let name, let value) = use(of: key) else {
                continue
            }
            body(key, name, value)
        }
    }

    /// What becomes of `key`, which somebody has set.
    func use(of key: CCacheKey) -> Use {
        let value = configuration.value(of: key)
        func truth(_ name: StaticString) -> Use { .variable(name, Array((configuration.isOn(key) ? "1" : "0").utf8)) }
        if value.isEmpty { return .settled }
        switch key {
        case .cacheDirectory: return directory(value).map { .variable("LARDER_DIR", Array($0.bytes)) } ?? .missing
        case .baseDirectory: return .variable("LARDER_BASE_DIR", value)
        case .maximumSize: return .variable("LARDER_MAX_SIZE", limit)
        case .disable: return truth("LARDER_DISABLE")
        case .readOnly:
            let isOn = configuration.isOn(key) || configuration.isOn(.readOnlyDirect)
            return .variable("LARDER_READONLY", Array((isOn ? "1" : "0").utf8))
        // Larder finds everything without the preprocessor.
        case .readOnlyDirect: return configuration.isOn(key) ? truth("LARDER_READONLY") : .settled
        case .recache: return truth("LARDER_RECACHE")
        case .hardLink: return truth("LARDER_HARD_LINKS")
        case .logFile: return value == Array("syslog".utf8) ? .missing : .variable("LARDER_LOG", value)
        case .compression:
            return .variable("LARDER_COMPRESSION", Array((configuration.isOn(key) ? "zstd" : "none").utf8))
        case .namespace: return .variable("LARDER_NAMESPACE", value)
        case .prefixCommand: return .variable("LARDER_PREFIX_COMMAND", value)
        case .extraFiles: return .variable("LARDER_EXTRA_INPUTS", value)
        case .ignoreOptions: return .variable("LARDER_IGNORE_OPTIONS", value)
        case .sloppiness:
            // What else may be overlooked Larder looks at, which is never wrong.
            let words = value.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == 0x20 })
            guard words.contains(where: { ("time_macros" as StaticString).isWord($0) }) else { return .settled }
            return .variable("LARDER_TIME_MACROS", Array("ignore".utf8))
        case .compilerCheck:
            let check = String(decoding: value, as: UTF8.self)
            return ["content", "mtime", "none"].contains(check) ? .settled : .missing
        case .hashDirectory:
            // Without a base directory a result that names its directory holds there only.
            return configuration.isOn(key) || !configuration.value(of: .baseDirectory).isEmpty ? .settled : .missing
        case .maximumFiles: return value == [UInt8(ascii: "0")] ? .settled : .missing
        case .absolutePathsInStderr, .debug, .remoteOnly: return configuration.isOn(key) ? .missing : .settled
        case .extension_, .debugDirectory, .ignoreHeaders, .preprocessorPrefix, .remoteStorage, .statisticsLog, .umask:
            return .missing
        case .compiler, .compilerType, .compressionLevel, .debugLevel, .dependMode, .directMode, .fileClone,
            .inodeCache, .keepComments, .limitMultiple, .messagePrefix, .path, .precompiledHeaderSum, .reshare,
            .responseFileFormat, .secondPreprocessing, .statistics, .temporaryDirectory:
            return .settled
        }
    }

    /// What the user is told of settings that do nothing here; nil where all of them do.
    var remark: String? {
        let missing = CCacheKey.allCases.filter { key in
            guard configuration.origin(of: key) != .builtin, case .missing = use(of: key) else { return false }
            return true
        }
        var sentences = configuration.problems.map { "\($0); it is ignored" }
        if !missing.isEmpty {
            let names = missing.map { "\($0.name)" }.joined(separator: ", ")
            sentences.append("Larder has no such thing as \(names), which \(missing.count == 1 ? "is" : "are") ignored")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
    }

    /// Larder's directory in ccache's: what is ccache's own there stays as it is.
    ///
    /// `ccache -k cache_dir` says where Larder's is, and whoever sets `CCACHE_DIR` to that gets the same.
    private func directory(_ given: [UInt8]) -> Path? {
        var path = Path(bytes: given)
        if !path.isAbsolute {
            guard let current = try? Directory.current() else { return nil }
            path = path.resolved(in: current)
        }
        guard path.name.elementsEqual("larder".utf8), FileStatus.of(path.appending("ccache.conf")) == nil else {
            return path.appending("larder")
        }
        let isOurs = FileStatus.of(path.appending("format")) != nil || ((try? Directory.names(in: path)) ?? []).isEmpty
        return isOurs ? path : path.appending("larder")
    }

    /// `max_size` as Larder has it, where no limit is the whole file system.
    private var limit: [UInt8] {
        guard let size = configuration.maximumSize, size.bytes > 0 else { return Array("100%".utf8) }
        return Array("\(size.bytes)".utf8)
    }
}
