import Files
import Foundation
import LarderStore
import Testing

/// Settings with a cache directory of their own and no environment but the one given.
struct SettingsTests: ~Copyable {
    let home: String

    init() throws {
        home = FileManager.default.temporaryDirectory.path + "/larder-settings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    func write(_ text: String) throws {
        try text.write(toFile: home + "/larder.conf", atomically: false, encoding: .utf8)
    }

    func load(_ variables: [String: String] = [:], flags: [SettingKey: [UInt8]] = [:]) throws(SettingsError) -> Settings
    {
        let variables = variables.merging(["LARDER_DIR": home]) { given, _ in given }
        return try Settings.load(flags: flags) { variables["\($0)"].map { Array($0.utf8) } }
    }

    @Test func `without any setting the defaults hold`() throws {
        let settings = try load()
        #expect(settings.directory == Path(home))
        #expect(settings.source(of: .directory) == .environment("LARDER_DIR"))
        #expect(settings.maximumSize == nil)
        #expect(settings.maximumBytes == nil)
        #expect(settings.baseDirectories.isEmpty)
        #expect(settings.log == nil)
        #expect(settings.compression == .none)
        #expect(!settings.isDisabled && !settings.isReadOnly && !settings.recache && !settings.isStrict)
        #expect(settings.table.dropFirst().allSatisfy { $0.source == .builtin })
    }

    @Test func `a flag wins over the environment, that over the file`() throws {
        try write("max_size = 1GiB\nread_only = yes\ncompression=zstd\n")
        let settings = try load(
            ["LARDER_MAX_SIZE": "2GiB", "LARDER_READONLY": "off"],
            flags: [.maximumSize: Array("3GiB".utf8)]
        )
        #expect(settings.maximumSize == .bytes(3 << 30))
        #expect(settings.source(of: .maximumSize) == .flag)
        #expect(!settings.isReadOnly)
        #expect(settings.source(of: .readOnly) == .environment("LARDER_READONLY"))
        #expect(settings.compression == .zstd)
        #expect(settings.source(of: .compression) == .file(Path(home + "/larder.conf")))
    }

