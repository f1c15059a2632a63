import Foundation
import TestSupport
import Testing

/// What `ccache` does that compiles nothing: its exit status, its streams and their shape, beside ccache's own.
@Suite struct CCacheCommandTests {
    /// A command line that both answer alike.
    struct Call: Sendable, CustomTestStringConvertible {
        let words: [String]
        let status: Int32
        /// What all of standard output looks like.
        var output = ""
        var testDescription: String { words.joined(separator: " ") }

        init(_ words: [String], status: Int32 = 0, output: String = "") {
            (self.words, self.status, self.output) = (words, status, output)
        }
    }

    private static let calls = [
        Call(["-z"], output: "Statistics zeroed\n"),
        Call(["--zero-stats"], output: "Statistics zeroed\n"),
        Call(["-M", "5G"], output: "Set cache size limit to 5\\.0 GB\n"),
        Call(["-M5G"], output: "Set cache size limit to 5\\.0 GB\n"),
        Call(["--max-size=5G"], output: "Set cache size limit to 5\\.0 GB\n"),
        Call(["--max-s", "1.5G"], output: "Set cache size limit to 1\\.5 GB\n"),
        Call(["-M", "0"], output: "Unset cache size limit\n"),
        Call(["-M", "abc"], status: 1),
        Call(["-M", "-1"], status: 1),
        Call(["-F", "100"], output: "Set cache file limit to 100\n"),
        Call(["-F", "0"], output: "Unset cache file limit\n"),
        Call(["-F", "x"], status: 1),
        Call(["-o", "max_size=2G"]),
        Call(["--set-config", "compression=true"]),
        Call(["--set-config=base_dir=/tmp"]),
        Call(["-o", "base_dir=here"], status: 1),
        Call(["-o", "no_such_option=1"], status: 1),
        Call(["-o", "max_size"], status: 1),
        Call(["-o", "disable=yes"], status: 1),
        Call(["-o", "umask=999"], status: 1),
        Call(["-k", "base_dir"], output: "\n"),
        Call(["-k", "hash_dir"], output: "true\n"),
        Call(["-khash_dir"], output: "true\n"),
        Call(["--get-config=direct_mode"], output: "true\n"),
        Call(["-k", "no_such_option"], status: 1),
        Call(["-k=hash_dir"], status: 1),
        Call(["-k"], status: 1),
        Call(["-M"], status: 1),
        Call(["--evict-older-than", "1d"]),
        Call(["--evict-older-than=10s"]),
        Call(["--evict-older-than", "1x"], status: 1),
        Call(["--evict-older-than", "10"], status: 1),
        Call(["-C"]),
        Call(["--clear"]),
        Call(["-c"]),
        Call(["--cleanup"]),
        Call(["-v"]),
        Call(["--no-such-option"], status: 1),
        Call(["--show"], status: 1),
        Call(["-Q"], status: 1),
        Call(["-z", "--no-such-option"], status: 1),
        Call(["-z=1"], status: 1),
        Call(["--zero-stats=1"], status: 1),
        Call([], status: 1),
        Call(["--show-log-stats"], status: 1),
        Call(["-X", "x"], status: 1),
        Call(["-z", "ignored"], output: "Statistics zeroed\n"),
        Call(["-zM", "5G"], output: "Statistics zeroed\nSet cache size limit to 5\\.0 GB\n"),
        Call(
            ["-s"],
            output: "Local storage:\n  Cache size \\(G(B|iB)\\): 0\\.00? / 5\\.00? \\( 0\\.00%\\)\n"
        ),
        Call(["--show-s", "-M5G"], output: "Local storage:\n  Cache size [^\n]*\n(  Cleanups:[^\n]*\n)?Set [^\n]*\n"),
        Call(["-h"], output: "(?s).*[Uu]sage:.*-M, --max-size SIZE.*"),
        Call(["--help"], output: "(?s).*[Uu]sage:.*-k, --get-config KEY.*"),
        Call(["-V"], output: "ccache version [0-9]+\\.[0-9]+\\.[0-9]+\n(?s).*"),
        Call(["--version"], output: "ccache version [0-9]+\\.[0-9]+\\.[0-9]+\nFeatures: [^\n]*file-storage(?s).*"),
        Call(["-p"], output: "(\\([^\n]+\\) [a-z_]+ = [^\n]*\n)+"),
        Call(["--print-stats"], output: "([a-z_]+\t[0-9]+\n)+"),
        Call(["-x"], output: "(?s)Total data:.*Compressed data:.*  Original size:.*  Compression ratio:.*"),
    ]

