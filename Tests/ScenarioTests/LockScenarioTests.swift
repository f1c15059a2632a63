import Foundation
import TestSupport
import Testing

/// Locks between processes that wait, fail and are killed.
@Suite struct LockScenarioTests: UsesLockProbe {
    static let modes = ["advisory", "lease"]

    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    func lock(_ words: String..., environment: [String: String] = [:]) throws -> Workshop.Outcome {
        try workshop.larder(["lock"] + words, environment: environment)
    }

    /// What lies in `locks/`.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: workshop.cache.path + "/locks")) ?? []).sorted()
    }

    // MARK: - larder lock

    @Test(arguments: modes)
    func `a command runs under the lock and its end is ours`(mode: String) throws {
        let environment = ["LARDER_LOCK_MODE": mode]
        let done = try lock(
            "run",
            "demo",
            "--",
            "sh",
            "-c",
            "cat; echo out; echo err >&2; exit 7",
            environment: environment
        )
        #expect(done.status == 7)
        #expect(done.outputText == "out\n")
        #expect(done.errorText == "err\n")
        #expect(try lock("run", "demo", "--", "sh", "-c", "kill -TERM $$", environment: environment).status == 128 + 15)
        #expect(files.allSatisfy { $0 == "demo.lock" })
        // The lock is held while the command runs, by us and by name.
        let status = try lock(
            "run",
            "demo",
            "--",
            Workshop.larder.path,
            "lock",
            "status",
            "--json",
            environment: environment
        )
        let json = try #require(try JSONSerialization.jsonObject(with: status.output) as? [String: Any])
        let locks = try #require(json["locks"] as? [[String: Any]])
        let demo = try #require(locks.first { $0["name"] as? String == "demo" })
        #expect(demo["held"] as? Bool == true)
        #expect(demo["backend"] as? String == mode)
        #expect((demo["command"] as? String)?.contains("lock run demo") == true)
        #expect((demo["since_ms"] as? Int).map { $0 > 1_600_000_000_000 } == true)
        #expect(try lock("status").outputText.contains("demo") == (mode == "advisory"))
    }

    @Test(arguments: modes)
    func `who waits hears at once for whom, and how it ended`(mode: String) throws {
        let holder = try hold("demo", mode)
        let errors = workshop.url("errors")
        let waiter = try Background(
            workshop,
            [Workshop.larder.path, "lock", "run", "demo", "--lock-timeout", "infinite", "--", "true"],
            environment: ["LARDER_LOCK_MODE": mode],
            error: errors
        )
        #expect(eventually { workshop.read("errors").map { !$0.isEmpty } == true })
        let pid = holder.process.processIdentifier
        try holder.finish()
        #expect(waiter.wait() == 0)
        let lines = String(decoding: workshop.read("errors") ?? Data(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
        let opening = lines.first ?? ""
        #expect(opening.hasPrefix("larder: Waiting for lock on demo, held by process \(pid) ("))
        #expect(opening.contains(" since "))
        #expect(
            opening.hasSuffix("(timeout: infinite, from --lock-timeout; Ctrl-C to cancel, --lock-timeout to change)")
        )
        #expect(lines.last?.hasPrefix("larder: Lock on demo acquired after ") == true)
    }

    @Test(arguments: ["y.after.q", "x.tmp.9", "y.after.0123456789abcdef0123456789abcdef.0"])
    func `a lock is not called like one of the files of another`(name: String) throws {
        let refused = try lock("run", name, "--", "true")
        #expect(refused.status == 2)
        #expect(refused.errorText.contains("without .after. or .tmp. in it"))
    }

    @Test func `gc removes what looks left over, and no file of a lock that is called like it`() throws {
        #expect(try lock("run", "demo", "--", "true").status == 0)
        let dead = "demo.after.0123456789abcdef0123456789abcdef.0"
        let kept = ["x.tmp.9.lock", "y.after.q.lock", "y.after.q.owner"]
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -86_400)]
        for name in kept + [dead] {
            let path = workshop.cache.path + "/locks/" + name
            #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: old))
            try FileManager.default.setAttributes(old, ofItemAtPath: path)
        }
        #expect(try workshop.larder(["gc"]).status == 0)
        #expect(files.filter { kept.contains($0) } == kept)
        #expect(!files.contains(dead))
    }

    @Test func `config set waits as the settings say, and says for whom`() throws {
        let holder = try hold("config", "advisory")
        let late = try workshop.larder(
            ["config", "set", "strict", "true"],
            environment: ["LARDER_LOCK_TIMEOUT": "200ms"]
        )
        #expect(late.status == 75)
        #expect(late.errorText.contains("Waiting for lock on config"))
        #expect(late.errorText.contains("from LARDER_LOCK_TIMEOUT"))
        #expect(try workshop.larder(["config", "set", "strict", "true", "--lock-timeout", "0"]).status == 75)
        try holder.finish()
        #expect(try workshop.larder(["config", "set", "strict", "true"]).status == 0)
    }

    @Test func `status asks the kernel where no record tells who holds a lock`() throws {
        let holder = try hold("demo", "advisory")
        let owner = workshop.cache.appendingPathComponent("locks/demo.owner")
        try FileManager.default.removeItem(at: owner)
        #expect(try lock("status").outputText.contains("by an unknown process"))
        #expect(try lock("status", "--json").outputText.contains("true"))
        try holder.finish()
        #expect(try !lock("status").outputText.contains("unknown"))
    }

    @Test func `status fails where the locks cannot be listed`() throws {
        try FileManager.default.createDirectory(at: workshop.cache, withIntermediateDirectories: true)
        #expect(try lock("status").status == 0)
        #expect(FileManager.default.createFile(atPath: workshop.cache.path + "/locks", contents: nil))
        let outcome = try lock("status")
        #expect(outcome.status == 1)
        #expect(outcome.errorText.contains("cannot be listed"))
    }

    @Test func `who waits for a lease does not keep the kernel's lock meanwhile`() throws {
        let holder = try hold("demo", "lease")
        let waiter = try Background(
            workshop,
            [Workshop.larder.path, "lock", "run", "demo", "--lock-timeout", "infinite", "--", "true"],
            environment: ["LARDER_LOCK_MODE": "advisory"],
            error: workshop.url("errors")
        )
        #expect(eventually { workshop.read("errors").map { !$0.isEmpty } == true })
        let file = workshop.cache.path + "/locks/demo.lock"
        #expect(eventually { (try? workshop.run(["flock", "--nonblock", file, "true"]))?.status == 0 })
        try holder.finish()
        #expect(waiter.wait() == 0)
    }

    @Test func `a time-out is 75, names its source, and quiet means quiet`() throws {
        let holder = try hold("demo", "advisory")
        let late = try lock("run", "demo", "--", "touch", "ran", environment: ["LARDER_LOCK_TIMEOUT": "200ms"])
        #expect(late.status == 75)
        #expect(late.errorText.contains("timeout: 200ms, from LARDER_LOCK_TIMEOUT"))
        try workshop.run(["mkdir", "-p", workshop.cache.path])
        try Data("lock_timeout = 0.1\n".utf8).write(to: workshop.cache.appendingPathComponent("larder.conf"))
        let filed = try lock("run", "demo", "--quiet", "--", "touch", "ran")
        #expect(filed.status == 75)
        #expect(filed.errorText.contains("larder.conf"))
        #expect(!filed.errorText.contains("Waiting"))
        let once = try lock("run", "demo", "--lock-timeout", "0", "--", "touch", "ran")
        #expect(once.status == 75)
        #expect(once.errorText.contains("from --lock-timeout"))
        #expect(!once.errorText.contains("Waiting"))
        #expect(workshop.read("ran") == nil)
        let status = try lock("status").outputText
        #expect(status.contains("held") && status.contains("\(holder.process.processIdentifier)"))
        try holder.finish()
        #expect(try lock("run", "demo", "--lock-timeout", "0", "--", "touch", "ran").status == 0)
        #expect(workshop.read("ran") != nil)
        let stats =
            try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any]
        #expect(stats?["lock_waits"] as? Int == 3)
    }

    @Test func `what is wrong on the command line is 2, and an unknown command 127`() throws {
        for words in [
            ["run"], ["run", "demo"], ["run", "a/b", "--", "true"], ["run", "..", "--", "true"], [], ["dance"],
            ["status", "demo"], ["run", "demo", "--lock-timeout", "soon", "--", "true"],
            ["run", "demo", "--lock-timeout", "-1", "--", "true"],
        ] {
            let outcome = try workshop.larder(["lock"] + words)
            #expect(outcome.status == 2, "\(words)")
            #expect(outcome.errorText.split(separator: "\n").count == 1)
        }
        let bad = try lock("run", "demo", "--", "true", environment: ["LARDER_LOCK_TIMEOUT": "soon"])
        #expect(bad.status == 2)
        #expect(bad.errorText.contains("LARDER_LOCK_TIMEOUT is \"soon\", but it must be seconds"))
        #expect(try lock("run", "demo", "--", "no-such-command-here").status == 127)
        let soon = try lock("run", "demo", "--lock-timeout", "soon", "--", "true")
        #expect(soon.errorText.contains("--lock-timeout is \"soon\""))
        #expect(
            try workshop.larder(["config", "set", "lock_timeout", "soon"]).errorText.contains(
                "lock_timeout is \"soon\""
            )
        )
        let long = try lock("run", "demo", "--lock-timeout", "2h", "--", "true")
        #expect(long.status == 0)
        #expect(long.errorText.contains("more than an hour"))
    }

    @Test(arguments: modes, [2, 15])
    func `a signal ends the wait at once with 130`(mode: String, signal: Int32) throws {
        let holder = try hold("demo", mode)
        let errors = workshop.url("errors")
        let waiter = try Background(
            workshop,
            [Workshop.larder.path, "lock", "run", "demo", "--lock-timeout", "infinite", "--", "true"],
            error: errors
        )
        #expect(eventually { workshop.read("errors").map { !$0.isEmpty } == true })
        let start = Date()
        waiter.signal(signal)
        #expect(waiter.wait() == 130)
        #expect(Date().timeIntervalSince(start) < 10, "a hang detector: an endless wait")
        #expect(String(decoding: workshop.read("errors") ?? Data(), as: UTF8.self).contains("was cancelled after"))
        try holder.finish()
    }

    @Test func `a signal to us reaches the command, and the lock is free afterwards`() throws {
        let runner = try Background(
            workshop,
            [
                Workshop.larder.path, "lock", "run", "demo", "--", "sh", "-c",
                "trap 'exit 9' TERM; echo ready; sleep 60 & wait",
            ]
        )
        try #require(runner.hear() == "ready\n")
        runner.signal(15)
        #expect(runner.wait() == 9)
        #expect(try lock("run", "demo", "--lock-timeout", "0", "--", "true").status == 0)
    }

    // MARK: - File systems

    @Test func `on a network file system a lease is used, with one warning`() throws {
        let pretend = ["LARDER_PRETEND_FILE_SYSTEM": "NFS", "LARDER_LOG": workshop.url("log").path]
        let outcome = try lock(
            "run",
            "demo",
            "--",
            "cat",
            workshop.cache.path + "/locks/demo.owner",
            environment: pretend
        )
        #expect(outcome.status == 0)
        #expect(outcome.outputText.contains("backend lease\n"))
        #expect(outcome.errorText.split(separator: "\n").count == 1)
        #expect(outcome.errorText.contains("warning") && outcome.errorText.contains("NFS"))
        let log = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        #expect(log.contains(" lock_fallback lease demo") && log.contains(" lock_acquired lease demo waited="))
        let forced = pretend.merging(["LARDER_LOCK_MODE": "advisory"]) { $1 }
        let kernel = try lock(
            "run",
            "demo",
            "--",
            "cat",
            workshop.cache.path + "/locks/demo.owner",
            environment: forced
        )
        #expect(kernel.outputText.contains("backend advisory\n"))
        #expect(kernel.errorText.isEmpty)
        let journal = try String(contentsOfFile: workshop.cache.path + "/journal/current", encoding: .utf8)
        #expect(journal.contains("\tlock_fallback\tlease\t") && journal.contains("\tlock_acquired\tadvisory\t"))
    }

    @Test func `a file system without locks gets a lease, unless the kernel's are insisted on`() throws {
        // ENOLCK
        let fault = ["LARDER_FAULT": "flock:37:9"]
        let outcome = try lock("run", "demo", "--", "true", environment: fault)
        #expect(outcome.status == 0)
        #expect(outcome.errorText.contains("a lease is used"))
        let forced = try lock(
            "run",
            "demo",
            "--",
            "true",
            environment: fault.merging(["LARDER_LOCK_MODE": "advisory"]) { $1 }
        )
        #expect(forced.status == 1)
        #expect(forced.errorText.contains("flock"))
        // EACCES is no reason to wait, and none to fall back.
        let start = Date()
        let refused = try lock(
            "run",
            "demo",
            "--lock-timeout",
            "60",
            "--",
            "true",
            environment: ["LARDER_FAULT": "flock:13:9"]
        )
        #expect(refused.status == 1)
        #expect(Date().timeIntervalSince(start) < 30)
        // ESTALE passes: the file is opened again.
        #expect(try lock("run", "demo", "--", "true", environment: ["LARDER_FAULT": "flock:116:3"]).status == 0)
    }

    // NFS knows no exclusive rename (EINVAL), so link(2) has to do; FAT has neither (EPERM).
    @Test(arguments: ["renameat2:22:99", "link:1:99"])
    func `a lease also works where no file can be renamed exclusively`(fault: String) throws {
        let environment = ["LARDER_FAULT": fault, "LARDER_LOCK_MODE": "lease"]
        _ = try probe("die", workshop.cache.path, "demo", "lease", "kill")
        let probe = Workshop.larder.path
        let outcome = try lock(
            "run",
            "demo",
            "--",
            probe,
            "lock",
            "run",
            "demo",
            "--lock-timeout",
            "0",
            "--",
            "true",
            environment: environment
        )
        #expect(outcome.status == 75)
        #expect(try lock("run", "demo", "--lock-timeout", "0", "--", "true", environment: environment).status == 0)
        #expect(files.isEmpty)
    }

    // MARK: - Deaths

    @Test(arguments: modes, ["exit", "abort", "kill"])
    func `however its holder dies, a lock is back within a second`(mode: String, way: String) throws {
        var waits: [Int] = []
        for _ in 0..<(Self.isStress ? 334 : 12) {
            // Each takes the lock from the one that died before it, and dies with it.
            let outcome = try probe("die", workshop.cache.path, "demo", mode, way)
            #expect(outcome.status != 75 && outcome.status != 1, "\(outcome.errorText)")
            waits.append(try #require(Int(outcome.outputText.split(separator: "\n").first ?? "")))
        }
        // On a busy machine a process may not run for a second.
        #expect(waits.sorted()[waits.count / 2] < 1_000_000, "\(waits)")
        let free = try lock(
            "run",
            "demo",
            "--lock-timeout",
            "60",
            "--",
            "true",
            environment: ["LARDER_LOCK_MODE": mode]
        )
        #expect(free.status == 0)
        #expect(files.allSatisfy { $0 == "demo.lock" }, "nothing is left behind")
    }

    @Test(
        arguments: modes,
        ["lock_created", "lock_written", "lock_succession", "lock_replaced", "lock_releasing", "lock_released"]
    )
    func `killed at any step, a process blocks nobody`(mode: String, point: String) throws {
        for next in Self.modes {
            // A dead holder first, so that there is something to take over.
            _ = try probe("die", workshop.cache.path, "demo", mode, "kill")
            for _ in 0..<2 {
                _ = try lock(
                    "run",
                    "demo",
                    "--lock-timeout",
                    "1",
                    "--",
                    "true",
                    environment: ["LARDER_LOCK_MODE": mode, "LARDER_CRASH_AT": point]
                )
            }
            let after = try lock(
                "run",
                "demo",
                "--lock-timeout",
                "1",
                "--",
                "true",
                environment: ["LARDER_LOCK_MODE": next]
            )
            #expect(after.status == 0, "\(after.errorText)")
            // One name may stay that stands in nobody's way; a sweep takes it when it is old.
            let left = files.filter { $0 != "demo.lock" && !$0.hasPrefix("demo.after.") }
            #expect(left.isEmpty)
        }
    }

    @Test func `processes with both kinds of lock count right`() throws {
        let file = workshop.url("number").path
        let rounds = Self.isStress ? 300 : 40
        let counters = try (0..<6).map { index in
            try Background(
                workshop,
                [Self.probe, "count", workshop.cache.path, "demo", Self.modes[index % 2], "\(rounds)", file]
            )
        }
        for counter in counters { #expect(counter.wait() == 0) }
        #expect(workshop.read("number").map { String(decoding: $0, as: UTF8.self) } == "\(6 * rounds)")
        #expect(files.allSatisfy { $0 == "demo.lock" })
    }
}
