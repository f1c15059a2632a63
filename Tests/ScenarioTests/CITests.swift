import Foundation
import TestSupport
import Testing

/// What a CI job does around its build.
@Suite struct CITests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] { try workshop.write("int \(name);\n", to: "\(name).c") }
        return workshop
    }

    private func compile(_ names: [String], in workshop: Workshop, session: String) throws {
        for name in names {
            let words = ["gcc", "-c", "\(name).c", "-o", "\(name).o"]
            #expect(try workshop.larder(words, environment: ["LARDER_SESSION": session]).status == 0)
        }
    }

    private func hits(_ names: [String], in workshop: Workshop) throws -> Int {
        try compile(names, in: workshop, session: "check")
        return try workshop.counters().hits
    }

    @Test func `what the last build did not use is not saved`() throws {
        let workshop = try workshop()
        func run(_ word: String, session: String) throws {
            try workshop.larder(["run", "--", "echo", word], environment: ["LARDER_SESSION": session])
        }
        try compile(["a", "b", "c"], in: workshop, session: "one")
        for word in ["x", "y"] { try run(word, session: "one") }
        // It uses one, and makes another.
        try workshop.write("int d;\n", to: "d.c")
        try compile(["b", "d"], in: workshop, session: "two")
        try run("y", session: "two")
        let files = ["GITHUB_STEP_SUMMARY": workshop.url("summary").path]
        let outcome = try workshop.larder(["ci", "end", "two"], environment: files)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        let summary = String(decoding: workshop.read("summary") ?? Data(), as: UTF8.self)
        #expect(summary.hasPrefix("### Larder\n\n| | |\n|---|---|\n| Lookups | 3 |\n| hits | 2, "), "\(summary)")
        let before = try workshop.counters().hits
        #expect(try hits(["b", "d"], in: workshop) == before + 2)
        #expect(try hits(["a", "c"], in: workshop) == before + 2)
        for (word, hits) in [("y", 3), ("x", 3)] {
            try run(word, session: "check")
            #expect(try workshop.counters().hits == before + hits, "\(word)")
        }
    }

    @Test func `gc does the same, and never for a session that did nothing`() throws {
        let workshop = try workshop()
        try compile(["a", "b"], in: workshop, session: "one")
        try compile(["b"], in: workshop, session: "two")
        #expect(try workshop.larder(["gc", "--keep-session", "three"]).status == 1)
        let idle = try workshop.larder(["ci", "end", "three"])
        #expect(idle.status == 0 && idle.errorText.contains("nothing is removed"), "\(idle.errorText)")
        #expect(try workshop.larder(["gc", "--keep-session", "two"]).status == 0)
        #expect(try hits(["a", "b"], in: workshop) == 2)
        #expect(try workshop.larder(["gc", "--keep-session", "a b"]).status == 2)
        #expect(try workshop.larder(["gc", "--keep-session", "two", "--explain"]).status == 2)
    }

    @Test func `keys change with the branch and the commit, and the beginnings lead to older ones`() throws {
        let workshop = try workshop()
        func keys(_ environment: [String: String], _ words: [String] = []) throws -> [String] {
            let outcome = try workshop.larder(["ci", "key"] + words, environment: environment)
            return outcome.outputText.split(separator: "\n").map(String.init)
        }
        let main = ["GITHUB_WORKFLOW": "Build, all", "GITHUB_JOB": "x", "GITHUB_REF_NAME": "main", "GITHUB_SHA": "1"]
        let branch = main.merging(["GITHUB_HEAD_REF": "feat/1", "GITHUB_SHA": "2"]) { $1 }
        let (first, second) = (try keys(main), try keys(branch))
        #expect(first.count == 3 && second.count == 3)
        #expect(first[0].hasSuffix("-Build__all-x-main-1") && second[0].hasSuffix("-Build__all-x-feat_1-2"))
        // The next commit finds its branch's, a new branch that of any.
        #expect(first[0].hasPrefix(first[1]) && !first[0].hasPrefix(second[1]) && first[0].hasPrefix(second[2]))
        #expect(try keys(main, ["--name", "gcc 12"])[0].hasSuffix("-gcc_12-main-1"))
        let gitlab = try keys(["CI_JOB_NAME": "b", "CI_COMMIT_REF_NAME": "m", "CI_COMMIT_SHA": "3"])
        #expect(gitlab[0].hasSuffix("-b-m-3"))
        let outputs = main.merging(["GITHUB_OUTPUT": workshop.url("out").path]) { $1 }
        _ = try keys(outputs)
        #expect(
            workshop.read("out")
                == Data("key=\(first[0])\nrestore-keys<<LARDER\n\(first[1])\n\(first[2])\nLARDER\n".utf8)
        )
    }

    @Test func `begin gives the steps behind it a session`() throws {
        let workshop = try workshop()
        let variables = ["GITHUB_ENV": workshop.url("env").path]
        let outcome = try workshop.larder(["ci", "begin"], environment: variables)
        #expect(outcome.outputText.hasPrefix("LARDER_SESSION=") && workshop.read("env") == outcome.output)
        for words in [
            ["ci"], ["ci", "middle"], ["ci", "key", "x"], ["ci", "begin", "--json"], ["ci", "end", "--name", "x"],
        ] {
            #expect(try workshop.larder(words).status == 2, "\(words)")
        }
    }
}
