import Foundation
import TestSupport
import Testing

/// `larder run --trace`: nothing is declared, and nothing stale is given.
@Suite struct TraceScenarioTests {
    private let workshop: Workshop

    init() throws {
        _ = try #require(PreloadLibrary.path)
        workshop = try Workshop()
    }

    private func trace(
        _ words: [String],
        options: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Workshop.Outcome {
        try workshop.larder(["run", "--trace"] + options + ["--"] + words, environment: environment)
    }

    private func causes() throws -> [String: Int] {
        let json =
            try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any]
        return json?["misses_by_reason"] as? [String: Int] ?? [:]
    }

    /// Runs the command; says whether that was a hit, and what it said.
    private func run(_ script: String, environment: [String: String] = [:]) throws -> (isHit: Bool, text: String) {
        var (status, text): (Int32, String) = (-1, "")
        let counted = try workshop.counting {
            let outcome = try trace(["sh", "-c", script], environment: environment)
            (status, text) = (outcome.status, outcome.outputText)
        }
        #expect(status == 0)
        return (counted.hits == 1, text)
    }

    private func dry(_ script: String) -> String { dry(["sh", "-c", script]) }

    private func dry(_ words: [String]) -> String {
        (try? trace(words, options: ["--dry-run"]).outputText) ?? ""
    }

    @Test func `inputs and outputs are seen, and a second run is a hit`() throws {
        try workshop.write("1\n", to: "a")
        let script = "cat a > out; echo said"
        #expect(try run(script) == (false, "said\n"))
        #expect(try run(script) == (true, "said\n"), "\(dry(script))")
        workshop.remove("out")
        #expect(try run(script) == (true, "said\n"))
        #expect(workshop.read("out") == Data("1\n".utf8))
        // From A to B and back to A.
        try workshop.write("2\n", to: "a")
        #expect(try run(script) == (false, "said\n"))
        #expect(workshop.read("out") == Data("2\n".utf8))
        try workshop.write("1\n", to: "a")
        #expect(try run(script).isHit)
        #expect(workshop.read("out") == Data("1\n".utf8))
    }

    @Test func `a name that was looked for in vain and appears is a miss`() throws {
        let script = "if [ -e b ]; then cat b; else echo none; fi; cat sub/dir/x 2>/dev/null || :"
        #expect(try run(script) == (false, "none\n"))
        #expect(try run(script) == (true, "none\n"), "\(dry(script))")
        try workshop.write("x\n", to: "sub/dir/x")
        #expect(try run(script) == (false, "none\nx\n"))
        try workshop.write("b\n", to: "b")
        #expect(try run(script) == (false, "b\nx\n"))
    }

    @Test func `a name that a listed directory gets is a miss`() throws {
        try workshop.write("", to: "d/one")
        let script = "for i in d/*; do echo $i; done"
        #expect(try run(script) == (false, "d/one\n"))
        #expect(try run(script) == (true, "d/one\n"), "\(dry(script))")
        try workshop.write("", to: "d/two")
        #expect(try run(script) == (false, "d/one\nd/two\n"))
    }

    @Test func `a variable counts, named or not`() throws {
        let script = "echo $SOME"
        #expect(try run(script, environment: ["SOME": "1"]) == (false, "1\n"))
        #expect(try run(script, environment: ["SOME": "1"]) == (true, "1\n"))
        #expect(try run(script, environment: ["SOME": "2"]) == (false, "2\n"))
        #expect(try run(script) == (false, "\n"))
    }

    @Test func `a link on the way that leads elsewhere is a miss`() throws {
        try workshop.write("1\n", to: "one/x")
        try workshop.write("2\n", to: "two/x")
        try FileManager.default.createSymbolicLink(atPath: workshop.url("way").path, withDestinationPath: "one")
        #expect(try run("cat way/x") == (false, "1\n"))
        #expect(try run("cat way/x") == (true, "1\n"))
        workshop.remove("way")
        try FileManager.default.createSymbolicLink(atPath: workshop.url("way").path, withDestinationPath: "two")
        #expect(try run("cat way/x") == (false, "2\n"))
    }

