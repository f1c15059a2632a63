import Foundation
import TestSupport
import Testing

/// The built daemon while something happens to the file system that the cache is on, or to the cache itself.
@Suite struct FileSystemTests {
    /// Runs a script in a mount namespace of its own, with a small file system in `disk`, on which the cache is; nil
    /// where this account or kernel has none to give.
    ///
    /// Twelve sources of one project are there, `bare/*.o` are their objects, `build` compiles them and compares.
    private func onDisk(_ size: String, _ script: String) throws -> Workshop.Outcome? {
        let workshop = try Workshop()
        for number in 1...12 {
            try workshop.write(
                "#include <stdio.h>\nint f(void) { return printf(\"%d\", \(number)); }\n",
                to: "\(number).c"
            )
        }
        try workshop.write(
            """
            mount -t tmpfs -o size=\(size) none disk || exit 77
            export LARDER_DIR=$PWD/disk/cache
            mkdir bare
            for n in 1 2 3 4 5 6 7 8 9 10 11 12; do gcc -c $n.c -o bare/$n.o || exit 1; done
            build() {
                for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
                    rm -f $n.o
                    "$L" gcc -c $n.c -o $n.o || { echo "$1: $n failed"; return 1; }
                    cmp $n.o bare/$n.o || return 1
                done
                echo "$1"
            }
            # The same objects from other sources.
            edit() { for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "// $1" >> $n.c; done; }
            count() { "$L" stats --json | sed -n 's/^ *"'$1'": \\([0-9]*\\).*/\\1/p' | head -n 1; }
            \(script)
            "$L" daemon stop > /dev/null
            """,
            to: "script"
        )
        return try workshop.bashIfPossible(
            """
            [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null || exit 77
            mkdir disk; export L; export -f until_true daemon is
            unshare -m bash ./script
            """
        )
    }

    @Test func `a file system that becomes read-only costs time, and is used again when it is not`() throws {
        let outcome = try onDisk(
            "64m",
            """
            build first; edit 1
            mount -o remount,ro disk; build "read only"; edit 2
            mount -o remount,rw disk; build "writable again"; build "once more"
            count hits
            "$L" verify | tail -n 1
            """
        )
        guard let outcome else { try Test.cancel("may not mount a file system here") }
        #expect(
            outcome.outputText == "first\nread only\nwritable again\nonce more\n12\nDamaged           0\n",
            "\(outcome)"
        )
    }

    @Test func `a file system that is taken away leaves nothing behind in the other cache of its name`() throws {
        let outcome = try onDisk(
            "64m",
            """
            build first; edit 1
            umount -l disk; build "without it"; build "once more"
            count entries > entries; count hits
            "$L" verify | tail -n 1
            """
        )
        guard let outcome else { try Test.cancel("may not mount a file system here") }
        #expect(outcome.outputText == "first\nwithout it\nonce more\n12\nDamaged           0\n", "\(outcome)")
    }

    @Test(arguments: ["16k", "64k", "200k"])
    func `a full disk costs time only`(size: String) throws {
        let outcome = try onDisk(
            size,
            """
            build first; edit 1; build second; edit 2; build third
            until_true is pending 0
            find disk -name '*.tmp.*'
            "$L" verify > verified 2>&1; tail -n 1 verified
            rm -rf disk/cache/entries; build "with room again"
            """
        )
        guard let outcome else { try Test.cancel("may not mount a file system here") }
        #expect(outcome.errorText.isEmpty, "\(outcome)")
        #expect(outcome.outputText.hasPrefix("first\nsecond\nthird\n"), "\(outcome)")
        #expect(!outcome.outputText.contains(".tmp."), "\(outcome)")
        #expect(outcome.outputText.hasSuffix("with room again\n"), "\(outcome)")
    }

    @Test func `a cache that is cleared while publications are under way stays a whole one`() throws {
        let workshop = try Workshop()
        for number in 1...20 { try workshop.write("int f\(number);\n", to: "\(number).c") }
        let outcome = try workshop.bash(
            """
            mkdir bare; for n in $(seq 20); do gcc -c $n.c -o bare/$n.o; done
            for round in 1 2 3; do
                for n in $(seq 20); do echo "// $round" >> $n.c; "$L" gcc -c $n.c -o $n.o & done
                "$L" clear -y > /dev/null || echo "round $round: not cleared"
                wait
                for n in $(seq 20); do cmp $n.o bare/$n.o; done
            done
            "$L" verify | tail -n 1
            "$L" clear -y > /dev/null; "$L" stats --json | grep '"entries"'
            """
        )
        #expect(outcome.errorText.isEmpty, "\(outcome)")
        #expect(outcome.outputText == "Damaged           0\n  \"entries\": 0,\n", "\(outcome)")
        try workshop.stopDaemon()
    }

    @Test func `nobody waits for a launcher that was stopped`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(
            driver: """
                #!/bin/sh
                case "$*" in *-v*) ;; *) [ -e open ] || { echo run >> runs; read x < gate; } ;; esac
                exec gcc "$@"
                """,
            to: "slowgcc"
        )
        let outcome = try workshop.bash(
            """
            mkfifo gate
            "$L" daemon start > /dev/null
            "$L" ./slowgcc -c a.c -o 1.o & first=$!
            until_true [ -s runs ]
            touch open
            "$L" ./slowgcc -c a.c -o 2.o & second=$!
            until_true is waiting 1
            kill -STOP $first
            wait $second; echo "second: $?"
            # Whoever comes now does not even begin to wait.
            "$L" ./slowgcc -c a.c -o 3.o; echo "third: $?"
            kill -CONT $first; echo > gate; wait $first; echo "first: $?"
            cmp 1.o 2.o; cmp 2.o 3.o
            """
        )
        #expect(outcome.outputText == "second: 0\nthird: 0\nfirst: 0\n", "\(outcome)")
        try workshop.stopDaemon()
    }
}
