import Foundation
import TestSupport
import Testing

/// `larder fingerprint`, as scripts use it.
@Suite struct FingerprintTests {
    /// `check`, `good` and `bad` on the name `x`, each followed by what the command ends with.
    private static let shell = """
        fingerprint() { "$L" fingerprint "$@"; echo "$1 $?"; }
        check() { fingerprint check x --input a "$@"; }; good() { fingerprint mark-success x "$@"; }
        bad() { fingerprint mark-failure x "$@"; }

        """

    private func run(
        _ script: String,
        in workshop: Workshop,
        environment: [String: String] = [:]
    ) throws -> [String] {
        let outcome = try workshop.run(
            ["bash", "-c", Self.shell + script],
            environment: environment.merging(["L": Workshop.larder.path]) { $1 }
        )
        return outcome.outputText.split(separator: "\n").map(String.init)
    }

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("1\n", to: "a")
        return workshop
    }

    private let runs = "check 0"
    private let skips = "check 1"
    private let good = "mark-success 0"
    private let bad = "mark-failure 0"

    @Test func `there is nothing to do after a success, until something changes`() throws {
        #expect(
            try run("check; good; check; check; echo 2 > a; check; good; check; touch a; check", in: workshop())
                == [runs, good, skips, skips, runs, good, skips, skips]
        )
    }

    @Test func `without a success there is always something to do`() throws {
        #expect(try run("check; check; bad; check", in: workshop()) == [runs, runs, bad, runs])
        #expect(try run("check; good; check; bad; check", in: workshop()) == [runs, good, skips, bad, runs])
    }

    @Test func `a change between check and mark counts`() throws {
        #expect(
            try run("check; echo 2 > a; good; check; good; check", in: workshop()) == [runs, good, runs, good, skips]
        )
        #expect(try run("check; echo 2 > a; good; echo 1 > a; check", in: workshop()) == [runs, good, skips])
    }

    @Test func `variables and the directory count where they are named`() throws {
        #expect(
            try run("V=1 check --env V; good; V=1 check --env V; V=2 check --env V; check --env V", in: workshop())
                == [runs, good, skips, runs, runs]
        )
        #expect(
            try run(
                "mkdir d; cp -p a d; check; good; cd d; check; check --cwd; good --cwd; check --cwd; cd ..; check --cwd",
                in: workshop()
            )
                == [runs, good, skips, runs, good, skips, runs]
        )
    }

    @Test func `two scripts that check at once mark each its own`() throws {
        let script = """
            step() { while [ ! -e "$1" ]; do sleep 0.01; done; }
            (bash -c "$S"'check > one; : > 1; step 2; good >> one; : > 3') &
            (bash -c "$S"'step 1; echo 2 > a; check > two; : > 2; step 3; check >> two; good >> two; check >> two') &
            wait; cat one two
            """
        let workshop = try workshop()
        let steps = "step() { while [ ! -e \"$1\" ]; do sleep 0.01; done; }\n"
        // The first marks what it saw, which is not there any more; the second one's inputs are marked by itself.
        #expect(
            try run(script, in: workshop, environment: ["S": Self.shell + steps])
                == [runs, good, runs, runs, good, skips]
        )
    }

    @Test func `a mark in another shell of the same makefile belongs to its check`() throws {
        #expect(
            try run("(check); (good); check", in: workshop()) == [runs, good, skips],
            "subshells, as the lines of a recipe are"
        )
    }

    @Test func `a mark without a check is no success`() throws {
        let workshop = try workshop()
        let outcome = try workshop.larder(["fingerprint", "mark-success", "x"])
        #expect(outcome.status == 0 && outcome.errorText.contains("nothing was checked as 'x'"))
        #expect(try run("check", in: workshop) == [runs])
    }

    @Test func `what cannot be told is 2, and doubt is work`() throws {
        let workshop = try workshop()
        for words in [[], ["check"], ["check", ""], ["look", "x"], ["check", "x", "y"]] {
            #expect(try workshop.larder(["fingerprint"] + words).status == 2, "\(words)")
        }
        try workshop.run(["mkfifo", "p"])
        let special = try workshop.larder(["fingerprint", "check", "x", "--input", "p"])
        #expect(special.status == 2 && special.errorText.contains("neither file, directory nor link"))
        #expect(
            try run("check; good; check; LARDER_RECACHE=1 check; LARDER_DISABLE=1 check", in: workshop)
                == [runs, good, skips, runs, runs]
        )
    }

    @Test func `a cache that cannot be written says so and skips nothing`() throws {
        let workshop = try workshop()
        for _ in 1...2 {
            let outcome = try workshop.larder(
                ["fingerprint", "check", "x", "--input", "a"],
                environment: ["LARDER_READONLY": "1"]
            )
            #expect(outcome.status == 0 && outcome.errorText.contains("cannot be noted"))
        }
        #expect(
            try workshop.larder(["fingerprint", "mark-success", "x"], environment: ["LARDER_READONLY": "1"]).status == 2
        )
    }

    @Test func `a damaged record is work`() throws {
        let workshop = try workshop()
        #expect(try run("check; good; check", in: workshop) == [runs, good, skips])
        let entries = workshop.cache.appendingPathComponent("entries")
        let name = try #require(
            FileManager.default.enumerator(atPath: entries.path)?.compactMap { $0 as? String }.first { $0.count > 20 }
        )
        let file = entries.appendingPathComponent(name)
        var data = try Data(contentsOf: file)
        data[data.count - 3] ^= 1
        try data.write(to: file)
        #expect(try run("check", in: workshop) == [runs])
    }

    @Test func `json says what has changed`() throws {
        let workshop = try workshop()
        func json() throws -> [String: Any] {
            let output = try workshop.larder(["fingerprint", "check", "x", "--input", "a", "--json"]).output
            return try #require(JSONSerialization.jsonObject(with: output) as? [String: Any])
        }
        var verdict = try json()
        #expect(verdict["run"] as? Bool == true && verdict["reason"] as? String == "never_succeeded")
        #expect(try run("check; good", in: workshop) == [runs, good])
        verdict = try json()
        #expect(verdict["run"] as? Bool == false && verdict["reason"] as? String == "unchanged")
        try workshop.write("2\n", to: "a")
        verdict = try json()
        #expect(verdict["reason"] as? String == "input" && verdict["differences"] as? [String] == ["changed: a"])
        #expect(verdict["name"] as? String == "x")
    }
}