    private func matches(_ text: String, _ pattern: String) -> Bool {
        text.range(of: "^(?:\(pattern))$", options: .regularExpression) == text.startIndex..<text.endIndex
    }

    @Test(arguments: calls)
    func `a command ends as ccache's does, on the same stream, in the same shape`(call: Call) throws {
        let here = try CCacheWorkshop()
        // The default is a share of the disk.
        let set = ["LARDER_MAX_SIZE": call.words.first == "-s" ? "5GiB" : ""]
        let outcome = try here.ccache(call.words, set)
        var outcomes = [("Larder", outcome)]
        if CCacheWorkshop.real != nil { outcomes.append(("ccache", try here.realCCache(call.words))) }
        for (program, outcome) in outcomes {
            #expect(outcome.status == call.status, "\(program): \(outcome.errorText)")
            if !call.output.isEmpty {
                #expect(matches(outcome.outputText, call.output), "\(program): \(outcome.outputText)")
            }
            #expect(call.status != 0 || !outcome.errorText.contains("error"), "\(program): \(outcome.errorText)")
        }
        // Whatever is wrong is one sentence, unless all of it is missing.
        if call.status != 0, !call.words.isEmpty {
            #expect(matches(outcome.errorText, "ccache: error: [^\n]+\n"), "\(outcome.errorText)")
        }
    }

