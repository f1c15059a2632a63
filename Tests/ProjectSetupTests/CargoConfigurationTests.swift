import Files
import ProjectSetup
import Testing

/// What becomes of `.cargo/config.toml`.
@Suite struct CargoConfigurationTests {
    private func fixture(_ text: String?, name: String = ".cargo/config.toml") throws -> Fixture {
        let fixture = try Fixture(["Cargo.toml": "[package]\nname = \"x\"\n"])
        if let text { try fixture.write(text, to: name) }
        return fixture
    }

    private static let ours = "rustc-wrapper = \"larder\""

    @Test(
        arguments: [
            (nil, "[build]\n\(ours)\n"),
            ("", "[build]\n\(ours)\n"),
            ("[net]\noffline = true", "[net]\noffline = true\n\n[build]\n\(ours)\n"),
            ("[net]\r\noffline = true\r\n", "[net]\r\noffline = true\r\n\r\n[build]\r\n\(ours)\r\n"),
            ("[ build ] # mine\n\tjobs = 2\n[net]\n", "[ build ] # mine\n\(ours)\n\tjobs = 2\n[net]\n"),
            ("[\"build\"]", "[\"build\"]\n\(ours)\n"),
            ("[build]\r\njobs = 2\r\n", "[build]\r\n\(ours)\r\njobs = 2\r\n"),
            ("build.jobs = 2\n[net]\n", "build.\(ours)\nbuild.jobs = 2\n[net]\n"),
            (
                "\u{FEFF}build.target = [\n  \"a\", # ]\n]\n",
                "\u{FEFF}build.\(ours)\nbuild.target = [\n  \"a\", # ]\n]\n"
            ),
            ("build = { jobs = 2 }\n", "build = { \(ours), jobs = 2 }\n"),
            ("build = {}\n", "build = { \(ours) }\n"),
            ("[build.x]\na = 1\n", "[build.x]\na = 1\n\n[build]\n\(ours)\n"),
            (
                "[target.'cfg(unix)']\nrustflags = [\"-C\", '''[build]''', \"\"\"\n[build]\n\\\"\"\"\"]\n[alias]\nb = \"build\"\n",
                "[target.'cfg(unix)']\nrustflags = [\"-C\", '''[build]''', \"\"\"\n[build]\n\\\"\"\"\"]\n[alias]\nb = \"build\"\n"
                    + "\n[build]\n\(ours)\n"
            ),
            ("[[build]]\n[other]\nbuild.jobs = 1\nd = 2020-01-02 03:04:05.6Z\n", nil),
        ] as [(String?, String?)]
    )
    func `the key goes where it belongs, and all else keeps every byte`(text: String?, expected: String?) throws {
        let fixture = try fixture(text)
        guard let expected else {
            #expect(try fixture.plan().problems.isEmpty)
            return
        }
        #expect(try fixture.edited(".cargo/config.toml") == expected)
        let before = fixture.snapshot
        try fixture.apply()
        #expect(try fixture.plan().edits.isEmpty)
        try fixture.undo()
        #expect(fixture.snapshot == before)
    }

    @Test(arguments: [
        "[build]\njobs = 1\nrustc-wrapper = 'sccache' # mine\n", "x = 1\n\nbuild.\"rustc-wrapper\" = \"sccache\"",
        "\n\nbuild = { jobs = 1, rustc-wrapper = \"sccache\" }",
    ])
    func `another wrapper is named and left alone`(text: String) throws {
        let plan = try fixture(text).plan()
        #expect(plan.edits.isEmpty && plan.problems.isEmpty)
        #expect(
            plan.systems[0].notes.contains { $0.hasPrefix("Line 3 of .cargo/config.toml") && $0.contains("sccache") }
        )
    }

    @Test(arguments: ["[build]\nrustc-wrapper = \"larder\"", "build.rustc-wrapper='/opt/bin/larder'"])
    func `what is set already is left alone, and nothing is said`(text: String) throws {
        let plan = try fixture(text).plan()
        #expect(plan.edits.isEmpty && plan.systems[0].notes.isEmpty)
    }

    @Test(arguments: [
        ("[build\njobs = 1", 1), ("a = 1\nb = \"x\n", 2), ("a = 1\n= 2", 2), ("a = [1,\n2\n\n", 4), ("a = 1 b = 2", 1),
        ("a = { b = 1\n}", 1), ("a\n", 1), ("a = \n", 1), ("a = '''\n\n", 3), ("[a]\n\u{1}", 2),
    ])
    func `a file that is not valid is refused, and named with the line`(text: String, line: Int) throws {
        let plan = try fixture(text).plan()
        let sentence = plan.problems.first?.description ?? ""
        #expect(sentence.hasPrefix("line \(line) of /") && sentence.contains(".cargo/config.toml"), "\(sentence)")
        #expect(plan.edits.isEmpty)
    }

    @Test func `a file without an extension is the one that cargo takes`() throws {
        let fixture = try fixture("[build]\n", name: ".cargo/config")
        try fixture.write("", to: ".cargo/config.toml")
        #expect(try fixture.plan().edits.map(\.name) == [".cargo/config"])
        // As cargo's manual suggests for old versions of it.
        let linked = try self.fixture("[net]\n")
        try linked.link(".cargo/config", to: "config.toml")
        let before = linked.snapshot
        try linked.apply()
        #expect(linked.read(".cargo/config.toml") == "[net]\n\n[build]\n\(Self.ours)\n")
        try linked.undo()
        #expect(linked.snapshot == before)
    }

    @Test func `a member of a workspace sends its user to the workspace`() throws {
        let fixture = try Fixture([
            "Cargo.toml": "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\n  \"alone\", # not ours\n]\n",
            "my crates/a/Cargo.toml": "[package]\n", "alone/Cargo.toml": "[package]\n",
            "other/Cargo.toml": "[package]\n", "other/.git/HEAD": "",
            "far/Cargo.toml": "[package]\nworkspace = \"..\"\n",
            "far/.git/HEAD": "",
        ])
        func plan(_ name: String) throws -> SetupPlan {
            try SetupPlan(for: Path(fixture.directory + "/" + name), tools: Fixture.tools)
        }
        let member = try plan("my crates/a")
        #expect(member.edits.isEmpty && member.systems[0].commands == ["larder init --apply \(fixture.directory)"])
        #expect(try plan("far").systems[0].commands == ["larder init --apply \(fixture.directory)"])
        #expect(try plan("alone").edits.count == 1)
        #expect(try plan("other").edits.count == 1, "a repository of its own is looked out of only where it says so")
        #expect(try plan("").edits.count == 1)
    }
}
