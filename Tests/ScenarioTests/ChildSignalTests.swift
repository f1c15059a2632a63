import Foundation
import TestSupport
import Testing

/// A caller that ignores SIGCHLD, as some cron wrappers and CI agents do: the kernel then says nothing of how children end.
@Suite struct ChildSignalTests {
    private static let ignoring = ["env", "--ignore-signal=CHLD", Workshop.larder.path]

    private static func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("int a(void) { int unused; return 1; }\n", to: "a.c")
        try workshop.write("int a(void) { return b; }\n", to: "wrong.c")
        return workshop
    }

    @Test(arguments: ["gcc", "clang"])
    func `a compile is kept, and is heard once`(compiler: String) throws {
        let workshop = try Self.workshop()
        let compile = [compiler, "-Wall", "-c", "a.c", "-o", "a.o"]
        let bare = try workshop.run(compile)
        for expected in [0, 1] {
            let counted = try workshop.counting {
                let outcome = try workshop.run(Self.ignoring + compile)
                #expect(outcome == bare)
            }
            #expect(counted.hits == expected && counted.misses == 1 - expected)
        }
        let wrong = [compiler, "-c", "wrong.c", "-o", "wrong.o"]
        let outcome = try workshop.run(Self.ignoring + wrong)
        #expect(try outcome == workshop.run(wrong))
    }

    @Test func `a tool runs once, and ends as it ends`() throws {
        let workshop = try Self.workshop()
        for status in [0, 3] {
            workshop.remove("ran")
            let tool = ["sh", "-c", "echo once >> ran; exit \(status)"]
            #expect(
                try workshop.run(Self.ignoring + ["run", "--key", "\(status)", "--"] + tool).status == Int32(status)
            )
            #expect(workshop.read("ran") == Data("once\n".utf8))
            workshop.remove("ran")
            let locked = try workshop.run(Self.ignoring + ["lock", "run", "name", "--"] + tool)
            #expect(locked.status == Int32(status) && locked.errorText.isEmpty)
            #expect(workshop.read("ran") == Data("once\n".utf8))
        }
    }

    @Test(arguments: ["--ignore-signal=CHLD", "--ignore-signal=PIPE", "--ignore-signal=CHLD,INT", "--default-signal"])
    func `what is started is told to ignore what the caller ignores`(way: String) throws {
        let workshop = try Self.workshop()
        // The signals up to 28: the C library has two of its own above, which it lets no spawned program have.
        func ignored(_ words: [String]) throws -> Substring {
            try workshop.run(["env", way] + words + ["grep", "SigIgn", "/proc/self/status"]).outputText.suffix(8)
        }
        let bare = try ignored([])
        #expect(bare.count == 8)
        #expect(try ignored([Workshop.larder.path, "run", "--"]) == bare)
        #expect(try ignored([Workshop.larder.path, "lock", "run", "name", "--"]) == bare)
        #expect(try ignored(["LARDER_DISABLE=1", Workshop.larder.path]) == bare)
    }

    @Test func `signals that the caller has blocked are blocked for the compiler as well`() throws {
        let workshop = try Self.workshop()
        let show = ["grep", "SigBlk", "/proc/self/status"]
        let blocking = ["env", "--block-signal=CHLD,INT,TERM"]
        let bare = try workshop.run(blocking + show)
        #expect(try workshop.run(blocking + [Workshop.larder.path, "run", "--"] + show) == bare)
        let both = blocking + ["--ignore-signal=CHLD"]
        #expect(try workshop.run(both + [Workshop.larder.path, "run", "--"] + show) == bare)
        let outcome = try workshop.run(both + [Workshop.larder.path, "gcc", "-c", "a.c", "-o", "a.o"])
        #expect(outcome.status == 0)
        #expect(try workshop.counters().misses == 2)
        #expect(workshop.read("a.o") != nil)
    }
}
