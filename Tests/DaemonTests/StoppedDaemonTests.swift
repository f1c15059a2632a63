import Foundation
import TestSupport
import Testing

/// A daemon that somebody has stopped, and one that was started by a process with limits of its own.
@Suite struct StoppedDaemonTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] { try workshop.write("int \(name);\n", to: "\(name).c") }
        return workshop
    }

    @Test func `a stopped daemon is not waited for, is named, and can be ended`() throws {
        let workshop = try workshop()
        defer { try? workshop.stopDaemon() }
        let outcome = try workshop.bash(
            """
            "$L" daemon start > /dev/null; pid=$(daemon pid); kill -STOP $pid
            until_true grep -q '^State:.T' /proc/$pid/status
            start=$(date +%s%N); for name in a b c; do "$L" gcc -c $name.c -o $name.o || echo failed; done
            # Without looking, each of them would wait for a second.
            echo $(( ($(date +%s%N) - start) / 1000000 )) > milliseconds
            "$L" daemon status 2>&1 | grep -c 'is stopped'
            "$L" daemon stop > /dev/null; echo $?
            grep -q '^State:.[RSDT]' /proc/$pid/status 2>/dev/null && echo alive
            "$L" gcc -c a.c -o a.o; "$L" stats --json | grep -c '^  "hits": 1'
            """
        )
        #expect(outcome.outputText == "1\n0\n1\n", "\(outcome.errorText)")
    }

    @Test func `a daemon does what its first launcher was not allowed to`() throws {
        let workshop = try workshop()
        defer { try? workshop.stopDaemon() }
        let outcome = try workshop.bash(
            """
            umask 0; ulimit -S -f 20; ulimit -S -v 4000000
            taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') nice -n 3 "$L" daemon start > /dev/null
            pid=$(daemon pid)
            awk '/Max file size/ { print $4 == $5 } /Max address space/ { print $4 == $5 }' /proc/$pid/limits
            [ "$(taskset -p $pid | sed 's/.*: //')" = "$(taskset -p $$ | sed 's/.*: //')" ] && echo everywhere
            readlink /proc/$pid/cwd; ps -o sid= -p $pid | grep -qw $pid && echo session
            grep Umask /proc/$pid/status
            """
        )
        #expect(outcome.outputText == "1\n1\neverywhere\n/\nsession\nUmask:\t0077\n", "\(outcome.errorText)")
    }

    @Test func `a launcher under a hard limit starts no daemon, which would have it as well`() throws {
        let workshop = try workshop()
        defer { try? workshop.stopDaemon() }
        try workshop.write("char large[100000] = { 1 };\n", to: "large.c")
        let outcome = try workshop.bash(
            """
            (ulimit -f 20; "$L" gcc -c a.c -o a.o; echo $?; "$L" daemon start 2>&1 | grep -c 'ulimit -H -f')
            "$L" daemon status | grep -c '^No daemon'
            "$L" daemon start > /dev/null
            (ulimit -f 20; "$L" gcc -c b.c -o b.o; echo $?)
            "$L" gcc -c large.c -o large.o; "$L" daemon stop > /dev/null
            "$L" gcc -c large.c -o large.o; "$L" stats --json | grep -c '^  "hits": 1'
            """
        )
        #expect(outcome.outputText == "0\n1\n1\n0\n1\n", "\(outcome.errorText)")
    }
}
