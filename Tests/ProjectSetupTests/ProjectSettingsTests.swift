import Files
import Foundation
import ProjectSetup
import Testing

/// What becomes of `.larder.conf`.
@Suite struct ProjectSettingsTests {
    private func edited(_ text: String) throws -> String? {
        try Fixture(["Makefile": "a.o: a.c\n", ".larder.conf": text]).edited(".larder.conf")
    }

    @Test(arguments: [
        "", "# mine\nmax_size = 1GiB\n", "max_size = 1GiB", "# mine\r\nmax_size = 1GiB\r\n", "# base_dir = x\n",
    ])
    func `base_dir goes to the end, in the line ends of the file`(text: String) throws {
        let after = try #require(try edited(text))
        #expect(after.hasPrefix(text) && after.utf8.starts(with: text.utf8))
        let last = after.utf8.contains(13) ? "base_dir = auto\r\n" : "base_dir = auto\n"
        #expect(after.utf8.suffix(last.utf8.count).elementsEqual(last.utf8))
        #expect(after.utf8.count { $0 == 13 } == (text.utf8.contains(13) ? after.utf8.count { $0 == 10 } : 0))
        #expect(!after.contains("1GiB#"))
    }

    @Test(arguments: ["base_dir = /src\n", " base_dir=\n", "base_dir = auto"])
    func `one that is set is left alone`(text: String) throws { #expect(try edited(text) == nil) }

    @Test func `a file further up in the repository holds, one outside of it does not`() throws {
        let fixture = try Fixture([
            ".larder.conf": "base_dir = auto\n", "repository/.git/HEAD": "", "repository/a/b/Makefile": "a.o: a.c\n",
        ])
        func plan() throws -> SetupPlan {
            try SetupPlan(for: Path(fixture.directory + "/repository/a/b"), tools: Fixture.tools)
        }
        #expect(try plan().edits.map(\.name) == [".larder.conf"])
        try fixture.write("base_dir = /x\n", to: "repository/a/.larder.conf")
        let held = try plan()
        #expect(
            held.edits.isEmpty && held.notes.contains { $0.hasPrefix(fixture.directory + "/repository/a/.larder.conf") }
        )
    }

    @Test func `what compiles neither C nor C++ gets none`() throws {
        for files in [["Cargo.toml": ""], ["Package.swift": ""], ["conf/layer.conf": ""]] {
            #expect(try !Fixture(files).plan().edits.contains { $0.name == ".larder.conf" })
        }
    }
}
