/// The settings there are; the raw value is the name in `larder.conf` and on the command line.
package enum SettingKey: String, CaseIterable, Sendable {
    case directory = "dir"
    case maximumSize = "max_size"
    case baseDirectory = "base_dir"
    case disable
    case readOnly = "read_only"
    case recache
    case strict
    case log
    case compression

    /// The environment variable that sets it.
    package var variable: StaticString {
        switch self {
        case .directory: "LARDER_DIR"
        case .maximumSize: "LARDER_MAX_SIZE"
        case .baseDirectory: "LARDER_BASE_DIR"
        case .disable: "LARDER_DISABLE"
        case .readOnly: "LARDER_READONLY"
        case .recache: "LARDER_RECACHE"
        case .strict: "LARDER_STRICT"
        case .log: "LARDER_LOG"
        case .compression: "LARDER_COMPRESSION"
        }
    }

    /// What a value must be, to follow "it must be".
    package var accepted: String {
        switch self {
        case .directory, .baseDirectory: "an absolute path"
        case .maximumSize: SizeLimit.accepted
        case .disable, .readOnly, .recache, .strict: "one of 1, true, yes, on, 0, false, no, off"
        case .log: "the path of a file, absolute in larder.conf"
        case .compression: "one of none, zstd"
        }
    }

    /// What it is for, in a few words.
    package var summary: String {
        switch self {
        case .directory: "where the cache is"
        case .maximumSize: "how large the cache may become"
        case .baseDirectory: "directory below which absolute paths are taken as relative"
        case .disable: "run every compiler as given"
        case .readOnly: "use what is cached, store nothing"
        case .recache: "look nothing up, store everything anew"
        case .strict: "let a failing cache fail the build"
        case .log: "file that gets a line for every decision"
        case .compression: "how objects are stored"
        }
    }

    /// The setting called `name`, or nil.
    package init?(name: some Collection<UInt8>) {
        guard let key = Self.allCases.first(where: { name.elementsEqual($0.rawValue.utf8) }) else { return nil }
        self = key
    }
}
