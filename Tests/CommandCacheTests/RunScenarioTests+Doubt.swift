import Foundation
import TestSupport
import Testing

/// What makes a result doubtful, a cache that is in trouble, several processes at once, and what is said about it.
extension RunScenarioTests {
    // MARK: - Doubt

    @Test func `an input that changes while the tool runs is not the result's`() throws {
        for change in ["echo 2 > a", "echo 2 > b; mv b a", "echo 2 > a; echo 1 > a", "chmod +x a", "rm a; echo 1 > a"] {
            let counted = try expectSame(
                "(run --input a -- sh -c 'cat a; \(change)')",
                prepare: "echo 1 > a",
                rounds: 1
            )
            #expect(counted.misses == 1 && counted.entries == 0, "\(change)")
        }
        let appeared = try expectSame(
            "(run --input 'd/*' -- sh -c 'cat d/*; echo > d/b')",
            prepare: "mkdir d; echo > d/a"
        )
        #expect(appeared.hits == 0)
    }

    @Test func `what the tool names must be older than its start, and no output`() throws {
        let young = try expectSame("(run --depfile o.d -- sh -c 'echo 1 > h; cat h; echo o: h > o.d')")
        #expect(young.hits == 0)
        let own = try expectSame("(run --depfile o.d --output o -- sh -c 'echo 1 > o; echo o: o > o.d')")
        #expect(own.hits == 0)
        let gone = try expectSame("(run --depfile o.d -- sh -c 'echo o: gone > o.d')")
        #expect(gone.hits == 0)
        let none = try expectSame("(run --depfile o.d -- true)")
        #expect(none.hits == 0)
    }

    @Test func `an output that a process still has open is not kept`() throws {
        let counted = try expectSame(
            "(run --output o -- bash -c 'echo a > o; (exec >> o 2> /dev/null < /dev/null; : > open; sleep 3) & while [ ! -e open ]; do sleep 0.01; done')"
        )
        #expect(counted.hits == 0)
    }

    @Test func `a tool that calls us for its own output does not wait for itself`() throws {
        let workshop = try Workshop()
        let larder = Workshop.larder.path
        let start = ContinuousClock.now
        let outcome = try workshop.larder(
            ["run", "--output", "o", "--", "sh", "-c", "\(larder) run --output o -- sh -c 'echo a > o; echo said'"],
            environment: ["LARDER_LOCK_TIMEOUT": "10m"]
        )
        #expect(outcome.outputText == "said\n" && outcome.status == 0)
        #expect(ContinuousClock.now - start < .seconds(300), "the lock is waited for")
    }

    @Test func `an input that nobody may read, or that is no file, makes a bypass`() throws {
        let counted = try expectSame("(run --input p -- echo a)", prepare: "mkfifo p")
        #expect(counted.bypasses == 2)
    }

    @Test func `a result grows too old`() throws {
        let workshop = try Workshop()
        let words = ["--", "echo", "a"]
        try workshop.larder(["run"] + words)
        #expect(try workshop.counting { try workshop.larder(["run", "--ttl", "1ms"] + words) }.hits == 0)
        #expect(try workshop.counting { try workshop.larder(["run", "--ttl", "1d"] + words) }.hits == 1)
        #expect(try workshop.counting { try workshop.larder(["run"] + words) }.hits == 1)
    }

