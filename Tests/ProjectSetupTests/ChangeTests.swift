import Files
import Foundation
import LarderStore
import ProjectSetup
import TestSupport
import Testing

/// Applying and taking back, whatever happened to the files.
@Suite struct ChangeTests {
    private static let project = [
        "CMakeLists.txt": "project(x)", "Cargo.toml": "[package]\n", ".cargo/config.toml": "[net]\r\n",
        "CMakeUserPresets.json": "{\t\"version\":3\n}",
    ]

    @Test func `permissions are kept, and files that were made are like any other`() throws {
        let fixture = try Fixture(Self.project)
        chmod(fixture.directory + "/CMakeUserPresets.json", 0o640)
        chmod(fixture.directory + "/.cargo/config.toml", 0o755)
        let before = fixture.snapshot
        try fixture.apply()
        let applied = fixture.snapshot
        #expect(applied.items["CMakeUserPresets.json"]?.mode == 0o100_640)
        #expect(applied.items[".cargo/config.toml"]?.mode == 0o100_755)
        #expect(applied.items[".larder.conf"]?.mode == 0o100_666 & ~UInt32(Self.mask))
        #expect(fixture.read(".larder/.gitignore") == "*\n")
        try fixture.undo()
        #expect(fixture.snapshot == before)
    }

