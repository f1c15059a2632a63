import Foundation
import TestSupport
import Testing

/// `larder run` from outside, compared with the bare command.
@Suite struct RunScenarioTests {
    // `run OPTIONS -- COMMAND`: through the cache where `$L` names it, else bare. `wait_for FILE`: but not for ever.
    static let shell = """
        run() {
            if [ -n "$L" ]; then exec "$L" run "$@"; fi
            while [ "$1" != -- ]; do shift; done; shift; exec "$@"
        }
        wait_for() { n=0; while [ ! -e "$1" ] && [ $n -lt 2000 ]; do sleep 0.01; n=$((n + 1)); done; }

        """

    /// Runs a script bare in one directory, and `rounds` times with the cache in others, all with one cache, expects the same
    /// status, streams and files of all, and returns what the rounds have counted.
    @discardableResult
    private func expectSame(
        _ script: String,
        prepare: String = "",
        rounds: Int = 2,
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Workshop.Counters {
        let workshop = try Workshop()
        func perform(_ name: String, _ launcher: String) throws -> (Workshop.Outcome, DirectorySnapshot) {
            try FileManager.default.createDirectory(at: workshop.url(name), withIntermediateDirectories: true)
            let prepared = try workshop.run(["bash", "-ec", prepare], in: name)
            #expect(prepared.status == 0, "\(prepared.errorText)", sourceLocation: sourceLocation)
            let outcome = try workshop.run(
                ["bash", "-c", Self.shell + script],
                in: name,
                environment: environment.merging(["L": launcher]) { $1 }
            )
            return (outcome, DirectorySnapshot(of: workshop.url(name).path))
        }
        let bare = try perform("bare", "")
        for round in 1...rounds {
            let ours = try perform("ours\(round)", Workshop.larder.path)
            #expect(
                ours.0.status == bare.0.status,
                "round \(round): \(ours.0.errorText)",
                sourceLocation: sourceLocation
            )
            #expect(
                ours.0.output == bare.0.output,
                "round \(round): \(ours.0.outputText)",
                sourceLocation: sourceLocation
            )
            #expect(ours.0.error == bare.0.error, "round \(round): \(ours.0.errorText)", sourceLocation: sourceLocation)
            #expect(ours.1 == bare.1, "round \(round)", sourceLocation: sourceLocation)
        }
        return try workshop.counters()
    }

    // MARK: - Streams

    @Test func `streams come byte for byte, each on its own`() throws {
        let counted = try expectSame(
            "(run -- bash -c 'head -c 300000 /dev/zero; printf \"a\\r\\n\\377\\0b\"; head -c 200000 /dev/zero >&2; printf x >&2')"
        )
        #expect(counted.hits == 1)
    }

    @Test func `one stream for both keeps the order`() throws {
        let counted = try expectSame(
            "(run -- bash -c 'for n in {1..200}; do echo out $n; echo err $n >&2; done') > o 2>&1; cat o"
        )
        #expect(counted.hits == 1)
        let piped = try expectSame(
            "(run -- bash -c 'for n in {1..200}; do echo out $n; echo err $n >&2; done') 2>&1 | cat"
        )
        #expect(piped.hits == 1)
    }

    @Test func `two streams and one stream are two results`() throws {
        let counted = try expectSame(
            "x='echo o; echo e >&2'; (run -- sh -c \"$x\"); (run -- sh -c \"$x\") 2>&1",
            rounds: 1
        )
        #expect(counted.misses == 2)
    }

    @Test func `what the tool says is heard while it runs`() throws {
        try expectSame(
            """
            (run -- sh -c 'echo ready; n=0; while [ ! -e go ] && [ $n -lt 2000 ]; do sleep 0.01; n=$((n + 1)); done; echo $n') |
                { read word; echo "$word"; : > go; read n; [ "$n" -lt 2000 ] && echo heard; }
            """,
            rounds: 1
        )
    }

    @Test func `a reader that goes ends the tool as it does without us`() throws {
        try expectSame("(run -- yes) | head -3; echo ${PIPESTATUS[0]}", rounds: 2)
        try expectSame("(run -- sh -c 'yes | head -c 1000000') | head -c 10 | od -c; echo ${PIPESTATUS[0]}", rounds: 1)
    }

    @Test func `a stream that cannot be written is the tool's to complain about`() throws {
        let workshop = try Workshop()
        for _ in 1...2 {
            let outcome = try workshop.run(["sh", "-c", "\(Workshop.larder.path) run -- echo a > /dev/full"])
            #expect(outcome.status == 1 && outcome.errorText.contains("No space left on device"))
        }
        #expect(try workshop.counters().entries == 0)
        try expectSame("(run -- sh -c 'echo a') >&-; echo $?", rounds: 2)
    }

    @Test func `streams that another process still holds are not kept, and nobody waits for it`() throws {
        let counted = try expectSame("(run -- sh -c 'sleep 5 & echo started')", rounds: 2)
        #expect(counted.misses == 2 && counted.hits == 0)
    }

    @Test func `on a terminal the tool sees one`() throws {
        let workshop = try Workshop()
        guard try workshop.run(["sh", "-c", "command -v script"]).status == 0 else {
            try Test.cancel("needs script(1)")
        }
        let words = "run -- sh -c 'test -t 1 && echo terminal; test -t 2 && echo too'"
        for expected in [0, 1] {
            let counted = try workshop.counting {
                let outcome = try workshop.run(["script", "-qec", "\(Workshop.larder.path) \(words)", "/dev/null"])
                #expect(outcome.outputText == "terminal\r\ntoo\r\n")
            }
            #expect(counted.hits == expected)
        }
        #expect(try workshop.run(["sh", "-c", "\(Workshop.larder.path) \(words)"]).outputText == "")
    }

    // MARK: - Standard input

    @Test func `input that counts is read whole and handed on`() throws {
        let counted = try expectSame(
            """
            head -c 300000 /dev/zero | (run --stdin -- sha256sum)
            printf 'one\\ntwo\\nthree\\n' > f; { read line; echo "read $line"; (run --stdin -- cat); } < f
            (run --stdin -- cat) < /dev/null; (run --stdin -- wc -c) <<< text; printf 'other\\n' | (run --stdin -- cat)
            """
        )
        #expect(counted.misses == 5 && counted.hits == 5)
    }

    @Test func `input that does not count is as given, and a hit leaves it alone`() throws {
        let workshop = try Workshop()
        let first = try workshop.run(["sh", "-c", "echo 1 | \(Workshop.larder.path) run -- cat"])
        #expect(first.outputText == "1\n")
        let second = try workshop.run(["sh", "-c", "echo 2 | { \(Workshop.larder.path) run -- cat; cat; }"])
        #expect(second.outputText == "1\n2\n")
    }

    @Test func `input from a file is read to its end, also by a hit`() throws {
        let counted = try expectSame("printf 'a\\nb\\n' > f; { (run --stdin -- cat); cat; echo end; } < f")
        #expect(counted.hits == 1)
    }

    // MARK: - Exit status and signals

    @Test func `a tool that was asked to end and says all is well is not believed`() throws {
        let counted = try expectSame(
            """
            run -- bash -c 'trap "echo early; exit 0" TERM; echo $$ > p; mv p pid; n=0
                while [ $n -lt 2000 ]; do sleep 0.01; n=$((n + 1)); done; echo late' & launcher=$!
            wait_for pid; rm pid; kill -TERM $launcher; wait $launcher; echo $?
            """,
            rounds: 2
        )
        #expect(counted.hits == 0 && counted.entries == 0)
    }

    @Test func `a status is kept only if somebody asks for that`() throws {
        let counted = try expectSame("(run -- sh -c 'echo a; exit 3'); echo $?")
        #expect(counted.hits == 0 && counted.misses == 2)
        let kept = try expectSame("(run --store-status 0,3 -- sh -c 'echo a; exit 3'); echo $?")
        #expect(kept.hits == 1)
        let others = try expectSame(
            "(run --store-status 3 -- sh -c 'exit 3'); (run -- sh -c 'exit 3'); echo $?",
            rounds: 1
        )
        #expect(others.hits == 0)
    }

    @Test(arguments: ["INT", "TERM", "HUP", "KILL", "SEGV"])
    func `a tool that dies by a signal has us die by the same`(signal: String) throws {
        let counted = try expectSame(
            "exec 2> /dev/null; ulimit -c 0; (run --output o -- sh -c 'echo half > o; kill -\(signal) $$') & wait $!; echo $?"
        )
        #expect(counted.hits == 0)
    }

    @Test(arguments: ["INT", "TERM", "HUP", "QUIT"], ["", "-"])
    func `a signal ends tool and launcher, and nothing is kept`(signal: String, group: String) throws {
        let counted = try expectSame(
            """
            exec 2> /dev/null; set -m; ulimit -c 0
            run --output o -- sh -c 'echo half > o; echo $$ > p; mv p pid; exec sleep 60' & launcher=$!
            wait_for pid; tool=$(cat pid); rm pid; kill -\(signal) \(group)$launcher; wait $launcher; echo $?
            kill -0 $tool 2>/dev/null && echo alive; rm -f core*
            """,
            rounds: 1
        )
        #expect(counted.hits == 0)
    }

    @Test func `a command that cannot be run says so as shells do`() throws {
        let workshop = try Workshop()
        try workshop.write("x", to: "plain")
        #expect(try workshop.larder(["run", "--", "no-such-command"]).status == 127)
        #expect(try workshop.larder(["run", "--", "./plain"]).status == 126)
        for words in [
            ["run"], ["run", "--bogus", "--", "ls"], ["run", "--ttl", "soon", "--", "ls"],
            ["run", "--store-status", "0,x", "--", "ls"], ["run", "--store-status", "256", "--", "ls"],
            ["run", "--deterministic", "maybe", "--", "ls"], ["run", "--env", "A=1", "--", "ls"],
            ["run", "--input", "", "--", "ls"], ["run", "--input"],
        ] {
            let outcome = try workshop.larder(words)
            #expect(outcome.status == 2 && outcome.errorText.filter { $0 == "\n" }.count == 1, "\(words)")
        }
        #expect(try workshop.larder(["run", "echo", "--input", "-n"]).outputText == "--input -n\n")
    }

    // MARK: - Outputs

    private static let tree = """
        mkdir -p out/empty out/deep/er; echo a > out/a; echo x > out/deep/x; chmod 755 out/deep/x; chmod 600 out/a
        ln -s ../a out/deep/link; ln -s /nowhere out/dangling; : > out/none; chmod 555 out/deep/er
        head -c 3000000 /dev/urandom | md5sum > /dev/null; yes line | head -c 3000000 > out/large; echo "$(printf 'b\\nc')" > "$(printf 'out/b\\nc')"
        """

    @Test(arguments: ["none", "zstd"])
    func `a directory comes back with links, modes, large files and what is empty`(compression: String) throws {
        let counted = try expectSame(
            "chmod -R u+w out 2>/dev/null; (run --output out -- bash -ec '\(Self.tree.replacingOccurrences(of: "'", with: "'\\''"))')",
            environment: ["LARDER_COMPRESSION": compression]
        )
        #expect(counted.hits == 1 && counted.misses == 1)
    }

    @Test func `an output that is there is replaced, and directories above it are made as the tool made them`() throws {
        let counted = try expectSame(
            """
            for n in 1 2 3; do (run --output a/b/o -- sh -c 'mkdir -p a/b; echo $0 > a/b/o' "$n"); cat a/b/o; done
            (run --output a/b/o -- sh -c 'mkdir -p a/b; echo $0 > a/b/o' 2); cat a/b/o
            """
        )
        #expect(counted.misses == 3 && counted.hits == 5)
    }

    @Test func `a directory above an output that the tool did not make is not made for it`() throws {
        let workshop = try Workshop()
        try workshop.run(["mkdir", "d"])
        let words = ["run", "--output", "d/o", "--", "sh", "-c", "echo a > d/o"]
        #expect(try workshop.larder(words).status == 0)
        try workshop.run(["rm", "-r", "d"])
        #expect(try workshop.larder(words).status != 0)
        #expect(workshop.read("d/o") == nil)
    }

    @Test func `an output that is not made is not made again either`() throws {
        let counted = try expectSame("(run --output o --output p -- sh -c 'echo > p'); ls")
        #expect(counted.hits == 1)
    }

    @Test func `a file that is not ours in an output's place stays, and the tool decides`() throws {
        let workshop = try Workshop()
        let words = ["run", "--output", "out", "--", "sh", "-c", "mkdir -p out; echo a > out/a"]
        try workshop.larder(words)
        try workshop.write("mine", to: "out/notes")
        let counted = try workshop.counting { try workshop.larder(words) }
        #expect(counted.hits == 0)
        #expect(workshop.read("out/notes") == Data("mine".utf8))
        workshop.remove("out/notes")
        #expect(try workshop.counting { try workshop.larder(words) }.hits == 1)

        // Through a link the tool would have written elsewhere.
        try workshop.run(["sh", "-c", "mv out real; ln -s real out"])
        #expect(try workshop.counting { try workshop.larder(words) }.hits == 0)
        #expect(try workshop.run(["readlink", "out"]).status == 0)
    }

    @Test func `what the tool only added to or left is not kept`() throws {
        let counted = try expectSame(
            """
            for n in 1 2; do (run --output log -- sh -c 'test -e log || echo a > log'); done
            mkdir d; echo old > d/old; (run --output d -- sh -c 'echo new > d/new')
            """,
            rounds: 1
        )
        #expect(counted.hits == 1, "a file that is replaced by itself")
        let rest = try expectSame("mkdir d; echo old > d/old; (run --output d -- sh -c 'echo new > d/new')", rounds: 2)
        #expect(rest.hits == 0)
    }

    @Test(arguments: [
        "run --input d --output d/o -- sh -c 'cat d/a > d/o'", "run --input a --output a -- sh -c 'echo 2 > a'",
        "run --input 'd/*' --output d -- sh -c 'echo 2 > d/o'", "run --input l --output a -- sh -c 'echo 2 > a'",
        "run --output . -- sh -c 'echo 2 > o'", "run --output .. -- echo", "run --output / -- echo",
        "run --output d --output d/o -- sh -c 'echo 2 > d/o'",
    ])
    func `an output that is an input, or the place itself, makes a bypass`(command: String) throws {
        let counted = try expectSame("(\(command))", prepare: "mkdir d; echo 1 > d/a; echo 1 > a; ln -s a l")
        #expect(counted.bypasses == 2 && counted.hits == 0 && counted.misses == 0)
    }

    @Test func `an output that is no file is not kept`() throws {
        let counted = try expectSame("(run --output o -- mkfifo o); ls -l o | cut -c1")
        #expect(counted.hits == 0)
    }

    @Test func `files have the permissions that this umask gives them`() throws {
        let workshop = try Workshop()
        let words = "\(Workshop.larder.path) run --output o -- sh -c 'echo a > o'"
        for (mask, mode) in [("022", "644"), ("077", "600"), ("002", "664"), ("022", "644")] {
            workshop.remove("o")
            let outcome = try workshop.run(["sh", "-c", "umask \(mask); \(words); stat -c %a o"])
            #expect(outcome.outputText == mode + "\n")
        }
        #expect(try workshop.counters().hits == 1)
    }

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
        let outcome = try workshop.larder([
            "run", "--output", "o", "--", "sh", "-c", "\(larder) run --output o -- sh -c 'echo a > o; echo said'",
        ])
        #expect(outcome.outputText == "said\n" && outcome.status == 0)
        #expect(ContinuousClock.now - start < .seconds(9), "the time-out for locks is 10 s")
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

    @Test(arguments: ["tool_ended", "written", "renamed", "published"])
    func `a launcher that is killed while it publishes leaves a cache that is right`(point: String) throws {
        let workshop = try Workshop()
        try workshop.write("1\n", to: "a")
        let words = ["run", "--input", "a", "--output", "out", "--", "sh", "-c", "mkdir out; cat a > out/x; echo said"]
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

    @Test func `an output that somebody else makes for too long is not waited for`() throws {
        let workshop = try Workshop()
        let script =
            Self.shell + """
                $L run --output out -- sh -c 'echo 1 > out; : > began; n=0; while [ ! -e go ] && [ $n -lt 2000 ]; do sleep 0.01; n=$((n + 1)); done' &
                wait_for began; LARDER_LOCK_TIMEOUT=50ms $L run --output out -- sh -c 'echo 2 > out; echo said'; : > go; wait
                """
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.outputText == "said\n")
        #expect(try workshop.counters().bypasses == 1)
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
