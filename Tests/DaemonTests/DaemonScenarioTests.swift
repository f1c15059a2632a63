import Foundation
import TestSupport
import Testing

/// The daemon through the built programs, as a user meets it.
@Suite struct DaemonScenarios {
    private let on = ["LARDER_DAEMON": "auto"]
    private let compile = ["gcc", "-c", "a.c", "-o", "a.o"]

    private func status(_ workshop: Workshop) throws -> [String: Any] {
        let outcome = try workshop.larder(["daemon", "status", "--json"])
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
    }

    /// The process of the daemon that a miss has started; on a machine with much to do the miss may be over before it runs.
    private func started(_ workshop: Workshop) throws -> Int {
        let isThere = try eventually { try isRunning(workshop) }
        try #require(isThere)
        return try #require(try status(workshop)["pid"] as? Int)
    }

    private func isRunning(_ workshop: Workshop) throws -> Bool { try status(workshop)["running"] as? Bool ?? false }

    private func stop(_ workshop: Workshop) throws {
        let outcome = try workshop.larder(["daemon", "stop"])
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    @Test func `the first miss starts it, the result is kept, and a hit needs none`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        #expect(try workshop.larder(compile, environment: on).status == 0)
        _ = try started(workshop)
        let counters = try workshop.counters()
        #expect((counters.misses, counters.hits) == (1, 0))
        let made = workshop.read("a.o")
        try workshop.larder(compile + ["-DX"], environment: on)
        _ = try workshop.counters()
        let first = try status(workshop)
        #expect([1, 2].contains(first["published"] as? Int))
        for number in [first["pid"], first["pending"], first["rss_bytes"]] { #expect(number is Int) }
        try stop(workshop)
        #expect(try !isRunning(workshop))
        workshop.remove("a.o")
        #expect(try workshop.larder(compile, environment: on).status == 0)
        #expect(try workshop.counters().hits == 1)
        #expect(workshop.read("a.o") == made)
        // A hit starts nothing.
        #expect(try !isRunning(workshop))
    }

    @Test func `it is started also where nobody waits for another`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(compile, environment: on.merging(["LARDER_SINGLE_FLIGHT": "off"]) { $1 })
        #expect(try workshop.counters().misses == 1)
        _ = try started(workshop)
        try stop(workshop)
    }

    @Test func `start, restart and stop say what they do, and may be repeated`() throws {
        let workshop = try Workshop()
        #expect(try workshop.larder(["daemon", "stop"]).outputText.hasPrefix("No daemon of "))
        let started = try workshop.larder(["daemon", "start"], environment: ["LARDER_DAEMON": "off"])
        #expect(started.status == 0 && started.outputText.hasPrefix("Started the daemon of "))
        // Who starts one in vain is told.
        #expect(started.errorText.contains("daemon is off"))
        let again = try workshop.larder(["daemon", "start"], environment: on)
        #expect(again.outputText.contains("is running already"))
        #expect(again.errorText.isEmpty)
        let before = try status(workshop)["pid"] as? Int
        #expect(try workshop.larder(["daemon", "restart"], environment: on).status == 0)
        let after = try status(workshop)["pid"] as? Int
        #expect(before != nil && after != nil && before != after)
        try stop(workshop)
        try stop(workshop)
        for words in [["daemon"], ["daemon", "dance"], ["daemon", "start", "--json"], ["daemon", "stop", "now"]] {
            #expect(try workshop.larder(words).status == 2)
        }
    }

    @Test func `without the daemon everything is as it was`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let off = ["LARDER_DAEMON": "off"]
        for _ in 1...2 { #expect(try workshop.larder(compile, environment: off).status == 0) }
        #expect(try workshop.counters().hits == 1)
        #expect(try !isRunning(workshop))
        #expect(try workshop.larder(compile, environment: ["LARDER_DAEMON": "perhaps"]).status == 0)
        let said = try workshop.larder(["stats"], environment: ["LARDER_DAEMON": "perhaps"])
        #expect(said.status == 2 && said.errorText.contains("one of auto, off"))
    }

