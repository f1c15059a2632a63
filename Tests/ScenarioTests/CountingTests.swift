import Foundation
import TestSupport
import Testing

/// Whatever becomes of a compile, it is counted, once.
@Suite struct CountingTests {
    /// Sources, names as long as they may be, and `one COMMAND...`, which says what one compile was counted as.
    private static let prelude = """
        echo 'int f(void) { return 1; }' > a.c; echo 'int f(' > bad.c; : > empty.c; mkdir dir; ln -s loop loop
        echo 'int g(void) { int x; return x; }' > warn.c
        name() { printf "$1%.0s" $(seq $2); }
        sum() { echo $(($(count hits) + $(count misses) + $(count bypasses))); }
        one() {
            local before=$(sum)
            "$@" > out 2> err < /dev/null
            local counted=$(($(sum) - before))
            [ $counted = 1 ] || echo "$counted for ${*:2}"
        }
        """

    @Test func `every compile is one hit, one miss or one bypass`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                for words in '-c a.c -o a.o' '-c bad.c -o b.o' '-c missing.c' '-c empty.c' '-c a.c -o /dev/null' '-E a.c' \
                    '-c a.c -o dir' '-c a.c -o no/a.o' '-c a.c -o loop' '-shared -fPIC a.c -o a.so' '' '--version' \
                    '-c -funknown a.c' '-c' '-c -' '-c @none' '-MD -c a.c' '-MD -MF no/a.d -c a.c' '-MD -MF dir -c a.c' \
                    '-S a.c' '-c -g a.c' '-c -save-temps a.c' '-c a.c -o a.c' '-O2 -Wall -Wuninitialized -c warn.c'; do
                    one "$L" gcc $words; one "$L" gcc $words
                done
                one "$L" gcc -c a.c -o "$(name n 256)"
                deep=.; for n in $(seq 20); do deep=$deep/$(name d 200); done; mkdir -p $deep
                one "$L" gcc -c a.c -o $deep/$(name e 60).o; one "$L" gcc -c a.c -o $deep/$(name e 200).o
                one sh -c '"$0" gcc -O2 -Wall -Wuninitialized -c warn.c -o w.o 2> /dev/full' "$L"
                one sh -c '"$0" gcc -c a.c 2>&-' "$L"
                one sh -c 'mkdir gone; cd gone; rmdir ../gone; "$0" gcc -c ../a.c' "$L"
                one sh -c 'echo "kill -9 \\$\\$" > k; chmod 755 k; "$0" ./k -c a.c' "$L"
                one sh -c 'ulimit -v 60000; "$0" gcc -c warn.c' "$L"
                one "$L" true; one "$L" ar rcs x.a a.o
                for trouble in locks entries usage digests; do
                    rm -rf "$LARDER_DIR/$trouble"; echo > "$LARDER_DIR/$trouble"; echo "int $trouble;" > t.c
                    one "$L" gcc -c t.c -o t.o; rm "$LARDER_DIR/$trouble"
                done
                find . -path ./.cache -prune -o -name '*.tmp.*' -print
                """
        )
        #expect(outcome.outputText.isEmpty && outcome.errorText.isEmpty, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test(arguments: [200, 227, 228, 240, 253])
    func `an output of a long name is found again`(length: Int) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                long=$(name n \(length)).o; gcc -c a.c -o bare.o
                for words in '' "-MD" "-MD -MF ${long%.o}.d"; do
                    for time in 1 2; do
                        rm -f "$long"; "$L" gcc $words -c a.c -o "$long" || echo "ended with $?"; cmp "$long" bare.o
                    done
                done
                count hits
                for time in 1 2; do rm -rf o; "$L" run --output "o/$long" -- sh -c 'mkdir -p o; echo made > "o/$0"' "$long"; done
                cat "o/$long"; count hits
                # Two names that differ behind their hundredth byte.
                other=$(name n 120)x.o; "$L" gcc -c a.c -o "$other" & "$L" gcc -DY -c a.c -o "$(name n 120)y.o"; wait
                cmp "$other" bare.o
                find . -path ./.cache -prune -o -name '*.tmp.*' -print
                """
        )
        #expect(outcome.outputText == "5\nmade\n6\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(
        .enabled(if: Shell.canMountImages, "takes root, to mount a file system"),
        arguments: ["-t ramfs", "-t tmpfs -o size=0"],
        ["", "5%", "1GiB"]
    )
    func `a file system that does not say how large it is has room`(options: String, limit: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            """
            mkdir disk; mount \(options) none disk || exit 77
            export LARDER_DIR=$PWD/disk/cache LARDER_MAX_SIZE=\(limit)
            for n in 1 2 3; do echo "int v$n;" > $n.c; "$L" gcc -c $n.c -o $n.o; done
            "$L" gc > /dev/null
            for n in 1 2 3; do "$L" gcc -c $n.c -o $n.o; done
            count hits; count evictions
            """,
            isMounting: true
        )
        #expect(outcome.outputText == "3\n0\n" && outcome.errorText.isEmpty, "\(outcome)")
    }
}
