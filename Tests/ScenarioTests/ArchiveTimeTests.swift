import TestSupport
import Testing

/// What an archive says of the times of its members.
@Suite struct ArchiveTimeTests {
    private static let prelude = """
        echo 'int a;' > a.c; gcc -c a.c || exit 1
        export LARDER_CACHE_LINK=1; mkdir bin
        printf '#!/bin/sh\\nletters=$1; shift; exec /usr/bin/ar "${letters}U" "$@"\\n' > bin/ar; chmod +x bin/ar
        twice() {
            for time in 2001-01-01 2002-02-02; do touch -d $time a.o; rm -f out; "$L" "$@" || exit 1; done
            count hits
        }

        """

    @Test(arguments: [
        "run --trace -- ar rcsU out a.o", "run --trace -- sh -c 'ar rcsU t.a a.o; tail -c +9 t.a > out; rm t.a'",
        // An archiver that writes times down without being asked.
        "bin/ar rcs out a.o",
    ])
    func `times that are written down count`(words: String) throws {
        let outcome = try Workshop().script(Self.prelude + "twice \(words)")
        #expect(outcome.outputText == "0\n", "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test func `others do not`() throws {
        let outcome = try Workshop().script(Self.prelude + "twice ar rcsD out a.o")
        #expect(outcome.outputText == "1\n", "\(outcome.outputText)\(outcome.errorText)")
    }
}
