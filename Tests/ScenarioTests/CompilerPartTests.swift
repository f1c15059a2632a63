import Foundation
import TestSupport
import Testing

/// Where a compiler finds its parts, and whose they are.
@Suite struct CompilerPartTests {
    @Test(arguments: ["gcc", "clang"])
    func `of PATH counts what is there`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a = 1;\n", to: "a.c")
        let outcome = try workshop.script(
            """
            export LARDER_DAEMON=off
            mkdir more
            for words in "-S a.c -o a.o" "--coverage -c a.c -o a.o" "-gsplit-dwarf -g -c a.c -o a.o"; do
                "$L" \(compiler) $words; hits=$(count hits)
                PATH=$PWD/more:$PATH "$L" \(compiler) $words
                PATH=$PATH:$PWD/more "$L" \(compiler) $words
                [ "$(count hits)" = $((hits + 2)) ] || echo "$words: $(count hits) hits after $hits"
            done
            words="-fno-integrated-as -gsplit-dwarf -g -c a.c -o a.o"
            [ \(compiler) = clang ] || words="-gsplit-dwarf -g -c a.c -o a.o"
            "$L" \(compiler) $words
            printf '#!/bin/sh\\nexec /usr/bin/as --defsym more=1 "$@"\\n' > more/as; chmod +x more/as
            export PATH=$PWD/more:$PATH
            for n in 1 2 3; do
                [ $n = 3 ] && rm more/as
                \(compiler) $words; mv a.o bare.o; rm -f a.dwo
                "$L" \(compiler) $words; cmp a.o bare.o
            done
            # Only gcc has the assembler searched there.
            [ \(compiler) = clang ] || nm a.o | grep more
            """
        )
        #expect(outcome.outputText.isEmpty, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test(arguments: ["gcc", "clang"])
    func `the date of a build counts where one is used`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a = 1;\n", to: "a.c")
        try workshop.write("const char *date = __DATE__ __TIME__;\n", to: "d.c")
        let outcome = try workshop.script(
            """
            export LARDER_DAEMON=off
            for epoch in 1 100000000 2; do SOURCE_DATE_EPOCH=$epoch "$L" \(compiler) --coverage -c a.c -o a.o; done
            count hits
            for epoch in 1 100000000 1; do
                SOURCE_DATE_EPOCH=$epoch \(compiler) -S d.c -o bare.s
                SOURCE_DATE_EPOCH=$epoch "$L" \(compiler) -S d.c -o d.s
                [ \(compiler) = clang ] || cmp bare.s d.s
            done
            """
        )
        #expect(outcome.outputText == "2\n", "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test(arguments: ["-specs=my.specs", "--specs=my.specs", "-B/usr/bin/", "-Btools/"])
    func `files that say where parts are do not make all variables count`(option: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a = 1;\n", to: "a.c")
        try workshop.write("*cc1:\n+ -DONE=%:getenv(NAMED 1)\n\n", to: "my.specs")
        let outcome = try workshop.script(
            """
            export LARDER_DAEMON=off NAMED=x
            mkdir tools
            one() { rm -f a.o; "$L" gcc \(option) -c a.c -o a.o; count hits; }
            one; CI_JOB=1 one; CI_JOB=2 one
            # A variable that the file asks for, and an assembler of somebody's own, which may ask for any.
            NAMED=y one
            printf '#!/bin/sh\necho $WORD >&2\nexec /usr/bin/as "$@"\n' > tools/as; chmod +x tools/as
            for word in one two; do
                case \(option) in
                -Btools/) [ "$(WORD=$word one 2>&1 > /dev/null)" = $word ] || echo "not $word" ;;
                esac
            done
            """
        )
        let asks = option.contains("specs")
        #expect(outcome.outputText == "0\n1\n2\n\(asks ? 2 : 3)\n", "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test func `an assembler of the user's own is asked each time`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = 1;\n", to: "a.c")
        let outcome = try workshop.script(
            """
            export LARDER_DAEMON=off
            mkdir own; printf '#!/bin/sh\\ncat words >&2\\nexec /usr/bin/as "$@"\\n' > own/as; chmod +x own/as
            export PATH=$PWD/own:$PATH
            for options in -O1 -fstack-usage; do
                for words in one two one; do
                    echo $words > words
                    [ "$("$L" gcc $options -c a.c -o a.o 2>&1)" = $words ] || echo "$options: it says something else than $words"
                done
            done
            # One that goes by PATH.
            cat > as.c << 'END'
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            int main(int count, char **words) { fputs(getenv("PATH"), stderr); return execv("/usr/bin/as", words); }
            END
            rm own/as; gcc as.c -o own/as
            for more in /one /two; do
                said=$(PATH=$PATH:$more "$L" gcc -fstack-usage -c a.c -o a.o 2>&1)
                [ "$said" = "$PATH:$more" ] || echo "it says $said"
            done
            """
        )
        #expect(outcome.outputText.isEmpty && outcome.errorText.isEmpty, "\(outcome.outputText)\(outcome.errorText)")
    }
}
