import Foundation
import TestSupport
import Testing

/// `larder gc` with an age, and what it says that it would do.
@Suite struct CollectionTests {
    /// A cache with the results of `a.c` and `b.c`.
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for name in ["a", "b"] {
            try workshop.write("int \(name);\n", to: "\(name).c")
            try workshop.larder(["gcc", "-c", "\(name).c"])
        }
        return workshop
    }

    /// Makes every entry look as if its file had last been touched so many hours ago.
    private func age(_ workshop: Workshop, hours: Double) throws {
        let files = FileManager.default.enumerator(
            at: workshop.cache.appendingPathComponent("entries"),
            includingPropertiesForKeys: nil
        )
        for case let file as URL in files ?? .init() {
            let date = Date(timeIntervalSinceNow: -hours * 3600)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
        }
    }

    private func collected(_ workshop: Workshop, _ options: String...) throws -> [String: Any] {
        let outcome = try workshop.larder(["gc", "--json"] + options)
        return try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
    }

    private func rows(_ plan: [String: Any], _ name: String) -> [String: Int] {
        let rows = plan[name] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                guard let name = row["name"] as? String, let entries = row["entries"] as? Int else { return nil }
                return (name, entries)
            }
        )
    }

    private func evicted(_ plan: [String: Any], by reason: String) -> Int {
        ((plan["evicted_by_reason"] as? [String: Any])?[reason] as? [String: Any])?["entries"] as? Int ?? -1
    }

    @Test func `--older-than removes what was not used for so long, and keeps what was`() throws {
        let workshop = try workshop()
        try age(workshop, hours: 8 * 24)
        #expect(try collected(workshop, "--older-than", "9d")["evicted_entries"] as? Int == 0)
        // Only the journal knows of it.
        #expect(try workshop.counting { try workshop.larder(["gcc", "-c", "a.c"]) }.hits == 1)
        let report = try collected(workshop, "--older-than", "1w")
        // The other manifest and object; what is known of the compiler may be younger.
        #expect((report["evicted_entries"] as? Int ?? 0) >= 2)
        #expect(try workshop.counting { try workshop.larder(["gcc", "-c", "a.c"]) }.hits == 1)
        #expect(try workshop.counting { try workshop.larder(["gcc", "-c", "b.c"]) }.misses == 1)
        try workshop.larder(["gc", "--older-than=0s"])
        #expect(try workshop.counters().entries == 0)
    }

    @Test(arguments: [
        ["gcc", "-S", "a.c", "-o", "out"], ["run", "--trace", "--", "sh", "-c", "cat a.c > out"],
        ["run", "--output", "out", "--depfile", "d", "--", "sh", "-c", "cp a.c out; echo 'out: a.c' > d"],
    ])
    func `a hit uses all that led to it`(words: [String]) throws {
        let workshop = try workshop()
        try workshop.larder(words)
        try age(workshop, hours: 8 * 24)
        #expect(try workshop.counting { try workshop.larder(words) }.hits == 1)
        try workshop.larder(["gc", "--older-than", "1w"])
        #expect(try workshop.counting { try workshop.larder(words) }.hits == 1)
    }

    @Test(arguments: ["", "7", "d", "-1d", "1.5h", "7 d", "7days", "1d2h", "0x1d", "9999999999999999999d"])
    func `an age is a number with its unit, and all else is said to be none`(age: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.larder(["gc", "--older-than", age])
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(
            outcome.errorText
                == "larder: '\(age)' is no age; it must be a number and one of w, d, h, m, s and ms, such as 2w, 7d, 12h or 30m\n"
        )
    }

    @Test(arguments: [["--max-size", "12k"], ["--older-than", "2h", "--max-size", "4k"]])
    func `--explain changes nothing, and gc then removes as many entries`(options: [String]) throws {
        let workshop = try workshop()
        try age(workshop, hours: 3)
        // Younger than its file says, so that a plan that does not read the journal is wrong.
        try workshop.larder(["gcc", "-c", "a.c"])
        let before = DirectorySnapshot(of: workshop.cache.path)
        let outcome = try workshop.larder(["gc", "--explain", "--json"] + options)
        #expect(DirectorySnapshot(of: workshop.cache.path) == before)
        let plan = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
        let planned = try #require(plan["evicted_entries"] as? Int)
        #expect(planned > 0)
        #expect((evicted(plan, by: "age") > 0) == options.contains("--older-than"), "\(plan)")
        #expect((evicted(plan, by: "budget") > 0) == options.contains("--max-size"), "\(plan)")
        #expect(evicted(plan, by: "free_space") == 0)

        let report = try JSONSerialization.jsonObject(
            with: workshop.larder(["gc", "--json"] + options).output
        )
        #expect((report as? [String: Any])?["evicted_entries"] as? Int == planned)
        #expect((report as? [String: Any])?["evicted_bytes"] as? Int == plan["evicted_bytes"] as? Int)
    }

    @Test func `--explain shows all entries by kind and by last use, also of a cache that is only read`() throws {
        let workshop = try workshop()
        try workshop.larder(["run", "--output", "made", "--", "sh", "-c", "echo made > made"])
        try workshop.run(["sh", "-c", "echo value | \(Workshop.larder.path) kv put names key"])
        let plan = try collected(workshop, "--explain")
        let kinds = rows(plan, "kinds")
        #expect(
            kinds["manifest"] == 2 && kinds["object"] == 2 && kinds["kv"] == 1 && kinds["run_result"] == 1,
            "\(kinds)"
        )
        #expect(plan["evicted_entries"] as? Int == 0)
        #expect(kinds["other"] == nil && kinds["unreadable"] == nil)
        #expect(kinds.values.reduce(0, +) == plan["entries"] as? Int)
        for (range, hours) in [("hour", 0.5), ("day", 2), ("week", 30), ("month", 24 * 8), ("older", 24 * 40)] {
            try workshop.run(["rm", "-rf", workshop.cache.appendingPathComponent("journal").path])
            try age(workshop, hours: hours)
            let ages = rows(try collected(workshop, "--explain"), "last_use")
            #expect(ages[range] == plan["entries"] as? Int && ages.count == 5, "\(ages)")
        }
        let table = try workshop.larder(["gc", "--explain", "--older-than", "2w"]).outputText
        #expect(table.contains("not used for so long") && table.contains("By kind") && table.contains("By last use"))

        // A damaged entry is left for verify to find.
        let entries = FileManager.default.enumerator(atPath: workshop.cache.appendingPathComponent("entries").path)
        let name = try #require(entries?.compactMap { $0 as? String }.first { $0.utf8.count > 60 })
        try Data("no entry".utf8).write(to: workshop.cache.appendingPathComponent("entries/\(name)"))
        #expect(rows(try collected(workshop, "--explain"), "kinds")["unreadable"] == 1)
        let outcome = try workshop.larder(["gc", "--explain"], environment: ["LARDER_READONLY": "1"])
        #expect(outcome.status == 0 && outcome.outputText.contains("unreadable"))
        #expect(try workshop.larder(["verify"]).status == 1)
    }
}