    @Test func `a tool that gives another result is counted, unless it may`() throws {
        let workshop = try Workshop()
        func causes() throws -> [String: Int] {
            let json = try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output)
            return (json as? [String: Any])?["misses_by_reason"] as? [String: Int] ?? [:]
        }
        let words = ["--", "sh", "-c", "date +%N"]
        for _ in 1...2 { try workshop.larder(["run"] + words, environment: ["LARDER_RECACHE": "1"]) }
        #expect(try causes()["run_not_reproduced"] == 1)
        try workshop.larder(["run", "--deterministic=no"] + words, environment: ["LARDER_RECACHE": "1"])
        #expect(try causes()["run_not_reproduced"] == 1)
        let last = try workshop.larder(["run"] + words)
        #expect(try workshop.larder(["run"] + words) == last)
    }

    // MARK: - The cache itself

    @Test func `a cache that cannot be written, or is something else, costs nothing but time`() throws {
        for trouble in [
            "echo > \"$LARDER_DIR\"", "mkdir -p \"$LARDER_DIR\"; echo other 9 > \"$LARDER_DIR/format\"",
            "mkdir -p \"$LARDER_DIR\"; : > \"$LARDER_DIR/entries\"", "export LARDER_DISABLE=1",
            "export LARDER_READONLY=1",
            "export LARDER_MAX_SIZE=lots", "export LARDER_DIR=relative",
            "mkdir -p \"$LARDER_DIR/locks\"; chmod 0 \"$LARDER_DIR/locks\"",
        ] {
            let workshop = try Workshop()
            let script = "(run --input a --output o -- sh -c 'cat a > o; echo said; exit 4'); echo $?; cat o"
            try workshop.write("1\n", to: "a")
            for _ in 1...2 {
                let outcome = try workshop.run(
                    ["bash", "-c", "\(trouble)\n" + Self.shell + script],
                    environment: ["L": Workshop.larder.path]
                )
                #expect(outcome.outputText == "said\n4\n1\n", "\(trouble): \(outcome.errorText)")
                #expect(outcome.errorText.isEmpty, "\(trouble)")
            }
            try? FileManager.default.setAttributes(
                [.posixPermissions: 0o700],
                ofItemAtPath: workshop.cache.path + "/locks"
            )
        }
    }

    @Test func `a read-only cache still gives what it has`() throws {
        let workshop = try Workshop()
        let words = ["run", "--output", "o", "--", "sh", "-c", "echo $RANDOM$$ > o"]
        try workshop.larder(words)
        let made = workshop.read("o")
        workshop.remove("o")
        let before = DirectorySnapshot(of: workshop.cache.path)
        try workshop.larder(words, environment: ["LARDER_READONLY": "1"])
        #expect(workshop.read("o") == made)
        #expect(DirectorySnapshot(of: workshop.cache.path) == before)
    }

    @Test func `a damaged entry is a miss`() throws {
        let workshop = try Workshop()
        let script = "mkdir out; cat a > out/x; yes | head -c 2000000 > out/y; echo said; echo err >&2"
        let words = ["run", "--input", "a", "--output", "out", "--", "sh", "-c", script]
        try workshop.write("1\n", to: "a")
        let bare = try workshop.run(Array(words[(words.firstIndex(of: "--")! + 1)...]))
        let expected = DirectorySnapshot(of: workshop.url("out").path)
        workshop.remove("out")
        try workshop.larder(words)
        let entries = workshop.cache.appendingPathComponent("entries")
        let names = try #require(FileManager.default.enumerator(atPath: entries.path)).compactMap { $0 as? String }
            .map { entries.appendingPathComponent($0) }.filter { !$0.hasDirectoryPath }
        #expect(names.count == 2)
        for name in names {
            let whole = try Data(contentsOf: name)
            let places = stride(from: 0, to: whole.count, by: max(1, whole.count / 12))
            for place in places {
                for damage in 0..<3 {
                    var data = whole
                    switch damage {
                    case 0: data[place] ^= 0x40
                    case 1: data = data.prefix(place)
                    default: data.append(contentsOf: [0])
                    }
                    try data.write(to: name)
                    workshop.remove("out")
                    #expect(try workshop.larder(words) == bare)
                    #expect(DirectorySnapshot(of: workshop.url("out").path) == expected)
                }
            }
            try whole.write(to: name)
        }
    }

    @Test(
        arguments: ["tool_ended", "written", "renamed", "published"]
    )
    func `a launcher that is killed while it publishes leaves a cache that is right`(point: String) throws {
        let workshop = try Workshop()
        try workshop.write("1\n", to: "a")
        let words = ["run", "--input", "a", "--output", "out", "--", "sh", "-c", "mkdir out; cat a > out/x; echo said"]
        // Then there is a cache, and the shell is known.
        try workshop.larder(["run", "--", "sh", "-c", "true"])
        let killed = try workshop.larder(words, environment: ["LARDER_CRASH_AT": point])
        #expect(killed.status == 128 + 9)
        #expect(killed.outputText == "said\n")
        for round in 1...2 {
            workshop.remove("out")
            var said = ""
            let counted = try workshop.counting { said = try workshop.larder(words).outputText }
            #expect(said == "said\n")
            #expect(workshop.read("out/x") == Data("1\n".utf8))
            if round == 2 { #expect(counted.hits == 1) }
        }
        #expect(try workshop.larder(["verify"]).status == 0)
    }

    @Test(arguments: ["staged", "replayed"])
    func `a launcher that is killed while it delivers leaves whole outputs or none`(point: String) throws {
        let workshop = try Workshop()
        let words = [
            "run", "--output", "out", "--output", "o", "--", "sh", "-c",
            "mkdir out; echo 1 > out/x; echo 2 > out/y; echo 3 > o",
        ]
        try workshop.larder(words)
        for isThere in [true, false] {
            if !isThere { for name in ["out", "o"] { workshop.remove(name) } }
            #expect(try workshop.larder(words, environment: ["LARDER_CRASH_AT": point]).status == 128 + 9)
            let x = workshop.read("out/x")
            let hasOther = workshop.read("out/y") != nil
            #expect(x == (hasOther ? Data("1\n".utf8) : nil), "all of it or nothing")
            if isThere { #expect(x != nil) }
            #expect(try workshop.larder(words).status == 0)
            #expect(workshop.read("out/y") == Data("2\n".utf8) && workshop.read("o") == Data("3\n".utf8))
        }
    }

    @Test func `no value of a variable, argument or input reaches journal, log or keys`() throws {
        let workshop = try Workshop()
        let log = workshop.url("log").path
        try workshop.write("secret-in-file", to: "a")
        for _ in 1...2 {
            try workshop.run(
                [
                    "sh", "-c",
                    "echo secret-in-stdin | \(Workshop.larder.path) run --input a --env V --key secret-in-key --stdin -- true secret-in-argument",
                ],
                environment: ["V": "secret-in-variable", "LARDER_LOG": log]
            )
        }
        #expect(try workshop.counters().hits == 1)
        #expect(workshop.read("log") != nil)
        let found = try workshop.run(["grep", "-rl", "secret-in", log, workshop.cache.path])
        #expect(found.outputText == "")
    }

    // MARK: - Several at once

    @Test func `processes that run the same at once all get it, and only whole results are kept`() throws {
        let workshop = try Workshop()
        try workshop.write("1\n", to: "a")
        let tool = "cat a > out; for n in $(seq 200); do echo $n >> out; done; echo said"
        let script = """
            for n in 1 2 3 4 5 6 7 8; do (\(Workshop.larder.path) run --input a --output out -- sh -c '\(tool)' > s$n; echo $? > e$n) & done
            wait; cat s? e?; sha256sum < out; rm out
            \(Workshop.larder.path) run --input a --output out -- sh -c '\(tool)'; sha256sum < out
            """
        let outcome = try workshop.run(["bash", "-c", script])
        let bare = try workshop.run(["sh", "-c", "\(tool) > /dev/null; sha256sum < out"])
        let said = String(repeating: "said\n", count: 8), zeros = String(repeating: "0\n", count: 8)
        #expect(outcome.outputText == said + zeros + bare.outputText + "said\n" + bare.outputText)
        #expect(try workshop.counters().misses == 1, "whoever waited found what the first one made")
    }

    @Test func `two commands that make one output never keep each other's`() throws {
        let workshop = try Workshop()
        func tool(_ word: String) -> String {
            "\(Workshop.larder.path) run --output out -- sh -c 'for n in 1 2 3 4 5; do echo \(word); sleep 0.01; done > out'"
        }
        let script = "for n in 1 2 3; do \(tool("a")) & \(tool("b")) & done; wait"
        #expect(try workshop.run(["bash", "-c", script]).status == 0)
        for word in ["a", "b"] {
            workshop.remove("out")
            #expect(try workshop.run(["bash", "-c", tool(word)]).status == 0)
            #expect(workshop.read("out") == Data(String(repeating: "\(word)\n", count: 5).utf8))
        }
        #expect(try workshop.counters().misses == 2)
    }

    @Test(arguments: ["half", "before"])
    func `what a tool that did not wait has written is not kept as another one's`(moment: String) throws {
        let workshop = try Workshop()
        // The second one writes in the middle of the first, or goes on from before it to after it.
        let script =
            Self.shell + """
                slow() { $L run --output out -- bash -c 'exec > out; echo a; : > began; n=0; while [ ! -e go ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; echo a'; }
                quick() { LARDER_LOCK_TIMEOUT=50ms $L run --output out -- bash -c 'echo b >> out'; }
                long() { LARDER_LOCK_TIMEOUT=50ms $L run --output out -- bash -c ': > long; n=0; while [ ! -e last ] && [ $n -lt 60000 ]; do echo b >> out; sleep 0.01; n=$((n + 1)); done'; }
                slow & first=$!; wait_for began
                case \(moment) in
                half) quick; : > go; wait ;;
                before)
                    long & other=$!; wait_for long; : > go; wait $first; rm began
                    $L run --output out -- bash -c 'echo c > out; : > began'
                    : > last; wait $other
                    rm out; $L run --output out -- bash -c 'echo c > out; : > began'; [ "$(cat out)" = c ] || cat out ;;
                esac
                rm out; slow; cat out
                """
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.outputText == "a\na\n", "\(outcome.outputText)\(outcome.errorText)")
        #expect(try workshop.counters().hits == 0)
    }

    @Test func `an output that somebody else makes for too long is not waited for`() throws {
        let workshop = try Workshop()
        let script =
            Self.shell + """
                $L run --output out -- sh -c 'echo 1 > out; : > began; n=0; while [ ! -e go ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done' &
                wait_for began; LARDER_LOCK_TIMEOUT=50ms $L run --output out -- sh -c 'echo 2 > out; echo said'; : > go; wait
                """
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.outputText == "said\n")
        #expect(try workshop.counters().bypasses == 1)
    }

    @Test(arguments: [
        "cp in out", "cp in out/", "sh -c 'if [ -d out ]; then cp in out/had; else mkdir out; cp in out/made; fi'",
    ])
    func `what fills a directory that was there is no result where there is none`(tool: String) throws {
        let counted = try expectSame(
            """
            one() { (run --input in --output out -- \(tool)); echo $?; ls -R out; }
            mkdir out; one; one; rm -r out; one
            """,
            prepare: "echo 1 > in",
            rounds: 1
        )
        #expect(counted.hits > 0)
    }

    // MARK: - What it says

    @Test func `a dry run says what would happen and why, and does nothing`() throws {
        let workshop = try Workshop()
        try workshop.write("1\n", to: "a")
        let words = ["--input", "a", "--env", "V", "--output", "o", "--", "sh", "-c", "cat a > o; echo said"]
        func dry(_ environment: [String: String] = [:]) throws -> (Int32, String) {
            let before = DirectorySnapshot(of: workshop.directory.path)
            let outcome = try workshop.larder(["run", "--dry-run"] + words, environment: environment)
            #expect(DirectorySnapshot(of: workshop.directory.path) == before)
            #expect(outcome.errorText.isEmpty)
            return (outcome.status, outcome.outputText)
        }
        #expect(try dry() == (1, "miss: new_command\n"))
        try workshop.larder(["run"] + words)
        let hit = try dry()
        #expect(hit.0 == 0 && hit.1.hasPrefix("hit: made "))
        #expect(try dry(["V": "1"]) == (1, "miss: env\n  changed: the variable V\n"))
        try workshop.write("2\n", to: "a")
        #expect(try dry() == (1, "miss: input\n  changed: a\n"))
        workshop.remove("a")
        #expect(try dry() == (1, "miss: input\n  changed: a\n"))
        #expect(try dry(["LARDER_DISABLE": "1"]) == (1, "miss: disabled\n"))
        // A result that has no place is none.
        try workshop.write("1\n", to: "a")
        let deep = ["--input", "a", "--output", "sub/o", "--", "cp", "a", "sub/o"]
        for options in [[], ["--trace"]] {
            try workshop.run(["mkdir", "sub"])
            try workshop.larder(["run"] + options + deep)
            workshop.remove("sub")
            let none = try workshop.larder(["run", "--dry-run"] + options + deep)
            #expect(none.status == 1 && none.outputText.hasPrefix("miss: output_"), "\(none.outputText)")
        }
        let other = try workshop.larder(["run", "-n", "--input", "a", "--output", ".", "--", "true"])
        #expect(other.status == 1 && other.outputText == "miss: output_is_place\n")
    }

    @Test func `commands are counted under causes of their own`() throws {
        let workshop = try Workshop()
        for _ in 1...2 { try workshop.larder(["run", "--", "echo"]) }
        try workshop.larder(["run", "--output", ".", "--", "true"])
        let json = try #require(
            JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any]
        )
        #expect(json["hits_by_cause"] as? [String: Int] == ["run": 1])
        #expect(json["misses_by_reason"] as? [String: Int] == ["run_new_command": 1])
        #expect(json["bypasses_by_cause"] as? [String: Int] == ["run_output_is_place": 1])
        let commands = try #require(json["by_command"] as? [String: [String: Int]])
        #expect(commands["run"] == ["hits": 1, "misses": 1, "bypasses": 1])
    }
}
