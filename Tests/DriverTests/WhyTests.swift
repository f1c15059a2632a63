import Foundation
import TestSupport
import Testing

/// What `larder why` says, seen from outside.
@Suite struct WhyTests {
    @Test(arguments: WhyChange.ofCompiles + WhyChange.ofOthers)
    func `the reason of a miss is named`(change: WhyChange) throws {
        let workshop = try Workshop()
        var environment = ["L": Workshop.larder.path]
        if change.needs("$L rustc") {
            guard RustToolchain.installed != nil else { return }
            environment.merge(try RustToolchain.environment()) { $1 }
        }
        if change.needs("$L swiftc") {
            guard SwiftToolchainUnderTest.programs != nil else { return }
            environment.merge(SwiftToolchainUnderTest.environment) { $1 }
        }
        for (name, text) in WhyChange.files { try workshop.write(text, to: name) }
        // Files are old: nothing is refused for being young.
        let outcome = try workshop.run(
            [
                "bash", "-c",
                """
                find . -exec touch -d 2020-01-01 {} +
                { \(change.first); } > first.txt 2>&1; { \(change.change); } || exit 1
                { \(change.second); } > second.txt 2>&1
                $L why --json
                """,
            ],
            environment: environment
        )
        #expect(outcome.status == 0 && outcome.errorText.isEmpty, "\(outcome.errorText)")
        let said = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        #expect(said["kind"] as? String == change.kind, "\(outcome.outputText)")
        let subject = said["subject"] as? String ?? ""
        #expect(change.subject.isEmpty || subject.contains(change.subject), "\(outcome.outputText)")
    }
}

