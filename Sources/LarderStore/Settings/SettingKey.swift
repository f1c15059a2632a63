/// The settings there are.
package enum SettingKey: Int, CaseIterable, Sendable {
    case directory
    case maximumSize
    case baseDirectory
    case disable
    case readOnly
    case recache
    case strict
    case log
    case compression
    case lockTimeout
    case lockMode
    case jdkMirrorURL
    case jdkFoojayURL
    case daemon
    case daemonIdle
    case singleFlight
    case cacheLink
    case trustOwner
    case namespace
    case prefixCommand
    case extraInputs
    case ignoreOptions
    case timeMacros
    case remote
    case remoteWrite
    case remoteTrust
    case remoteKey
    case verifyHits
    case metrics
    case namespaceSizes
    case hardLinks

    static let count = 31

    /// The name in `larder.conf` and on the command line.
    package var name: StaticString {
        switch self {
        case .directory: "dir"
        case .maximumSize: "max_size"
        case .baseDirectory: "base_dir"
        case .disable: "disable"
        case .readOnly: "read_only"
        case .recache: "recache"
        case .strict: "strict"
        case .log: "log"
        case .compression: "compression"
        case .lockTimeout: "lock_timeout"
        case .lockMode: "lock_mode"
        case .jdkMirrorURL: "jdk_mirror_url"
        case .jdkFoojayURL: "jdk_foojay_url"
        case .daemon: "daemon"
        case .daemonIdle: "daemon_idle"
        case .singleFlight: "single_flight"
        case .cacheLink: "cache_link"
        case .trustOwner: "trust_owner"
        case .namespace: "namespace"
        case .prefixCommand: "prefix_command"
        case .extraInputs: "extra_inputs"
        case .ignoreOptions: "ignore_options"
        case .timeMacros: "time_macros"
        case .remote: "remote"
        case .remoteWrite: "remote_write"
        case .remoteTrust: "remote_trust"
        case .remoteKey: "remote_key"
        case .verifyHits: "verify_hits"
        case .metrics: "metrics"
        case .namespaceSizes: "namespace_size"
        case .hardLinks: "hard_links"
        }
    }

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
        case .lockTimeout: "LARDER_LOCK_TIMEOUT"
        case .lockMode: "LARDER_LOCK_MODE"
        case .jdkMirrorURL: "LARDER_JDK_MIRROR_URL"
        case .jdkFoojayURL: "LARDER_JDK_FOOJAY_URL"
        case .daemon: "LARDER_DAEMON"
        case .daemonIdle: "LARDER_DAEMON_IDLE"
        case .singleFlight: "LARDER_SINGLE_FLIGHT"
        case .cacheLink: "LARDER_CACHE_LINK"
        case .trustOwner: "LARDER_TRUST_OWNER"
        case .namespace: "LARDER_NAMESPACE"
        case .prefixCommand: "LARDER_PREFIX_COMMAND"
        case .extraInputs: "LARDER_EXTRA_INPUTS"
        case .ignoreOptions: "LARDER_IGNORE_OPTIONS"
        case .timeMacros: "LARDER_TIME_MACROS"
        case .remote: "LARDER_REMOTE"
        case .remoteWrite: "LARDER_REMOTE_WRITE"
        case .remoteTrust: "LARDER_REMOTE_TRUST"
        case .remoteKey: "LARDER_REMOTE_KEY"
        case .verifyHits: "LARDER_VERIFY_HITS"
        case .metrics: "LARDER_METRICS"
        case .namespaceSizes: "LARDER_NAMESPACE_SIZE"
        case .hardLinks: "LARDER_HARD_LINKS"
        }
    }

    /// What a value must be, to follow "it must be".
    package var accepted: String {
        switch self {
        case .directory: "an absolute path"
        case .baseDirectory: "absolute paths with ':' between them, or auto"
        case .maximumSize: SizeLimit.accepted
        case .disable, .readOnly, .recache, .strict, .singleFlight, .cacheLink, .trustOwner, .hardLinks:
            "one of 1, true, yes, on, 0, false, no, off"
        case .log: "the path of a file, absolute in larder.conf"
        case .compression: "one of none, zstd"
        case .lockTimeout: LockTimeout.accepted
        case .daemon: "one of auto, off"
        case .daemonIdle: "seconds (600), a time (500ms, 5m, 1h), or infinite"
        case .lockMode: "one of auto, advisory, lease"
        case .jdkMirrorURL, .jdkFoojayURL: "a URL that begins with http:// or https://, or off"
        case .namespace: "a text of up to \(Settings.longestNamespace) bytes"
        case .prefixCommand: "a command, its words with blanks between them"
        case .extraInputs: "paths of files with ':' between them, absolute in larder.conf"
        case .ignoreOptions: "options with blanks between them, each with a '*' at its end or none"
        case .timeMacros: "one of keep, ignore"
        case .remote:
            "addresses such as redis://HOST with known attributes, with blanks between them"
        case .remoteWrite: "one of always, protected, never"
        case .remoteTrust: "public keys of 64 hexadecimal digits with blanks between them"
        case .remoteKey: "the absolute path of a file that 'larder remote keygen' has made"
        case .verifyHits: "a share such as 1/100, or off"
        case .metrics: "127.0.0.1:PORT such as 127.0.0.1:9464, the path of a socket, or off"
        case .namespaceSizes: NamespaceSizes.accepted
        }
    }

    /// What it is for, in a few words.
    package var summary: String {
        switch self {
        case .directory: "where the cache is"
        case .maximumSize: "how large the cache may become"
        case .baseDirectory: "directories whose names may differ between checkouts"
        case .disable: "run every compiler as given"
        case .readOnly: "use what is cached, store nothing"
        case .recache: "look nothing up, store everything anew"
        case .strict: "let a failing cache fail the build"
        case .log: "file that gets a line for every decision"
        case .compression: "how objects are stored"
        case .lockTimeout: "how long to wait for a lock"
        case .lockMode: "what keeps locks: the kernel, or a lease as network file systems need it"
        case .jdkMirrorURL: "where larder jdk finds a metadata mirror"
        case .jdkFoojayURL: "where larder jdk finds the foojay API"
        case .daemon: "whether a daemon stores results behind the build's back"
        case .daemonIdle: "how long the daemon stays when there is nothing to do"
        case .singleFlight: "let processes that miss the same result wait for the first of them"
        case .cacheLink: "cache what linkers and archivers make"
        case .trustOwner: "use a cache directory that belongs to another user"
        case .namespace: "a word that keeps results apart from those of other namespaces"
        case .prefixCommand: "what is put before a compiler that has to run, such as distcc"
        case .extraInputs: "files whose content counts for every compile and command"
        case .ignoreOptions: "options of compilers that do not count"
        case .timeMacros:
            "whether sources with __DATE__, __TIME__ or __TIMESTAMP__ are cached: keep (no) or ignore (yes)"
        case .remote: "caches of other machines to read from and write to, in this order"
        case .remoteWrite: "when results are sent to remote caches: protected is only in CI, on a protected branch"
        case .remoteTrust: "who has to have signed what comes from a remote cache"
        case .remoteKey: "what signs what goes to a remote cache"
        case .verifyHits: "share of the hits that are made again and compared"
        case .metrics: "where the daemon shows its counts to Prometheus"
        case .namespaceSizes: "how large what belongs to a namespace may become"
        case .hardLinks: "let large objects be hard links to files of the cache, which must not be written to"
        }
    }

    /// Whether a project's `.larder.conf` may set it: nothing there can lose data, run a program or reach another project.
    package var isForProjects: Bool {
        switch self {
        case .baseDirectory, .disable, .readOnly, .compression, .singleFlight, .cacheLink, .namespace, .extraInputs,
            .ignoreOptions, .timeMacros, .verifyHits:
            true
        default: false
        }
    }

    /// The setting called `name`, or nil.
    package init?(name: ArraySlice<UInt8>) {
        var index = 0
        while let key = SettingKey(rawValue: index) {
            if key.name.isSpelled(by: name) {
                self = key
                return
            }
            index += 1
        }
        return nil
    }
}

extension StaticString {
    /// True when `text` holds just these bytes.
    func isSpelled(by text: ArraySlice<UInt8>) -> Bool {
        withUTF8Buffer { word in
            guard word.count == text.count else { return false }
            for (index, byte) in text.enumerated() where word[index] != byte { return false }
            return true
        }
    }
}
