import Foundation
import TestSupport
import Testing

/// The built daemon where a system is short of something, forbids something, or is used by somebody else as well.
@Suite struct AdversityTests {
    /// Runs its arguments in a process that may not have a working directory for each thread, as in most containers.
    private static let confined = """
        #include <stddef.h>
        #include <errno.h>
        #include <linux/audit.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = {sizeof code / sizeof *code, code};
            if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
                return 77;
            execvp(argv[1], argv + 1);
            return 127;
        }

        """

    @Test(arguments: ["/dev/null", "file"]) func `what is no directory has no daemon`(place: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("", to: "file")
        let directory = place == "file" ? workshop.url(place).path : place
        let environment = ["LARDER_DIR": directory, "LARDER_DAEMON": "auto"]
        #expect(try workshop.larder(["gcc", "-c", "a.c"], environment: environment).status == 0)
        let outcome = try workshop.larder(["daemon", "start"], environment: environment)
        #expect(outcome.status == 1 && outcome.errorText.contains("is no directory"), "\(outcome)")
        let status = try workshop.larder(["daemon", "status", "--json"], environment: environment).outputText
        #expect(status.contains("\"running\": false"), "\(status)")
    }

    @Test func `where no thread may have a directory of its own, results are kept all the same`() throws {
        let workshop = try Workshop()
        try workshop.write(Self.confined, to: "confined.c")
        for name in ["a", "b"] { try workshop.write("#include \"h.h\"\nint \(name);\n", to: "\(name)/\(name).c") }
        for name in ["a", "b"] { try workshop.write("\n", to: "\(name)/h.h") }
        let outcome = try workshop.bashIfPossible(
            """
            gcc -o confined confined.c || exit 77
            ./confined true || exit 77
            ./confined "$L" daemon start || exit 1
            for d in a b; do (cd $d; "$L" gcc -c $d.c -o $d.o) || exit 1; done
            "$L" stats > /dev/null; daemon published
            """
        )
        if let outcome { #expect(outcome.outputText.hasSuffix("\n2\n"), "\(outcome)") }
        try workshop.stopDaemon()
    }

    @Test func `a daemon without descriptors waits for one, and burns no time`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.bash(
            """
            (ulimit -n 14; "$L" daemon start) || exit 1
            pid=$(daemon pid) socket=$(daemon_socket)
            cat > crowd.py <<END
            import os, socket, sys, time
            place = sys.argv[1]
            crowd = []
            for i in range(60):
                s = socket.socket(socket.AF_UNIX); s.connect(place); crowd.append(s)
            def used(): return sum(map(int, open(f"/proc/{sys.argv[2]}/stat").read().rsplit(")")[1].split()[11:13]))
            before, end = used(), time.monotonic() + 1
            while time.monotonic() < end: time.sleep(0.05)
            print(used() - before)
            END
            echo 'int a;' > a.c
            python3 crowd.py $socket $pid
            "$L" gcc -c a.c -o a.o && echo compiled
            until_true is connections 1 && echo answers
            """
        )
        let lines = outcome.outputText.split(separator: "\n").suffix(3)
        #expect(Array(lines.dropFirst()) == ["compiled", "answers"], "\(outcome)")
        // Hundredths of a second, of a hundred.
        #expect((lines.first.flatMap { Int($0) } ?? 100) < 40, "\(outcome)")
        try workshop.stopDaemon()
    }

