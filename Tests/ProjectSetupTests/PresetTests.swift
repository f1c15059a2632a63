import ProjectSetup
import Testing

/// What becomes of `CMakeUserPresets.json`.
@Suite struct PresetTests {
    static let shared = """
        {"version": 3, "configurePresets": [
          {"name": "base", "hidden": true, "binaryDir": "out/${presetName}"},
          {"name": "debug", "displayName": "Debug", "inherits": "base"},
          {"name": "release", "inherits": ["base"]}
        ], "buildPresets": [{"name": "debug-larder", "configurePreset": "debug"}]}
        """

    private func edited(_ own: String?, shared: String? = nil, _ tools: BuildTools = Fixture.tools) throws -> String? {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)"])
        if let own { try fixture.write(own, to: "CMakeUserPresets.json") }
        if let shared { try fixture.write(shared, to: "CMakePresets.json") }
        let plan = try fixture.plan(tools)
        try #require(plan.problems.isEmpty, "\(plan.problems)")
        return try fixture.edited("CMakeUserPresets.json", tools)
    }

    @Test func `each preset of the project that is not hidden gets one that inherits it`() throws {
        let text = try #require(try edited(nil, shared: Self.shared))
        #expect(text.hasPrefix("{\n  \"version\": 3,\n  \"configurePresets\": [\n    {\n"))
        #expect(text.contains("\"name\": \"debug-larder-2\",\n      \"displayName\": \"Debug with Larder\",\n"))
        #expect(text.contains("\"inherits\": \"debug\",\n"))
        #expect(text.contains("\"name\": \"release-larder\",\n"))
        #expect(!text.contains("base"))
        #expect(text.contains("\"buildPresets\": [\n    {\n      \"name\": \"debug-larder-2\",\n"))
    }

    /// CMake warns of a variable that the project does not use.
    @Test(arguments: [
        "project(x LANGUAGES C Fortran)", "project(x)\nenable_language(Fortran)", "project(x)\n# no Fortran",
    ])
    func `Fortran has a launcher where the project names it`(text: String) throws {
        let fixture = try Fixture(["CMakeLists.txt": text])
        let preset = try #require(try fixture.edited("CMakeUserPresets.json", Fixture.tools))
        #expect(preset.contains("\"CMAKE_CXX_COMPILER_LAUNCHER\": \"larder\""))
        #expect(preset.contains("\"CMAKE_Fortran_COMPILER_LAUNCHER\": \"larder\"") == !text.contains("#"))
    }

    @Test func `older versions of CMake get what they can read`() throws {
        func tools(_ minor: Int) -> BuildTools { BuildTools(cmake: BuildTools.Version(3, minor), programs: []) }
        let first = try #require(try edited(nil, tools(19)))
        #expect(first.contains("\"version\": 1,") && first.contains("\"generator\": \"Unix Makefiles\""))
        #expect(!first.contains("buildPresets"))
        #expect(try #require(try edited(nil, tools(20))).contains("\"version\": 2,"))
        #expect(try #require(try edited(nil, tools(21))).contains("\"version\": 3,"))
        #expect(try edited(nil, tools(18)) == nil)
    }

    /// What stands before and behind the new text keeps every byte.
    @Test(arguments: [
        // Tabs, and CRLF at the ends of the lines.
        (
            "{\r\n\t\"version\": 3,\r\n\t\"configurePresets\": [\r\n\t\t{ \"name\" : \"mine\" }\r\n\t]\r\n}\r\n",
            "{ \"name\" : \"mine\" },\r\n\t\t{\r\n\t\t\t\"name\": \"mine-larder\",\r\n"
        ),
        // A byte order mark, one line, no line end.
        (
            "\u{FEFF}{\"version\":3,\"configurePresets\":[{\"name\":\"a]}\\\"\"}]}",
            "[{\"name\":\"a]}\\\"\"}, {\"name\": \"a]}\\\"-larder\", \"displayName\":"
        ),
        // Four blanks, and an array that is empty.
        (
            "{\n    \"version\": 4,\n    \"configurePresets\": [ ]\n}",
            "\"configurePresets\": [\n        {\n            \"name\": \"larder\",\n"
        ),
        // No array, and members that come behind it.
        (
            "{\n  \"version\": 3,\n  \"vendor\": {\"x\": [1, {}]}\n}\n",
            "{\"x\": [1, {}]},\n  \"configurePresets\": [\n    {\n"
        ),
        // Odd formatting.
        (
            "{ \"version\"\n:3\n,\"configurePresets\":[\n{\"name\":\n\"q\"}\n,\n{\"name\":\"r\",\"hidden\":true}]\n}\n",
            "\"hidden\":true},\n{\"name\": \"q-larder\", \"displayName\""
        ),
    ])
    func `a file that is there keeps its formatting`(own: String, expected: String) throws {
        let text = try #require(try edited(own))
        #expect(text.utf8.count > own.utf8.count)
        #expect(text.contains(expected), "\(text)")
        var rest = text.utf8[...]
        for byte in own.utf8 {
            guard let index = rest.firstIndex(of: byte) else {
                Issue.record("not every byte is there, in order")
                break
            }
            rest = rest[rest.index(after: index)...]
        }
        #expect(text.utf8.suffix(1).elementsEqual(own.utf8.suffix(1)), "nothing is added at the end")
        let (returns, newlines) = (text.utf8.count { $0 == 13 }, text.utf8.count { $0 == 10 })
        #expect(returns == (own.utf8.contains(13) ? newlines : 0), "line ends are the file's")
        #expect(own.utf8.contains(10) || newlines == 0, "one line stays one")
        let fixture = try Fixture(["CMakeLists.txt": "project(x)", "CMakeUserPresets.json": text])
        #expect(try fixture.edited("CMakeUserPresets.json") == nil, "what is there already is not added again")
    }

    @Test(arguments: [
        ("{\n  \"version\": 3,\n  \"configurePresets\": [\n    // mine\n  ]\n}", "line 4 of"),
        ("{\n\"version\": 3,\n\"configurePresets\": [{},]\n}", "line 3 of"),
        ("[]", "line 1 of"), ("", "line 1 of"), ("{\"version\": 3", "line 1 of"),
        ("{\"configurePresets\": []}", "has no \"version\""),
        ("{\"version\": 3, \"configurePresets\": {}}", "configurePresets is no array"),
    ])
    func `a file that is not valid is refused, and named with the line`(text: String, words: String) throws {
        for name in ["CMakeUserPresets.json", "CMakePresets.json"] {
            let fixture = try Fixture(["CMakeLists.txt": "project(x)", name: text])
            let plan = try fixture.plan()
            if name == "CMakePresets.json", words.contains("version") || words.contains("array") { continue }
            #expect(plan.problems.count == 1)
            let sentence = plan.problems.first?.description ?? ""
            #expect(sentence.contains(words) && sentence.contains("/\(name)"), "\(sentence)")
            #expect(!plan.edits.contains { $0.name == "CMakeUserPresets.json" })
        }
    }

    @Test func `a preset that has larder, or one that inherits such a preset, is left alone`() throws {
        let own = """
            {"version": 3, "configurePresets": [
              {"name": "hidden", "hidden": true, "cacheVariables": {"CMAKE_CXX_COMPILER_LAUNCHER": {"value": "/usr/bin/larder"}}},
              {"name": "debug", "inherits": "hidden"}, {"name": "plain", "cacheVariables": {"CMAKE_C_COMPILER_LAUNCHER": "ccache"}}
            ]}
            """
        let text = try #require(try edited(own))
        #expect(text.contains("plain-larder") && !text.contains("debug-larder"))
    }

    @Test func `presets of included files count, and names that only CMake knows are said`() throws {
        let fixture = try Fixture([
            "CMakeLists.txt": "project(x)",
            "CMakePresets.json": "{\"version\": 4, \"include\": [\"cmake/more.json\", \"$penv{HOME}/x.json\"]}",
            "cmake/more.json":
                "{\"version\": 4, \"include\": [\"../CMakePresets.json\"], \"configurePresets\": [{\"name\": \"m\"}]}",
        ])
        #expect(try #require(try fixture.edited("CMakeUserPresets.json")).contains("\"inherits\": \"m\""))
        #expect(try fixture.plan().systems[0].notes.contains { $0.hasPrefix("Presets that /") })
        try fixture.remove("cmake/more.json")
        #expect(try fixture.plan().problems.first?.description.contains("cmake/more.json cannot be read") == true)
    }

    @Test func `a file of an older version cannot inherit what needs a newer one`() throws {
        let fixture = try Fixture([
            "CMakeLists.txt": "project(x)", "CMakeUserPresets.json": "{\"version\": 2}",
            "CMakePresets.json": Self.shared,
        ])
        #expect(try fixture.plan().problems.first?.description.contains("is of version 2") == true)
    }

    @Test func `a directory called build that is part of the project is not built in`() throws {
        let fixture = try Fixture(["CMakeLists.txt": "project(x)", "build/tool.sh": ""])
        #expect(try #require(try fixture.edited("CMakeUserPresets.json")).contains("${sourceDir}/build-larder"))
        try fixture.write("", to: "build/CMakeCache.txt")
        #expect(try #require(try fixture.edited("CMakeUserPresets.json")).contains("${sourceDir}/build\""))
    }

    @Test func `a preset whose condition cannot hold here gets none`() throws {
        func preset(_ name: String, _ condition: String) -> String {
            "{\"name\": \"\(name)\", \"condition\": \(condition)}"
        }
        func equals(_ system: String) -> String {
            "{\"type\": \"equals\", \"lhs\": \"${hostSystemName}\", \"rhs\": \"\(system)\"}"
        }
        let presets = [
            preset("win", equals("Windows")), preset("linux", equals("Linux")), preset("null", "null"),
            "{\"name\": \"heir\", \"inherits\": \"win\"}", preset("never", "{\"type\": \"const\", \"value\": false}"),
            preset("list", "{\"type\": \"notInList\", \"string\": \"${hostSystemName}\", \"list\": [\"Linux\"]}"),
            preset("not", "{\"type\": \"not\", \"condition\": \(equals("Windows"))}"),
            preset("any", "{\"type\": \"anyOf\", \"conditions\": [\(equals("Darwin")), \(equals("Linux"))]}"),
            preset("unsure", "{\"type\": \"equals\", \"lhs\": \"$env{CI}\", \"rhs\": \"1\"}"),
        ]
        let fixture = try Fixture([
            "CMakeLists.txt": "project(x)",
            "CMakePresets.json": "{\"version\": 3, \"configurePresets\": [\(presets.joined(separator: ", "))]}",
        ])
        #expect(
            try fixture.plan().systems[0].notes.first
                == "Presets: linux-larder, null-larder, not-larder, any-larder, unsure-larder."
        )
    }
}
