import Foundation
import TestSupport
import Testing

/// What a compiler says is heard as it says it, once, and is kept up to a bound.
@Suite struct OutputRelayTests {
    /// A compiler that is quiet when it is asked something.
    private static func compiler(_ body: String) -> String {
        "#!/bin/bash\ncase \" $* \" in *\" -### \"* | *\" -v \"*) exec gcc \"$@\";; esac\n\(body)\nexec gcc \"$@\"\n"
    }

    private static func workshop(_ body: String) throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(driver: compiler(body), to: "testgcc")
        return workshop
    }

    private static let compile = ["./testgcc", "-c", "a.c", "-o", "a.o"]

    @Test func `words are heard while the compiler runs, and stay heard when the launcher is killed`() throws {
        let workshop = try Self.workshop(
            "echo out; echo err >&2; echo $$ > pid; n=0; until [ -e go ] || [ $n -ge 2000 ]; do sleep 0.01; n=$((n + 1)); done"
        )
        let outcome = try workshop.run(
            [
                "bash", "-c",
                """
                until_true() { n=0; until "$@"; do [ $n -lt 60000 ] || return 1; sleep 0.01; n=$((n + 1)); done; }
                $L \(Self.compile.joined(separator: " ")) > out 2> err & launcher=$!
                until_true test -s out && until_true test -s err && echo heard
                kill -KILL $launcher; wait $launcher 2>/dev/null; : > go; cat out err
                """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(outcome.outputText == "heard\nout\nerr\n")
    }

    @Test func `a hundred megabytes are heard, in little memory, and not kept`() throws {
        let workshop = try Self.workshop(
            "yes 'a.c:1: warning: this is a long story' | head -c ${BYTES:-100000000} >&2; printf end >&2"
        )
        let words = Self.compile.joined(separator: " ")
        let limited = "ulimit -v 400000; $L \(words) 2>&1 | cksum; exit ${PIPESTATUS[0]}"
        let bare = try workshop.run(["bash", "-c", "\(words) 2>&1 | cksum"])
        let ours = try workshop.run(["bash", "-c", limited], environment: ["L": Workshop.larder.path])
        #expect(ours == bare)
        #expect(workshop.read("a.o") != nil)
        let json =
            try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any] ?? [:]
        #expect("\(json)".contains("streams_cut"))
        // Nothing of it stays: the next one is a miss, and a shorter one is kept.
        let short = ["BYTES": "1000"]
        let first = try workshop.larder(Self.compile, environment: short)
        let counted = try workshop.counting {
            let again = try workshop.larder(Self.compile, environment: short)
            #expect(again == first)
        }
        #expect(counted.hits == 1)
    }

    @Test func `an answer without an end is none`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let endless = "#!/bin/sh\ncase \" $* \" in *\" -### \"*) yes >&2;; esac\nexec gcc \"$@\"\n"
        try workshop.write(driver: endless, to: "testgcc", answers: false)
        let counted = try workshop.counting {
            let outcome = try workshop.run(["timeout", "100", Workshop.larder.path] + Self.compile)
            #expect(outcome.status == 0)
        }
        #expect(counted.bypasses == 1)
        #expect(workshop.read("a.o") != nil)
    }

    /// Warnings first, then what only the command as it was given can say rightly: the assembler's messages.
    private static let wrong = """
        #warning first
        int f(void) { int unused; return 1; }
        int g(void) { __asm__("nonsense here"); return 2; }

        """

    @Test(arguments: [[], ["-MMD"], ["-MD", "-g"], ["-pipe"]])
    func `what was said before a command runs again is not said twice`(options: [String]) throws {
        let workshop = try Workshop()
        try workshop.write(Self.wrong, to: "a.c")
        let command = ["gcc", "-Wall"] + options + ["-c", "a.c", "-o", "a.o"]
        func said(_ words: [String], _ redirection: String) throws -> String {
            let script = words.joined(separator: " ") + redirection + "; echo $?"
            let outcome = try workshop.run(["bash", "-c", script])
            let text = outcome.outputText + "\n---\n" + outcome.errorText
            return text.replacing(/cc[A-Za-z0-9]{6}\.s/, with: "temporary.s")
        }
        for redirection in ["", " 2>&1", " > both 2>&1; cat both", " 2>&1 | cat"] {
            let bare = try said(command, redirection)
            #expect(bare.contains("Assembler messages") && bare.contains("first"))
            #expect(try said([Workshop.larder.path] + command, redirection) == bare, "\(redirection)")
            #expect(workshop.read("a.o") == nil)
        }
    }

    @Test func `a command that says something else when it runs again is heard from there on`() throws {
        let workshop = try Self.workshop(
            "echo same >&2; echo run >> runs; echo \"run $(wc -l < runs)\" >&2; echo 'Permission denied' >&2; exit 1"
        )
        let outcome = try workshop.larder(Self.compile)
        #expect(outcome.status == 1)
        #expect(outcome.errorText == "same\nrun 1\nrun 2\nPermission denied\n")
    }

    @Test func `a line without an end, and one of a megabyte, are heard`() throws {
        let workshop = try Self.workshop(
            "printf 'no end'; head -c 3000000 /dev/zero | tr '\\0' x >&2; printf '\\nand no end' >&2"
        )
        let bare = try workshop.run(Self.compile)
        #expect(bare.error.count > 3_000_000)
        for _ in 1...2 { #expect(try workshop.larder(Self.compile) == bare) }
        #expect(try workshop.counters().hits == 1)
    }

    @Test func `the list that gcc is asked for is not heard, and everything else is`() throws {
        let workshop = try Workshop()
        try workshop.write("#include <stdio.h>\n#include \"own.h\"\n#warning between\n#include \"own.h\"\n", to: "a.c")
        try workshop.write("int own;\n#warning own\n", to: "own.h")
        let command = ["gcc", "-MMD", "-c", "a.c", "-o", "a.o"]
        let bare = try workshop.run(command)
        #expect(bare.errorText.contains("own"))
        for _ in 1...2 { #expect(try workshop.larder(command) == bare) }
        #expect(try workshop.counters().hits == 1)
    }

    @Test func `a compiler notices that nobody reads, as it does bare`() throws {
        let workshop = try Self.workshop(
            "for ((n = 0; n < 100000; n++)); do echo \"warning $n\" >&2 || exit 9; done; : > unnoticed"
        )
        let words = Self.compile.joined(separator: " ")
        let outcome = try workshop.run(
            ["bash", "-c", "$L \(words) 2>&1 | head -1; echo ${PIPESTATUS[0]}"],
            environment: ["L": Workshop.larder.path]
        )
        let bare = try workshop.run(["bash", "-c", "\(words) 2>&1 | head -1; echo ${PIPESTATUS[0]}"])
        #expect(outcome == bare)
        #expect(workshop.read("unnoticed") == nil)
        #expect(workshop.read("a.o") == nil)
    }
}
