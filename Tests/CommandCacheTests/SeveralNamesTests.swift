import Foundation
import TestSupport
import Testing

/// A place that a traced command meets under several names, and links that lead by others: each of them counts.
@Suite struct SeveralNamesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var prepare: String
        var command: String
        var change: String
        var outputs = ""
    }

    static let commands = [
        Case(
            testDescription: "what is not there",
            prepare: "mkdir d e; ln -s d cur; echo 2 >e/flag",
            command: "[ -e cur/flag ] && echo cur; [ -e d/flag ] && echo d; echo end",
            change: "ln -sfn e cur"
        ),
        Case(
            testDescription: "what is there",
            prepare: "mkdir d e; ln -s d cur; echo 2 >d/flag",
            command: "[ -f cur/flag ] && echo cur; [ -f d/flag ] && echo d; echo end",
            change: "ln -sfn e cur"
        ),
        Case(
            testDescription: "a directory that is listed",
            prepare: "mkdir -p d/s e/s; touch d/s/p e/s/q; ln -s d cur",
            command: "echo cur/s/*; echo d/s/*",
            change: "ln -sfn e cur"
        ),
        Case(
            testDescription: "what is behind a directory that is not there",
            prepare: "mkdir d; mkdir -p e/s; ln -s d cur; echo >e/s/f",
            command: "[ -e cur/s/f ] && echo cur; [ -e d/s/f ] && echo d; echo end",
            change: "ln -sfn e cur"
        ),
        Case(
            testDescription: "an output through a chain of links",
            prepare: "echo in >a; echo A >A; echo B >B; ln -s A l2; ln -s l2 l1",
            command: "cat a >l1",
            change: "ln -sfn B l2",
            outputs: "A B"
        ),
        Case(
            testDescription: "an output through a link over a directory's link",
            prepare: "mkdir d e; echo in >a; echo A >d/f; echo B >e/f; ln -s d dl; ln -s dl/f l1",
            command: "cat a >l1",
            change: "ln -sfn e dl",
            outputs: "d/f e/f"
        ),
        Case(
            testDescription: "an output of a compiler's through a chain of links",
            prepare: "echo 'int a;' >a.c; echo A >A; echo B >B; ln -s A l2; ln -s l2 l1",
            command: "gcc -S a.c -o o.s -MD -MF l1",
            change: "ln -sfn B l2",
            outputs: "A B"
        ),
    ]

    @Test(arguments: commands) func `each name counts`(_ item: Case) throws {
        _ = try #require(PreloadLibrary.path)
        let workshop = try Workshop()
        let prepare = item.outputs.isEmpty ? "" : "for f in \(item.outputs); do echo old >$f; done"
        let shows = item.outputs.isEmpty ? "" : "head -v -n 1 \(item.outputs)"
        func run(_ launcher: String) throws -> String {
            let words = "\(prepare)\n\(launcher) sh -c '\(item.command)' </dev/null\n\(shows)"
            return try workshop.run(["bash", "-c", words]).outputText
        }
        #expect(try workshop.run(["sh", "-ec", item.prepare]).status == 0)
        Workshop.waitForNextTick()
        let larder = "\(Workshop.larder.path) run --trace --"
        let counted = try workshop.counting { for _ in 1...2 { _ = try run(larder) } }
        #expect(counted.hits == 1)
        #expect(try workshop.run(["sh", "-ec", item.change]).status == 0)
        let (given, bare) = (try run(larder), try run(""))
        #expect(given == bare)
    }

    @Test(arguments: ["gcc --coverage -c a.c -o a.o", "gcc -S a.c -o a.o", "clang -S a.c -o a.o"])
    func `a header that is asked for under two names`(_ line: String) throws {
        let workshop = try Workshop()
        try workshop.write("", to: "e/n.h")
        try workshop.write(
            """
            #if __has_include("cur/n.h")
            int cur;
            #endif
            #if __has_include("d/n.h")
            int d;
            #endif
            #if __has_include("l/../y.h")
            int l;
            #endif
            #if __has_include("e/y.h")
            int e;
            #endif
            int z;

            """,
            to: "a.c"
        )
        let prepare = "mkdir -p d/k e/k; ln -s d cur; ln -s e/k l"
        #expect(try workshop.run(["sh", "-ec", prepare]).status == 0)
        Workshop.waitForNextTick()
        let words = line.split(separator: " ").map(String.init)
        let counted = try workshop.counting { for _ in 1...3 { try workshop.larder(words) } }
        #expect(counted.hits >= 1)
        for change in ["ln -sfn e cur", "touch d/y.h; ln -sfn d/k l"] {
            #expect(try workshop.run(["sh", "-ec", change]).status == 0)
            try workshop.larder(words)
            let given = workshop.read("a.o")
            try workshop.run(words)
            #expect(given == workshop.read("a.o"), "\(change)")
        }
    }

    @Test func `whose a file is decides whether it may be written`() throws {
        guard getuid() == 0 else { try Test.cancel("only root may become another user") }
        let workshop = try Workshop()
        let script = """
            chmod 755 .; mkdir cache; echo 1 >a; cp "$1"/larder "$1"/liblarder-trace.so .; chown -R 65534:65534 a cache
            user="setpriv --reuid 65534 --regid 65534 --clear-groups env LARDER_DIR=$PWD/cache"
            command='[ -w a ] && echo writable; echo end'
            for i in 1 2; do $user ./larder run --trace -- sh -c "$command" </dev/null; done
            chown 0 a
            $user ./larder run --trace -- sh -c "$command" </dev/null
            """
        let programs = Workshop.larder.deletingLastPathComponent().path
        let outcome = try workshop.run(["bash", "-c", script, "sh", programs])
        #expect(outcome.outputText == "writable\nend\nwritable\nend\nend\n", "\(outcome)")
    }
}
