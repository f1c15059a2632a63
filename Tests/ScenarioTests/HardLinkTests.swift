import Foundation
import TestSupport
import Testing

/// Large objects that are one file with a file of the cache, for whoever has set `hard_links`.
///
/// Who writes to one spoils other outputs of the same result, and nothing that is given later.
@Suite(.enabled(if: Shell.hasLeases, "takes a file system with leases: fcntl(2), F_SETLEASE"))
struct HardLinkTests {
    /// A source whose object has some 200 kB, `hit OUTPUT`, which compares an output with the bare compiler's, and `inode FILE`.
    private static let prelude = """
        export LARDER_DAEMON=off LARDER_HARD_LINKS=yes
        printf '%s\\n' '__asm__(".section .blob,\\"a\\"\\n.fill 200000,1,0x55\\n");' 'int f(void) { return 1; }' > a.c
        gcc -c a.c -o bare.o
        hit() { "$L" gcc -c a.c -o $1 || echo "$1: ended with $?"; cmp $1 bare.o; }
        inode() { stat -c %i $1; }
        is_link() { [ "$(stat -c %h $1)" -gt 1 ]; }
        hit first.o; is_link first.o && echo "the compiler's own output is a link"; rm first.o
        hits=$(count hits)
        """

    private func expect(_ script: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(Self.prelude + "\n" + script)
        #expect(
            outcome.outputText.isEmpty && outcome.errorText.isEmpty && outcome.status == 0,
            "\(outcome.outputText)\(outcome.errorText)"
        )
    }

    @Test
    func `an output is the file of the cache, which cannot be written to and is as new as if it had been compiled`()
        throws
    {
        try expect(
            """
            hit a.o; one=$(inode a.o); [ "$(stat -c %a a.o)" = 444 ] || echo "mode $(stat -c %a a.o)"
            rm a.o; touch source; hit b.o
            [ "$(inode b.o)" = $one ] || echo "the next one is another file"
            [ $(($(date -r source +%s%N) - $(date -r b.o +%s%N))) -lt 100 ] || echo "b.o is older than its source"
            # Over itself, over a file, and with a dependency file.
            hit b.o; [ "$(inode b.o)" = $one ] || echo "over itself it is another file"
            rm b.o; cp bare.o d.o; hit d.o; [ "$(inode d.o)" = $one ] || echo "over a file it is another file"
            for n in 1 2 3; do rm -f e.o; "$L" gcc -MMD -c a.c -o e.o; cmp e.o bare.o; done
            is_link e.o && [ "$(cat e.d)" = "e.o: a.c" ] || echo "e.o is no link, or e.d says $(cat e.d)"
            ls | grep tmp
            [ "$(count hits)" = $((hits + 6)) ] || echo "$(count hits) hits"
            "$L" verify > /dev/null || echo "verify finds something"
            """
        )
    }

    @Test func `outputs that are there at once are files of their own`() throws {
        try expect(
            """
            mkdir one two; for d in one two; do cp a.c $d; printf 'a.o: a.c\\n\\t@"$(L)" gcc -c a.c -o a.o\\n' > $d/Makefile; done
            export L
            make -s -C one; rm one/a.o; make -s -C one; make -s -C two
            [ "$(inode one/a.o)" != "$(inode two/a.o)" ] || echo "two outputs are one file"
            echo 'int more;' >> one/a.c; touch now; while [ ! now -nt one/a.c ]; do touch now; done
            rm two/a.o; make -s -C two; make -s -C one
            nm one/a.o | grep -q more || echo "a hit elsewhere has hidden that a source is newer"
            """
        )
    }

    @Test func `make has nothing to do after a hit`() throws {
        try expect(
            """
            printf 'a.o: a.c\\n\\t@"$(L)" gcc -c a.c -o a.o\\n' > Makefile; export L
            [ "$(uname -r | sort -V - <(echo 6.13) | head -1)" = 6.13 ] || exit 0
            for n in $(seq 20); do touch a.c; make -s; make -q || echo "round $n: a.o is older than a.c"; done
            """
        )
    }

    @Test func `what somebody has written to is given no more`() throws {
        try expect(
            """
            for change in "printf X | dd bs=1 seek=3000 conv=notrunc status=none of=" "truncate -s 1000 " "strip -R .blob " \\
                "chmod u+w "; do
                rm -f *.o; gcc -c a.c -o bare.o; rm -rf "$LARDER_DIR"; hit a.o; rm a.o
                hit a.o; one=$(inode a.o)
                chmod u+w a.o; eval "$change"a.o
                hit c.o; rm a.o; hit a.o; hit d.o
                cp "$LARDER_DIR"/linked/*/*/* kept; [ -s kept ] && echo "after '$change' it is kept"
                is_link c.o && echo "after '$change' it is a link again"
                [ "$(stat -c %a d.o)" = 644 ] || echo "a copy has mode $(stat -c %a d.o)"
                [ "$(count misses)" = 1 ] || echo "after '$change' it is a miss"
            done
            """
        )
    }

    /// Within one tick of the clock a write leaves the time of the last one.
    @Test func `a write right after a hit is noticed`() throws {
        try expect(
            """
            for n in $(seq 60); do
                hit a.o; rm a.o; hit b.o
                chmod u+w b.o; printf X | dd bs=1 seek=3000 conv=notrunc status=none of=b.o; chmod 444 b.o
                hit c.o; hit b.o
                rm -f a.o b.o c.o; rm -rf "$LARDER_DIR/linked"
            done
            """
        )
    }

    @Test func `what somebody writes to at the moment is a copy`() throws {
        try expect(
            """
            hit a.o; one=$(inode a.o); chmod u+w a.o; exec 5<> a.o; chmod 444 a.o; rm a.o
            hit b.o
            [ "$(inode b.o)" != $one ] || echo "it is given while somebody may write to it"
            exec 5>&-; hit c.o
            [ "$(inode c.o)" = $one ] || echo "it is given no more"
            """
        )
    }

    @Test func `verify finds a write whose time was set back`() throws {
        try expect(
            """
            hit a.o; touch -r a.o times
            chmod u+w a.o; printf X | dd bs=1 seek=3000 conv=notrunc status=none of=a.o; touch -r times a.o; chmod 444 a.o
            "$L" verify > said; [ $? = 1 ] && grep -q 'hard link was written to' said || echo "verify says: $(cat said)"
            hit c.o
            "$L" verify > said || echo "the second time verify says: $(cat said)"
            """
        )
    }

    @Test func `other permissions, small objects, programs and other settings make copies`() throws {
        try expect(
            """
            hit a.o
            (umask 077; hit b.o; [ "$(stat -c %a b.o)" = 600 ] || echo "under umask 077 it has mode $(stat -c %a b.o)")
            rm a.o; LARDER_HARD_LINKS=no hit c.o; is_link c.o && echo "a link without the setting"
            LARDER_READONLY=1 hit d.o; is_link d.o && echo "a link in a read-only cache"
            hit e.o; is_link e.o || echo "no link"
            echo 'int main(void) { return 0; }' > s.c
            export LARDER_CACHE_LINK=1
            for n in 1 2 3; do
                "$L" gcc -c s.c -o s.o; "$L" gcc s.o bare.o -o program
                is_link s.o && echo "a small one is a link"; is_link program && echo "a program is a link"
            done
            cp program before; strip program; "$L" gcc s.o bare.o -o again; cmp before again
            """
        )
    }

    @Test func `a result that was made again is given`() throws {
        try expect(
            """
            echo 'char *t = __TIME__;' >> a.c; export LARDER_TIME_MACROS=ignore
            for n in 1 2 3; do rm -f t.o; "$L" gcc -c a.c -o t.o; done; is_link t.o || echo "no link"
            cp t.o old.o; second=$(date +%s); while [ $(date +%s) = $second ]; do :; done
            rm t.o; LARDER_RECACHE=1 "$L" gcc -c a.c -o t.o; cp t.o new.o; cmp -s old.o new.o && echo "the same was made again"
            "$L" verify > said || echo "verify says: $(cat said)"
            for n in 1 2 3; do rm -f t.o; "$L" gcc -c a.c -o t.o; cmp t.o new.o; done
            """
        )
    }

    @Test func `gc removes those that no output has, and clear all of them`() throws {
        try expect(
            """
            files() { find "$LARDER_DIR/linked" -type f 2> /dev/null | wc -l; }
            hit a.o; hit b.o; "$L" gc > /dev/null
            [ "$(files)" = 1 ] || echo "$(files) files while outputs have it"
            rm a.o b.o; "$L" gc > /dev/null
            [ "$(files)" = 0 ] || echo "$(files) files while no output has it"
            hit a.o; rm a.o; hit a.o; is_link a.o || echo "no link after gc"
            "$L" clear > /dev/null; [ "$(files)" = 0 ] || echo "$(files) files after clear"
            cmp a.o bare.o
            """
        )
    }

    @Test func `many processes at once get right outputs`() throws {
        try expect(
            """
            for n in $(seq 40); do
                (mkdir d$n; for m in 1 2 3 4 5; do hit d$n/a.o; [ $m = 3 ] && rm -f d$n/a.o; done) &
            done
            wait
            find . -name '*.tmp.*'
            for n in $(seq 40); do cmp d$n/a.o bare.o; done
            """
        )
    }
}

extension Shell {
    /// True where somebody may ask the kernel to hold up whoever wants to write to a file.
    fileprivate static let hasLeases: Bool = {
        guard let workshop = try? Workshop(), (try? workshop.write("x", to: "x")) != nil else { return false }
        let file = open(workshop.url("x").path, O_RDONLY)
        defer { close(file) }
        // F_SETLEASE, which is a macro.
        return file >= 0 && fcntl(file, 1024, F_RDLCK) == 0
    }()
}
