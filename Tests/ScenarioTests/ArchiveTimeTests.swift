import TestSupport
import Testing

/// What an archive says of the times of its members.
@Suite struct ArchiveTimeTests {
    @Test func `an archive that holds times is not kept, and one that does not is a hit whatever they are`() throws {
        let outcome = try Workshop().script(
            """
            echo 'int a;' > a.c; gcc -c a.c || exit 1
            for letters in rcsU rcsD; do
                for time in 2001-01-01 2002-02-02; do
                    touch -d $time a.o; rm -f out.a
                    "$L" run --trace -- ar $letters out.a a.o && ar tv out.a > /dev/null || exit 1
                done
                echo "$letters: $(count hits)"
            done
            """
        )
        #expect(outcome.outputText == "rcsU: 0\nrcsD: 1\n", "\(outcome.outputText)\(outcome.errorText)")
    }
}
