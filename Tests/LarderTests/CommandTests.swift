import Files
import Foundation
import LarderStore
import Testing

/// The store's commands, through the built program and with an environment that holds nothing but what is given.
struct CommandTests: ~Copyable {
    /// Removed afterwards; the cache is a directory in it that does not exist yet.
    let scratch: String
    var cache: String { scratch + "/cache" }

    init() throws {
        scratch = FileManager.default.temporaryDirectory.path + "/larder-commands-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: scratch) }

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        /// The document on standard output.
        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }

        func counts(_ name: String) throws -> [String: Int] { try #require(try json()[name] as? [String: Int]) }
    }

    static var program: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("larder").path
    }

    func larder(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        try run(Self.program, arguments, environment: environment.merging(["LARDER_DIR": cache]) { given, _ in given })
    }

    func run(_ program: String, _ arguments: [String], environment: [String: String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: scratch)
        process.standardInput = FileHandle.nullDevice
        // Files, so that nobody has to read two pipes at once.
        let names = (scratch + "/" + UUID().uuidString, scratch + "/" + UUID().uuidString)
        for name in [names.0, names.1] { _ = FileManager.default.createFile(atPath: name, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: names.0)
        process.standardError = FileHandle(forWritingAtPath: names.1)
        try process.run()
        process.waitUntilExit()
        defer { for name in [names.0, names.1] { try? FileManager.default.removeItem(atPath: name) } }
        #expect(process.terminationReason == .exit)
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: names.0)), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: names.1)), as: UTF8.self)
        )
    }

    /// Publishes `count` entries of some 40 KiB, and returns their files.
    @discardableResult
    func publish(_ count: Int) throws -> [String] {
        let store = EntryStore(at: Path(cache))
        var files: [String] = []
        for number in 0..<count {
            var builder = KeyBuilder(domain: "command-tests")
            builder.add("number", Int64(number))
            let key = builder.finish()
            let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* (number + 3) >> 3) }
            try store.publish(key, parts: [NewPart("object", .bytes(bytes), codec: .stored)])
            let hex = Array(key.digest.hex)
            files.append("\(cache)/entries/\(String(hex[0..<2]))/\(String(hex[2..<4]))/\(String(hex[4...]))")
        }
        return files
    }

    func write(_ text: String, to file: String) throws {
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        try text.write(toFile: cache + "/" + file, atomically: false, encoding: .utf8)
    }

    /// Failure in one sentence, and nothing else.
    func expectSentence(_ outcome: Outcome, status: Int32, _ words: String, _ at: SourceLocation = #_sourceLocation) {
        #expect(outcome.status == status, sourceLocation: at)
        #expect(outcome.output.isEmpty, sourceLocation: at)
        #expect(outcome.errors.hasPrefix("larder: "), "\(outcome.errors)", sourceLocation: at)
        #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome.errors)", sourceLocation: at)
        #expect(outcome.errors.contains(words), "\(outcome.errors)", sourceLocation: at)
    }

    // MARK: Help and usage

    @Test(arguments: ["--help", "-h", "help"])
    func `help explains the launcher first, then the commands`(word: String) throws {
        let help = try larder(word)
        #expect(help.status == 0 && help.errors.isEmpty)
        let launcher = try #require(help.output.range(of: "larder g++ -O2 -c a.cpp"))
        let commands = try #require(help.output.range(of: "Commands"))
        #expect(launcher.lowerBound < commands.lowerBound)
        for word in ["stats", "config", "verify", "gc", "clear", "completions", "LARDER_BASE_DIR", "max_size"] {
            #expect(help.output.contains(word))
        }
    }

    @Test(arguments: ["stats", "config", "verify", "gc", "clear", "init", "completions"])
    func `every command has a help`(command: String) throws {
        let help = try larder(command, "--help")
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.output.contains("Usage: larder \(command)"))
        #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
        #expect(try larder("help", command).output == help.output)
        #expect(try larder(command, "-h", "and more", "words than it takes").output == help.output)
    }

    @Test func `the version is one line`() throws {
        let version = try larder("--version")
        #expect(version.status == 0)
        #expect(version.output.hasPrefix("larder ") && version.output.filter { $0 == "\n" }.count == 1)
    }

    @Test func `a usage error is one sentence and status 2`() throws {
        expectSentence(try larder("help", "bogus"), status: 2, "there is no command 'bogus'")
        expectSentence(try larder("stats", "--bogus"), status: 2, "unknown option '--bogus'; see 'larder stats --help'")
        expectSentence(try larder("stats", "more"), status: 2, "unexpected argument 'more'")
        expectSentence(try larder("stats", "--json=yes"), status: 2, "'--json' takes no value")
        expectSentence(try larder("gc", "--max-size"), status: 2, "'--max-size' needs a value")
        expectSentence(try larder("gc", "--max-size", "lots"), status: 2, "max_size is \"lots\", but it must be a size")
        expectSentence(try larder("config", "frobnicate"), status: 2, "unknown argument 'frobnicate'")
        expectSentence(try larder("config", "get"), status: 2, "takes one KEY")
        expectSentence(try larder("completions", "csh"), status: 2, "no script for 'csh'")
    }

    @Test func `a setting that does not parse is named, with status 2`() throws {
        for command in ["stats", "verify", "gc", "clear", "config"] {
            expectSentence(
                try larder(command, environment: ["LARDER_MAX_SIZE": "lots"]),
                status: 2,
                "LARDER_MAX_SIZE is \"lots\""
            )
        }
        expectSentence(try larder("stats", environment: ["LARDER_DIR": ""]), status: 2, "set LARDER_DIR, or HOME")
        expectSentence(try larder("stats", environment: ["LARDER_DIR": "x"]), status: 2, "an absolute path")
        #expect(!FileManager.default.fileExists(atPath: cache))
    }

    @Test func `output that nobody reads is no failure, output that cannot be stored is one`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["--help"]
        let (output, errors) = (Pipe(), Pipe())
        try output.fileHandleForReading.close()
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        try errors.fileHandleForWriting.close()
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(complaint.isEmpty)

        let full = try run("/bin/sh", ["-c", "'\(Self.program)' --help > /dev/full"], environment: [:])
        expectSentence(full, status: 1, "cannot write to standard output")
    }

    // MARK: stats

    @Test func `without a cache all counts are 0, and none is made`() throws {
        let stats = try larder("stats", "--json")
        #expect(stats.status == 0 && stats.errors.isEmpty)
        let json = try stats.json()
        for name in ["hits", "misses", "bypasses", "errors", "entries", "bytes", "saved_ms"] {
            #expect(json[name] as? Int == 0, "\(name)")
        }
        for name in ["misses_by_reason", "bypasses_by_cause", "errors_by_cause"] {
            #expect((json[name] as? [String: Int])?.isEmpty == true, "\(name)")
        }
        #expect((json["max_bytes"] as? Int ?? 0) >= 5 << 30)
        #expect(try larder("stats").status == 0)
        #expect(try larder("verify").status == 0)
        #expect(try larder("gc").status == 0)
        #expect(try larder("clear").status == 0)
        #expect(!FileManager.default.fileExists(atPath: cache))
    }

    @Test func `what the journal says is counted by cause`() throws {
        try publish(3)
        let journal = Journal(at: Path(cache))
        for _ in 0..<9 { journal.record(Event(.hit, cause: "direct", microseconds: 500_000)) }
        journal.record(Event(.miss, cause: "absent", microseconds: 1))
        journal.record(Event(.bypass, cause: "linking"))
        journal.record(Event(.bypass, cause: "linking"))
        journal.record(Event(.bypass, cause: "from_stdin"))
        journal.record(Event(.error, cause: "no_space"))

        let stats = try larder("stats", "--json", environment: ["LARDER_MAX_SIZE": "1GiB"])
        let json = try stats.json()
        #expect(json["hits"] as? Int == 9)
        #expect(json["misses"] as? Int == 1)
        #expect(json["bypasses"] as? Int == 3)
        #expect(json["errors"] as? Int == 1)
        #expect(json["saved_ms"] as? Int == 4500)
        #expect(json["entries"] as? Int == 3)
        #expect((json["bytes"] as? Int ?? 0) >= 120_000)
        #expect(json["max_bytes"] as? Int == 1 << 30)
        #expect(try stats.counts("misses_by_reason") == ["absent": 1])
        #expect(try stats.counts("bypasses_by_cause") == ["linking": 2, "from_stdin": 1])
        #expect(try stats.counts("errors_by_cause") == ["no_space": 1])

        let table = try larder("stats").output
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for line in ["Lookups 10", "hits 9 90.0 %", "misses 1 10.0 %", "Bypasses 3", "from stdin 1", "Entries 3"] {
            #expect(lines.contains(line), "\(table)")
        }
        #expect(
            lines.contains { $0.hasPrefix("Time saved 4.5 s (") } && lines.contains { $0.hasPrefix("Counting since ") },
            "\(table)"
        )
        #expect(try #require(lines.firstIndex(of: "linking 2")) < (try #require(lines.firstIndex(of: "from stdin 1"))))
    }

    @Test func `any directory name is proper JSON`() throws {
        let odd = scratch + "/a \"quoted\" \\ name\n\t\u{1}\u{E9}\u{1F600}"
        let stats = try larder("stats", "--json", environment: ["LARDER_DIR": odd])
        #expect(try stats.json()["directory"] as? String == odd)
        #expect(try larder("stats", environment: ["LARDER_DIR": odd]).status == 0)
    }

    @Test func `the option for the directory wins, and may be relative`() throws {
        try publish(1)
        let stats = try larder("stats", "--json", "--dir", "cache", environment: ["LARDER_DIR": "/nowhere"])
        #expect(try stats.json()["entries"] as? Int == 1)
        #expect(try larder("stats", "--json", "--dir=cache").json()["entries"] as? Int == 1)
    }

    // MARK: clear, gc, verify

    @Test func `clear removes every entry and every count, and keeps the settings`() throws {
        try publish(3)
        try write("# mine\nstrict = no\n", to: "larder.conf")
        Journal(at: Path(cache)).record(Event(.hit))
        let cleared = try larder("clear", "-y")
        #expect(cleared.status == 0)
        #expect(cleared.output.hasPrefix("Removed 3 entries ("))
        let json = try larder("stats", "--json").json()
        for name in ["hits", "entries", "bytes"] { #expect(json[name] as? Int == 0, "\(name)") }
        #expect(FileManager.default.fileExists(atPath: cache + "/larder.conf"))
        try publish(1)
    }

    @Test(arguments: ["larder 999\n", "rubbish \u{1}", "larder -1\n"])
    func `clear is the way out of any other format`(marker: String) throws {
        try publish(2)
        try write(marker, to: "format")
        expectSentence(try larder("verify"), status: 1, "larder clear")
        #expect(try larder("clear").status == 0)
        try publish(1)
        #expect(try larder("verify").status == 0)
    }

    @Test func `clear keeps its hands off what is no cache`() throws {
        try FileManager.default.createDirectory(atPath: cache + "/entries", withIntermediateDirectories: true)
        try write("precious", to: "entries/diary.txt")
        expectSentence(try larder("clear", "-y"), status: 1, "does not look like a cache")
        #expect(FileManager.default.fileExists(atPath: cache + "/entries/diary.txt"))
    }

    @Test func `a cache that is read-only stays as it is`() throws {
        let files = try publish(1)
        let environment = ["LARDER_READONLY": "1"]
        expectSentence(try larder("clear", environment: environment), status: 1, "LARDER_READONLY")
        expectSentence(try larder("gc", environment: environment), status: 1, "LARDER_READONLY")
        try FileManager.default.removeItem(atPath: files[0])
        _ = FileManager.default.createFile(atPath: files[0], contents: Data("damage".utf8))
        let verified = try larder("verify", "--json", environment: environment)
        #expect(verified.status == 1)
        #expect(try verified.json()["removed"] as? Int == 0)
        #expect(FileManager.default.fileExists(atPath: files[0]))
    }

    @Test func `gc shrinks the cache to four fifths of what is allowed`() throws {
        try publish(20)
        let before = try #require(try larder("stats", "--json").json()["bytes"] as? Int)
        let unchanged = try larder("gc", "--json").json()
        #expect(unchanged["evicted_entries"] as? Int == 0)
        #expect(unchanged["entries"] as? Int == 20)

        let limit = before / 2
        let json = try larder("gc", "--json", "--max-size", "\(limit)").json()
        let bytes = try #require(json["bytes"] as? Int)
        #expect(bytes <= limit * 4 / 5 && bytes > 0)
        #expect(try #require(json["evicted_bytes"] as? Int) == before - bytes)
        #expect(json["max_bytes"] as? Int == limit)
        #expect(try larder("stats", "--json").json()["bytes"] as? Int == bytes)
        #expect(try larder("gc").output.contains("In the cache now"))
    }

    @Test func `verify finds and removes what is damaged, and ends with 1`() throws {
        let files = try publish(3)
        let whole = try larder("verify", "--json")
        #expect(whole.status == 0 && whole.errors.isEmpty)
        #expect(try whole.json()["entries"] as? Int == 3)

        var bytes = try Data(contentsOf: URL(fileURLWithPath: files[1]))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: files[1]))
        let damaged = try larder("verify")
        #expect(damaged.status == 1 && damaged.errors.isEmpty)
        #expect(damaged.output.contains("damaged, removed: "))
        #expect(!FileManager.default.fileExists(atPath: files[1]))
        let rest = try larder("verify", "--json")
        #expect(rest.status == 0)
        #expect(try rest.json()["entries"] as? Int == 2)
        #expect(try larder("stats", "--json").json()["entries"] as? Int == 2)
    }

    // MARK: config

    @Test func `config shows each value and where it comes from`() throws {
        try write("base_dir = /src\nfuture = 1\n", to: "larder.conf")
        let show = try larder("config", environment: ["LARDER_MAX_SIZE": "7GiB"])
        #expect(show.status == 0)
        #expect(show.errors.contains("warning: line 2 of \(cache)/larder.conf sets \"future\""))
        let lines = show.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for line in [
            "dir \(cache) LARDER_DIR", "max_size 7GiB LARDER_MAX_SIZE", "base_dir /src \(cache)/larder.conf",
            "read_only false default", "compression none default",
        ] {
            #expect(lines.contains(line), "\(show.output)")
        }
        let row = try larder("config", "show", "--json").json()["base_dir"] as? [String: String]
        #expect(row == ["value": "/src", "source": "\(cache)/larder.conf"])
        #expect(try larder("config", "get", "base_dir").output == "/src\n")
        #expect(try larder("config", "get", "log").output == "\n")
    }

    @Test func `config set edits the file and keeps the rest`() throws {
        try write("# mine\nmax_size = 1GiB\n", to: "larder.conf")
        #expect(try larder("config", "set", "max_size", "2GiB").status == 0)
        #expect(try larder("config", "set", "strict", "yes").status == 0)
        let content = try String(contentsOfFile: cache + "/larder.conf", encoding: .utf8)
        #expect(content == "# mine\nmax_size = 2GiB\nstrict = yes\n")
        #expect(try larder("config", "get", "strict").output == "true\n")

        expectSentence(try larder("config", "set", "max_size", "lots"), status: 2, "max_size is \"lots\"")
        expectSentence(
            try larder("config", "set", "max_sise", "1GiB"),
            status: 2,
            "no setting called \"max_sise\"; there are dir,"
        )
        expectSentence(try larder("config", "set", "dir", "/x"), status: 2, "set LARDER_DIR in the environment")
        expectSentence(try larder("config", "get", "nope"), status: 2, "no setting called \"nope\"")
        #expect(try String(contentsOfFile: cache + "/larder.conf", encoding: .utf8) == content)

        let hidden = try larder("config", "set", "strict", "no", environment: ["LARDER_STRICT": "1"])
        #expect(hidden.status == 0)
        #expect(hidden.errors.contains("LARDER_STRICT is set in the environment and wins"))
    }

    @Test func `config set mends a file that is wrong`() throws {
        try write("max_size = lots\n", to: "larder.conf")
        expectSentence(try larder("stats"), status: 2, "max_size in \(cache)/larder.conf is \"lots\"")
        #expect(try larder("config", "set", "max_size", "1GiB").status == 0)
        #expect(try larder("stats").status == 0)
    }

    // MARK: completions

    @Test func `bash completes commands, options, keys and programs`() throws {
        func completions(of words: String...) throws -> Set<String> {
            let quoted = words.map { "'\($0)'" }.joined(separator: " ")
            let script = """
                eval "$('\(Self.program)' completions bash)"
                COMP_WORDS=(\(quoted)); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _larder
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let outcome = try run("/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
            #expect(outcome.errors.isEmpty)
            return Set(outcome.output.split(separator: "\n").map(String.init))
        }
        #expect(try completions(of: "larder", "sta").contains("stats"))
        #expect(try completions(of: "larder", "bas").contains("bash"))
        #expect(try completions(of: "larder", "stats", "--j") == ["--json"])
        #expect(try completions(of: "larder", "config", "") == ["show", "get", "set"])
        #expect(try completions(of: "larder", "config", "get", "max") == ["max_size"])
        #expect(try completions(of: "larder", "help", "ver") == ["verify"])
        #expect(try completions(of: "larder", "pd").contains("pdf"))
        #expect(try completions(of: "larder", "pdf", "") == ["text", "json", "info", "grep", "cache"])
        #expect(try completions(of: "larder", "jdk", "ref") == ["refresh"])
        #expect(try completions(of: "larder", "purge", "/etc/os-rel") == ["/etc/os-release"])
        #expect(try completions(of: "larder", "purge", "--dr") == ["--dry-run"])
        #expect(try completions(of: "larder", "help", "p") == ["purge", "pdf"])
    }

    @Test(arguments: ["zsh", "fish"])
    func `other shells accept their script`(shell: String) throws {
        let script = try larder("completions", shell)
        #expect(script.status == 0 && script.output.contains("max_size"))
        guard let path = ["/usr/bin/", "/bin/"].map({ $0 + shell }).first(where: FileManager.default.isExecutableFile)
        else {
            try Test.cancel("\(shell) is not installed")
        }
        try script.output.write(toFile: scratch + "/script", atomically: false, encoding: .utf8)
        let checked = try run(path, ["-n", scratch + "/script"], environment: [:])
        #expect(checked.status == 0 && checked.errors.isEmpty)
    }
}
