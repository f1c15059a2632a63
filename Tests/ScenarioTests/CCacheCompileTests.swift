import Foundation
import TestSupport
import Testing

/// Compiles by the name ccache: `ccache gcc`, links over it, what `CCACHE_*` and `ccache.conf` say.
@Suite struct CCacheCompileTests {
    private func object(_ here: CCacheWorkshop, _ words: [String], _ extra: [String: String] = [:]) throws -> Data? {
        here.workshop.remove("a.o")
        let outcome = try here.workshop.run(words, environment: here.environment(extra))
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(words) \(extra): \(outcome.errorText)")
        return here.workshop.read("a.o")
    }

    @Test(arguments: [
        ["ccache", "gcc"], ["ccache", "/usr/bin/gcc"], ["ccache", "ccache", "gcc"],
        ["ccache", "/usr/bin/ccache", "gcc"], ["ccache", "debug_level=1", "gcc"],
        ["ccache", "compression=true", "recache=false", "gcc"], ["ccache", "no_such_option=1", "gcc"],
        ["masquerade/gcc"], ["chain/gcc"],
    ])
    func `the second compile is a hit, and each object is the compiler's`(words: [String]) throws {
        let here = try CCacheWorkshop()
        try here.link("masquerade/gcc", to: "../bin/ccache")
        try here.link("chain/gcc", to: "../masquerade/gcc")
        let words = words + ["-c", "a.c"]
        let bare = try object(here, ["gcc", "-c", "a.c"])
        for _ in 0..<2 { #expect(try object(here, words) == bare) }
        #expect(try here.count("cache_miss") == 1)
        #expect(try here.count("direct_cache_hit") == 1)
        #expect(FileManager.default.fileExists(atPath: here.directory.appendingPathComponent("larder/format").path))
    }

    @Test func `--ccache-skip is no word of the compiler's`() throws {
        let here = try CCacheWorkshop()
        let bare = try object(here, ["gcc", "-c", "a.c", "-DX=1"])
        for _ in 0..<2 {
            #expect(try object(here, ["ccache", "gcc", "-c", "a.c", "--ccache-skip", "-DX=1"]) == bare)
        }
        #expect(try here.count("direct_cache_hit") == 1)
    }

    @Test func `a link to the launcher itself takes nothing from ccache`() throws {
        let here = try CCacheWorkshop()
        try here.link("plain/gcc", to: Workshop.larder.path)
        for words in [["plain/gcc"], [Workshop.larder.path, "gcc"]] {
            let set = ["CCACHE_DISABLE": "1", "LARDER_DIR": here.workshop.cache.path]
            for _ in 0..<2 { _ = try object(here, words + ["-c", "a.c"], set) }
        }
        #expect(try here.workshop.counters().hits >= 2)
        #expect(!FileManager.default.fileExists(atPath: here.directory.path))
    }

    @Test func `what is ccache's in its directory stays, and counts`() throws {
        let here = try CCacheWorkshop()
        try here.workshop.write("max_size = 2G\n# mine\n", to: "cc/ccache.conf")
        try here.workshop.write("data", to: "cc/0/1/result")
        for _ in 0..<2 { _ = try object(here, ["ccache", "gcc", "-c", "a.c"]) }
        #expect(try here.count("direct_cache_hit") == 1)
        try here.ccache(["-C"])
        try here.ccache(["-c"])
        #expect(try here.count("files_in_cache") == 0)
        #expect(here.workshop.read("cc/0/1/result") == Data("data".utf8))
        #expect(here.workshop.read("cc/ccache.conf") == Data("max_size = 2G\n# mine\n".utf8))
        #expect(try here.value("max_size") == "2.0 GB")
    }

    @Test func `CCACHE_DIR may be what cache_dir answers`() throws {
        let here = try CCacheWorkshop()
        let first = try here.value("cache_dir")
        #expect(first == here.directory.path + "/larder")
        _ = try object(here, ["ccache", "gcc", "-c", "a.c"], ["CCACHE_DIR": first])
        #expect(try here.value("cache_dir", ["CCACHE_DIR": first]) == first)
        _ = try object(here, ["ccache", "gcc", "-c", "a.c"])
        #expect(try here.count("direct_cache_hit") == 1)
    }

    // MARK: - What the variables do

    @Test func `CCACHE_DISABLE, READONLY and RECACHE do what they say`() throws {
        let here = try CCacheWorkshop()
        let compile = ["ccache", "gcc", "-c", "a.c"]
        for variable in ["CCACHE_DISABLE", "CCACHE_READONLY", "CCACHE_READONLY_DIRECT"] {
            _ = try object(here, compile, [variable: "1"])
            #expect(try here.count("cache_miss") == 0, "\(variable)")
        }
        _ = try object(here, compile)
        _ = try object(here, compile, ["CCACHE_RECACHE": ""])
        #expect(try here.count("recache") == 1)
        _ = try object(here, compile, ["CCACHE_NODISABLE": "1", "LARDER_RECACHE": "0", "CCACHE_RECACHE": "1"])
        #expect(try here.count("direct_cache_hit") == 1)
        try here.workshop.write("disable = true\n", to: "cc/ccache.conf")
        _ = try object(here, compile)
        #expect(try here.count("direct_cache_hit") == 1)
        _ = try object(here, compile, ["CCACHE_NODISABLE": "1"])
        _ = try object(here, ["ccache", "disable=false", "gcc", "-c", "a.c"])
        #expect(try here.count("direct_cache_hit") == 3)
    }

    @Test func `CCACHE_BASEDIR lets checkouts share what names their directory`() throws {
        let here = try CCacheWorkshop()
        for checkout in ["one", "two"] {
            try here.workshop.write("int f(void) { return 1; }\n", to: "\(checkout)/a.c")
            let environment = here.environment(["CCACHE_BASEDIR": here.workshop.url(checkout).path])
            let words = ["ccache", "gcc", "-g", "-c", "a.c"]
            #expect(try here.workshop.run(words, in: checkout, environment: environment).status == 0)
        }
        #expect(try here.count("direct_cache_hit") == 1)
    }

    @Test func `CCACHE_COMPILER and CCACHE_PATH say which compiler runs`() throws {
        let here = try CCacheWorkshop()
        try here.workshop.write("#!/bin/sh\necho mine > ran\n", to: "tools/mycc")
        try here.workshop.run(["chmod", "+x", "tools/mycc"])
        for set in [
            ["CCACHE_COMPILER": here.workshop.url("tools/mycc").path],
            ["CCACHE_COMPILER": "mycc", "CCACHE_PATH": "/nowhere:\(here.workshop.url("tools").path)"],
        ] {
            here.workshop.remove("ran")
            try here.ccache(["gcc", "-c", "a.c"], set)
            #expect(here.workshop.read("ran") == Data("mine\n".utf8), "\(set)")
        }
    }

    /// What is set in ccache's way, and what Larder has of it.
    private static let mappings: [(set: [String: String], settings: [String: String])] = [
        (["CCACHE_MAXSIZE": "5G"], ["LARDER_MAX_SIZE": "5000000000"]),
        (["CCACHE_MAXSIZE": "1.5Ki"], ["LARDER_MAX_SIZE": "1536"]),
        (["CCACHE_MAXSIZE": "2"], ["LARDER_MAX_SIZE": "2147483648"]),
        (["CCACHE_MAXSIZE": "0"], ["LARDER_MAX_SIZE": "100%"]),
        (["CCACHE_MAXSIZE": "5", "LARDER_MAX_SIZE": "1GiB"], ["LARDER_MAX_SIZE": "1GiB"]),
        (["CCACHE_BASEDIR": "/a:/b"], ["LARDER_BASE_DIR": "/a:/b"]),
        (["CCACHE_BASEDIR": "a"], [:]),
        (["CCACHE_COMPRESS": "1"], ["LARDER_COMPRESSION": "zstd"]),
        (["CCACHE_NOCOMPRESS": "1"], ["LARDER_COMPRESSION": "none"]),
        (["CCACHE_NODISABLE": "1"], ["LARDER_DISABLE": "0"]),
        (["CCACHE_DISABLE": "0"], [:]),
        (["CCACHE_NOREADONLY": "", "CCACHE_READONLY_DIRECT": ""], ["LARDER_READONLY": "1"]),
        (["CCACHE_RECACHE": "yes"], ["LARDER_RECACHE": "1"]),
        (["CCACHE_LOGFILE": "x"], ["LARDER_LOG": "x"]),
        (["CCACHE_NAMESPACE": "n"], ["LARDER_NAMESPACE": "n"]),
        (["CCACHE_PREFIX": "env"], ["LARDER_PREFIX_COMMAND": "env", "LARDER_DISABLE": "1"]),
        (["CCACHE_EXTRAFILES": "x:y"], ["LARDER_EXTRA_INPUTS": "x:y"]),
        (["CCACHE_IGNOREOPTIONS": "-fx -m*"], ["LARDER_IGNORE_OPTIONS": "-fx -m*"]),
        (["CCACHE_SLOPPINESS": "pch_defines,time_macros"], ["LARDER_TIME_MACROS": "ignore"]),
        (["CCACHE_SLOPPINESS": "pch_defines"], [:]),
        (["CCACHE_DEBUG": "1", "CCACHE_NODIRECT": "1", "CCACHE_DEPEND": "1", "CCACHE_TEMPDIR": "/x"], [:]),
    ]

    @Test(arguments: mappings.indices)
    func `what ccache's variables say is what Larder's settings are`(index: Int) throws {
        let (set, expected) = Self.mappings[index]
        let here = try CCacheWorkshop()
        try here.workshop.write("#!/bin/sh\nenv > seen\n", to: "tools/cc")
        try here.workshop.run(["chmod", "+x", "tools/cc"])
        // The workshop's own, and what the launcher notes on its way.
        let other = ["LARDER_DIR", "LARDER_DAEMON", "LARDER_PASSED"]
        func seen(_ set: [String: String]) throws -> [String: String] {
            here.workshop.remove("seen")
            try here.ccache([here.workshop.url("tools/cc").path, "-c", "a.c"], set)
            let lines = String(decoding: here.workshop.read("seen") ?? Data(), as: UTF8.self).split(separator: "\n")
            let pairs = lines.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            let own = pairs.filter { $0[0].hasPrefix("LARDER_") && !other.contains($0[0]) }
            return Dictionary(own.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { $1 }
        }
        #expect(try seen(set) == expected)
        #expect(here.workshop.read("seen") != nil)
    }

    @Test func `CCACHE_LOGFILE gets a line for every decision`() throws {
        let here = try CCacheWorkshop()
        _ = try object(here, ["ccache", "gcc", "-c", "a.c"], ["CCACHE_LOGFILE": here.workshop.url("log").path])
        #expect(String(decoding: here.workshop.read("log") ?? Data(), as: UTF8.self).contains(" miss "))
    }

    /// Every variable of ccache's manual.
    private static let variables = [
        "ABSSTDERR", "BASEDIR", "CC", "COMMENTS", "COMPILER", "COMPILERCHECK", "COMPILERTYPE", "COMPRESS",
        "COMPRESSLEVEL", "CONFIGPATH", "CPP2", "DEBUG", "DEBUGDIR", "DEBUGLEVEL", "DEPEND", "DIR", "DIRECT", "DISABLE",
        "EXTENSION", "EXTRAFILES", "FILECLONE", "HARDLINK", "HASHDIR", "IGNOREHEADERS", "IGNOREOPTIONS", "INODECACHE",
        "LIMIT_MULTIPLE", "LOGFILE", "MAXFILES", "MAXSIZE", "MSVC_DEP_PREFIX", "NAMESPACE", "PATH", "PCH_EXTSUM",
        "PREFIX_CPP", "READONLY", "READONLY_DIRECT", "RECACHE", "REMOTE_ONLY", "REMOTE_STORAGE", "RESHARE",
        "RESPONSE_FILE_FORMAT", "SECONDARY_STORAGE", "SLOPPINESS", "STATS", "STATSLOG", "TEMPDIR", "UMASK",
        "UNHEARD_OF",
    ]
    private static let odd = [
        "", "0", "no", "1", "-1", "99999999999999999999", "../nowhere", "/proc/nowhere", "/dev/null",
        "command:false %x",
        "string:\u{1F}", "a b\tc;d:e", "${HOME", "redis://127.0.0.1:1", "\u{FF}\u{1F600}",
    ]

    @Test(arguments: odd)
    func `no value of any variable fails a build or changes its result`(value: String) throws {
        let here = try CCacheWorkshop()
        let bare = try object(here, ["gcc", "-c", "a.c"])
        let meant: Set = ["CC", "COMPILER", "PATH"]
        for variable in Self.variables where !meant.contains(variable) || value.isEmpty {
            #expect(
                try object(here, ["ccache", "gcc", "-c", "a.c"], ["CCACHE_\(variable)": value]) == bare,
                "\(variable)"
            )
            let negated = ["CCACHE_NO\(variable)": value]
            #expect(try object(here, ["ccache", "gcc", "-c", "a.c"], negated) == bare, "NO\(variable)")
        }
    }

    @Test(arguments: [
        "max_size = lots", "disable = maybe", "base_dir = here", "= x", "no equals sign", "\u{0}\u{FF}\n\n===",
        "max_size = 1k\nmax_files = many\nlog_file = /nowhere/x\nunheard_of = 1", "cache_dir = /proc/nowhere",
    ])
    func `no line of ccache.conf fails a build or changes its result`(text: String) throws {
        let here = try CCacheWorkshop()
        let bare = try object(here, ["gcc", "-c", "a.c"])
        try here.workshop.write(text, to: "cc/ccache.conf")
        for _ in 0..<2 { #expect(try object(here, ["ccache", "gcc", "-c", "a.c"]) == bare) }
    }

    // MARK: - ccache beside it

    @Test(
        .enabled(if: CCacheWorkshop.real != nil, "ccache is not installed"),
        arguments: ["bin:real", "real:bin", "real:masquerade:bin", "masquerade:real", "bin:masquerade:real"]
    )
    func `with ccache itself in PATH a compile ends, and is the compiler's`(directories: String) throws {
        let here = try CCacheWorkshop()
        try here.link("masquerade/gcc", to: "../bin/ccache")
        try here.link("real/ccache", to: CCacheWorkshop.real ?? "")
        try here.link("real/gcc", to: "ccache")
        let bare = try object(here, ["/usr/bin/gcc", "-c", "a.c"])
        let own = directories.split(separator: ":").map { here.workshop.url(String($0)).path }
        let set = ["PATH": (own + ["/usr/bin", "/bin"]).joined(separator: ":")]
        for words in [["gcc"], ["ccache", "gcc"], ["ccache", here.workshop.url("real/gcc").path]] {
            for _ in 0..<2 { #expect(try object(here, ["timeout", "60"] + words + ["-c", "a.c"], set) == bare) }
        }
    }
}
