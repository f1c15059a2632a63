import Foundation
import TestSupport
import Testing

/// Namespaces, what each may take of the disk, and how it is removed.
@Suite struct NamespaceTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
        for number in 0..<12 { try workshop.write("int f\(number)(void) { return \(number); }\n", to: "\(number).c") }
    }

    private func compile(_ numbers: some Sequence<Int>, _ namespace: String, _ environment: [String: String]) throws {
        for number in numbers {
            let environment = environment.merging(["LARDER_NAMESPACE": namespace]) { $1 }
            let outcome = try workshop.larder(["gcc", "-c", "\(number).c"], environment: environment)
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
        if environment["LARDER_DAEMON"] == "auto" { try workshop.larder(["daemon", "stop"]) }
    }

    /// For each namespace the bytes of its entries.
    private func sizes() throws -> [String: Int] {
        let plan = try JSONSerialization.jsonObject(with: workshop.larder(["gc", "--explain", "--json"]).output)
        let rows = (plan as? [String: Any])?["namespaces"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                (row["name"] as? String).flatMap { name in (row["bytes"] as? Int).map { (name, $0) } }
            }
        )
    }

    private func hits(_ numbers: some Sequence<Int>, _ namespace: String) throws -> Int {
        try workshop.counting { try compile(numbers, namespace, ["LARDER_READONLY": "0"]) }.hits
    }

    @Test(arguments: ["off", "auto"])
    func `a namespace loses what it used least recently, and others lose nothing`(daemon: String) throws {
        let environment = ["LARDER_DAEMON": daemon, "LARDER_NAMESPACE_SIZE": "small=100k *=50MiB"]
        try compile(0..<4, "large one", environment)
        try compile(0..<4, "", environment)
        let before = try sizes()
        #expect(before["small"] == nil && (before["large one"] ?? 0) > 0, "\(before)")
        // Two entries of a block each, and one of the compiler's: a dozen compiles take 24 of the 25 blocks.
        try compile(0..<12, "small", environment)
        try workshop.write("const char text[60000] = \"x\";\n", to: "0.c")
        try compile([0], "small", environment)
        let after = try sizes()
        #expect((after["small"] ?? 0) > 0 && (after["small"] ?? .max) <= 100_000, "\(after)")
        #expect(after["large one"] == before["large one"])
        #expect(try hits([0], "small") == 1, "the youngest is there")
        #expect(try hits(1..<4, "large one") == 3)
        #expect(try hits(1..<4, "") == 3)
        #expect(try workshop.larder(["stats", "--json"]).outputText.contains("\"namespace\""), "the journal says why")
    }

    @Test func `gc keeps a limit that is set afterwards, and says so before`() throws {
        try compile(0..<4, "n", [:])
        try compile(0..<4, "m", [:])
        let before = try sizes()
        let size = try #require(before["n"])
        let limit = ["LARDER_NAMESPACE_SIZE": "n=\(size - 1)"]
        let table = try workshop.larder(["gc", "--explain"], environment: limit).outputText
        #expect(table.contains("over the size of a namespace") && table.contains("By namespace"), "\(table)")
        #expect(try workshop.larder(["gc"], environment: limit).status == 0)
        let left = try sizes()
        #expect((left["n"] ?? .max) <= size * 4 / 5 && left["m"] == before["m"], "\(left)")
    }

    @Test(arguments: [["purge", "--namespace", "n"], ["ccache", "--evict-namespace", "n"]])
    func `one is removed, and no other`(words: [String]) throws {
        try compile(0..<3, "n", [:])
        try compile(0..<3, "m", [:])
        if words[0] == "purge" {
            let dry = try workshop.larder(words + ["--dry-run"])
            #expect(dry.status == 0 && dry.outputText.hasPrefix("Would remove "), "\(dry.outputText)\(dry.errorText)")
            #expect(try sizes().keys.sorted() == ["m", "n"])
            #expect(try workshop.larder(words).status == 0)
        } else {
            let link = workshop.url("ccache")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: Workshop.larder)
            let outcome = try workshop.run([link.path] + words[1...])
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
        #expect(try sizes().keys.sorted() == ["m"])
        #expect(try hits(0..<3, "m") == 3)
        #expect(try hits(0..<3, "n") == 0)
    }

    @Test(arguments: [["purge"], ["purge", "--namespace", ""], ["purge", "--namespace", "n", "0.c"]])
    func `what is to be removed is said in one way`(words: [String]) throws {
        let outcome = try workshop.larder(words)
        #expect(outcome.status == 2 && outcome.errorText.contains("name files, or a namespace with --namespace"))
    }

    @Test(arguments: ["n", "=5G", "n=", "n=0", "n=5X", "n=5G m"])
    func `a limit that says nothing is refused by its name`(value: String) throws {
        let outcome = try workshop.larder(["config", "set", "namespace_size", value])
        #expect(outcome.status == 2 && outcome.errorText.contains("names and sizes such as ci=2GiB *=500M"))
    }
}
