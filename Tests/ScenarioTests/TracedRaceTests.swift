import Foundation
import TestSupport
import Testing

/// Files that change when a traced tool has ended and its result is not yet recorded.
///
/// Needs the moments of debug builds.
@Suite struct TracedRaceTests {
    struct Race: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let before: String
        let meanwhile: String
    }

    static let races = [
        Race(testDescription: "a header goes that was read", before: "cp own.h h.h", meanwhile: "rm h.h"),
        Race(testDescription: "a header comes that was not there", before: ":", meanwhile: "cp own.h h.h"),
        Race(
            testDescription: "a directory gives way to a header",
            before: "mkdir h.h",
            meanwhile: "rmdir h.h; cp own.h h.h"
        ),
        Race(testDescription: "a header is another one", before: "cp own.h h.h", meanwhile: "cp inc/h.h h.h"),
        Race(
            testDescription: "a header gives way to a directory",
            before: "cp own.h h.h",
            meanwhile: "rm h.h; mkdir h.h"
        ),
    ]

    static let tools = [
        "gcc -Iinc -S a.c -o out", "clang -Iinc -S a.c -o out", "gcc -Iinc -c --coverage -fprofile-dir=. a.c -o out",
        "run --trace -o out -- sh -c 'if [ -f h.h ]; then cat h.h; else cat inc/h.h; fi > out'",
    ]

    @Test(arguments: races, tools)
    func `what has changed meanwhile is not recorded as what the tool has read`(race: Race, tool: String) throws {
        let workshop = try Workshop()
        let bare = tool.hasPrefix("run") ? String(tool.split(separator: "--", maxSplits: 2).last ?? "") : tool
        let outcome = try workshop.run(
            [
                "bash", "-c",
                """
                L=$0; mkdir inc; echo 'char *v = "INC";' > inc/h.h; echo 'char *v = "OWN";' > own.h
                echo '#include "h.h"' > a.c; \(race.before); mkfifo hold.reached hold.go
                touch -d 2020-01-01 inc/h.h own.h a.c h.h 2> touched.txt; [ -s h.h ] || rm -f h.h 2> touched.txt
                LARDER_HOLD_AT=traced LARDER_HOLD=$PWD/hold "$L" \(tool) & cat hold.reached
                \(race.meanwhile); : > hold.go; wait; rm -f out
                "$L" \(tool); cp out cached; rm -f out *.gcno
                \(bare); grep -ao 'INC\\|OWN' cached; grep -ao 'INC\\|OWN' out
                """, Workshop.larder.path,
            ],
            environment: ["LARDER_HOLD_": "debug"]
        )
        let lines = outcome.outputText.split(separator: "\n")
        #expect(lines.count == 2 && lines.first == lines.last, "\(outcome.outputText) \(outcome.errorText)")
    }
}
