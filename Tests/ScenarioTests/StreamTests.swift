import Foundation
import TestSupport
import Testing

/// Standard streams that are closed, full, shared, slow or large.
@Suite struct StreamTests {
    private let source = "int a(void) { int unused; return 1; }\n"

    /// The status, what is left and what was said, for each way: bare, miss, hit.
    private func outcomes(_ command: String, compiler: String) throws -> [String] {
        let workshop = try Workshop()
        try workshop.write(source, to: "a.c")
        return try ["", Workshop.larder.path, Workshop.larder.path].map { launcher in
            for name in ["a.o", "both", "out"] { workshop.remove(name) }
            let script = command.replacingOccurrences(of: "CC", with: "\(launcher) \(compiler) -Wall")
            let outcome = try workshop.run(["bash", "-c", script], environment: ["LARDER_X": "x"])
            let left = try FileManager.default.contentsOfDirectory(atPath: workshop.directory.path).sorted()
            let said = (workshop.read("both") ?? Data()) + outcome.output + outcome.error
            return "\(outcome.status) \(left.filter { $0 != ".cache" }) \(String(decoding: said, as: UTF8.self))"
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `streams that are closed, and files for both of them, are as with the bare compiler`(compiler: String) throws {
        let commands = [
            "CC -c a.c -o a.o 2>&-", "CC -c a.c -o a.o >&-", "CC -c a.c -o a.o <&-", "CC -c a.c -o a.o <&- >&- 2>&-",
            "CC -c a.c -o a.o > both 2>&1", "CC -c a.c -o a.o 2> both", "CC -c a.c -o a.o 2>> both >> both",
            "CC -c a.c -o a.o 2>&1 | cat", "CC -c a.c -o a.o < /dev/full",
        ]
        for command in commands {
            let all = try outcomes(command, compiler: compiler)
            #expect(all[1] == all[0], "miss: \(command)")
            #expect(all[2] == all[0], "hit: \(command)")
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `a stream that takes nothing fails a compile as it fails the bare compiler`(compiler: String) throws {
        for command in [
            "CC -c a.c -o a.o 2> /dev/full", "exec 3> >(:); wait $!; CC -c a.c -o a.o 2>&3; echo $? > both",
        ] {
            // What is said of clang's crash names its process.
            let all = try outcomes(command, compiler: compiler).map { $0.prefix(20) }
            #expect(all[1] == all[0], "miss: \(command)")
            #expect(all[2] == all[0], "hit: \(command)")
        }
    }

    @Test(arguments: ["gcc -S", "gcc --coverage -c", "gcc -save-temps -c", "clang -S"])
    func `nor does it where the compile has to be seen`(compiler: String) throws {
        for command in ["CC a.c 2> /dev/full", "exec 3> >(:); wait $!; CC a.c 2>&3; echo $? > both"] {
            // A shell says of clang's crash which process it was.
            let all = try outcomes(command, compiler: compiler).map { $0.components(separatedBy: "bash: ")[0] }
            #expect(all[1] == all[0], "miss: \(command)")
            #expect(all[2] == all[0], "hit: \(command)")
        }
    }

    @Test func `a program that reads slowly gets everything`() throws {
        let many = (0..<3000).map { "int f\($0)(void) { int unused; return 1; }\n" }.joined()
        let workshop = try Workshop()
        try workshop.write(many, to: "a.c")
        let bare = try workshop.run(["gcc", "-Wall", "-c", "a.c", "-o", "a.o"])
        #expect(bare.error.count > 1 << 18)
        for _ in 1...2 {
            let slow = try workshop.run([
                "bash", "-c",
                "\(Workshop.larder.path) gcc -Wall -c a.c -o a.o 2>&1 | (sleep 0.2; cat) > both; exit ${PIPESTATUS[0]}",
            ])
            #expect(slow.status == 0)
            #expect(workshop.read("both") == bare.error)
        }
    }

    @Test func `20 MB of diagnostics are kept and given again`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(
            driver: """
                #!/bin/sh
                case " $* " in *" -### "* | *" -v "*) exec gcc "$@";; esac
                yes 'a.c:1: warning: this is a long story' | head -c 20000000 >&2
                exec gcc "$@"

                """,
            to: "testgcc"
        )
        let compile = ["./testgcc", "-c", "a.c", "-o", "a.o"]
        let bare = try workshop.run(compile)
        #expect(bare.error.count == 20_000_000)
        #expect(try workshop.larder(compile) == bare)
        let counted = try workshop.counting {
            let again = try workshop.larder(compile)
            #expect(again == bare)
        }
        #expect(counted.hits == 1)
    }

    @Test func `a grandchild that keeps the streams open holds nobody up`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(
            driver: """
                #!/bin/bash
                case " $* " in *" -### "*) exec gcc "$@";; *" a.c "*) ;; *) exec gcc "$@";; esac
                # Only the standard streams: whoever waits for us by another descriptor is none of this test's business.
                (for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval "exec $fd>&-"; done; exec sleep 300) & echo $! > pid
                echo said; echo noted >&2
                exec gcc "$@"

                """,
            to: "testgcc"
        )
        let started = Date()
        let outcome = try workshop.larder(["./testgcc", "-c", "a.c", "-o", "a.o"])
        let pid = try #require(workshop.read("pid"))
        try workshop.run(["kill", String(decoding: pid, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)])
        #expect(outcome.status == 0 && outcome.outputText == "said\n" && outcome.errorText == "noted\n")
        #expect(Date().timeIntervalSince(started) < 200)
        #expect(workshop.read("a.o") != nil)
    }

    @Test func `sources and headers that are pipes are read by the compiler alone`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = A;\n", to: "a.c")
        let scripts = [
            "rm -f f.c; mkfifo f.c; echo 'int a = 1;' > f.c & timeout 60 $L gcc -c f.c -o a.o; s=$?; wait $!; echo $s $?",
            // A number of our own: the object names it, and the shell takes whichever is free.
            "timeout 60 $L gcc -include /dev/fd/9 -c a.c -o a.o 9< <(echo '#define A 2'); echo $?",
            "timeout 60 $L gcc -x c -c /dev/fd/9 -o a.o 9< <(echo 'int a = 3;'); echo $?",
            "echo 'int a = 4;' | timeout 60 $L gcc -x c -c - -o a.o; echo $?",
            "echo 'int a = 5;' | timeout 60 $L gcc -x c -c /dev/stdin -o a.o; echo $?",
            "timeout 60 $L gcc -x c -c /dev/stdin -o a.o <<< 'int a = 6;'; echo $?",
        ]
        for script in scripts {
            let bare = try workshop.run(["bash", "-c", script], environment: ["L": ""])
            let object = workshop.read("a.o")
            for _ in 1...2 {
                workshop.remove("a.o")
                #expect(
                    try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path]) == bare,
                    "\(script)"
                )
                #expect(workshop.read("a.o") == object, "\(script)")
            }
        }
    }
}
