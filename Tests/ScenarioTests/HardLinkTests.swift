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

    @Test func `outputs are one file, which cannot be written to and is as new as if it had been compiled`() throws {
        try expect(
            """
            hit a.o; hit b.o; touch source; hit c.o
            [ "$(inode a.o)" = "$(inode b.o)" ] && [ "$(inode a.o)" = "$(inode c.o)" ] || echo "they are three files"
            [ "$(stat -c %a c.o)" = 444 ] || echo "mode $(stat -c %a c.o)"
            [ $(($(date -r source +%s%N) - $(date -r c.o +%s%N))) -lt 100 ] || echo "c.o is older than its source"
            # Over itself, over a file, and with a dependency file.
            hit c.o; cp bare.o d.o; hit d.o; "$L" gcc -MMD -c a.c -o e.o; "$L" gcc -MMD -c a.c -o e.o; cmp e.o bare.o
            [ "$(inode a.o)" = "$(inode d.o)" ] && [ "$(cat e.d)" = "e.o: a.c" ] || echo "d.o is no link, or e.d says $(cat e.d)"
            ls | grep tmp
            [ "$(count hits)" -ge $((hits + 6)) ] || echo "$(count hits) hits"
            "$L" verify > /dev/null || echo "verify finds something"
            """
        )
    }

    @Test func `what somebody has written to is given no more`() throws {
        try expect(
            """
            for change in "printf X | dd bs=1 seek=3000 conv=notrunc status=none of=" "truncate -s 1000 " "strip -R .blob " \\
                "chmod u+w "; do
                rm -f *.o; gcc -c a.c -o bare.o; rm -rf "$LARDER_DIR"; hit a.o; rm a.o
                hit a.o; hit b.o
                chmod u+w a.o; eval "$change"a.o
                hit c.o; hit a.o; hit d.o
                [ "$(inode c.o)" != "$(inode b.o)" ] || echo "after '$change' it is given again"
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
                hit a.o; hit b.o
                chmod u+w b.o; printf X | dd bs=1 seek=3000 conv=notrunc status=none of=b.o
                hit c.o
                rm -f a.o b.o c.o; rm -rf "$LARDER_DIR/linked"
            done
            """
        )
    }

    @Test func `what somebody writes to at the moment is a copy`() throws {
        try expect(
            """
            hit a.o; chmod u+w a.o; exec 5<> a.o; chmod 444 a.o
            hit b.o
            [ "$(inode a.o)" != "$(inode b.o)" ] || echo "it is given while somebody may write to it"
            exec 5>&-; hit c.o
            [ "$(inode a.o)" = "$(inode c.o)" ] || echo "it is given no more"
            """
        )
    }

    @Test func `verify finds a write whose time was set back`() throws {
        try expect(
            """
            hit a.o; hit b.o; touch -r a.o times
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
            LARDER_HARD_LINKS=no hit c.o; is_link c.o && echo "a link without the setting"
            LARDER_READONLY=1 hit d.o; is_link d.o && echo "a link in a read-only cache"
            hit e.o; is_link e.o || echo "no link"
            echo 'int main(void) { return 0; }' > s.c
            export LARDER_CACHE_LINK=1
            for n in 1 2 3; do
                "$L" gcc -c s.c -o s.o; "$L" gcc s.o a.o -o program
                is_link s.o && echo "a small one is a link"; is_link program && echo "a program is a link"
            done
            cp program before; strip program; "$L" gcc s.o a.o -o again; cmp before again
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
            hit a.o; hit b.o; is_link b.o || echo "no link after gc"
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