    @Test func `it inherits nothing and keeps nothing busy`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let words = ([Workshop.larder.path] + compile).joined(separator: " ")
        try workshop.run(["bash", "-c", "exec 7</dev/zero 8>seven; \(words)"], environment: on)
        let process = try started(workshop)
        let files = FileManager.default
        #expect(try files.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd") == "/")
        // The commands above are over; it needs a moment to notice.
        var open: [String] = []
        _ = try eventually {
            open = try files.contentsOfDirectory(atPath: "/proc/\(process)/fd").compactMap {
                try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")
            }
            return !open.contains { $0.hasPrefix(workshop.directory.path) }
        }
        #expect(!open.contains { $0.hasPrefix(workshop.directory.path) || $0 == "/dev/zero" }, "\(open)")
        let fields = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            .components(separatedBy: ") ")[1].split(separator: " ")
        #expect(fields[4] == "0", "no terminal")
        #expect(fields[3] != "\(getpid())", "a session of its own")
        let variables = try String(contentsOfFile: "/proc/\(process)/environ", encoding: .utf8).split(separator: "\0")
        #expect(variables.allSatisfy { $0.hasPrefix("LARDER_") || $0.hasPrefix("XDG_RUNTIME_DIR=") }, "\(variables)")
        try stop(workshop)
    }

    @Test func `it ends when its directory has gone, and makes nothing anew`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(compile, environment: on)
        let process = try started(workshop)
        // It may be publishing: what it makes meanwhile keeps a folder from being removed, once or twice.
        for _ in 1...100 where FileManager.default.fileExists(atPath: workshop.cache.path) {
            try? FileManager.default.removeItem(at: workshop.cache)
        }
        #expect(hasEnded(process, within: 20))
        #expect(!FileManager.default.fileExists(atPath: workshop.cache.path))
    }

    @Test func `a cache that gets the number of a removed one does not meet that one's daemon`() throws {
        let (workshop, files) = (try Workshop(), FileManager.default)
        func number() throws -> Int? {
            try files.attributesOfItem(atPath: workshop.cache.path)[.systemFileNumber] as? Int
        }
        var reused = 0
        for _ in 1...5 {
            try workshop.larder(["daemon", "start"])
            let (before, process) = (try number(), try started(workshop))
            try files.removeItem(at: workshop.cache)
            try files.createDirectory(at: workshop.cache, withIntermediateDirectories: false)
            if try number() == before { reused += 1 }
            // The first one looks once a second whether its directory is there.
            let outcome = try workshop.larder(["daemon", "start"])
            #expect(outcome.outputText.hasPrefix("Started"), "\(outcome.outputText)\(outcome.errorText)")
            #expect(try started(workshop) != process)
            try stop(workshop)
        }
        if reused == 0 { print("no number was given again: this file system says nothing about that") }
    }

    @Test func `it ends when nobody needs it`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(compile, environment: on.merging(["LARDER_DAEMON_IDLE": "1"]) { $1 })
        // Not asked: whoever asks it needs it.
        let log = workshop.url(".cache/daemon.log")
        var words: [Substring] = []
        let isThere = eventually {
            words = ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace)
            return words.contains("listens")
        }
        try #require(isThere)
        #expect(hasEnded(try #require(Int(words[1])), within: 30))
        workshop.remove("a.o")
        try workshop.larder(compile, environment: on)
        #expect(try workshop.counters().hits == 1)
    }

    private func hasEnded(_ process: Int, within seconds: Int) -> Bool {
        for _ in 0..<(seconds * 50) {
            // Nobody may wait for it where these tests run: a process that has ended can still be listed.
            guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                !text.components(separatedBy: ") ")[1].hasPrefix("Z")
            else { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    @Test func `many launchers start one`() throws {
        let workshop = try Workshop()
        var makefile = "all: \((1...32).map { "a\($0).o" }.joined(separator: " "))\n%.o: %.c\n\t$(L) gcc -c $< -o $@\n"
        for number in 1...32 { try workshop.write("int a\(number);\n", to: "a\(number).c") }
        makefile += ".PHONY: all\n"
        try workshop.write(makefile, to: "Makefile")
        let outcome = try workshop.run(["make", "-s", "-j32", "L=\(Workshop.larder.path)"], environment: on)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        let counters = try workshop.counters()
        #expect((counters.misses, counters.errors) == (32, 0))
        let log = String(decoding: workshop.read(".cache/daemon.log") ?? Data(), as: UTF8.self)
        #expect(log.components(separatedBy: " listens").count == 2, "\(log)")
        try stop(workshop)
    }

    /// A compiler that notes each of its runs and takes a while.
    private func slowCompiler(_ workshop: Workshop, seconds: String = "0.5", then command: String = "exec gcc \"$@\"")
        throws
    {
        try workshop.write(
            driver:
                "#!/bin/sh\ncase \"$*\" in *-###*|*-v*) ;; *) echo run >> \(workshop.url("runs").path); sleep \(seconds);; esac\n\(command)\n",
            to: "slowgcc"
        )
    }

    /// A compiler that counts its runs, and ends when there is a file `go`.
    private func waitingCompiler(_ workshop: Workshop) throws {
        let runs = workshop.url("runs").path
        try workshop.write(
            driver: """
                #!/bin/sh
                case "$*" in *-###*|*-v*) ;; *) echo run >>\(runs); until [ -e \(workshop.url("go").path) ]; do sleep 0.01; done;; esac
                exec gcc "$@"

                """,
            to: "slowgcc"
        )
    }

    private func runs(_ workshop: Workshop) -> Int {
        String(decoding: workshop.read("runs") ?? Data(), as: UTF8.self).split(separator: "\n").count
    }

    @Test func `identical misses compile once`() throws {
        let workshop = try Workshop()
        try waitingCompiler(workshop)
        try workshop.write("int a;\n", to: "a.c")
        // The compiler is asked what it is by one of them, before.
        try workshop.write("int b;\n", to: "b.c")
        try workshop.larder(["daemon", "start"])
        try workshop.bash("touch go; \"$L\" ./slowgcc -c b.c -o b.o; rm go")
        let before = runs(workshop)
        let outcome = try workshop.bash(
            """
            for i in 1 2 3 4 5 6 7 8; do "$L" ./slowgcc -c a.c -o $i.o & done
            until_true is waiting 7; touch go; wait; rm go
            """
        )
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.errorText)")
        #expect(runs(workshop) - before == 1)
        let objects = Set((1...8).compactMap { workshop.read("\($0).o") })
        #expect(objects.count == 1)
        let counters = try workshop.counters()
        #expect((counters.hits, counters.misses) == (7, 2))
        #expect(try status(workshop)["coalesced"] as? Int == 7)
        // And each for itself where that is wanted.
        try workshop.bash(
            """
            for i in 1 2 3; do "$L" ./slowgcc -DX -c a.c -o $i.o & done
            all_run() { [ $(wc -l <runs) = \(before + 4) ]; }
            until_true all_run; touch go; wait
            """,
            ["LARDER_SINGLE_FLIGHT": "off"]
        )
        #expect(runs(workshop) - before == 4)
        try stop(workshop)
    }

    @Test func `identical commands run once`() throws {
        let workshop = try Workshop()
        let tool = "#!/bin/sh\necho run >> \(workshop.url("runs").path)\nsleep 0.5\necho done\n"
        try workshop.write(tool, to: "tool")
        try workshop.run(["chmod", "+x", "tool"])
        try workshop.larder(["daemon", "start"])
        let larder = Workshop.larder.path
        let script = "for i in 1 2 3 4 5; do \(larder) run -- ./tool > $i.out & done; wait"
        let outcome = try workshop.run(["bash", "-c", script], environment: on)
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.errorText)")
        #expect(runs(workshop) == 1)
        for number in 1...5 { #expect(workshop.read("\(number).out") == Data("done\n".utf8)) }
        try stop(workshop)
    }

    @Test func `a compile that fails frees those who wait, and each of them says so`() throws {
        let workshop = try Workshop()
        try slowCompiler(workshop, seconds: "0.3")
        try workshop.write("int a\n", to: "a.c")
        let larder = Workshop.larder.path
        try workshop.larder(["daemon", "start"])
        let outcome = try workshop.run(
            ["bash", "-c", "for i in 1 2 3; do (\(larder) ./slowgcc -c a.c -o $i.o; echo $?) & done; wait"],
            environment: on
        )
        #expect(outcome.outputText == "1\n1\n1\n")
        #expect(outcome.errorText.components(separatedBy: "error: expected").count == 4, "\(outcome.errorText)")
        try stop(workshop)
    }

    @Test func `the death of the one who compiles frees those who wait`() throws {
        let workshop = try Workshop()
        try waitingCompiler(workshop)
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["daemon", "start"])
        let outcome = try workshop.bash(
            """
            "$L" ./slowgcc -c a.c -o 1.o & first=$!
            until_true [ -s runs ]
            "$L" ./slowgcc -c a.c -o 2.o & second=$!
            until_true is waiting 1
            kill -9 $first
            touch go
            wait $second; echo $?
            """
        )
        #expect(outcome.outputText == "0\n", "\(outcome.errorText)")
        #expect(workshop.read("2.o") != nil)
        #expect(runs(workshop) == 2)
        try stop(workshop)
    }

    @Test func `a compiler that calls the same command through larder does not wait for itself`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        // Calls itself once more, with the very same words.
        let script = """
            #!/bin/sh
            case "$*" in *-###*|*-v*) exec gcc "$@" ;; esac
            if [ -z "$AGAIN" ]; then AGAIN=1 \(Workshop.larder.path) ./nested "$@"; exit; fi
            exec gcc "$@"
            """
        try workshop.write(script, to: "nested")
        try workshop.run(["chmod", "+x", "nested"])
        let start = Date()
        let outcome = try workshop.larder(["./nested", "-c", "a.c", "-o", "a.o"], environment: on)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(Date().timeIntervalSince(start) < 30)
        try stop(workshop)
    }

    @Test func `a daemon that is stopped holds up nobody for long`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["daemon", "start"])
        let process = try #require(try status(workshop)["pid"] as? Int)
        kill(pid_t(process), SIGSTOP)
        let start = Date()
        #expect(try workshop.larder(compile, environment: on).status == 0)
        #expect(Date().timeIntervalSince(start) < 20)
        kill(pid_t(process), SIGCONT)
        workshop.remove("a.o")
        try workshop.larder(compile, environment: on)
        #expect(try workshop.counters().hits == 1)
        try stop(workshop)
    }

    @Test func `a daemon that is killed costs nothing but time`() throws {
        let workshop = try Workshop()
        for number in 1...6 {
            try workshop.write("int a\(number);\n", to: "a.c")
            #expect(try workshop.larder(["daemon", "start"], environment: on).status == 0)
            try workshop.larder(compile, environment: on)
            let process = try #require(try status(workshop)["pid"] as? Int)
            kill(pid_t(process), SIGKILL)
            #expect(hasEnded(process, within: 20))
            let bare = try workshop.run(["gcc", "-c", "a.c", "-o", "b.o"])
            #expect(bare.status == 0 && workshop.read("a.o") == workshop.read("b.o"))
        }
        let verified = try workshop.larder(["verify"])
        #expect(verified.status == 0, "\(verified.outputText)")
    }

    @Test func `a header that changes before the daemon reads it is not kept as what was compiled`() throws {
        let workshop = try Workshop()
        try workshop.write("#include \"x.h\"\nint a = X;\n", to: "a.c")
        try workshop.write("#define X 1\n", to: "x.h")
        let crash = on.merging(["LARDER_CRASH_AT": "none"]) { $1 }
        try workshop.larder(["daemon", "start"], environment: crash)
        let process = try #require(try status(workshop)["pid"] as? Int)
        // The launcher asks a daemon that answers, and hands over to one that sleeps: the answer comes when it wakes.
        let script = """
            (\(Workshop.larder.path) gcc -c a.c -o a.o; kill -STOP \(process))
            touch -r x.h time; echo '#define X 2' > x.h; touch -r time x.h
            kill -CONT \(process)
            """
        try workshop.run(["bash", "-c", script], environment: on)
        try same(["gcc", "-c", "a.c", "-o", "a.o"], workshop)
        try stop(workshop)
    }

    private func same(_ command: [String], _ workshop: Workshop) throws {
        workshop.remove("a.o")
        #expect(try workshop.run(command).status == 0)
        let bare = workshop.read("a.o")
        workshop.remove("a.o")
        #expect(try workshop.larder(command, environment: on).status == 0)
        #expect(workshop.read("a.o") == bare)
    }

    @Test func `sessions count one build`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let id = try workshop.larder(["session", "start"]).outputText.trimmingCharacters(in: .newlines)
        #expect(!id.isEmpty)
        let session = on.merging(["LARDER_SESSION": id]) { $1 }
        try workshop.larder(compile, environment: on)
        try workshop.larder(compile, environment: session)
        try workshop.larder(compile + ["-DX"], environment: session)
        try workshop.larder(["gcc", "--version"], environment: session)
        func counts(_ words: [String], _ environment: [String: String] = [:]) throws -> [String: Any] {
            let outcome = try workshop.larder(words, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            return try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
        }
        for words in [["session", "stats", id, "--json"], ["session", "end", id, "--json"]] {
            let shown = try counts(words)
            #expect(shown["hits"] as? Int == 1 && shown["misses"] as? Int == 1 && shown["bypasses"] as? Int == 1)
            #expect((shown["misses_by_reason"] as? [String: Int])?.values.reduce(0, +) == 1)
        }
        // The sums outlive the journal's lines.
        try workshop.larder(["gc"])
        #expect(try counts(["session", "stats", "--json"], session)["hits"] as? Int == 1)
        #expect(try counts(["session", "end", "unheard-of", "--json"])["hits"] as? Int == 0)
        #expect(try workshop.larder(["session", "stats", "no such"]).status == 2)
        #expect(try workshop.larder(["session", "stats"]).status == 2)
        try stop(workshop)
    }
}
