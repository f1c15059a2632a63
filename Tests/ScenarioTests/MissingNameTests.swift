import Foundation
import TestSupport
import Testing

/// A name that a traced command did not find is not looked for again while its directory is the same; when it appears, that shows.
@Suite struct MissingNameTests {
    @Test(arguments: [
        ("in the directory", "mkdir d", "touch d/x"),
        ("in the directory, whose times are put back", "mkdir d", "touch -r d t; touch d/x; touch -r t d"),
        ("in another directory of that name", "mkdir d", "mv d was; mkdir d; touch d/x"),
        ("in a directory that comes back", "mkdir d e; touch e/x", "mv d was; mv e d"),
        ("in the directory that a link leads to now", "mkdir e f; touch f/x; ln -s e d", "ln -sfn f d"),
        ("where a link leads", "mkdir d; ln -s ../t d/x", "touch t"),
        ("with its directory", ":", "mkdir d; touch d/x"),
        ("below what was a file", "touch d", "rm d; mkdir d; touch d/x"),
    ])
    func `a name appears`(place: String, before: String, change: String) throws {
        let outcome = try Workshop().script(
            """
            look() { "$L" run --trace -- sh -c 'for n in d/x d/y; do [ -e $n ] && echo $n; done; echo end' || exit 1; }
            \(before)
            look; look; look
            [ "$(count hits)" = 2 ] || echo "$(count hits) hits"
            \(change)
            look; look
            """
        )
        #expect(
            outcome.outputText == "end\nend\nend\nd/x\nend\nd/x\nend\n",
            "\(outcome.outputText)\(outcome.errorText)"
        )
    }

    /// GLOB_NOESCAPE is 64, a plain call 0.
    @Test(arguments: ["0", "64"]) func `a name that glob(3) finds appears`(flags: String) throws {
        let outcome = try Workshop().script(
            """
            echo '#include <glob.h>
            #include <stdio.h>
            int main(void) { glob_t g; printf("%d\\n", glob("d/*", \(flags), 0, &g) ? 0 : (int)g.gl_pathc); }' > g.c
            gcc g.c -o g || exit 1
            mkdir d; touch d/x
            look() { "$L" run --trace -- ./g || exit 1; }
            look; look
            [ "$(count hits)" = 1 ] || echo "$(count hits) hits"
            touch d/y; look; look
            """
        )
        #expect(outcome.outputText == "1\n1\n2\n2\n", "\(outcome.outputText)\(outcome.errorText)")
    }
}
