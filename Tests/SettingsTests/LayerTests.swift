import Files
import Foundation
import LarderStore
import Testing

/// Which file of settings wins, and what each may say.
struct LayerTests: ~Copyable {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/larder-layers-" + UUID().uuidString
        for directory in ["cache", "project/sub/deep", "home"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(directory)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(root)/\(name)", atomically: false, encoding: .utf8)
    }

    func make(_ directory: String) throws {
        try FileManager.default.createDirectory(atPath: "\(root)/\(directory)", withIntermediateDirectories: true)
    }

    func load(_ variables: [String: String] = [:], in directory: String = "project/sub/deep") throws(SettingsError)
        -> Settings
    {
        var all = [
            "LARDER_DIR": "\(root)/cache", "LARDER_SYSTEM_CONFIG": "\(root)/system.conf", "HOME": "\(root)/home",
        ]
        all.merge(variables) { $1 }
        return try Settings.load(in: Path("\(root)/\(directory)")) { all["\($0)"].map { Array($0.utf8) } }
    }

    @Test func `the environment wins over the project, that over the cache, that over the system`() throws {
        func namespace(_ variables: [String: String] = [:]) throws -> (String, Settings.Source) {
            let settings = try load(variables)
            return (settings.value(of: .namespace), settings.source(of: .namespace))
        }
        try write("namespace = system\n", to: "system.conf")
        #expect(try namespace() == ("system", .file(Path("\(root)/system.conf"))))
        try write("namespace = cache\n", to: "cache/larder.conf")
        #expect(try namespace() == ("cache", .file(Path("\(root)/cache/larder.conf"))))
        try write("namespace = project\n", to: "project/.larder.conf")
        #expect(try namespace() == ("project", .file(Path("\(root)/project/.larder.conf"))))
        #expect(try namespace(["LARDER_NAMESPACE": "me"]) == ("me", .environment("LARDER_NAMESPACE")))
    }

    @Test func `the system may say where the cache is`() throws {
        try write("dir = \(root)/shared\n", to: "system.conf")
        #expect(try load(["LARDER_DIR": ""]).directory == Path("\(root)/shared"))
        #expect(try load().directory == Path("\(root)/cache"))
        try write("dir = shared\n", to: "system.conf")
        let error = #expect(throws: SettingsError.self) { try load(["LARDER_DIR": ""]) }
        #expect(error?.description.hasPrefix("dir in \(root)/system.conf is \"shared\", but it must be") == true)
    }

    @Test(arguments: SettingKey.allCases)
    func `a project sets what can harm nobody, and the rest of its lines is named`(key: SettingKey) throws {
        try write("\n\(key.name) = 1\n", to: "project/.larder.conf")
        let settings = try? load()
        if key.isForProjects {
            #expect(settings?.ignoredLines.isEmpty ?? true)
        } else {
            #expect(settings?.source(of: key) != .file(Path("\(root)/project/.larder.conf")))
            let line = try #require(settings?.ignoredLines.first)
            #expect(line.key == "\(key.name)" && line.number == 2 && !line.isUnknown)
        }
        let dangerous: [SettingKey] = [
            .directory, .log, .prefixCommand, .trustOwner, .maximumSize, .recache, .strict, .daemon, .lockMode,
        ]
        #expect(!dangerous.contains(key) || !key.isForProjects)
    }

    @Test func `the nearest file counts, and none beyond the root of the repository`() throws {
        try write("namespace = outer\n", to: "project/.larder.conf")
        #expect(try load().namespace == Array("outer".utf8))
        try write("namespace = inner\n", to: "project/sub/.larder.conf")
        #expect(try load().namespace == Array("inner".utf8))
        try FileManager.default.removeItem(atPath: "\(root)/project/sub/.larder.conf")
        for mark in [".git", ".hg", ".jj"] {
            try make("project/sub/\(mark)")
            #expect(try load().namespace.isEmpty)
            try FileManager.default.removeItem(atPath: "\(root)/project/sub/\(mark)")
        }
        try make("project/.git")
        #expect(try load().namespace == Array("outer".utf8))
        // A submodule belongs to the worktree around it, a linked worktree does not.
        try write("gitdir: ../.git/modules/sub\n", to: "project/sub/.git")
        #expect(try load().namespace == Array("outer".utf8))
        try write("gitdir: /elsewhere/modules/.git/worktrees/sub\n", to: "project/sub/.git")
        #expect(try load().namespace.isEmpty)
    }

    @Test func `paths in a project's file are seen from there`() throws {
        try write("base_dir = .:src:/abs\nextra_inputs = flags.txt\n", to: "project/.larder.conf")
        let settings = try load()
        #expect(settings.baseDirectories.paths == [Path("\(root)/project"), Path("\(root)/project/src"), "/abs"])
        #expect(settings.extraInputs == [Path("\(root)/project/flags.txt")])
        // From the environment they are seen from the working directory.
        #expect(
            try load(["LARDER_EXTRA_INPUTS": "x"]).extraInputs == [Path("\(root)/project/sub/deep/x")]
        )
        #expect(throws: SettingsError.self) { try load(["LARDER_BASE_DIR": "x"]) }
        try write("base_dir = src\n", to: "cache/larder.conf")
        try FileManager.default.removeItem(atPath: "\(root)/project/.larder.conf")
        #expect(throws: SettingsError.self) { try load() }
    }

    @Test func `a value that does not parse is named with its file`() throws {
        try write("time_macros = perhaps\n", to: "project/.larder.conf")
        let error = #expect(throws: SettingsError.self) { try load() }
        #expect(
            error?.description
                == "time_macros in \(root)/project/.larder.conf is \"perhaps\", but it must be one of keep, ignore"
        )
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away"))
    func `a project's file of another user does not count`() throws {
        try write("namespace = theirs\n", to: "project/.larder.conf")
        #expect(chown("\(root)/project/.larder.conf", 12345, 12345) == 0)
        #expect(try load().namespace.isEmpty)
        #expect(try load(["LARDER_TRUST_OWNER": "1"]).namespace == Array("theirs".utf8))
    }

    @Test func `the base directory of a compile is the root of its worktree`() throws {
        func bases(_ source: String, in directory: String) throws -> [String] {
            let settings = try load(["LARDER_BASE_DIR": "auto"])
            return settings.baseDirectories.paths(for: Path(source), in: Path("\(root)/\(directory)"))
                .map { String($0.description.dropFirst(root.count)) }
        }
        #expect(try bases("a.c", in: "project/sub").isEmpty)
        try make("project/.git")
        #expect(try bases("a.c", in: "project/sub") == ["/project"])
        #expect(try bases("../a.c", in: "project/sub") == ["/project"])
        #expect(try bases("\(root)/project/a.c", in: "home") == ["/project"])
        // A dependency that the build has fetched into itself.
        try make("project/sub/.git")
        #expect(try bases("\(root)/project/sub/a.c", in: "project") == ["/project"])
        #expect(try bases("\(root)/project/a.c", in: "project/sub") == ["/project", "/project/sub"])
    }
}
