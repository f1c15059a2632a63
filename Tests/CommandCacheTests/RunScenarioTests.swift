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
        wait_for() { n=0; while [ ! -e "$1" ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; }

        """

    /// Runs a script bare in one directory, and `rounds` times with the cache in others, all with one cache, expects the same
    /// status, streams and files of all, and returns what the rounds have counted.
    @discardableResult
    func expectSame(
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
            (run -- sh -c 'echo ready; n=0; while [ ! -e go ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; echo $n') |
                { read word; echo "$word"; : > go; read n; [ "$n" -lt 60000 ] && echo heard; }
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
                while [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; echo late' & launcher=$!
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
}
