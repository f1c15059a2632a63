internal import Files
internal import Trace

/// What a program in front of a compiler may know without a call that leaves a note: chance, the time, numbers of processes and
/// processors, limits.
enum UnnotedKnowledge {
    /// How scripts ask for it.
    private static let words: [StaticString] = [
        "RANDOM", "SECONDS", "EPOCHREALTIME", ")T", "PPID", "BASHPID", "umask", "ulimit", "/proc/", "cd -", "~-",
        "LARDER_",
        "compgen", "export -p", "declare -x", "kill -0",
        // Tools that are called.
        "nproc", "getconf", "df ", "getfattr", "flock -n", " tput", "(tput", "stty",
        // Functions of Python.
        "getpid", "getppid", "rlimit", "cpu_count", "affinity", "getxattr", "monotonic", "perf_counter",
        "terminal_size",
        "urandom", " random", ",random", "random.", "uuid", "secrets",
        // Variables of Perl.
        "$^T", "BASETIME", "PROCESS_ID", "(-M",
    ]

    /// How they ask for the time of a file, or how many names it has; of a directory no note counts that, for it changes with all
    /// that is made there.
    private static let wordsForTimes: [StaticString] = ["-nt", "-ot", "-newer", "mtime", "ctime", "stat ", "st_nlink"]

    /// How other programs do.
    private static let functions: Set<String> = [
        "getpid", "getppid", "getpgrp", "getsid", "umask", "getrlimit", "getrlimit64", "getrusage", "sched_getaffinity",
        "sysconf", "get_nprocs", "sysinfo", "getloadavg", "nice", "getpriority", "times", "time", "gettimeofday",
        "clock_gettime", "getrandom", "getentropy", "arc4random", "setmntent", "getservbyname", "getxattr", "statvfs",
    ]

    /// What may ask for it, and by which word; nil where nothing does.
    ///
    /// - Parameters:
    ///   - files: what all programs but compilers and their parts did with files.
    ///   - program: a program in front of a compiler. Others that are no scripts are tools, which ask for themselves.
    static func use(in files: FilesOpened, by program: Path?) -> [UInt8]? {
        let called = program.map { Array((Directory.realPath($0) ?? $0).bytes) }
        let looksAtDirectories = files.looks.keys.contains { FileStatus.of(Path(bytes: $0))?.kind == .directory }
        for path in files.read.union([called].compactMap(\.self)).sorted(by: { $0.lexicographicallyPrecedes($1) }
        ) {
            guard let head = try? RegularFile.head(of: Path(bytes: path), count: 4096) else { return path }
            // Programs, tables of the C library's, and what an interpreter has compiled of its own.
            let isText = !head.contains(0) || head.first != 0x7F && !path.starts(with: "/usr/".utf8)
            guard isText || path == called else { continue }
            // An archive of modules.
            if head.starts(with: "PK".utf8) { return path }
            guard let bytes = try? RegularFile.bytes(of: Path(bytes: path), limit: 4 << 20) else { return path }
            let found = isText ? word(in: bytes, path, looksAtDirectories) : function(in: bytes)
            if let found { return path + [0x20] + Array(found.utf8) }
        }
        return nil
    }

    private static func word(in text: [UInt8], _ path: [UInt8], _ looksAtDirectories: Bool) -> String? {
        // In modules of Perl it is nearly always something else.
        if !path.suffix(3).elementsEqual(".pm".utf8), ByteSearch.contains(text, "$$") { return "$$" }
        let words = looksAtDirectories ? words + wordsForTimes : words
        if let word = words.first(where: { ByteSearch.contains(text, $0) }) { return "\(word)" }
        return SessionVariables.names.union(SessionVariables.ofMake).first {
            $0 != "_" && ByteSearch.contains(text, Array($0.utf8))
        }
    }

    private static func function(in program: [UInt8]) -> String? {
        program.split(separator: 0).lazy.map { String(decoding: $0, as: UTF8.self) }.first {
            functions.contains($0) || SessionVariables.ofMake.contains($0)
        }
    }
}
