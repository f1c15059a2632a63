import Foundation
import TestSupport
import Testing

/// Whose cache it is, and what else lies in its directory.
@Suite struct CacheOwnerTests {
    /// A directory that everybody may enter, programs that everybody may run, and `as USER COMMAND`.
    private static let prelude = """
        chmod 755 .; mkdir home; chown nobody home
        D=$(dirname "$L"); P=$(mktemp -d /tmp/larder-test-XXXXXX); chmod 755 "$P"; trap 'rm -rf "$P"' EXIT
        cp "$L" "$P/larder"; O=$P/larder
        mkdir work; chown nobody work; echo 'int f(void) { return 1; }' > work/a.c; gcc -c work/a.c -o bare.o
        export LARDER_DIR=$PWD/home/cache
        as() { local user=$1; shift; setpriv --reuid $user --clear-groups "$@"; }
        compile() { rm -f work/a.o; as $1 "$O" gcc -c work/a.c -o work/a.o; echo "$?"; cmp work/a.o bare.o; rm -f work/a.o; }
        hits() { as $1 "$O" stats --json | sed -n 's/^ *"hits": \\([0-9]*\\).*/\\1/p' | head -n 1; }
        foreign() { find home ! -user nobody; }
        """

    @Test(.enabled(if: Shell.isRoot, "acts as another user, which takes root"))
    func `root leaves nothing in a user's home, and the user has hits afterwards`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                compile 0; [ -e home/cache ] && echo made
                compile 65534; compile 0; compile 65534; hits 65534; foreign
                """
        )
        #expect(outcome.outputText == "0\n0\n0\n0\n1\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(.enabled(if: Shell.isRoot, "acts as another user, which takes root"))
    func `what another user has put in a cache is neither given nor believed`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                compile 65534; echo "log = $PWD/victim" > home/cache/larder.conf; chown nobody home/cache/larder.conf
                echo precious > victim; before=$(find home -printf '%p %T@\\n' | sort)
                compile 0
                cat victim; [ "$before" = "$(find home -printf '%p %T@\\n' | sort)" ] && echo untouched
                for command in stats config gc verify "clear -y" "run -n true" "daemon start" "kv get a b"; do
                    "$O" $command > /dev/null 2> said; echo "$? $(grep -c 'belongs to user 65534 and this is root' said)"
                done
                "$O" config set strict 1 2> said; echo "$? $(grep -c 'belongs to user 65534' said)"
                LARDER_STRICT=1 "$O" gcc -c work/a.c -o x.o 2> said; echo "$? $(grep -c LARDER_TRUST_OWNER said)"
                LARDER_LOG=$PWD/log "$O" gcc -c work/a.c -o x.o; grep -c 'bypass bad_settings gcc.*belongs to' log
                "$O" run -- echo ran
                """
        )
        let refused = String(repeating: "2 1\n", count: 10)
        #expect(outcome.outputText == "0\n0\nprecious\nuntouched\n\(refused)1\nran\n", "\(outcome)")
        #expect(outcome.errorText.isEmpty, "\(outcome.errorText)")
    }

    @Test(.enabled(if: Shell.isRoot, "acts as another user, which takes root"))
    func `root who trusts the owner makes everything for the owner`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                export LARDER_TRUST_OWNER=1
                compile 0; compile 0; hits 0; foreign
                unset LARDER_TRUST_OWNER
                compile 65534; hits 65534
                LARDER_TRUST_OWNER=1 "$O" config set strict 0; foreign
                echo 'trust_owner = 1' >> home/cache/larder.conf
                as 65534 "$O" stats 2>&1 | grep -c 'trust_owner cannot be set'
                """
        )
        #expect(outcome.outputText == "0\n0\n1\n0\n2\n1\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(.enabled(if: Shell.isRoot, "acts as another user, which takes root"))
    func `in a directory that others may write to, their entries and settings are not taken`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                compile 65534; compile 65534; hits 65534
                find home/cache/entries -type f -exec chown 12345 {} + -exec chmod 666 {} +; chmod 777 home/cache
                compile 65534; hits 65534; compile 65534; hits 65534
                echo 'strict = 1' > home/cache/larder.conf; chmod 644 home/cache/larder.conf
                as 65534 "$O" stats 2>&1 | grep -c 'larder.conf belongs to root'
                """
        )
        #expect(outcome.outputText == "0\n0\n1\n0\n1\n0\n2\n1\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(arguments: ["", "something else", "larder"])
    func `nothing is written beside files of somebody else's`(format: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            """
            echo 'int f(void) { return 1; }' > a.c; mkdir "$LARDER_DIR"; cd "$LARDER_DIR"
            mkdir -p entries/ab/cd journal locks; echo 1 > entries/ab/cd/$(printf 'e%.0s' $(seq 60)); echo 2 > journal/current
            for name in usage digests daemon.log main.c entries.tmp.1.x; do echo $name > $name; done
            [ -z '\(format)' ] || echo '\(format)' > format
            cd ..; before=$(find "$LARDER_DIR" -printf '%p %T@ %s\\n' | sort)
            "$L" gcc -c a.c -o a.o; echo $?; "$L" gcc a.c -E > /dev/null; "$L" run -- echo ran; "$L" run --input a.c -- cat a.c
            for command in stats gc verify "clear -y" "session stats x" "daemon start" "config set strict 1" "kv get a b"; do
                "$L" $command > /dev/null 2> said < /dev/null; echo "$? $(grep -c 'holds no cache but other files' said)"
            done
            LARDER_STRICT=1 "$L" gcc -c a.c -o a.o 2> said; echo "$? $(grep -c 'holds no cache' said)"
            [ "$before" = "$(find "$LARDER_DIR" -printf '%p %T@ %s\\n' | sort)" ] && echo untouched
            """
        )
        let refused = String(repeating: "2 1\n", count: 9)
        #expect(
            outcome.outputText == "0\nran\nint f(void) { return 1; }\n\(refused)untouched\n",
            "\(outcome.outputText)\(outcome.errorText)"
        )
        #expect(outcome.errorText.isEmpty, "\(outcome.errorText)")
    }

    @Test func `a directory that is empty, missing, or was left by an interrupted first use becomes ours`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            """
            echo 'int f(void) { return 1; }' > a.c
            try() { "$L" gcc -c a.c -o a.o; "$L" gcc -c a.c -o a.o; echo "$1 $(count hits) $(cat "$LARDER_DIR/format")"; }
            try missing
            rm -r "$LARDER_DIR"; mkdir "$LARDER_DIR"; try empty
            rm -r "$LARDER_DIR"; mkdir -p "$LARDER_DIR/journal" "$LARDER_DIR/lost+found"; touch "$LARDER_DIR/format.tmp.1.x"
            echo 'strict = no' > "$LARDER_DIR/larder.conf"; try interrupted
            rm "$LARDER_DIR/format"; echo "int g;" > a.c; try unmarked
            """
        )
        #expect(
            outcome.outputText == "missing 1 larder 1\nempty 1 larder 1\ninterrupted 1 larder 1\nunmarked 2 larder 1\n",
            "\(outcome)"
        )
    }
}
