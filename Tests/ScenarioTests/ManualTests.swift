import Foundation
import TestSupport
import Testing

/// The manual says what the program says.
@Suite struct ManualTests {
    private static let repository = PreloadLibrary.repository
    private static let documents = repository.appendingPathComponent("docs")

    private static func text(of page: String) throws -> String {
        try String(contentsOf: documents.appendingPathComponent(page), encoding: .utf8)
    }

    // MARK: Settings

    /// A setting as `larder config --help` has it, and as the manual has it.
    private struct Setting: Equatable {
        var variable: String
        var accepted: String
    }

    /// The settings of the program by their names.
    private static func ofProgram(_ workshop: Workshop) throws -> [String: Setting] {
        let help = try workshop.larder(["config", "--help"]).outputText
        var settings: [String: Setting] = [:]
        for line in help.split(separator: "\n") {
            if let row = line.wholeMatch(of: #/  ([a-z_]+) +(LARDER_[A-Z_]+) +(.+)/#) {
                settings[String(row.1)] = Setting(variable: String(row.2), accepted: String(row.3))
            }
        }
        return settings
    }

    /// The rows of the table of settings: name, variable, value, default, meaning.
    private static func rows() throws -> [[String]] {
        let page = try text(of: "settings.md")
        let section = try #require(page.components(separatedBy: "\n## Settings\n").dropFirst().first)
        let table = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
        return table.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func `the manual has each setting as the program has it, and no other`() throws {
        let workshop = try Workshop()
        let ofProgram = try Self.ofProgram(workshop)
        #expect(ofProgram.count >= 18)
        let page = try Self.text(of: "settings.md")
        let yesOrNo = try #require(page.firstMatch(of: #/\n\*yes or no\* is (.+)\.\n/#))
        var ofManual: [String: Setting] = [:]
        for row in try Self.rows() {
            try #require(row.count == 5, "\(row)")
            let accepted = row[2] == "yes or no" ? String(yesOrNo.1) : row[2]
            ofManual[bare(row[0])] = Setting(variable: bare(row[1]), accepted: accepted)
        }
        for name in Set(ofProgram.keys).union(ofManual.keys).sorted() {
            #expect(ofManual[name] == ofProgram[name], "\(name)")
        }
    }

    @Test func `the defaults of the manual are those of the program`() throws {
        let workshop = try Workshop()
        let clean = ["LARDER_DAEMON": "", "HOME": workshop.directory.path]
        for row in try Self.rows() {
            let (name, variable, standard) = (bare(row[0]), bare(row[1]), row[3])
            func value(_ environment: [String: String]) throws -> String {
                try workshop.larder(["config", "get", name], environment: clean.merging(environment) { $1 }).outputText
            }
            if name == "dir" {
                #expect(standard == "`$XDG_CACHE_HOME/larder`, else `~/.cache/larder`")
                #expect(try value(["LARDER_DIR": "", "XDG_CACHE_HOME": "/x"]) == "/x/larder\n")
                #expect(try value(["LARDER_DIR": ""]) == workshop.directory.path + "/.cache/larder\n")
            } else if standard.hasPrefix("`") {
                // As the program itself would write it: `no` is false, and 1h are 3600 seconds.
                #expect(try value([:]) == value([variable: bare(standard)]), "\(name)")
            } else {
                // Words say what happens without a value.
                #expect(try value([:]) == "\n", "\(name)")
            }
        }
    }

    @Test func `help and completions name each setting of the manual`() throws {
        let workshop = try Workshop()
        let help = try workshop.larder(["--help"]).outputText
        let completions = try ["bash", "zsh", "fish"].map { try workshop.larder(["completions", $0]).outputText }
        for row in try Self.rows() {
            #expect(help.contains("  \(bare(row[1])) "), "\(row[1]) is not in larder --help")
            for script in completions {
                let words = script.split { !($0.isLetter || $0 == "_") }
                #expect(words.contains(bare(row[0])[...]), "\(row[0]) is not in \(script.prefix(30))")
            }
        }
    }

    @Test func `the manual has the settings that a project may set`() throws {
        let workshop = try Workshop()
        let help = try workshop.larder(["config", "--help"]).outputText
        let ofProgram = try #require(help.firstMatch(of: #/It may set:\s+([a-z_,\s]+?)\n\n/#)).1
        let ofManual = try #require(
            try Self.text(of: "settings.md").firstMatch(of: #/It may set only\s+what cannot harm: ([^.]+)\./#)
        ).1
        func names(_ text: Substring) -> Set<Substring> {
            Set(text.split { !($0.isLetter || $0 == "_") }).subtracting(["and"])
        }
        #expect(names(ofManual) == names(ofProgram))
    }

    // MARK: Commands

    @Test func `the manual has each command and each of its options`() throws {
        let workshop = try Workshop()
        let overview = try Self.text(of: "larder.md")
        let help = try workshop.larder(["--help"]).outputText
        let list = try #require(help.components(separatedBy: "\nCommands ").last?.components(separatedBy: "\n\n").first)
        let commands = list.matches(of: #/\n  ([a-z]+) /#).map { String($0.1) }.filter { $0 != "help" }
        #expect(commands.count > 10)
        let pages = try Self.pages()
        for command in commands {
            #expect(overview.contains("`larder \(command)"), "docs/larder.md does not have \(command)")
            // Programs of their own, with a test target of their own; and a command whose help is SwiftPM's.
            if ["jdk", "pdf", "swift"].contains(command) { continue }
            let page = try pages["larder-\(command)"].map { try Self.text(of: $0) } ?? ""
            let shared = ["session": "stats.md", "purge": "gc.md", "top": "report.md"][command]
            let known = try overview + page + (shared.map { try Self.text(of: $0) } ?? "")
            for option in try workshop.larder([command, "--help"]).outputText.matches(
                of: #/\n  (?:-., |    )--([a-z-]+)/#
            ) {
                let isKnown = known.contains("--\(option.1)") || Self.isEverywhere.contains(String(option.1))
                #expect(isKnown, "the manual does not have larder \(command) --\(option.1)")
            }
        }
    }

    /// Options that say the same in every command.
    private static let isEverywhere: Set = ["help", "dir", "json", "lock-timeout", "yes"]

    /// The file of each man page.
    private static func pages() throws -> [String: String] {
        var pages: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: documents.path) where name.hasSuffix(".md") {
            if let title = try text(of: name).prefixMatch(of: #/# ([a-z.-]+)\(\d\): /#) {
                pages[String(title.1)] = name
            }
        }
        return pages
    }

    // MARK: Man pages and links

    @Test func `each page is a man page with which mandoc is content`() throws {
        let workshop = try Workshop()
        for tool in ["lowdown", "mandoc", "python3"] where try workshop.run(["which", tool]).status != 0 {
            try Test.cancel("\(tool) is not installed: scripts/setup.sh man")
        }
        let script = Self.repository.appendingPathComponent("scripts/manual.py").path
        let made = try workshop.run(["python3", "-B", script, workshop.url("man").path])
        #expect(made.status == 0, "\(made.errorText)")
        let pages = try Self.pages()
        for (page, name) in pages {
            let section = try #require(try Self.text(of: name).firstMatch(of: #/\((\d)\)/#)).1
            let file = "man/man\(section)/\(page).\(section)"
            let lint = try workshop.run(["mandoc", "-T", "lint", "-W", "warning", file])
            #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.outputText)")
            let shown = try Self.shown(file, in: workshop)
            #expect(shown.contains("NAME") && !shown.contains("](") && !shown.contains("|---"), "\(file)")
        }
        let settings = try Self.shown("man/man5/larder.conf.5", in: workshop).split { $0.isWhitespace }
        for row in try Self.rows() { #expect(settings.contains(bare(row[1])[...] + "."), "\(row[1])") }
    }

    /// A man page as text, without the letters that a terminal would print twice.
    private static func shown(_ file: String, in workshop: Workshop) throws -> String {
        try workshop.run(["mandoc", "-T", "ascii", file]).outputText.replacing(#/.\u{8}/#, with: "")
    }

    @Test func `a link that leads nowhere and a long README are found`() throws {
        let workshop = try Workshop()
        let script = Self.repository.appendingPathComponent("scripts/check-links.py").path
        func check(_ directory: String) throws -> Workshop.Outcome {
            try workshop.run(["python3", "-B", script, directory])
        }
        let own = try check(Self.repository.path)
        #expect(own.status == 0, "\(own.errorText)")

        try workshop.write(
            "# A title, with `code`\n\n[a](b.md) [b](b.md#there) [c](#a-title-with-code)\n",
            to: "README.md"
        )
        try workshop.write("## There\n\n    [no](link)\n\n```\n[no](link)\n```\n\n`[no](link)`\n", to: "b.md")
        #expect(try check(workshop.directory.path).status == 0)
        for (link, complaint) in [
            ("[x](c.md)", "README.md:2: there is no c.md"), ("[x](b.md#here)", "b.md has no heading #here"),
            ("![x](c.svg)", "there is no c.svg"), ("[x](/etc/passwd)", "/etc/passwd is outside"),
            ("[x](#b)", "no heading #b"),
        ] {
            try workshop.write("# A\n\(link)\n", to: "README.md")
            let outcome = try check(workshop.directory.path)
            #expect(outcome.status == 1 && outcome.errorText.contains(complaint), "\(outcome.errorText)")
        }
        try workshop.write("[a](b.md)\n" + String(repeating: "x\n", count: 120), to: "README.md")
        #expect(try check(workshop.directory.path).errorText.contains("README.md: 121 lines"))
    }

    private func bare(_ cell: String) -> String { cell.replacing("`", with: "") }
}

/// The recipes of docs/ci.md do what they say.
@Suite struct RecipeTests {
    @Test(arguments: ["github", "gitlab", "container"])
    func `the second run of a CI recipe compiles nothing`(recipe: String) throws {
        let workshop = try Workshop()
        let script = PreloadLibrary.repository.appendingPathComponent("Tests/ci/run").path
        let done = try workshop.run(["python3", "-B", script, recipe, Workshop.larder.path])
        if done.status == 77 { try Test.cancel("\(done.outputText)") }
        #expect(done.status == 0, "\(done.outputText)\(done.errorText)")
        #expect(done.outputText.hasSuffix("3 misses, then 3 hits\n"))
    }
}
