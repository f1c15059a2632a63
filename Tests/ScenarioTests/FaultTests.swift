import Foundation
import TestSupport
import Testing

/// A sample of the laboratory in Tests/faults: in each flow every system call fails once, with one of its errors.
///
/// `make faults` makes each call fail with each of its errors.
@Suite(.enabled(if: Laboratory.obstacle == nil, "\(Laboratory.obstacle ?? "")"))
struct FaultTests {
    @Test(arguments: Laboratory.flows)
    func `the user sees what the bare tool shows, and the store is sound`(flow: String) throws {
        let outcome = try Laboratory.run(["--sample", "--flow", flow, "--jobs", "1"])
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
        #expect(outcome.outputText.contains(" 0 failures"), "\(outcome.outputText)")
    }

    /// Each of them has changed what the user saw, or held something up for ever.
    @Test(arguments: [
        // What cannot be looked at may still be run.
        "hit:newfstatat:1+:EIO", "wrapper-hit:newfstatat:1:EIO:wrapper", "run-hit:newfstatat:1:EIO:tool",
        "run-hit:access:1:EACCES:tool",
        // The compiler's messages were lost.
        "miss:poll:2:ENOMEM",
        // The directory was nobody else's to read.
        "run-hit:chmod:1:EPERM",
        // The recorder looked for the root's parent; nobody woke the publisher; the daemon heard nobody, and stayed.
        "daemon:newfstatat:37+:EIO", "daemon:write:2:EINTR", "daemon:poll:2+:ENOMEM", "daemon:accept4:3+:EMFILE",
    ])
    func `what has once gone wrong goes right`(fault: String) throws {
        let outcome = try Laboratory.run(["--fault", fault])
        #expect(outcome.status == 0, "\(outcome.outputText.suffix(3000))\(outcome.errorText)")
    }
}

private enum Laboratory {
    static func run(_ words: [String]) throws -> Workshop.Outcome {
        let programs = Workshop.larder.deletingLastPathComponent().path
        return try Workshop().run(["python3", script, "--bin", programs, "--limit", "120"] + words)
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("faults").path
    static let script = directory + "/run"

    /// Those that need no tool that may be missing.
    static let flows = [
        "hit", "miss", "first", "launcher", "daemon", "run-hit", "run-miss", "large-hit", "large-miss", "large-daemon",
        "wrapper-hit", "zstd-hit", "ar-hit", "ar-miss", "fails",
    ]

    /// Why it cannot run here.
    static let obstacle: String? = {
        #if arch(x86_64)
        for tool in ["gcc", "python3"] where !isThere(tool) { return "needs \(tool): make setup" }
        guard let workshop = try? Workshop(),
            let built = try? workshop.run(["gcc", "-o", "inject", directory + "/inject.c"]), built.status == 0,
            let traced = try? workshop.run(["./inject", "--", "/bin/true"])
        else { return "the injector of Tests/faults does not compile here" }
        return traced.status == 125 ? "tracing another process (ptrace) is not permitted here" : nil
        #else
        return "the injector of Tests/faults is for x86-64"
        #endif
    }()

    private static func isThere(_ tool: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }
}
