/// The options of ccache's configuration, under the names that `ccache.conf`, `CCACHE_*` and `ccache -k` have for them.
///
/// In the order in which `ccache -p` shows them.
enum CCacheKey: Int, CaseIterable {
    case absolutePathsInStderr, baseDirectory, cacheDirectory, compiler, compilerCheck, compilerType, compression
    case compressionLevel, extension_, debug, debugDirectory, debugLevel, dependMode, directMode, disable, extraFiles
    case fileClone, hardLink, hashDirectory, ignoreHeaders, ignoreOptions, inodeCache, keepComments, limitMultiple
    case logFile, maximumFiles, maximumSize, messagePrefix, namespace, path, precompiledHeaderSum, prefixCommand
    case preprocessorPrefix, readOnly, readOnlyDirect, recache, remoteOnly, remoteStorage, reshare, responseFileFormat
    case secondPreprocessing, sloppiness, statistics, statisticsLog, temporaryDirectory, umask

    static let count = CCacheKey.umask.rawValue + 1

    /// What a value must look like.
    enum Form { case text, truth, path, size, number, level, octal }

    var name: StaticString { row.name }
    /// The environment variable, without `CCACHE_` before it.
    var variable: StaticString { row.variable }
    var form: Form { row.form }
    /// What holds where nothing is set.
    var builtin: StaticString { row.builtin }

    private var row: (name: StaticString, variable: StaticString, form: Form, builtin: StaticString) {
        switch self {
        case .absolutePathsInStderr: ("absolute_paths_in_stderr", "ABSSTDERR", .truth, "false")
        case .baseDirectory: ("base_dir", "BASEDIR", .path, "")
        case .cacheDirectory: ("cache_dir", "DIR", .text, "")
        case .compiler: ("compiler", "COMPILER", .text, "")
        // What Larder does, whatever is set: programs count by their content.
        case .compilerCheck: ("compiler_check", "COMPILERCHECK", .text, "content")
        case .compilerType: ("compiler_type", "COMPILERTYPE", .text, "auto")
        case .compression: ("compression", "COMPRESS", .truth, "false")
        case .compressionLevel: ("compression_level", "COMPRESSLEVEL", .level, "0")
        case .extension_: ("cpp_extension", "EXTENSION", .text, "")
        case .debug: ("debug", "DEBUG", .truth, "false")
        case .debugDirectory: ("debug_dir", "DEBUGDIR", .text, "")
        case .debugLevel: ("debug_level", "DEBUGLEVEL", .number, "2")
        case .dependMode: ("depend_mode", "DEPEND", .truth, "false")
        case .directMode: ("direct_mode", "DIRECT", .truth, "true")
        case .disable: ("disable", "DISABLE", .truth, "false")
        case .extraFiles: ("extra_files_to_hash", "EXTRAFILES", .text, "")
        case .fileClone: ("file_clone", "FILECLONE", .truth, "false")
        case .hardLink: ("hard_link", "HARDLINK", .truth, "false")
        case .hashDirectory: ("hash_dir", "HASHDIR", .truth, "true")
        case .ignoreHeaders: ("ignore_headers_in_manifest", "IGNOREHEADERS", .text, "")
        case .ignoreOptions: ("ignore_options", "IGNOREOPTIONS", .text, "")
        case .inodeCache: ("inode_cache", "INODECACHE", .truth, "true")
        case .keepComments: ("keep_comments_cpp", "COMMENTS", .truth, "false")
        case .limitMultiple: ("limit_multiple", "LIMIT_MULTIPLE", .text, "0.8")
        case .logFile: ("log_file", "LOGFILE", .text, "")
        case .maximumFiles: ("max_files", "MAXFILES", .number, "0")
        case .maximumSize: ("max_size", "MAXSIZE", .size, "")
        case .messagePrefix: ("msvc_dep_prefix", "MSVC_DEP_PREFIX", .text, "Note: including file:")
        case .namespace: ("namespace", "NAMESPACE", .text, "")
        case .path: ("path", "PATH", .text, "")
        case .precompiledHeaderSum: ("pch_external_checksum", "PCH_EXTSUM", .truth, "false")
        case .prefixCommand: ("prefix_command", "PREFIX", .text, "")
        case .preprocessorPrefix: ("prefix_command_cpp", "PREFIX_CPP", .text, "")
        case .readOnly: ("read_only", "READONLY", .truth, "false")
        case .readOnlyDirect: ("read_only_direct", "READONLY_DIRECT", .truth, "false")
        case .recache: ("recache", "RECACHE", .truth, "false")
        case .remoteOnly: ("remote_only", "REMOTE_ONLY", .truth, "false")
        case .remoteStorage: ("remote_storage", "REMOTE_STORAGE", .text, "")
        case .reshare: ("reshare", "RESHARE", .truth, "false")
        case .responseFileFormat: ("response_file_format", "RESPONSE_FILE_FORMAT", .text, "auto")
        case .secondPreprocessing: ("run_second_cpp", "CPP2", .truth, "true")
        case .sloppiness: ("sloppiness", "SLOPPINESS", .text, "")
        case .statistics: ("stats", "STATS", .truth, "true")
        case .statisticsLog: ("stats_log", "STATSLOG", .text, "")
        case .temporaryDirectory: ("temporary_dir", "TEMPDIR", .text, "")
        case .umask: ("umask", "UMASK", .octal, "")
        }
    }

    /// The option called `name` in `ccache.conf`, by an older name, too.
    init?(name: ArraySlice<UInt8>) {
        if let key = Self.first(where: { $0.name.isWord(name) }) {
            self = key
        } else if ("secondary_storage" as StaticString).isWord(name) {
            self = .remoteStorage
        } else {
            return nil
        }
    }

    /// The option that a variable sets; `name` is what stands behind `CCACHE_`, `NO` and all.
    init?(variable name: ArraySlice<UInt8>, isNegated: inout Bool) {
        isNegated = false
        if let key = Self.first(where: { $0.variable.isWord(name) }) {
            self = key
        } else if name.starts(with: "NO".utf8),
            let key = Self.first(where: { $0.form == .truth && $0.variable.isWord(name.dropFirst(2)) })
        {
            self = key
            isNegated = true
        } else if ("CC" as StaticString).isWord(name) {
            self = .compiler
        } else if ("SECONDARY_STORAGE" as StaticString).isWord(name) {
            self = .remoteStorage
        } else {
            return nil
        }
    }

    private static func first(where isWanted: (CCacheKey) -> Bool) -> CCacheKey? {
        var index = 0
        while let key = CCacheKey(rawValue: index) {
            if isWanted(key) { return key }
            index += 1
        }
        return nil
    }
}

extension StaticString {
    /// True when `text` holds just these bytes.
    func isWord(_ text: ArraySlice<UInt8>) -> Bool {
        withUTF8Buffer { word in
            guard word.count == text.count else { return false }
            for (index, byte) in text.enumerated() where word[index] != byte { return false }
            return true
        }
    }
}
