internal import Files
internal import LarderStore

/// What is set in ccache's way: the command line (`KEY=VALUE ccache's compiler`) wins over `CCACHE_*`, that over the cache's
/// `ccache.conf`, that over `/etc/ccache.conf`.
///
/// A value that cannot be used is as good as none, since no build may fail of it; ``problems`` has a sentence for each.
struct CCacheConfiguration {
    enum Origin: UInt8 { case builtin, system, file, environment, commandLine }

    static let systemPath: Path = "/etc/ccache.conf"

    /// The cache's configuration file, which need not exist; nil where nothing says where it would be.
    private(set) var path: Path?
    private(set) var problems: [String] = []
    /// By the keys' raw values.
    private var values = [[UInt8]](repeating: [], count: CCacheKey.count)
    private var origins = [UInt8](repeating: Origin.builtin.rawValue, count: CCacheKey.count)

    /// - Parameters:
    ///   - words: `KEY=VALUE` of the command line.
    ///   - directory: what an option says in place of `CCACHE_DIR`.
    ///   - file: what an option says in place of `CCACHE_CONFIGPATH`.
    init(words: [[UInt8]] = [], directory: [UInt8]? = nil, file: [UInt8]? = nil) {
        readEnvironment()
        if let directory { (values[.cacheDirectory], origins[.cacheDirectory]) = (directory, .commandLine) }
        let given = file ?? Environment.value("CCACHE_CONFIGPATH") ?? []
        if given.isEmpty {
            read(Self.systemPath, as: .system)
            path = ownPath
        } else {
            path = Path(bytes: given)
        }
        if let path { read(path, as: .file) }
        for word in words { take(word) }
    }

    func value(of key: CCacheKey) -> [UInt8] { values[key] }
    func text(of key: CCacheKey) -> String { String(decoding: values[key], as: UTF8.self) }
    func origin(of key: CCacheKey) -> Origin { Origin(rawValue: origins[key.rawValue]) ?? .builtin }
    func isOn(_ key: CCacheKey) -> Bool { ("true" as StaticString).isWord(values[key][...]) }

    /// The size that `max_size` says.
    var maximumSize: CCacheSize? { CCacheSize(values[.maximumSize][...]) }

    // MARK: - Reading

    /// Where ccache keeps the settings of one cache.
    private var ownPath: Path? {
        if !values[.cacheDirectory].isEmpty { return Path(bytes: values[.cacheDirectory]).appending("ccache.conf") }
        let home = Environment.value("HOME").flatMap { $0.isEmpty ? nil : Path(bytes: $0) }
        if let home, FileStatus.of(home.appending(".ccache"))?.kind == .directory {
            return home.appending(".ccache/ccache.conf")
        }
        if let configuration = Environment.value("XDG_CONFIG_HOME"), !configuration.isEmpty {
            return Path(bytes: configuration).appending("ccache/ccache.conf")
        }
        return home?.appending(".config/ccache/ccache.conf")
    }

    private mutating func readEnvironment() {
        var found: [[UInt8]] = []
        Environment.forEach { entry in
            let prefix: StaticString = "CCACHE_"
            for index in 0..<prefix.utf8CodeUnitCount
            where UInt8(bitPattern: entry[index]) != prefix.utf8Start[index] { return }
            let length = Environment.length(entry)
            found.append(Array(UnsafeRawBufferPointer(start: entry, count: length)))
        }
        for entry in found {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            var isNegated = false
            guard let key = CCacheKey(variable: entry[7..<equals], isNegated: &isNegated) else { continue }
            var value = entry[(equals + 1)...]
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            // Scripts pass on what they were not given.
            if key == .cacheDirectory, value.isEmpty { continue }
            if key.form == .truth {
                guard !Self.isDenial(value) else {
                    let other = "CCACHE_\(isNegated ? "" : "NO")\(key.variable)"
                    let shown = String(decoding: value, as: UTF8.self)
                    problems.append(
                        "\(name) is \"\(shown)\", which ccache takes for neither yes nor no; set \(other)=1"
                    )
                    continue
                }
                value = Array((isNegated ? "false" : "true").utf8)[...]
            }
            set(key, to: value, .environment, name)
        }
    }