    @Test func `every setting can come from the environment`() throws {
        let settings = try load([
            "LARDER_MAX_SIZE": "5%", "LARDER_BASE_DIR": "/src/:/other", "LARDER_DISABLE": "1",
            "LARDER_READONLY": "true",
            "LARDER_RECACHE": "Yes", "LARDER_STRICT": "ON", "LARDER_LOG": "larder.log", "LARDER_COMPRESSION": "zstd",
            "LARDER_LOCK_TIMEOUT": "2.5", "LARDER_LOCK_MODE": "lease",
            "LARDER_JDK_MIRROR_URL": "https://mirror.example", "LARDER_JDK_FOOJAY_URL": "",
            "LARDER_DAEMON": "off", "LARDER_DAEMON_IDLE": "5m", "LARDER_SINGLE_FLIGHT": "no",
            "LARDER_CACHE_LINK": "1", "LARDER_TRUST_OWNER": "yes", "LARDER_NAMESPACE": "n",
            "LARDER_PREFIX_COMMAND": "distcc -x",
            "LARDER_EXTRA_INPUTS": "/etc/a:/b", "LARDER_IGNORE_OPTIONS": "-DA  -W*", "LARDER_TIME_MACROS": "ignore",
            "LARDER_REMOTE": "redis://a s3://b/c|anonymous=yes", "LARDER_REMOTE_WRITE": "protected",
            "LARDER_REMOTE_TRUST": String(repeating: "0a", count: 32), "LARDER_REMOTE_KEY": "/key",
            "LARDER_VERIFY_HITS": "1/20", "LARDER_METRICS": "localhost:9464",
            "LARDER_NAMESPACE_SIZE": "ci=2GiB *=5%", "LARDER_HARD_LINKS": "yes",
        ])
        #expect(try settings.webSource(.jdkMirrorURL) == .url("https://mirror.example"))
        #expect(try settings.webSource(.jdkFoojayURL) == .off)
        #expect(settings.maximumSize == .share(5000))
        #expect((settings.maximumBytes ?? 0) > 0)
        #expect(settings.baseDirectories.paths == ["/src", "/other"])
        #expect(settings.isDisabled && settings.isReadOnly && settings.recache && settings.isStrict)
        #expect(settings.log == "larder.log")
        #expect(settings.compression == .zstd)
        #expect(settings.lockTimeout == LockTimeout(nanoseconds: 2_500_000_000, source: "LARDER_LOCK_TIMEOUT"))
        #expect(settings.lockMode == .lease)
        #expect(!settings.usesDaemon && !settings.isSingleFlight && settings.cachesLinks && settings.trustsOwner)
        #expect(settings.linksOutputs)
        #expect(settings.daemonIdleNanoseconds == 300_000_000_000)
        #expect(settings.namespace == Array("n".utf8) && settings.ignoresTimeMacros)
        #expect(settings.prefixCommand == [Array("distcc".utf8), Array("-x".utf8)])
        #expect(settings.extraInputs == ["/etc/a", "/b"])
        #expect(settings.remote == Array("redis://a s3://b/c|anonymous=yes".utf8) && settings.isRemoteFit)
        #expect(settings.remoteWrite == .protected && settings.remoteTrust.count == 1)
        #expect(settings.remoteKey == "/key")
        #expect(settings.namespaceSizes.description == "ci=2GiB *=5%")
        #expect(settings.verifiedShare == 20 && settings.metrics == .loopback(port: 9464))
        let words = ["-DA", "-DAB", "-Wall", "-W", "W"].map { settings.ignoresOption($0.utf8) }
        #expect(words == [true, false, true, true, false])
        for key in SettingKey.allCases { #expect(settings.source(of: key) == .environment("\(key.variable)")) }
    }

    @Test func `what is wrong with remote caches keeps nobody from the local one`() throws {
        try write("remote = redis://a")
        #expect(try load([:]).remote == Array("redis://a".utf8))
        #expect(try load(["LARDER_REMOTE": ""]).remote == [])
        let settings = try load(["LARDER_REMOTE": "nonsense"])
        #expect(!settings.isRemoteFit)
        #expect(settings.sentTo.addresses == settings.remote)
        // Who is to be believed is no matter of taste.
        #expect(throws: SettingsError.self) { try load(["LARDER_REMOTE_TRUST": "0a0a"]) }
        // It looks like nobody, and would be everybody.
        #expect(throws: SettingsError.self) { try load(["LARDER_REMOTE_TRUST": " "]) }
    }

    @Test func `addresses are shown without what lets somebody in`() throws {
        func shown(_ text: String) throws -> String { try load(["LARDER_REMOTE": text]).value(of: .remote) }
        #expect(try shown("redis://u:p@h:1|ttl=5 http://h/a@b") == "redis://h:1|ttl=5 http://b")
        #expect(try shown("s3://b/c|endpoint=http://u:p@h") == "s3://b/c|endpoint=http://h")
    }

    @Test func `a URL is checked where it is used, and set but empty means off`() throws {
        try write("jdk_mirror_url =\njdk_foojay_url = ftp://x")
        let settings = try load(["LARDER_JDK_FOOJAY_URL": "nonsense"])
        #expect(try settings.webSource(.jdkMirrorURL) == .off)
        #expect(throws: SettingsError.self) { try settings.webSource(.jdkFoojayURL) }
        try write("")
        #expect(try load([:]).webSource(.jdkMirrorURL) == .standard)
        #expect(try load(["LARDER_JDK_MIRROR_URL": "OFF"]).webSource(.jdkMirrorURL) == .off)
    }

    @Test func `an empty variable counts as not set`() throws {
        try write("strict = true")
        let settings = try load(["LARDER_STRICT": "", "LARDER_MAX_SIZE": "", "LARDER_BASE_DIR": ""])
        #expect(settings.isStrict)
        #expect(settings.maximumSize == nil)
    }

    @Test(arguments: [
        (["LARDER_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/a"),
        (["LARDER_DIR": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/b/larder"),
        (["LARDER_DIR": "", "XDG_CACHE_HOME": "b", "HOME": "/c"], "/c/.cache/larder"),
        (["LARDER_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/c"], "/c/.cache/larder"),
    ])
    func `the home is found where users expect it`(variables: [String: String], directory: String) throws {
        #expect(try load(variables).directory == Path(directory))
    }

    @Test(arguments: [[:], ["HOME": ""], ["HOME": "relative"]])
    func `without a home there is one clear sentence`(variables: [String: String]) {
        let error = #expect(throws: SettingsError.self) {
            try load(variables.merging(["LARDER_DIR": ""]) { a, _ in a })
        }
        #expect(error?.description == "there is no place for the cache: set LARDER_DIR, or HOME, to an absolute path")
    }

    @Test(arguments: [
        ("LARDER_DIR", "cache"), ("LARDER_MAX_SIZE", "five"), ("LARDER_BASE_DIR", "src"), ("LARDER_DISABLE", "2"),
        ("LARDER_READONLY", "maybe"), ("LARDER_RECACHE", " 1"), ("LARDER_STRICT", "y"), ("LARDER_COMPRESSION", "zstd "),
    ])
    func `a variable that does not parse is an error that names it`(variable: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try load([variable: value]) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("\(variable) is \"\(value)\", but it must be "))
    }

    @Test func `an error says what is accepted and where it stands`() throws {
        try write("# a comment\n\nmax_size = lots\n")
        let error = #expect(throws: SettingsError.self) { try load() }
        #expect(
            error?.description
                == "max_size in \(home)/larder.conf is \"lots\", but it must be a size such as 5GiB, 500M or 1.5TiB, "
                + "a share such as 5%, or a number of bytes"
        )
        #expect(error?.isStrict == false)
        #expect(#expect(throws: SettingsError.self) { try load(["LARDER_STRICT": "1"]) }?.isStrict == true)
    }

    @Test func `an error knows whether strictness was asked for, wherever that stands`() throws {
        func isStrict(_ variables: [String: String]) -> Bool? {
            #expect(throws: SettingsError.self) { try load(variables) }?.isStrict
        }
        #expect(isStrict(["LARDER_MAX_SIZE": "lots"]) == false)
        #expect(isStrict(["LARDER_MAX_SIZE": "lots", "LARDER_STRICT": "1"]) == true)
        #expect(isStrict(["LARDER_STRICT": "perhaps"]) == true)
        try write("strict = 1\n")
        #expect(isStrict(["LARDER_MAX_SIZE": "lots"]) == true)
        #expect(isStrict(["LARDER_MAX_SIZE": "lots", "LARDER_STRICT": "0"]) == false)
    }

    @Test func `comments, blanks, carriage returns and a missing end are fine`() throws {
        try write("# max_size = 1GiB\r\n\r\n\t base_dir=/with # and = in it \r\n  #x\nlog =\nstrict=1")
        let settings = try load()
        #expect(settings.baseDirectories.paths == ["/with # and = in it"])
        #expect(settings.maximumSize == nil)
        #expect(settings.log == nil)
        #expect(settings.isStrict)
    }

    @Test func `of two lines the later counts, and unknown keys are only reported`() throws {
        try write("max_size = 1GiB\nfuture = 7\nmax_size = 2GiB\n")
        let settings = try load()
        #expect(settings.maximumSize == .bytes(2 << 30))
        #expect(settings.ignoredLines.map(\.key) == ["future"])
        #expect(settings.ignoredLines.map(\.number) == [2])
    }

    @Test(arguments: ["max_size 1GiB", "= 5", "dir = /x", "log = relative.log", "\u{1}\u{1B}[2J"])
    func `a line that makes no sense is an error`(line: String) throws {
        try write(line + "\n")
        let error = #expect(throws: SettingsError.self) { try load() }
        let text = error?.description ?? ""
        #expect(text.contains("\(home)/larder.conf"))
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func `a file that cannot be read is an error, a missing directory is none`() throws {
        try FileManager.default.createDirectory(atPath: home + "/larder.conf", withIntermediateDirectories: false)
        let error = #expect(throws: SettingsError.self) { try load() }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("the settings cannot be read: "))
        #expect(try load(["LARDER_DIR": home + "/not/there"]).maximumSize == nil)
    }

    @Test func `a long file is read whole, and one without end is refused`() throws {
        try write(String(repeating: "# nothing to see here\n", count: 1000) + "strict = 1\n")
        #expect(try load().isStrict)
        try write(String(repeating: "#", count: 1 << 20 + 1))
        #expect(throws: SettingsError.self) { try load() }
    }

    // MARK: Editing

    func edit(_ key: SettingKey, _ value: String) throws(Settings.EditError) {
        try Settings.edit(key, to: Array(value.utf8), in: Path(home))
    }

    func content() throws -> String { try String(contentsOfFile: home + "/larder.conf", encoding: .utf8) }

    @Test func `an edit keeps every other line`() throws {
        try write("# mine\nfuture = 7\n max_size=1GiB\n\nstrict = 1")
        try edit(.maximumSize, " 2GiB ")
        #expect(try content() == "# mine\nfuture = 7\nmax_size = 2GiB\n\nstrict = 1")
        try edit(.baseDirectory, "/src")
        #expect(try content() == "# mine\nfuture = 7\nmax_size = 2GiB\n\nstrict = 1\nbase_dir = /src\n")
        try edit(.maximumSize, "")
        #expect(try content() == "# mine\nfuture = 7\n\nstrict = 1\nbase_dir = /src\n")
    }

    @Test func `an edit makes the file, and one of two lines for a setting goes`() throws {
        try edit(.strict, "yes")
        #expect(try content() == "strict = yes\n")
        try write("strict = no\n# between\nstrict = no\n")
        try edit(.strict, "yes")
        #expect(try content() == "strict = yes\n# between\n")
        #expect(try load().isStrict)
    }

    @Test(arguments: [
        (SettingKey.directory, "/x"), (.maximumSize, "lots"), (.strict, "2"), (.log, "relative"), (.log, "/a\nb"),
        (.compression, "gzip"), (.baseDirectory, "x"),
    ])
    func `an edit that would break the file is refused`(key: SettingKey, value: String) throws {
        try write("# before\n")
        #expect(throws: Settings.EditError.self) { try edit(key, value) }
        #expect(try content() == "# before\n")
    }

    @Test func `an edit follows a symbolic link and keeps the mode`() throws {
        let real = home + ".real"
        defer { try? FileManager.default.removeItem(atPath: real) }
        try "# real\n".write(toFile: real, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: real)
        try FileManager.default.createSymbolicLink(atPath: home + "/larder.conf", withDestinationPath: real)
        try edit(.strict, "1")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: home + "/larder.conf") == real)
        #expect(try String(contentsOfFile: real, encoding: .utf8) == "# real\nstrict = 1\n")
        let mode = try FileManager.default.attributesOfItem(atPath: real)[.posixPermissions] as? Int
        #expect(mode == 0o640)
    }

    @Test func `edits at the same time are all kept`() async throws {
        let home = home
        await withTaskGroup(of: Void.self) { group in
            for (key, value) in [
                (SettingKey.strict, "1"), (.maximumSize, "1GiB"), (.baseDirectory, "/a"), (.log, "/l"),
            ] {
                group.addTask {
                    #expect(throws: Never.self) { try Settings.edit(key, to: Array(value.utf8), in: Path(home)) }
                }
            }
        }
        let settings = try load()
        #expect(settings.isStrict)
        #expect(settings.table.filter { $0.source == .file(Path(home + "/larder.conf")) }.count == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home).sorted() == ["larder.conf", "locks"])
    }
}