    /// Whoever asks for the link itself sees one that leads nowhere.
    @Test(arguments: [
        "[ -L way ] && echo link || echo none", "readlink way; echo $?", "cat way 2>&1; ls -l way >&2; echo end",
    ])
    func `a link that leads nowhere is something where nothing was`(script: String) throws {
        func point(to target: String?) throws {
            workshop.remove("way")
            guard let target else { return }
            try FileManager.default.createSymbolicLink(atPath: workshop.url("way").path, withDestinationPath: target)
        }
        for target in [nil, "nowhere", "elsewhere", nil, "a", "nowhere"] {
            try workshop.write("text\n", to: "a")
            try point(to: target)
            let bare = try workshop.run(["sh", "-c", script])
            for _ in 1...2 {
                let outcome = try trace(["sh", "-c", script])
                #expect(outcome.outputText == bare.outputText, "\(target ?? "nothing")")
            }
        }
    }

    @Test func `what a script reads or writes by a descriptor that it was given is not kept`() throws {
        let outcome = try workshop.run(
            [
                "bash", "-c",
                """
                run() { "$L" run --trace -- "$@"; }
                echo A > a; echo B > b
                for file in a b; do run sh -c 'cat <&3' 3< $file; done
                for time in 1 2; do rm -f f; run sh -c 'echo written >&4' 4> f; cat f; done
                for word in C D; do echo $word | { run sh -c 'cat <&3' 3<&0 < /dev/null; }; done
                # Those that nobody reads, and make's pipe, do no harm.
                for time in 1 2; do run sh -c 'cat a' 3< b 5>> f 6< .; done
                exec 7<> <(:); MAKEFLAGS="-j --jobserver-auth=7,7" run sh -c 'cat a'
                """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(
            outcome.outputText == "A\nB\nwritten\nwritten\nC\nD\nA\nA\nA\n",
            "\(outcome.outputText)\(outcome.errorText)"
        )
        #expect(try workshop.counters().hits >= 1)
    }

    @Test func `what standard input is counts, though nobody sees it read`() throws {
        try workshop.write("data\n", to: "a")
        func given(_ input: String, _ tool: String = "cat") throws -> String {
            try workshop.run(
                [
                    "sh", "-c",
                    "\(input == "pipe" ? "cat a | " : "") \"$0\" run --trace -- \(tool) \(input == "pipe" ? "" : input)",
                    Workshop.larder.path,
                ]
            ).outputText
        }
        for _ in 1...2 {
            #expect(try given("< /dev/null") == "")
            #expect(try given("< a") == "data\n")
            #expect(try given("pipe") == "data\n")
            #expect(try given("< /dev/zero", "sh -c 'head -c1 | wc -c'") == "1\n")
            #expect(try given("<&-", "true") == "")
        }
        let script =
            "\"$0\" run --trace -- sh -c 'echo x >&3' 3>/dev/null && \"$0\" run --trace -- sh -c 'echo x >&3' 3>o && cat o"
        #expect(try workshop.run(["sh", "-c", script, Workshop.larder.path]).outputText == "x\n")
        #expect(try workshop.counters().hits > 0)
    }

    @Test(.enabled(if: getuid() == 0, "only root may become another user"))
    func `what this process may not read is not given as if it might`() throws {
        try workshop.write("#define K 1\n", to: "i/k.h")
        try workshop.write("#include <k.h>\nint q = K;\n", to: "a.c")
        try workshop.write("#if __has_include(<k.h>)\nint q;\n#endif\n", to: "b.c")
        let script = """
            chmod 755 . i; mkdir cache out; chown nobody cache out; cp "$0"* "${0%/*}"/liblarder-trace.so .; chgrp 60 i/k.h; chmod 640 i/k.h
            export LARDER_DIR=$PWD/cache LARDER_DAEMON=off
            in_group="setpriv --reuid 65534 --regid 65534 --groups 60"; outside="setpriv --reuid 65534 --regid 65534 --clear-groups"
            for words in "gcc -Ii -c a.c -o out/a.o" "gcc -Ii -c b.c -o out/a.o" "run --trace -- cat i/k.h"; do
                for i in 1 2; do $in_group ./larder $words > out/said || exit 3; done
                $outside ./larder $words 2>/dev/null && exit 4
            done
            $outside ./larder stats --json | grep '"hits": *3,'
            """
        let outcome = try workshop.run(["sh", "-c", script, Workshop.larder.path])
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test func `a program and a script's interpreter count`() throws {
        try workshop.write("#!\(workshop.url("i").path)\necho ignored\n", to: "s")
        try FileManager.default.copyItem(atPath: "/bin/dash", toPath: workshop.url("i").path)
        Workshop.waitUntilNobodyWrites(workshop.url("i"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workshop.url("s").path)
        #expect(try run("./s").isHit == false)
        #expect(try run("./s") == (true, "ignored\n"))
        workshop.remove("i")
        try FileManager.default.copyItem(atPath: "/bin/cat", toPath: workshop.url("i").path)
        Workshop.waitUntilNobodyWrites(workshop.url("i"))
        let changed = try run("./s")
        #expect(!changed.isHit)
        #expect(changed.text.hasPrefix("#!"))
    }

    @Test func `a static program is not kept, and is named`() throws {
        try workshop.write("#include <stdio.h>\nint main(void){puts(\"x\");return 0;}\n", to: "m.c")
        #expect(try workshop.run(["gcc", "-static", "m.c", "-o", "m"]).status == 0)
        for _ in 1...2 { #expect(try run("./m; :") == (false, "x\n")) }
        #expect(try causes()["run_untraced_program"] == 2)
        #expect(dry("./m; :").contains("untraced_program: \(workshop.url("m").path)"))
        for _ in 1...2 { #expect(try trace(["./m"]).outputText == "x\n") }
        #expect(try causes()["run_untraced_program"] == 4)
    }

    @Test func `a program in a cleared environment is traced all the same, and sees nothing of us`() throws {
        try workshop.write("1\n", to: "a")
        #expect(try run("env -i /bin/sh -c 'cat a'").isHit == false)
        #expect(try run("env -i /bin/sh -c 'cat a'").isHit)
        try workshop.write("2\n", to: "a")
        #expect(try run("env -i /bin/sh -c 'cat a'") == (false, "2\n"))
        let seen = try trace(["env"]).outputText
        #expect(!seen.contains("LD_PRELOAD") && !seen.contains("LARDER_TRACE"))
    }

    @Test func `a process that outlives the run is a cause of its own`() throws {
        let script = "(exec >/dev/null 2>&1; sleep 5) & echo x"
        for _ in 1...2 { #expect(try run(script) == (false, "x\n")) }
        #expect(try causes()["run_outlived_process"] == 2)
    }

    @Test func `the time and chance are causes, unless the user says that they do not matter`() throws {
        for _ in 1...2 { #expect(try trace(["date", "+x"]).outputText == "x\n") }
        #expect(try causes()["run_reads_clock"] == 2)
        for _ in 1...2 { _ = try trace(["sh", "-c", "head -c 1 /dev/urandom >/dev/null"]) }
        #expect(try causes()["run_reads_random"] == 2)
        let counted = try workshop.counting {
            for _ in 1...2 { _ = try trace(["date", "+x"], options: ["--deterministic=yes"]) }
        }
        #expect(counted.hits == 1)
    }

    @Test func `a file that is changed in place or removed is a cause`() throws {
        try workshop.write("1\n", to: "log")
        for _ in 1...2 { #expect(try run("echo x >> log").isHit == false) }
        #expect(try causes()["run_modifies_input"] == 2)
        #expect(try run("rm log").isHit == false)
        #expect(try causes()["run_removes_file"] == 1)
    }

    @Test func `an output that a script looks for decides, unless it is what the result gives`() throws {
        let script = "[ -e log ] || echo first > log"
        #expect(try run(script).isHit == false)
        #expect(try run(script).isHit, "\(dry(script))")
        try workshop.write("mine\n", to: "log")
        #expect(try run(script).isHit == false)
        #expect(workshop.read("log") == Data("mine\n".utf8))
    }

    @Test func `a build by make gives all its outputs back`() throws {
        try workshop.write("prog: a.o b.o\n\tgcc -o $@ $^\n%.o: %.c h.h\n\tgcc -c $<\n", to: "p/Makefile")
        try workshop.write("#define V 1\n", to: "p/h.h")
        try workshop.write("#include \"h.h\"\nint f(void);\nint main(void){return f()-V;}\n", to: "p/a.c")
        try workshop.write("#include \"h.h\"\nint f(void){return V;}\n", to: "p/b.c")
        let words = ["make", "-C", "p"]
        let first = try trace(words)
        #expect(first.status == 0, "\(first.errorText)")
        func outputs() -> [Data?] { [workshop.read("p/a.o"), workshop.read("p/b.o"), workshop.read("p/prog")] }
        let made = outputs()
        #expect(made.allSatisfy { $0 != nil })
        for name in ["a.o", "b.o", "prog"] { workshop.remove("p/" + name) }
        let counted = try workshop.counting {
            let again = try trace(words)
            #expect(again == first)
        }
        #expect(counted.hits == 1, "\(dry(words))")
        #expect(outputs() == made)
        #expect(try workshop.run(["p/prog"]).status == 0)
    }

    @Test func `a Python script with imports is kept once its compiled modules are there`() throws {
        try workshop.write("import mod\nprint(mod.X)\n", to: "s.py")
        try workshop.write("X = 1\n", to: "mod.py")
        var hits: [Int] = []
        for _ in 1...3 {
            let counted = try workshop.counting {
                let said = try trace(["/usr/bin/python3", "s.py"]).outputText
                #expect(said == "1\n")
            }
            hits.append(counted.hits)
        }
        #expect(hits.last == 1, "\(hits) \(dry(["/usr/bin/python3", "s.py"]))")
        try workshop.write("X = 22\n", to: "mod.py")
        #expect(try trace(["/usr/bin/python3", "s.py"]).outputText == "22\n")
    }

    @Test func `pipes of scripts are seen through`() throws {
        try workshop.write("a\nb\n", to: "in")
        try workshop.write("#!/bin/bash\nsource ./lib.sh\ncat <(cat in) | up\n", to: "outer")
        try workshop.write("up() { tr a-z A-Z | (cat; ls nothing 2>/dev/null || echo end); }\n", to: "lib.sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workshop.url("outer").path)
        #expect(try run("./outer > o") == (false, ""))
        workshop.remove("o")
        #expect(try run("./outer > o").isHit, "\(dry("./outer > o"))")
        #expect(workshop.read("o") == Data("A\nB\nend\n".utf8))
        try workshop.write("up() { cat; }\n", to: "lib.sh")
        #expect(try run("./outer > o").isHit == false)
        #expect(workshop.read("o") == Data("a\nb\n".utf8))
    }

    @Test func `a dry run says what was read and not declared`() throws {
        try workshop.write("1\n", to: "a")
        try workshop.write("1\n", to: "b")
        let words = ["sh", "-c", "cat a b > o"]
        _ = try trace(words, options: ["--input", "a", "--output", "o"])
        let said = try trace(words, options: ["--input", "a", "--output", "o", "--dry-run"])
        #expect(said.outputText.contains("read, not declared: \(workshop.url("b").path)\n"), "\(said.outputText)")
        #expect(!said.outputText.contains("declared: \(workshop.url("a").path)\n"))
    }

    @Test func `the same command in several processes at once is right in each`() async throws {
        try workshop.write("1\n", to: "a")
        let workshop = workshop
        try await withThrowingTaskGroup(of: Workshop.Outcome.self) { group in
            for _ in 1...4 {
                group.addTask { try workshop.larder(["run", "--trace", "--", "sh", "-c", "cat a > out; cat out"]) }
            }
            for try await outcome in group { #expect(outcome.outputText == "1\n" && outcome.status == 0) }
        }
        #expect(workshop.read("out") == Data("1\n".utf8))
    }
}