/// What `larder why` shows besides the reason of one miss.
@Suite struct WhyReportTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for (name, text) in WhyChange.files { try workshop.write(text, to: name) }
        return workshop
    }

    private func shell(_ script: String, in workshop: Workshop) throws -> String {
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.errorText.isEmpty, "\(outcome.errorText)")
        return outcome.outputText
    }

    @Test func `lines that have changed are shown where git knows the earlier text`() throws {
        let said = try shell(
            """
            find . -exec touch -d 2020-01-01 {} +
            export GIT_CONFIG_GLOBAL=/dev/null; git init -q .; git -c user.name=a -c user.email=b add include
            git -c user.name=a -c user.email=b commit -qm one
            $L gcc -Iinclude -c a.c; echo '#define X 2' > include/x.h; $L gcc -Iinclude -c a.c; $L why a.o
            """,
            in: try workshop()
        )
        #expect(said == "a.c: include/x.h has changed\n  -#define X 1\n  +#define X 2\n")
    }

    @Test func `a dry run tells a hit from a miss and makes nothing`() throws {
        let said = try shell(
            """
            find . -exec touch -d 2020-01-01 {} +
            C='gcc -O1 -c plain.c'
            $L why --dry-run $C; echo $?; [ -e plain.o ] && echo made
            $L $C; $L why --dry-run $C; echo $?; $L why --dry-run $C -DX; echo $?
            $L why --dry-run gcc -v -c plain.c; echo $?; $L why --dry-run no-such-gcc 2>&1; echo $?
            $L gcc -S plain.c; $L why --dry-run gcc -S plain.c; $L why --dry-run gcc -S -O1 plain.c | head -n 1
            """,
            in: try workshop()
        )
        #expect(
            said == """
                plain.c: no earlier run of it is on record
                1
                hit
                0
                plain.c: the option -DX is new
                1
                plain.c: it ran without the cache: the option makes the compiler say how it works (-v)
                  what helps: leave the option out
                1
                larder: there is no compiler 'no-such-gcc'
                127
                hit
                plain.c: the option -O1 is new

                """
        )
    }

    @Test func `the reasons of a build are counted, the most frequent first`() throws {
        let said = try shell(
            """
            find . -exec touch -d 2020-01-01 {} +
            export LARDER_SESSION=one
            for f in b c d; do sed 's/f(void)/'$f'(void)/' a.c > $f.c; done; touch -d 2020-01-01 *.c
            for f in a b c d; do LARDER_SESSION=zero $L gcc -Iinclude -c $f.c; done
            echo '#define X 7' > include/x.h; touch -d 2021-01-01 include/x.h
            for f in a b c d; do $L gcc -Iinclude -c $f.c; done
            $L gcc -v -c plain.c 2> v.txt; $L why --session | sed 's/  */ /g'; $L why --session zero --json | grep -c never_seen
            $L why --session none
            """,
            in: try workshop()
        )
        #expect(
            said == """
                4 include/x.h has changed d.c, ...
                1 it ran without the cache: the option makes the compiler say how it works (-v) plain.c
                1
                No miss of the session none is on record.

                """ || said.contains("4 include/x.h has changed a.c, ..."),
            "\(said)"
        )
    }

    @Test func `a traced compile is compared before it runs, too, and found by its output`() throws {
        let said = try shell(
            """
            find . -exec touch -d 2020-01-01 {} +
            $L gcc -S -O1 plain.c -o p.s
            $L why --dry-run gcc -S -O2 plain.c -o p.s
            CPATH=/nowhere $L why --dry-run gcc -S -O1 plain.c -o p.s | head -n 1
            $L why p.s
            mkdir other; cp plain.c other; cd other; $L gcc -S -O1 plain.c -o p.s; $L why | sed "s|$PWD|HERE|; s|${PWD%/*}|THERE|"
            $L why ../plain.c | sed "s|${PWD%/*}|THERE|"
            """,
            in: try workshop()
        )
        #expect(
            said == """
                plain.c: the option was -O1 and is -O2
                plain.c: the variable CPATH has another value
                plain.c: no earlier run of it is on record
                plain.c: it has not run in this directory, and the result of THERE is kept for that one
                  the working directory was THERE and is HERE
                plain.c: no earlier run of it is on record

                """,
            "\(said)"
        )
    }

    @Test func `of several headers that a traced compile may take the one that has changed is named`() throws {
        let said = try shell(
            """
            mkdir i1 i2; echo '#define K 1' >i2/k.h; printf '#include <k.h>\\nint k = K;\\n' >k.c
            find . -exec touch -d 2020-01-01 {} +
            $L gcc -S -Ii1 -Ii2 k.c; echo '#define K 5' >i1/k.h; touch -d 2020-01-01 i1/k.h; $L gcc -S -Ii1 -Ii2 k.c
            rm i1/k.h; $L gcc -S -Ii1 -Ii2 k.c
            echo '#define K 2' >i2/k.h; touch -d 2020-01-01 i2/k.h; $L gcc -S -Ii1 -Ii2 k.c; $L why k.c
            """,
            in: try workshop()
        )
        #expect(said.contains("i2/k.h has changed") && !said.contains("i1"), "\(said)")
    }

    @Test func `no secret is on record`() throws {
        let said = try shell(
            """
            find . -exec touch -d 2020-01-01 {} +
            $L gcc -DAPI_TOKEN=geheim -c plain.c; $L gcc -D DB_PASSWORD=geheim -c plain.c
            export SECRET_KEY=geheim; $L run --env SECRET_KEY -- true; $L run --trace -- true
            $L gcc -v -DMY_SECRET=geheim -c plain.c 2> v.txt
            printf '#!/bin/sh\nexec gcc -DX=geheim "$@"\n' > testgcc; chmod +x testgcc; $L ./testgcc -c plain.c
            grep -rc geheim .cache/journal | grep -v ':0$'; stat -c %a .cache/journal/misses
            """,
            in: try workshop()
        )
        #expect(said == "600\n")
    }

    @Test func `nothing is written where the cache is not to be written`() throws {
        let said = try shell(
            """
            $L gcc -c plain.c; size=$(stat -c %s .cache/journal/misses)
            export LARDER_READONLY=1; $L gcc -O1 -c plain.c; $L gcc -v -c plain.c 2> v.txt; $L run -- true
            [ $size = $(stat -c %s .cache/journal/misses) ] && echo same
            unset LARDER_READONLY; $L clear --yes > c.txt; $L why
            """,
            in: try workshop()
        )
        #expect(said == "same\nNo miss is on record.\n")
    }
}
