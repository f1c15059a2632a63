package import Files

/// A file of settings, byte for byte: `larder.conf` in the cache's directory, that of the system, or a project's.
///
///     <file>    ::= <line>*
///     <line>    ::= <blank>* ( <comment> | <setting> )? "\n"        the last "\n" may be missing
///     <comment> ::= "#" <any>*
///     <setting> ::= <key> <blank>* "=" <blank>* <value>? <blank>*
///     <blank>   ::= " " | "\t" | "\r"
///
/// A `#` within a value belongs to it, a value that is empty leaves the setting alone, and of two lines for one
/// setting the later counts. A key that is not known is kept, ignored and reported by ``unknownKeys``: a newer
/// Larder may have written it.
package struct SettingsFile: Sendable {
    /// Whose settings a file holds.
    package enum Scope: Sendable {
        /// Of one cache: it lies in the directory that `dir` would name.
        case cache
        /// Of everybody on this machine.
        case system
        /// Of a project: whoever wrote it need not be the user.
        case project
    }

    package let path: Path
    package let scope: Scope
    private let bytes: [UInt8]
    /// Where the value of each setting begins and ends in ``bytes``, in the order of the keys.
    ///
    /// Plain numbers, because every hit gets here: an array of anything that the standard library has not prepared
    /// makes the runtime build its metadata, at some ten microseconds a type.
    ///
    /// Empty where nothing is set.
    private var places: [Int] = []

    /// A file that is not there.
    init(missing path: Path, scope: Scope) { (bytes, self.path, self.scope) = ([], path, scope) }

    /// Reads the file of the cache in `directory`; one that is missing is empty.
    ///
    /// One that is not the `owner`'s is not read.
    package init(in directory: Path, ownedBy owner: UInt32? = nil) throws(SettingsError) {
        let path = directory.appending("larder.conf")
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, ownedBy: owner)
        } catch {
            if let owner, let found = FileStatus.of(path)?.owner, found != owner {
                throw .foreignOwner(of: path, found)
            }
            guard error.isAbsence else { throw .unreadable(error) }
            bytes = []
        }
        try self.init(bytes, at: path)
    }

    /// Reads the system's file; one that is missing is empty.
    ///
    /// One system call where there is none.
    static func system(at path: Path) throws(SettingsError) -> SettingsFile {
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path) } catch {
            guard error.isAbsence else { throw .unreadable(error) }
            return SettingsFile(missing: path, scope: .system)
        }
        return try SettingsFile(bytes, at: path, scope: .system)
    }

    /// Takes `bytes` as what stands in the file at `path`.
    package init(_ bytes: [UInt8], at path: Path, scope: Scope = .cache) throws(SettingsError) {
        (self.bytes, self.path, self.scope) = (bytes, path, scope)
        if bytes.isEmpty { return }
        places = [Int](repeating: 0, count: 2 * SettingKey.count)
        var lines = AssignmentLines(bytes)
        while let line = lines.next() {
            let text = AssignmentLines.trimmed(line)
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            guard let setting = AssignmentLines.Assignment(text) else {
                throw .malformed(text, number: lines.number, in: path)
            }
            guard let key = SettingKey(name: bytes[setting.name]) else { continue }
            if scope == .project, !key.isForProjects { continue }
            guard key != .directory || scope != .cache else { throw .misplacedDirectory(in: path) }
            guard key != .trustOwner else { throw .misplacedTrust(in: path) }
            places[2 * key.rawValue] = setting.value.lowerBound
            places[2 * key.rawValue + 1] = setting.value.upperBound
        }
    }

    /// The value of `key`, or no bytes when it is not set here.
    package func value(of key: SettingKey) -> [UInt8] {
        if places.isEmpty { return [] }
        let (start, end) = (places[2 * key.rawValue], places[2 * key.rawValue + 1])
        return start < end ? Array(bytes[start..<end]) : []
    }

    /// Whether there is a line for `key`, be its value empty.
    ///
    /// Behind a name and an equals sign no value begins at 0.
    package func mentions(_ key: SettingKey) -> Bool { !places.isEmpty && places[2 * key.rawValue] > 0 }

    /// A line that counts for nothing.
    package struct IgnoredLine: Sendable {
        package let key: String
        /// Counted from 1.
        package let number: Int
        package let path: Path
        /// False for a setting that a project may not set.
        package let isUnknown: Bool
    }

    /// Lines whose keys are no settings, or none that may be set here.
    package var ignoredLines: [IgnoredLine] {
        var ignored: [IgnoredLine] = []
        var lines = AssignmentLines(bytes)
        while let line = lines.next() {
            guard let name = AssignmentLines.Assignment(AssignmentLines.trimmed(line))?.name else { continue }
            let key = SettingKey(name: bytes[name])
            if let key, scope != .project || key.isForProjects { continue }
            let text = String(decoding: bytes[name], as: UTF8.self)
            ignored.append(IgnoredLine(key: text, number: lines.number, path: path, isUnknown: key == nil))
        }
        return ignored
    }

    /// The content with `key` set to `value`, or without it where `value` is empty; every other line is kept as it is.
    func content(setting key: SettingKey, to value: [UInt8]) -> [UInt8] {
        let assignment = value.isEmpty ? nil : Array("\(key.name) = ".utf8) + value
        return AssignmentLines.content(of: bytes, setting: { SettingKey(name: $0) == key }, to: assignment)
    }
}