    @Test(arguments: [
        ["--print-version"], ["--print-stats", "--format=json"], ["--format", "tab", "--print-stats"], ["-X", "5"],
        ["--threads", "2", "-c"], ["--evict-namespace", "x"], ["-d", "other", "-k", "cache_dir"],
        ["--directory=other", "-k", "cache_dir"],
        ["--config-path", "other.conf", "-p"],
    ])
    func `a command that not every ccache has is done`(words: [String]) throws {
        let outcome = try CCacheWorkshop().ccache(words)
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    @Test(arguments: [
        ["--trim-dir", "x", "--trim-max-size", "1G"], ["--hash-file", "a.c"], ["--checksum-file", "a.c"],
        ["--inspect", "a.c"], ["--extract-result", "a.c"], ["--print-log-stats"],
        ["--print-stats", "--format=xml"],
    ])
    func `what Larder does not have is said, and is a failure`(words: [String]) throws {
        let outcome = try CCacheWorkshop().ccache(words)
        #expect(outcome.status == 1)
        #expect(matches(outcome.errorText, "ccache: error: [^\n]+\n") && outcome.output.isEmpty)
    }

    @Test func `-s shows hits and misses in lines that scripts search for`() throws {
        let here = try CCacheWorkshop()
        for words in [
            ["-c", "a.c"], ["-c", "a.c"], ["-c", "a.c", "-DX"], ["--version"],
        ] {
            try here.ccache(["gcc"] + words)
        }
        let shape = """
            Cacheable calls: +3 / +4 \\(75\\.00%\\)
              Hits: +1 / +3 \\(33\\.33%\\)
                Direct: +1 / +1 \\(100\\.0%\\)
                Preprocessed: +0 / +1 \\( 0\\.00%\\)
              Misses: +2 / +3 \\(66\\.67%\\)
            Uncacheable calls: +1 / +4 \\(25\\.00%\\)
            Local storage:
              Cache size \\(GiB\\): +0\\.0 / +[0-9.]+ \\( 0\\.00%\\)
              Hits: +1 / +3 \\(33\\.33%\\)
              Misses: +2 / +3 \\(66\\.67%\\)

            """
        let summary = try here.ccache(["-s"]).outputText
        #expect(matches(summary, shape), "\(summary)")
        let more = try here.ccache(["-sv"]).outputText
        for line in [
            "Cache directory: +/.*/cc/larder", "Stats updated: +[0-9].*", "  No input file: .*", "  Files: +[0-9]+",
        ] {
            #expect(more.range(of: "(?m)^\(line)$", options: .regularExpression) != nil, "\(line) in \(more)")
        }
        let most = try here.ccache(["-s", "-vv"]).outputText
        #expect(most.contains("  Compilation failed:") && most.contains("  Internal error:"))
        // Titles and numbers are in columns.
        #expect(Set(summary.split(separator: "\n").filter { $0.contains(" / ") }.map { $0.count }).count == 1)
        try here.ccache(["-z"])
        #expect(try here.count("cache_miss") == 0)
        #expect(try here.count("files_in_cache") > 0)
    }

    @Test(.enabled(if: CCacheWorkshop.real != nil, "ccache is not installed"))
    func `--print-stats and -p have every name that ccache's have, in its order`() throws {
        let here = try CCacheWorkshop()
        func names(_ outcome: Workshop.Outcome, _ separator: Character, _ field: Int) -> [String] {
            outcome.outputText.split(separator: "\n").map { String($0.split(separator: separator)[field]) }
        }
        let (mine, theirs) = (try here.ccache(["--print-stats"]), try here.realCCache(["--print-stats"]))
        let (own, real) = (names(mine, "\t", 0), names(theirs, "\t", 0))
        #expect(own.filter { real.contains($0) } == real)
        let keys = { (outcome: Workshop.Outcome) in names(outcome, "=", 0).map { $0.split(separator: " ").last ?? "" } }
        let (ownKeys, realKeys) = (keys(try here.ccache(["-p"])), keys(try here.realCCache(["-p"])))
        #expect(ownKeys.filter { realKeys.contains($0) } == realKeys.filter { ownKeys.contains($0) })
        #expect(
            Set(realKeys).subtracting(ownKeys).isSubset(of: [
                "ceiling_dirs", "ceiling_markers", "libexec_dirs", "msvc_utf8", "safe_dirs",
            ])
        )
    }

    @Test func `a setting is written where ccache keeps it, and everything else there stays`() throws {
        let here = try CCacheWorkshop()
        try here.workshop.write("# mine\nmax_size = 1G\nunheard_of = x\n", to: "cc/ccache.conf")
        #expect(try here.ccache(["-M", "3G"]).status == 0)
        #expect(try here.ccache(["-o", "compression=true", "-o", "sloppiness=time_macros"]).status == 0)
        let text = "# mine\nmax_size = 3G\nunheard_of = x\ncompression = true\nsloppiness = time_macros\n"
        #expect(here.workshop.read("cc/ccache.conf") == Data(text.utf8))
        #expect(try here.value("max_size") == "3.0 GB")
        #expect(try here.value("max_size", ["CCACHE_MAXSIZE": "7"]) == "7.0 GiB")
        #expect(try here.value("max_size", ["CCACHE_MAXSIZE": "7", "LARDER_MAX_SIZE": "1GiB"]) == "1.0 GiB")
        let shown = try here.ccache(["-p"], ["CCACHE_NOHASHDIR": "1"]).outputText
        #expect(shown.contains("(\(here.directory.path)/ccache.conf) max_size = 3.0 GB\n"))
        #expect(shown.contains("(environment) hash_dir = false\n"))
        #expect(shown.contains("(default) recache = false\n"))
        // Whoever sweeps this cache by Larder's own name goes by the same limit.
        let limit = ["config", "get", "max_size", "--dir", here.directory.appendingPathComponent("larder").path]
        #expect(try here.workshop.larder(limit).outputText == "3GB\n")
    }

