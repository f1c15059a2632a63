import Foundation
import TestSupport
import Testing

/// A defect of ours, at any moment, is not noticed by the build.
@Suite struct DefectTests {
    private static let words = ["gcc", "-Wall", "-MD", "-c", "a.c", "-o", "a.o"]

    /// From the first moment after the compiler is known to the last one before the process ends.
    private static let missStages = [
        "started", "settings", "read", "looked", "asked", "running", "compiled", "delivered", "recording", "written",
        "renamed", "published",
    ]
    private static let hitStages = ["started", "settings", "read", "written", "renamed", "given", "counted"]

    @Test(arguments: missStages, ["off", "auto"])
    func `a compile that misses succeeds, says the same and leaves the same`(_ stage: String, _ daemon: String) throws {
        try expectAsBare(stage, daemon, isHit: false, causes: ["SEGV"])
    }

    @Test(arguments: hitStages)
    func `a compile that hits succeeds, says the same and leaves the same`(_ stage: String) throws {
        try expectAsBare(stage, "off", isHit: true, causes: ["SEGV"])
    }

    /// A Swift trap says a word on standard error before it ends the process; nothing else may be different.
    @Test func `every kind of defect is caught`() throws {
        for stage in ["looked", "compiled", "recording"] {
            try expectAsBare(stage, "off", isHit: false, causes: ["TRAP", "ABRT", "BUS", "STACK"])
        }
    }

    @Test func `each command is counted once, and so is the crash`() throws {
        for (stage, kind) in [("looked", "bypasses"), ("recording", "misses"), ("given", "hits")] {
            let workshop = try workshop()
            // A cache that is there: one that is not counts nothing.
            try workshop.larder(Self.words)
            if kind != "hits" { try workshop.write("int main(void) { return 1; }\n", to: "a.c") }
            let before = try numbers(workshop)
            try workshop.larder(Self.words, environment: ["LARDER_CRASH_AT": stage, "LARDER_CRASH_BY": "SEGV"])
            let after = try numbers(workshop)
            for counted in ["hits", "misses", "bypasses", "errors"] {
                let expected = counted == kind || counted == "errors" ? 1 : 0
                #expect((after[counted] ?? 0) - (before[counted] ?? 0) == expected, "\(counted) at \(stage)")
            }
        }
    }

    @Test func `the log says where`() throws {
        let workshop = try workshop()
        let log = workshop.url("log").path
        let crash = ["LARDER_LOG": log, "LARDER_CRASH_AT": "looked", "LARDER_CRASH_BY": "SEGV"]
        try workshop.larder(Self.words, environment: crash)
        let lines = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        #expect(lines.contains(" error crash looked signal 11 at +0x"))
    }

    @Test func `a tool of larder run is started once, and its words and status are passed on`() throws {
        for stage in ["started", "looked", "running", "tool_ended", "written", "published"] {
            let workshop = try Workshop()
            let script = "echo x >> runs; echo a; echo b >&2; echo o > out; exit 0"
            let words = ["run", "--output", "out", "--", "sh", "-c", script]
            let crash = ["LARDER_CRASH_AT": stage, "LARDER_CRASH_BY": "SEGV"]
            let outcome = try workshop.larder(words, environment: crash)
            #expect(outcome.status == 0, "\(stage)")
            #expect(outcome.outputText == "a\n", "\(stage)")
            #expect(outcome.errorText == "b\n", "\(stage)")
            #expect(workshop.read("runs") == Data("x\n".utf8), "\(stage)")
            #expect(workshop.read("out") == Data("o\n".utf8), "\(stage)")
        }
    }

    @Test func `several sources of one command are compiled`() throws {
        let workshop = try workshop()
        try workshop.write("int b;\n", to: "b.c")
        for stage in ["looked", "compiled", "recording", "published"] {
            for file in ["a.o", "b.o"] { workshop.remove(file) }
            let crash = ["LARDER_CRASH_AT": stage, "LARDER_CRASH_BY": "SEGV", "LARDER_RECACHE": "1"]
            let outcome = try workshop.larder(["gcc", "-Wall", "-c", "a.c", "b.c"], environment: crash)
            #expect(outcome.status == 0, "\(stage)")
            #expect(outcome.errorText.components(separatedBy: "unused variable").count == 2, "\(stage)")
            #expect(workshop.read("a.o") != nil && workshop.read("b.o") != nil, "\(stage)")
        }
    }

    @Test func `a signal that somebody sends ends us as ever`() throws {
        let workshop = try workshop()
        try workshop.write("#!/bin/sh\nkill -SEGV $PPID\nsleep 2\n", to: "gcc")
        try workshop.run(["chmod", "+x", "gcc"])
        let path = ["PATH": "\(workshop.directory.path):/usr/bin:/bin"]
        let outcome = try workshop.run(
            ["sh", "-c", "ulimit -c 0; \(Workshop.larder.path) ./gcc -c a.c -o a.o; echo $?"],
            environment: path
        )
        #expect(outcome.outputText == "139\n")
        try workshop.run(["sh", "-c", "pkill -f \(workshop.directory.path)/gcc || true"])
    }

    // MARK: -

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("int main(void) { int unused; return 0; }\n", to: "a.c")
        return workshop
    }

    private func expectAsBare(_ stage: String, _ daemon: String, isHit: Bool, causes: [String]) throws {
        let workshop = try workshop()
        let bare = try workshop.run(Self.words)
        let expected = DirectorySnapshot(of: workshop.directory.path)
        for cause in causes {
            for file in ["a.o", "a.d", ".cache"] { workshop.remove(file) }
            if isHit {
                try workshop.larder(Self.words)
                for file in ["a.o", "a.d"] { workshop.remove(file) }
            }
            let crash = ["LARDER_DAEMON": daemon, "LARDER_CRASH_AT": stage, "LARDER_CRASH_BY": cause]
            let outcome = try workshop.larder(Self.words, environment: crash)
            #expect(outcome.status == 0, "\(cause) at \(stage)")
            #expect(outcome.output == bare.output, "\(cause) at \(stage)")
            #expect(outcome.error == bare.error || cause == "TRAP", "\(cause) at \(stage)")
            if daemon == "auto" { try workshop.larder(["daemon", "stop"], environment: ["LARDER_DAEMON": "auto"]) }
            var left = DirectorySnapshot(of: workshop.directory.path)
            left.removeAll(below: ".cache")
            #expect(left == expected, "\(cause) at \(stage)")
        }
    }

    private func numbers(_ workshop: Workshop) throws -> [String: Int] {
        let json = try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output)
        return (json as? [String: Any] ?? [:]).compactMapValues { $0 as? Int }
    }
}
