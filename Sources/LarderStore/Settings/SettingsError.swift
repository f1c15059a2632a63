internal import Files

/// A setting that cannot be used, as one sentence that names it, its value, where it stands and what is accepted.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
    package let description: String

    /// Whether the user asked for `strict`, as far as that could be told: then even a launcher says this aloud.
    package internal(set) var isStrict = false

    /// A value that does not parse.
    static func invalid(_ key: SettingKey, _ value: some Collection<UInt8>, from source: Settings.Source)
        -> SettingsError
    {
        let name =
            switch source {
            case .flag where key == .lockTimeout: "--lock-timeout"
            case .flag, .builtin: "\(key.name)"
            case .environment(let variable): variable
            case .file(let path): "\(key.name) in \(path)"
            }
        return SettingsError(
            description: "\(name) is \"\(Self.shown(value))\", but it must be \(key.accepted)"
        )
    }

    /// `larder.conf` is there but cannot be read.
    static func unreadable(_ error: SystemError) -> SettingsError {
        SettingsError(description: "the settings cannot be read: \(error)")
    }

    /// A line of `larder.conf` that is neither empty, a comment nor `key = value`.
    static func malformed(_ line: some Collection<UInt8>, number: Int, in path: Path) -> SettingsError {
        SettingsError(
            description:
                "line \(number) of \(path) is \"\(Self.shown(line))\", but it must be `key = value` or a `# comment`"
        )
    }

    /// `dir` in the file that lies in that directory.
    static func misplacedDirectory(in path: Path) -> SettingsError {
        SettingsError(
            description:
                "dir cannot be set in \(path), which lies in that directory; set LARDER_DIR in the environment instead"
        )
    }

    /// `trust_owner` in a file, which its owner could write.
    static func misplacedTrust(in path: Path) -> SettingsError {
        SettingsError(
            description: "trust_owner cannot be set in \(path), whose owner is in question; "
                + "set LARDER_TRUST_OWNER in the environment instead"
        )
    }

    /// The cache directory, or `larder.conf` in it, belongs to somebody else.
    static func foreignOwner(of path: Path, _ owner: UInt32) -> SettingsError {
        SettingsError(
            description: "\(path) belongs to \(Self.user(owner)) and this is \(Self.user(CurrentProcess.user)), "
                + "so it is not used; set LARDER_DIR to a directory of your own, "
                + "or LARDER_TRUST_OWNER=1 if you trust its owner"
        )
    }

    /// Root would make the cache directory in a directory of somebody else's.
    static func foreignParent(of path: Path, _ parent: Path, _ owner: UInt32) -> SettingsError {
        SettingsError(
            description: "\(path) would be made by root in \(parent), which belongs to \(Self.user(owner)), "
                + "so it is not made; set LARDER_DIR to a directory of root's, "
                + "or LARDER_TRUST_OWNER=1 to make it for its owner"
        )
    }

    /// The cache directory holds other files and no cache.
    static func foreignContent(of path: Path, _ name: some Collection<UInt8>) -> SettingsError {
        SettingsError(
            description: "\(path) \(StoreFormat.foreign(name)), so it is not used; "
                + "set LARDER_DIR to a directory that is empty, or not there yet"
        )
    }

    private static func user(_ number: UInt32) -> String { number == 0 ? "root" : "user \(number)" }

    /// Nothing says where the cache is.
    static let homeless = SettingsError(
        description: "there is no place for the cache: set LARDER_DIR, or HOME, to an absolute path"
    )

    /// A name that is no setting.
    package static func unknown(_ name: some Collection<UInt8>) -> SettingsError {
        let known = SettingKey.allCases.map { "\($0.name)" }.joined(separator: ", ")
        return SettingsError(description: "there is no setting called \"\(Self.shown(name))\"; there are \(known)")
    }

    /// At most 80 bytes, and nothing in them that would move a terminal's cursor.
    private static func shown(_ bytes: some Collection<UInt8>) -> String {
        let text = String(
            decoding: bytes.prefix(80).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 },
            as: UTF8.self
        )
        return bytes.count > 80 ? text + "..." : text
    }
}