    private static let mask: mode_t = {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("Umask:") }
        // Files are made with 0644, of which the mask takes away.
        return (line.flatMap { mode_t($0.split(separator: "\t")[1], radix: 8) } ?? 0o022) | 0o022
    }()

    @Test func `a file that was edited since stays, all else is taken back, and the rest once it is mended`() throws {
        let fixture = try Fixture(Self.project)
        let before = fixture.snapshot
        try fixture.apply()
        let edited = try #require(fixture.read(".cargo/config.toml")) + "# mine\n"
        try fixture.write(edited, to: ".cargo/config.toml")
        let undone = try fixture.undo()
        #expect(undone.kept.map { "\($0.path)" } == [fixture.directory + "/.cargo/config.toml"])
        #expect(String(decoding: undone.kept[0].lines, as: UTF8.self).contains("rustc-wrapper = \"larder\""))
        #expect(fixture.read(".cargo/config.toml") == edited)
        #expect(fixture.read("CMakeUserPresets.json") == Self.project["CMakeUserPresets.json"])
        #expect(fixture.read(".larder.conf") == nil)
        #expect(try fixture.undo().kept.count == 1, "it is still noted")
        // By hand, as the sentence says.
        try fixture.write("[net]\r\n# mine\n", to: ".cargo/config.toml")
        #expect(try fixture.undo().isNothing)
        try fixture.write("[net]\r\n", to: ".cargo/config.toml")
        #expect(fixture.snapshot == before, "nothing of ours is left")
    }

    @Test func `a file that was removed since is not made again`() throws {
        let fixture = try Fixture(Self.project)
        try fixture.apply()
        for name in [".larder.conf", ".cargo/config.toml"] { try fixture.remove(name) }
        #expect(try fixture.undo().restored == ["CMakeUserPresets.json"])
        #expect(fixture.read(".cargo/config.toml") == nil && fixture.read(".larder/init") == nil)
    }

    @Test func `what is applied on top of an edit is taken back to that edit`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)"])
        try fixture.apply()
        let edited = "{\"version\": 3, \"configurePresets\": [{\"name\": \"new\"}]}"
        try fixture.write(edited, to: "CMakeUserPresets.json")
        try fixture.apply()
        #expect(fixture.read("CMakeUserPresets.json")?.contains("new-larder") == true)
        try fixture.undo()
        #expect(fixture.read("CMakeUserPresets.json") == edited)
        #expect(fixture.read(".larder/init") == nil)
    }

    @Test func `more can be applied later, and all of it is taken back at once`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)"])
        let before = fixture.snapshot
        try fixture.apply()
        try fixture.write("{\"version\": 3, \"configurePresets\": [{\"name\": \"p\"}]}", to: "CMakePresets.json")
        try fixture.write("[package]\n", to: "Cargo.toml")
        #expect(try fixture.plan().edits.map(\.name) == ["CMakeUserPresets.json", ".cargo/config.toml"])
        try fixture.apply()
        try fixture.undo()
        for name in ["CMakePresets.json", "Cargo.toml"] { try fixture.remove(name) }
        #expect(fixture.snapshot == before)
    }

    @Test func `a symbolic link within the project stays one, and one that leads out of it is refused`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)", "dev/my presets.json": "{\"version\": 3}"])
        try fixture.link("CMakeUserPresets.json", to: "dev/my presets.json")
        let before = fixture.snapshot
        try fixture.apply()
        #expect(fixture.read("dev/my presets.json")?.contains("larder") == true)
        #expect(fixture.snapshot.items["CMakeUserPresets.json"] == before.items["CMakeUserPresets.json"])
        try fixture.undo()
        #expect(fixture.snapshot == before)

        let outside = try Fixture(["presets.json": "{\"version\": 3}", "cargo/config.toml": ""])
        let other = try Fixture(["CMakeLists.txt": "project(x)", "Cargo.toml": "[package]\n"])
        try other.link("CMakeUserPresets.json", to: outside.directory + "/presets.json")
        try other.link(".cargo", to: outside.directory + "/cargo")
        try other.link(".larder.conf", to: "nowhere")
        let sentences = try other.plan().problems.map(\.description)
        #expect(sentences.count == 3 && sentences.filter { $0.contains("leads out of the project") }.count == 2)
        #expect(sentences.last?.contains("leads nowhere") == true)
        #expect(try other.plan().edits.isEmpty)
        // A link that appears after the files were made is not followed by undo, either.
        let third = try Fixture(["Cargo.toml": "[package]\n"])
        try third.apply()
        try FileManager.default.removeItem(atPath: third.directory + "/.cargo")
        try third.link(".cargo", to: outside.directory + "/cargo")
        let kept = outside.snapshot
        #expect(try third.undo().problems.count == 1)
        #expect(outside.snapshot == kept)
    }

    @Test func `a file that its owner made read-only is left alone`() throws {
        let fixture = try Fixture(["Cargo.toml": "[package]\n", ".cargo/config.toml": ""])
        chmod(fixture.directory + "/.cargo/config.toml", 0o444)
        #expect(try fixture.plan().problems.map(\.description).first?.contains("is read-only") == true)
    }

    @Test func `what is no regular file is left alone`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)", "Cargo.toml": "[package]\n", ".cargo": "a file"])
        mkfifo(fixture.directory + "/CMakeUserPresets.json", 0o600)
        let sentences = try fixture.plan().problems.map(\.description)
        #expect(sentences.contains { $0.contains("CMakeUserPresets.json is no regular file") }, "\(sentences)")
        let plan = try fixture.plan()
        let before = fixture.snapshot
        #expect(throws: SetupProblem.self) { try SetupChange(in: Path(fixture.directory)).apply(plan) }
        #expect(fixture.snapshot == before, "all or nothing")
    }

    @Test func `a file that changes between looking and writing is not overwritten`() throws {
        let fixture = try Fixture(Self.project)
        let plan = try fixture.plan()
        try fixture.write("[build]\n", to: ".cargo/config.toml")
        let before = fixture.snapshot
        #expect(throws: SetupProblem.self) { try SetupChange(in: Path(fixture.directory)).apply(plan) }
        #expect(fixture.snapshot == before)
    }

    /// Whoever clones a repository has whatever its authors put there.
    @Test(arguments: ["truncated", "changed", "foreign name", "empty", "link"])
    func `a record that is damaged or not ours changes nothing`(how: String) throws {
        let fixture = try Fixture(Self.project)
        try fixture.apply()
        var text = try #require(fixture.read(".larder/init"))
        switch how {
        case "truncated": text.removeLast(20)
        case "changed": text = text.replacing("[net]", with: "[nat]")
        case "foreign name":
            // As its digest would be if somebody had made it so.
            let end = try #require(text.range(of: "end ", options: .backwards))
            let body = text[..<end.lowerBound].replacing(".larder.conf", with: "../victim.x")
            text = body + "end \(Digest.of(Array(body.utf8)).hex)\n"
        case "empty": text = ""
        default: break
        }
        if how == "link" {
            try FileManager.default.moveItem(
                atPath: fixture.directory + "/.larder/init",
                toPath: fixture.directory + "/record"
            )
            try fixture.link(".larder/init", to: "../record")
        } else {
            try fixture.write(text, to: ".larder/init")
        }
        let before = fixture.snapshot
        #expect(throws: SetupProblem.self) { try fixture.undo() }
        #expect(fixture.snapshot == before)
    }

    @Test func `what a project has in a directory of our name stays`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)", ".larder/mine": "x", ".larder/.gitignore": "own\n"])
        let before = fixture.snapshot
        try fixture.apply()
        try fixture.undo()
        #expect(fixture.snapshot == before)
    }
}
