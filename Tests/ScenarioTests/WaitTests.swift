import Foundation
import TestSupport
import Testing

/// What could wait for ever: clocks that are behind, pipes that nobody reads or writes.
@Suite struct WaitTests {
    /// Runs a script on a file system whose file `a.c` has a change time that is a day ahead; 77 where that cannot be had.
    private static func onFutureDisk(_ script: String, in workshop: Workshop) throws -> Workshop.Outcome {
        let disk = """
            dd if=/dev/zero of=image bs=1M count=8 2>/dev/null && mkfs.ext4 -q image && mkdir disk || exit 77
            mount -o loop image disk 2>/dev/null || exit 77
            echo 'int a;' > disk/a.c; umount disk
            debugfs -w -R "set_inode_field /a.c ctime $(date -u -d '+1 day' +%Y%m%d%H%M%S)" image 2>/dev/null
            mount -o loop image disk || exit 77
            cd disk
            \(script)
            status=$?; cd ..; umount disk; exit $status
            """
        return try workshop.run(
            ["unshare", "-m", "bash", "-c", disk],
            environment: ["L": Workshop.larder.path, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
        )
    }

    /// Needs root, loop devices and e2fsprogs.
    private static let hasFutureDisk: Bool = {
        guard let workshop = try? Workshop() else { return false }
        return (try? onFutureDisk("true", in: workshop).status) == 0
    }()

    @Test(.enabled(if: hasFutureDisk, "root may mount a disk image here"))
    func `a source from the future is compiled at once, and not kept`() throws {
        let workshop = try Workshop()
        let outcome = try Self.onFutureDisk(
            """
            for round in 1 2; do timeout 60 $L gcc -c a.c -o a.o; echo $?; done
            timeout 60 $L ar rcs a.a a.o; echo $?
            """,
            in: workshop
        )
        #expect(outcome.outputText == "0\n0\n0\n")
        let json =
            try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any] ?? [:]
        #expect("\(json)".contains("clock_behind"))
        #expect(try workshop.counters().hits == 0)
    }

    @Test func `a log that is a pipe holds nobody up`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        #expect(try workshop.run(["mkfifo", "log"]).status == 0)
        for command in [["gcc", "-c", "a.c", "-o", "a.o"], ["gcc", "-c", "a.c", "-o", "a.o"], ["run", "--", "true"]] {
            let outcome = try workshop.run(
                ["timeout", "60", Workshop.larder.path] + command,
                environment: ["LARDER_LOG": workshop.url("log").path]
            )
            #expect(outcome.status == 0)
        }
        #expect(try workshop.counters().hits == 1)
    }

    /// `until_true COMMAND`: not for ever; `gone PID`.
    private static let shell = """
        until_true() { n=0; until "$@"; do [ $n -lt 60000 ] || return 1; sleep 0.01; n=$((n + 1)); done; }
        gone() { ! kill -0 $1 2>/dev/null; }

        """

    /// A tool whose words nobody reads: it fills the pipe, and then says in `pid` that it lives.
    private static let talker = """
        #!/bin/bash
        case " $* " in *" -### "* | *" -v "*) exec gcc "$@";; esac
        (sleep 0.3; echo $$ > pid) &
        while :; do echo 'a.c:1: warning: nobody reads this' >&2; done

        """

    @Test(arguments: [["./talker", "-c", "a.c", "-o", "a.o"], ["run", "--", "./talker"]])
    func `a signal ends a launcher whose reader has stopped reading`(command: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(Self.talker, to: "talker")
        // Named as a compiler, so that it is one.
        try workshop.run(["bash", "-c", "chmod +x talker; mv talker talkergcc"])
        let words = command.map { $0 == "./talker" ? "./talkergcc" : $0 }.joined(separator: " ")
        let outcome = try workshop.run(
            [
                "bash", "-c",
                Self.shell + """
                    mkfifo pipe; exec 3<> pipe
                    $L \(words) 2>&3 & launcher=$!
                    until_true test -s pid; kill -TERM $launcher; wait $launcher 2>/dev/null; echo $?
                    until_true gone $(cat pid) && echo gone
                    """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(outcome.outputText == "143\ngone\n")
    }
}