    @Test(arguments: [
        ("5", "5.0 GiB"), ("5G", "5.0 GB"), ("5 GB", "5.0 GB"), ("5Gi", "5.0 GiB"), ("2048MiB", "2.0 GiB"),
        ("1k", "1.0 kB"), ("0.5T", "500.0 GB"), ("0", "0"),
    ])
    func `a size is shown in the units in which it was said`(said: String, shown: String) throws {
        let here = try CCacheWorkshop()
        #expect(try here.ccache(["-M", said]).status == 0)
        #expect(try here.value("max_size") == shown)
        let title = shown.hasSuffix("iB") || shown == "0" ? "Cache size (GiB):" : "Cache size (GB):"
        #expect(try here.ccache(["-s"]).outputText.contains(title))
        #expect(try here.count("max_cache_size_kibibyte") > 0 || shown == "0" || shown == "1.0 kB")
    }

    @Test func `cache_dir in the user's ccache.conf is where the cache is`() throws {
        let here = try CCacheWorkshop()
        let set = ["CCACHE_DIR": "", "XDG_CONFIG_HOME": here.workshop.url("config").path]
        try here.ccache(["--set-config=cache_dir=\(here.workshop.url("mine").path)"], set)
        #expect(try here.value("cache_dir", set) == here.workshop.url("mine/larder").path)
        try here.ccache(["gcc", "-c", "a.c"], set)
        #expect(try here.count("cache_miss", set) == 1)
        #expect(here.workshop.read("config/ccache/ccache.conf") != nil)
    }

    @Test func `what Larder does not have is named once, by -s and -p`() throws {
        let here = try CCacheWorkshop()
        let set = [
            "CCACHE_DEBUG": "1", "CCACHE_REMOTE_STORAGE": "redis://x", "CCACHE_MAXSIZE": "lots", "CCACHE_CPP2": "1",
        ]
        for command in ["-s", "-p"] {
            let outcome = try here.ccache([command], set)
            #expect(outcome.status == 0)
            #expect(outcome.errorText.split(separator: "\n").count == 1)
            for name in ["debug", "remote_storage", "CCACHE_MAXSIZE"] { #expect(outcome.errorText.contains(name)) }
            #expect(!outcome.errorText.contains("run_second_cpp"))
        }
        #expect(try here.ccache(["gcc", "-c", "a.c"], set).error.isEmpty)
        #expect(try here.ccache(["-s"]).error.isEmpty)
    }

    @Test func `--evict-older-than removes what was not used for so long, and nothing else`() throws {
        let here = try CCacheWorkshop()
        try here.ccache(["gcc", "-c", "a.c"])
        let before = try here.count("files_in_cache")
        try here.ccache(["--evict-older-than", "1h"])
        #expect(try here.count("files_in_cache") == before)
        let old = Date(timeIntervalSinceNow: -7200)
        let entries = here.directory.appendingPathComponent("larder/entries")
        // What was used is as young as its last use: only the journal knows of it.
        for case let file as URL in FileManager.default.enumerator(at: entries, includingPropertiesForKeys: nil)
            ?? .init()
        {
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file.path)
        }
        try here.ccache(["gcc", "-c", "a.c"])
        #expect(try here.count("direct_cache_hit") == 1)
        try here.ccache(["--evict-older-than", "1h"])
        let kept = try here.count("files_in_cache")
        #expect(kept >= 2 && kept <= before)
        try here.ccache(["gcc", "-c", "a.c"])
        #expect(try here.count("direct_cache_hit") == 2)
        try here.ccache(["--evict-older-than", "0s"])
        #expect(try here.count("files_in_cache") == 0)
    }
}
