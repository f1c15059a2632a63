import Foundation
import TestSupport
import Testing

/// `larder init` through the built program, and builds of what it has set up.
@Suite struct InitScenarioTests {
    private static func has(_ program: String) -> Bool {
        (try? Workshop().run(["sh", "-c", "command -v \(program)"], environment: path))?.status == 0
    }

    private static var path: [String: String] {
        let home = NSHomeDirectory()
        let directory = Workshop.larder.deletingLastPathComponent().path
        return ["PATH": "\(directory):\(home)/.cargo/bin:/usr/local/bin:/usr/bin:/bin"]
    }

    /// A toolchain of rustup's needs its own home.
    private static var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        let home = NSHomeDirectory()
        return path.merging([
            "RUSTUP_HOME": own["RUSTUP_HOME"] ?? "\(home)/.rustup", "CARGO_INCREMENTAL": "0",
            "CARGO_NET_OFFLINE": "true",
        ]) { $1 }
    }

    private func sources(_ workshop: Workshop, in directory: String) throws {
        try workshop.write("int f(void);\nint main(void) { return f(); }\n", to: directory + "/a.c")
        try workshop.write("extern \"C\" int f() { return 0; }\n", to: directory + "/b.cpp")
    }

    struct Project: Sendable, CustomTestStringConvertible {
        let tool: String
        let files: [String: String]
        /// Two builds of all sources; the second is to hit.
        let builds: [String]
        let hits: Int
        var testDescription: String { tool }
    }

    static let projects = [
        Project(
            tool: "cmake",
            files: [
                "CMakeLists.txt":
                    "cmake_minimum_required(VERSION 3.10)\nproject(x C CXX)\nadd_executable(x a.c b.cpp)\n",
                "CMakePresets.json": """
                {"version": 3, "configurePresets": [{"name": "dev", "generator": "Unix Makefiles", "binaryDir": "o ut/${presetName}"}]}
                """,
            ],
            builds: [
                "cmake --preset dev-larder && cmake --build --preset dev-larder",
                "cmake --build --preset dev-larder --clean-first",
            ],
            hits: 2
        ),
        Project(
            tool: "meson",
            files: ["meson.build": "project('x', 'c', 'cpp')\nexecutable('x', 'a.c', 'b.cpp')\n"],
            builds: [
                "meson setup --native-file larder-native.ini build && meson compile -C build",
                "meson compile -C build --clean && meson compile -C build",
            ],
            hits: 2
        ),
        Project(
            tool: "make",
            files: ["Makefile": "x: a.o b.o\n\t$(CXX) -o x a.o b.o\nclean:\n\trm -f x *.o\n"],
            builds: [
                "make CC=\"larder cc\" CXX=\"larder g++\"", "make clean && make CC=\"larder cc\" CXX=\"larder g++\"",
            ],
            hits: 2
        ),
        Project(
            tool: "autoconf",
            files: [
                "configure.ac": "AC_INIT([x], [1])\nAC_PROG_CC\nAC_PROG_CXX\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n",
                "Makefile.in": "CC = @CC@\nCXX = @CXX@\nx: a.o b.o\n\t$(CXX) -o x a.o b.o\nclean:\n\trm -f x *.o\n",
            ],
            builds: [
                "autoreconf -fi && ./configure CC=\"larder gcc\" CXX=\"larder g++\" && make", "make clean && make",
            ],
            hits: 2
        ),
        Project(
            tool: "cargo",
            files: [
                "Cargo.toml": "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
                "src/main.rs": "fn main() { println!(\"hello\") }\n",
            ],
            builds: ["cargo build", "cargo clean && cargo build"],
            hits: 1
        ),
    ]

    @Test(arguments: projects)
    func `a project that was set up builds, hits, and is as it was after undo`(project: Project) throws {
        guard Self.has(project.tool) else { try Test.cancel("needs \(project.tool)") }
        let workshop = try Workshop()
        let directory = "my project"
        for (name, text) in project.files { try workshop.write(text, to: "\(directory)/\(name)") }
        try sources(workshop, in: directory)
        let before = DirectorySnapshot(of: workshop.url(directory).path)
        let preview = try workshop.larder(["init", directory], environment: Self.environment)
        #expect(preview.status == 0 && preview.errorText.isEmpty, "\(preview.errorText)")
        #expect(DirectorySnapshot(of: workshop.url(directory).path) == before)
        let applied = try workshop.larder(["init", "--apply"], in: directory, environment: Self.environment)
        #expect(applied.status == 0 && applied.errorText.isEmpty, "\(applied.errorText)")
        let first = project.builds[0]
        #expect(applied.outputText.contains(first), "what is said is what is run: \(applied.outputText)")

        // What a build makes goes elsewhere: undo is about what was set up.
        try workshop.run(["cp", "-r", directory, "copy"])
        let cold = try workshop.run(["sh", "-ec", first], in: "copy", environment: Self.environment)
        try #require(cold.status == 0, "\(cold.outputText)\(cold.errorText)")
        let counted = try workshop.counting(dueHits: project.hits) {
            let warm = try workshop.run(["sh", "-ec", project.builds[1]], in: "copy", environment: Self.environment)
            #expect(warm.status == 0, "\(warm.errorText)")
        }
        #expect(counted.hits == project.hits && counted.misses == 0, "\(counted)")

        let undone = try workshop.larder(["init", "--undo"], in: directory, environment: Self.environment)
        #expect(undone.status == 0 && undone.errorText.isEmpty, "\(undone.errorText)")
        #expect(DirectorySnapshot(of: workshop.url(directory).path) == before)
    }

    @Test(arguments: RecognitionTests.cases.filter { !$0.kinds.isEmpty })
    func `every kind of project is as it was after undo`(one: RecognitionTests.Case) throws {
        let workshop = try Workshop()
        for (name, text) in one.files { try workshop.write(text, to: "p/\(name)") }
        let before = DirectorySnapshot(of: workshop.url("p").path)
        let applied = try workshop.larder(["init", "--apply"], in: "p", environment: Self.path)
        #expect(applied.status == 0 && applied.errorText.isEmpty, "\(applied.errorText)")
        let after = DirectorySnapshot(of: workshop.url("p").path)
        #expect((after != before) == !one.edits.isEmpty)
        for name in one.edits { #expect(after.items[name] != nil && applied.outputText.contains(name)) }
        #expect(try workshop.larder(["init", "--apply"], in: "p", environment: Self.path).status == 0)
        #expect(DirectorySnapshot(of: workshop.url("p").path) == after, "a second time changes nothing")
        let undone = try workshop.larder(["init", "--undo"], in: "p", environment: Self.path)
        #expect(undone.status == 0 && undone.errorText.isEmpty, "\(undone.errorText)")
        #expect(DirectorySnapshot(of: workshop.url("p").path) == before)
    }

    // MARK: Crashes

    private static let both = [
        "CMakeLists.txt": "project(x)", "Cargo.toml": "[package]\n", ".cargo/config.toml": "[net]\n",
    ]

    @Test(
        arguments: ["written", "renamed", "init-noted", "init-replacing", "init-changed"]
    )
    func `whoever is killed while applying can be taken back, or go on`(point: String) throws {
        for next in ["--undo", "--apply"] {
            let workshop = try Workshop()
            for (name, text) in Self.both { try workshop.write(text, to: "p/\(name)") }
            let before = DirectorySnapshot(of: workshop.url("p").path)
            var crash = Self.path
            crash["LARDER_CRASH_AT"] = point
            #expect(try workshop.larder(["init", "--apply"], in: "p", environment: crash).status == 128 + 9)
            #expect(try workshop.larder(["init", next], in: "p", environment: Self.path).status == 0)
            if next == "--apply" {
                #expect(
                    workshop.read("p/.cargo/config.toml") == Data("[net]\n\n[build]\nrustc-wrapper = \"larder\"\n".utf8)
                )
                #expect(try workshop.larder(["init", "--undo"], in: "p", environment: Self.path).status == 0)
            }
            #expect(DirectorySnapshot(of: workshop.url("p").path) == before, "\(point), then \(next)")
        }
    }

    @Test(
        arguments: ["init-replacing", "renamed", "init-restored"]
    )
    func `whoever is killed while taking back can take back the rest`(point: String) throws {
        let workshop = try Workshop()
        for (name, text) in Self.both { try workshop.write(text, to: "p/\(name)") }
        let before = DirectorySnapshot(of: workshop.url("p").path)
        #expect(try workshop.larder(["init", "--apply"], in: "p", environment: Self.path).status == 0)
        var crash = Self.path
        crash["LARDER_CRASH_AT"] = point
        #expect(try workshop.larder(["init", "--undo"], in: "p", environment: crash).status == 128 + 9)
        #expect(try workshop.larder(["init", "--undo"], in: "p", environment: Self.path).status == 0)
        #expect(DirectorySnapshot(of: workshop.url("p").path) == before)
    }

    @Test func `two that apply at once leave one record, and are taken back as one`() throws {
        let workshop = try Workshop()
        for (name, text) in Self.both { try workshop.write(text, to: "p/\(name)") }
        let before = DirectorySnapshot(of: workshop.url("p").path)
        let script = "for i in 1 2 3 4; do \"$0\" init p --apply > /dev/null 2>&1 & done; wait"
        try workshop.run(["sh", "-c", script, Workshop.larder.path], environment: Self.path)
        #expect(workshop.read("p/.cargo/config.toml") == Data("[net]\n\n[build]\nrustc-wrapper = \"larder\"\n".utf8))
        #expect(try workshop.larder(["init", "p", "--undo"], environment: Self.path).status == 0)
        #expect(DirectorySnapshot(of: workshop.url("p").path) == before)
    }

    // MARK: What goes wrong

    @Test(.enabled(if: geteuid() == 0, "acts as another user, which takes root"))
    func `a directory that cannot be written, and files of another user, are left as they are`() throws {
        let workshop = try Workshop()
        for (name, text) in Self.both { try workshop.write(text, to: "p/\(name)") }
        let script = """
            chmod 755 .; P=$(mktemp -d /tmp/larder-test-XXXXXX); chmod 755 "$P"; trap 'rm -rf "$P"' EXIT
            cp "$0" "$P/larder"; export PATH=$P:$PATH; cd p
            as() { setpriv --reuid 65534 --clear-groups "$@"; }
            as larder init --apply > /dev/null 2> ../said; echo $?; cat ../said
            chown nobody . .cargo; as larder init --apply > /dev/null 2> ../said; echo $?; cat ../said
            """
        let before = DirectorySnapshot(of: workshop.url("p").path)
        let outcome = try workshop.run(["sh", "-c", script, Workshop.larder.path], environment: Self.path)
        let lines = outcome.outputText.split(separator: "\n")
        try #require(lines.count >= 4, "\(outcome)")
        #expect(lines[0] == "1" && lines[1].contains("/.cargo/config.toml belongs to user 0"), "\(outcome.outputText)")
        #expect(lines.last == "larder: nothing is written until that is mended")
        #expect(DirectorySnapshot(of: workshop.url("p").path) == before)
        // No file in the way, but no place to write in.
        try workshop.write("[package]\n", to: "q/Cargo.toml")
        let other = script.replacing("cd p", with: "cd q")
        let refused = try workshop.run(["sh", "-c", other, Workshop.larder.path], environment: Self.path)
        #expect(refused.outputText.hasPrefix("1\nlarder: /"), "\(refused.outputText)")
        #expect(refused.outputText.contains("cannot be written, so nothing is changed: mkdir"), "\(refused.outputText)")
    }

    @Test func `what is wrong is one sentence, and the exit status says so`() throws {
        let workshop = try Workshop()
        func expect(_ words: [String], _ status: Int32, _ sentence: String) throws {
            let outcome = try workshop.larder(["init"] + words, environment: Self.path)
            #expect(outcome.status == status && outcome.errorText.contains(sentence), "\(outcome)")
            #expect(outcome.errorText.split(separator: "\n").count <= 2, "\(outcome.errorText)")
        }
        try expect(["--apply", "--undo"], 2, "cannot be asked for at once")
        try expect(["--dir", "p"], 2, "name the project without it")
        try expect(["a", "b"], 2, "unexpected argument 'b'")
        try expect(["nowhere"], 1, "there is no directory nowhere")
        try expect([], 1, "has none of CMakeLists.txt")
        try workshop.write("project(x)", to: "CMakeLists.txt")
        try workshop.write("{\n\"version\": }", to: "CMakeUserPresets.json")
        try expect(["--apply"], 1, "line 2 of \(workshop.directory.path)/CMakeUserPresets.json is no valid JSON")
        #expect(workshop.read(".larder.conf") == nil, "all or nothing")
        workshop.remove("CMakeUserPresets.json")
        try workshop.write("base_dir = /x\nnonsense\n", to: ".larder.conf")
        try expect(["--apply"], 1, "line 2 of \(workshop.directory.path)/.larder.conf is \"nonsense\"")
    }

    @Test func `JSON says the same`() throws {
        let workshop = try Workshop()
        for (name, text) in Self.both { try workshop.write(text, to: name) }
        func json(_ words: String...) throws -> [String: Any] {
            let outcome = try workshop.larder(["init", "--json"] + words, environment: Self.path)
            return try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        }
        let preview = try json()
        #expect(preview["state"] as? String == "preview" && (preview["files"] as? [Any])?.count == 3)
        let systems = try #require(preview["systems"] as? [[String: Any]])
        #expect(systems.compactMap { $0["kind"] as? String } == ["cmake", "cargo"])
        #expect(try json("--apply")["state"] as? String == "applied")
        #expect((try json()["files"] as? [Any])?.isEmpty == true)
        try workshop.write("{\"version\": 3, \"x\": \"larder\"}", to: "CMakeUserPresets.json")
        let undone = try json("--undo")
        #expect(undone["state"] as? String == "incomplete")
        #expect(
            undone["removed"] as? [String] == [".larder.conf"]
                && undone["restored"] as? [String] == [".cargo/config.toml"]
        )
        #expect((undone["kept"] as? [[String: String]])?.first?["path"]?.hasSuffix("/CMakeUserPresets.json") == true)
    }
}
