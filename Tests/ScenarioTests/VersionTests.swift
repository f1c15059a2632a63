import Foundation
import TestSupport
import Testing

/// What `larder --version --verbose` says of the program and of what is installed with it.
@Suite struct VersionTests {
    /// The rows behind the first line, by their names.
    private static func rows(_ text: String) -> [String: String] {
        var rows: [String: String] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            guard let match = line.wholeMatch(of: #/(\S+(?: \S+)*)  +(.+)/#) else { continue }
            rows[String(match.1)] = String(match.2)
        }
        return rows
    }

    /// Installs the launcher below `prefix` and asks it.
    private static func ask(_ workshop: Workshop, _ prefix: String) throws -> [String: String] {
        let program = workshop.url(prefix + "/bin/larder")
        try FileManager.default.createDirectory(
            at: program.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        if !FileManager.default.fileExists(atPath: program.path) {
            try FileManager.default.copyItem(at: Workshop.larder, to: program)
            Workshop.waitUntilNobodyWrites(program)
        }
        let outcome = try workshop.run([program.path, "--version", "--verbose"])
        #expect(outcome.status == 0)
        #expect(outcome.outputText.hasPrefix("larder "))
        return rows(outcome.outputText)
    }

    @Test func `what is installed beside the program is named, and what is not`() throws {
        let workshop = try Workshop()
        let place = workshop.directory.path + "/p"
        let without = try Self.ask(workshop, "p")
        for (name, file) in [
            ("larderd", "bin/larderd"), ("larder-jdk", "bin/larder-jdk"), ("larder-pdf", "bin/larder-pdf"),
            ("trace library", "lib/larder/liblarder-trace.so"),
        ] {
            let said = try #require(without[name])
            #expect(said.hasPrefix("not installed ("), "\(name)")
            #expect(said.contains("\(place)/\(file)"), "\(name)")
            try workshop.write("", to: "p/" + file)
            #expect(try Self.ask(workshop, "p")[name] == "\(place)/\(file)")
        }
    }

    @Test func `it is looked for where the program is, not where a link to it is`() throws {
        let workshop = try Workshop()
        try workshop.write("", to: "p/bin/larderd")
        _ = try Self.ask(workshop, "p")
        try workshop.run(["ln", "-s", "p/bin/larder", "larder"])
        let outcome = try workshop.run(["./larder", "--version", "--verbose"])
        #expect(Self.rows(outcome.outputText)["larderd"] == workshop.directory.path + "/p/bin/larderd")
    }

    @Test func `a trace library that the loader cannot be told of is no trace library`() throws {
        let workshop = try Workshop()
        try workshop.write("", to: "my programs/lib/larder/liblarder-trace.so")
        let said = try #require(try Self.ask(workshop, "my programs")["trace library"])
        #expect(said.hasPrefix("not used, because"))
    }

    @Test func `a program says whether it starts in a way of its own, and if not, why`() throws {
        let workshop = try Workshop()
        let rows = Self.rows(try workshop.larder(["--version", "--verbose"]).outputText)
        let start = try #require(rows["start"])
        let target = try #require(rows["target"])
        let built = try #require(rows["built with"])
        if target.hasSuffix("dynamic") {
            #expect(start.hasPrefix("the C library's: a dynamic program"))
            #expect(rows["Swift runtime"] == "starts as usual: a library of its own")
        } else {
            #expect(built.hasPrefix("Swift 6."))
            #expect(start.hasPrefix(built.hasSuffix("glibc 2.36") ? "Larder's own: " : "the C library's: "))
            #expect(rows["Swift runtime"]?.hasPrefix("starts without reading") == true)
        }
        let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            .split { $0 == " " || $0 == "\n" }
        #expect(rows["checksums"]?.hasPrefix("with vectors") == processor.contains("avx2"))
        #expect(rows["SHA-256"]?.hasPrefix("by instructions") == processor.contains("sha_ni"))
    }

    @Test func `another word is refused with a sentence`() throws {
        let workshop = try Workshop()
        for words in [["--version", "--verbos"], ["--version", "--verbose", "x"]] {
            let outcome = try workshop.larder(words)
            #expect(outcome.status == 2)
            #expect(
                outcome.errorText
                    == "larder: --version takes --verbose and nothing else, but \(words.last ?? "") was given\n"
            )
        }
    }
}