    /// True for a word with which somebody wants to switch off what is on as soon as it is set.
    private static func isDenial(_ value: ArraySlice<UInt8>) -> Bool {
        ["0", "false", "no", "disable"].contains(String(decoding: value, as: UTF8.self).lowercased())
    }

    /// Reads a configuration file of this user's or of root's: it may name programs.
    private mutating func read(_ path: Path, as origin: Origin) {
        let owner = Settings.trustsOwner() ? nil : CurrentProcess.user
        var bytes = try? SmallFile.read(path, ownedBy: owner)
        if bytes == nil, owner != nil, owner != 0 { bytes = try? SmallFile.read(path, ownedBy: 0) }
        guard let bytes else {
            if FileStatus.of(path) != nil {
                problems.append("\(path) cannot be read, or belongs neither to you nor to root")
            }
            return
        }
        for line in CCacheFile(bytes).settings {
            guard let key = CCacheKey(name: line.name) else { continue }
            guard origins[key.rawValue] <= origin.rawValue else { continue }
            set(key, to: Self.expanded(line.value), origin, "\(key.name) in \(path)")
        }
    }

    /// Takes `KEY=VALUE`; a name that nobody knows is left alone.
    private mutating func take(_ word: [UInt8]) {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")), let key = CCacheKey(name: word[..<equals]) else {
            return
        }
        set(key, to: word[(equals + 1)...], .commandLine, "\(key.name)")
    }

    private mutating func set(_ key: CCacheKey, to value: ArraySlice<UInt8>, _ origin: Origin, _ name: String) {
        // An empty value takes back what stands lower.
        if !value.isEmpty, let fault = key.fault(of: value) {
            problems.append("\(name): \(fault)")
            return
        }
        (values[key], origins[key]) = (Array(value), origin)
    }

    /// `$NAME` and `${NAME}` replaced by the variables' values.
    private static func expanded(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.contains(UInt8(ascii: "$")) else { return text }
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                result.append(byte)
                continue
            }
            let isBraced = rest.first == UInt8(ascii: "{")
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { byte in
                byte == UInt8(ascii: "_") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                    || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            }
            rest = rest.dropFirst(name.count)
            if isBraced, rest.first == UInt8(ascii: "}") { rest = rest.dropFirst() }
            if name.isEmpty { result.append(byte) } else { result += Environment.value(of: Array(name)) ?? [] }
        }
        return result[...]
    }
}

extension CCacheKey {
    /// Why `value` cannot stand for this option; nil where it can.
    func fault(of value: ArraySlice<UInt8>) -> String? {
        let shown = String(decoding: value.prefix(80), as: UTF8.self)
        func isNumber(_ digits: ClosedRange<Character>, _ text: some StringProtocol) -> Bool {
            !text.isEmpty && text.count <= 18 && text.allSatisfy { digits.contains($0) }
        }
        switch form {
        case .text: return nil
        case .truth: return shown == "true" || shown == "false" ? nil : "not a boolean value: \"\(shown)\""
        case .path:
            let isAbsolute = value.split(separator: UInt8(ascii: ":")).allSatisfy { $0.first == UInt8(ascii: "/") }
            return isAbsolute ? nil : "not an absolute path: \"\(shown)\""
        case .size: return CCacheSize(value) != nil ? nil : "invalid size: \"\(shown)\""
        case .number: return isNumber("0"..."9", shown) ? nil : "invalid unsigned integer: \"\(shown)\""
        case .octal: return isNumber("0"..."7", shown) ? nil : "invalid unsigned octal integer: \"\(shown)\""
        case .level:
            let digits = shown.first == "-" ? shown.dropFirst() : shown[...]
            return isNumber("0"..."9", digits) ? nil : "invalid integer: \"\(shown)\""
        }
    }
}

extension [[UInt8]] {
    fileprivate subscript(key: CCacheKey) -> [UInt8] {
        get { self[key.rawValue] }
        set { self[key.rawValue] = newValue }
    }
}

extension [UInt8] {
    fileprivate subscript(key: CCacheKey) -> CCacheConfiguration.Origin {
        get { CCacheConfiguration.Origin(rawValue: self[key.rawValue]) ?? .builtin }
        set { self[key.rawValue] = newValue.rawValue }
    }
}