    @Test func `the daemon inherits no descriptor, no terminal, no directory, and no secret`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let outcome = try workshop.bash(
            """
            exec 7< a.c 9>&1
            export SECRET=hunter2 LARDER_SESSION=mine
            script -qec '"$L" gcc -c a.c -o a.o' /dev/null || exit 1
            running() { [ -n "$(daemon pid)" ]; }
            until_true running
            pid=$(daemon pid)
            # What a launcher has handed over goes when it has been stored.
            stored() { ! readlink /proc/$pid/fd/* | grep -q -e memfd -e '/a\\.o$'; }
            until_true stored
            # What was stored is brought to the disk a second later.
            list() { for n in /proc/$pid/fd/*; do readlink $n; done | sort -u; }
            settled() { ! list | grep -q "$LARDER_DIR/entries"; }
            until_true settled
            list
            readlink /proc/$pid/cwd
            cut -d ' ' -f 7 /proc/$pid/stat
            tr '\\0' '\\n' < /proc/$pid/environ | grep -c 'SECRET\\|SESSION'
            """
        )
        let lines = outcome.outputText.split(separator: "\n").map(String.init)
        #expect(lines.suffix(3) == ["/", "0", "0"], "\(outcome)")
        let known = ["/dev/null", "anon_inode:", "socket:"]
        for file in lines.dropLast(3) where !known.contains(where: { file.hasPrefix($0) }) {
            #expect(file.hasSuffix("/lock") || file == workshop.cache.path, "\(file)")
        }
        try workshop.stopDaemon()
    }

    @Test func `sixty-four compiles at once start one daemon`() throws {
        let workshop = try Workshop()
        for number in 0..<64 { try workshop.write("int f\(number);\n", to: "f\(number).c") }
        try workshop.write(
            "all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\t@\"$(L)\" gcc -c $< -o $@\n",
            to: "Makefile"
        )
        let outcome = try workshop.bash(
            """
            make -j64 || exit 1
            "$L" stats > /dev/null
            for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2> /dev/null | grep "larderd $LARDER_DIR"; done | wc -l
            ls *.o | wc -l
            rm *.o; make -j4
            """
        )
        #expect(outcome.status == 0 && outcome.outputText == "1\n64\n", "\(outcome)")
        let counters = try workshop.counters()
        #expect(counters.misses == 64 && counters.hits == 64, "\(counters)")
        try workshop.stopDaemon()
    }

    @Test func `a compiler that calls itself through the launcher waits for nobody`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        // The same name, the same words: the second call is a request of the same key.
        try workshop.write(
            """
            #!/bin/sh
            case " $* " in *" -### "*|*" -v "*) exec gcc "$@";; esac
            [ -n "$INNER" ] && exec gcc "$@"
            INNER=1 "$L" ./my-gcc -c a.c -o inner.o || exit 1
            exec gcc "$@"

            """,
            to: "my-gcc"
        )
        let outcome = try workshop.bash("chmod +x my-gcc; timeout 50 \"$L\" ./my-gcc -c a.c -o a.o && ls a.o inner.o")
        #expect(outcome.status == 0 && outcome.outputText == "a.o\ninner.o\n", "\(outcome)")
        try workshop.stopDaemon()
    }

    @Test(arguments: ["INT", "KILL"])
    func `a leader that is interrupted lets go of those who wait`(signal: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(
            driver: """
                #!/bin/sh
                case " $* " in *" -### "*|*" -v "*) exec gcc "$@";; esac
                [ "$WHO" = 1 ] && { echo > began; exec sleep 60; }
                exec gcc "$@"

                """,
            to: "my-gcc"
        )
        let outcome = try workshop.bash(
            """
            "$L" daemon start > /dev/null
            set -m
            WHO=1 "$L" ./my-gcc -c a.c -o 1.o & first=$!
            until_true test -e began
            WHO=2 "$L" ./my-gcc -c a.c -o 2.o & second=$!
            until_true is waiting 1 || exit 1
            kill -\(signal) -- -$first
            wait $second && test -e 2.o && echo freed
            """
        )
        #expect(outcome.outputText.contains("freed"), "\(outcome)")
        try workshop.stopDaemon()
    }

    @Test func `in another mount namespace a path is another file`() throws {
        let workshop = try Workshop()
        try workshop.write("#include \"h.h\"\nint a = N;\n", to: "a.c")
        try workshop.write("#define N 1\n", to: "h.h")
        try workshop.write("#define N 2\n", to: "other.h")
        let outcome = try workshop.bashIfPossible(
            """
            unshare -m true 2> /dev/null || exit 77
            "$L" daemon start > /dev/null
            unshare -m sh -c 'mount --bind other.h h.h && "$L" gcc -c a.c -o there.o && gcc -c a.c -o there.bare' || exit 77
            daemon published; daemon refused
            for n in 1 2; do "$L" gcc -c a.c -o here.o; done
            gcc -c a.c -o here.bare
            cmp there.o there.bare && cmp here.o here.bare && echo same
            """
        )
        if let outcome { #expect(outcome.outputText == "0\n1\nsame\n", "\(outcome)") }
        try workshop.stopDaemon()
    }

    @Test func `a process of another user is sent away`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.bashIfPossible(
            """
            [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2> /dev/null || exit 77
            "$L" daemon start > /dev/null
            place=$(dirname $(daemon_socket))
            stat -c %a $place $place/socket
            # Even where the doors stand open.
            python3 - $place/socket <<END
            import os, socket, sys
            os.chmod(sys.argv[1], 0o666)
            s = socket.socket(socket.AF_UNIX)
            fd = os.open(os.path.dirname(sys.argv[1]), os.O_PATH)
            pid = os.fork()
            if pid == 0:
                os.fchdir(os.open(os.path.dirname(sys.argv[1]), os.O_RDONLY)); os.setuid(65534)
                try: s.connect("socket"); s.sendall(bytes([2, 0, 0, 0, 1, 4])); print(len(s.recv(100)))
                except (ConnectionError, PermissionError): print(0)
                sys.stdout.flush(); os._exit(0)
            os.waitpid(pid, 0)
            END
            """
        )
        if let outcome { #expect(outcome.outputText == "700\n600\n0\n", "\(outcome)") }
        try workshop.stopDaemon()
    }

    @Test func `a daemon that was stopped does not keep and count what its launcher has kept by itself`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let outcome = try workshop.bash(
            """
            "$L" daemon start > /dev/null
            pid=$(daemon pid)
            kill -STOP $pid; "$L" gcc -c a.c -o a.o; kill -CONT $pid
            "$L" gcc -c a.c -o a.o; "$L" stats > /dev/null
            daemon published
            """
        )
        #expect(outcome.outputText == "0\n", "\(outcome)")
        let counters = try workshop.counters()
        #expect(counters.misses == 1 && counters.hits == 1, "\(counters)")
        try workshop.stopDaemon()
    }

    @Test(arguments: ["daemon_accepted", "daemon_registered", "daemon_recording", "renamed", "published"])
    func `a daemon that is killed costs time only`(point: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("int b;\n", to: "b.c")
        try workshop.run(["gcc", "-c", "a.c", "-o", "bare.o"])
        // The compiler is known already, so that only the result is published.
        try workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
        try workshop.bash("\"$L\" daemon start", ["LARDER_CRASH_AT": point])
        for _ in 1...3 {
            workshop.remove("a.o")
            #expect(try workshop.compile(["gcc", "-c", "a.c", "-o", "a.o"]).status == 0)
            #expect(workshop.read("a.o") == workshop.read("bare.o"))
        }
        #expect(try workshop.larder(["verify"]).status == 0)
        try workshop.stopDaemon()
    }
}
