import Foundation
import TestSupport
import Testing

/// Numbers that somebody else has given to files: times, sizes, sums.
@Suite struct ForeignNumberTests {
    /// A source with a header, compiled twice; what is given is right and nothing ends by a signal.
    private static let project = """
        mkdir inc; echo '#include "x.h"' > a.c; echo 'int f(void) { return X; }' >> a.c; echo '#define X 1' > inc/x.h
        gcc -Iinc -c a.c -o bare.o
        compile() { rm -f a.o; "$L" gcc -Iinc -c a.c -o a.o || echo "$1: ended with $?"; cmp a.o bare.o; }
        """

    @Test(
        arguments: ["2300-01-01", "2440-01-01", "2100-01-01", "1950-01-01", "1902-01-01", "1600-01-01"],
        ["a.c", "inc/x.h", "inc", "."]
    )
    func `a file of any time is compiled`(time: String, file: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.project + """

                touch -d \(time) \(file)
                compile first; compile second
                echo '#define X 2' > inc/x.h; touch -d \(time) \(file); gcc -Iinc -c a.c -o bare.o
                compile changed; compile again
                """
        )
        #expect(outcome.outputText.isEmpty && outcome.errorText.isEmpty, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test(arguments: ["2300-01-01", "1902-01-01"])
    func `files of the cache have any time`(time: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.project + """

                compile first
                find "$LARDER_DIR" -exec touch -d \(time) {} +
                compile second; count hits
                find "$LARDER_DIR" -exec touch -d \(time) {} +
                for command in gc verify stats; do "$L" $command > /dev/null || echo "$command ended with $?"; done
                echo '#define X 2' > inc/x.h; gcc -Iinc -c a.c -o bare.o; compile changed
                """
        )
        #expect(outcome.outputText == "1\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test func `a daemon outlives a file of any time`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.project + """

                "$L" daemon start > /dev/null
                touch -d 2300-01-01 a.c inc/x.h inc; compile first
                echo 'int g;' > b.c; touch -d 2300-01-01 b.c; "$L" gcc -c b.c -o b.o
                count misses
                "$L" daemon status --json | grep -o '"running": [a-z]*'
                "$L" daemon stop > /dev/null
                """,
            environment: ["LARDER_DAEMON": "auto"]
        )
        #expect(outcome.outputText == "2\n\"running\": true\n", "\(outcome)")
    }

    @Test func `sums that nobody could have added up end nobody`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.project + """

                compile first
                for byte in 377 200 177; do
                    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do printf "\\\\$byte"; done > sums
                    printf '\\001\\0\\0\\0\\0\\0\\0\\0' >> sums
                    cp sums "$LARDER_DIR/usage"
                    "$L" stats > /dev/null || echo "stats ended with $?"
                    LARDER_MAX_SIZE=1 "$L" stats > /dev/null || echo "stats ended with $?"
                    echo "int v$byte;" > b.c; "$L" gcc -c b.c -o b.o || echo "ended with $?"
                done
                """
        )
        #expect(outcome.outputText.isEmpty && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test func `sums that are cut short while others publish end nobody`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            """
            echo 'int a;' > a.c; "$L" gcc -c a.c -o a.o
            (while [ ! -e done ]; do : > "$LARDER_DIR/usage"; done) &
            for n in $(seq 30); do
                echo "int v$n;" > $n.c; "$L" gcc -c $n.c -o $n.o || echo "ended with $?"
            done
            touch done; wait
            count misses; "$L" gc > /dev/null
            [ "$(count entries)" -ge 30 ] && echo counted
            """
        )
        #expect(outcome.outputText == "31\ncounted\n" && outcome.errorText.isEmpty, "\(outcome)")
    }
}
