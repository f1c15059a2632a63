import Foundation
import TestSupport
import Testing

/// Large objects where a file system can share blocks between files: whatever becomes of either, the other keeps its bytes.
@Suite(.enabled(if: Shell.canMountImages, "takes root, loop devices and squashfs-tools"))
struct SharedBlocksTests {
    /// A disk of `$type` at `m`, in which `compile NAME` makes an object of 5 MB through the cache and compares it.
    private static let prelude = """
        truncate -s 400M i && mkfs.$type -q i > /dev/null 2>&1 && mkdir m && mount -o loop i m && cd m || exit 1
        trap 'cd ..; "$L" daemon stop > /dev/null; umount m' EXIT
        export LARDER_DIR=$PWD/cache
        printf '%s\\n' '__asm__(".section .blob,\\"a\\"\\n.fill 5000000,1,0x55\\n");' 'int f(void) { return N; }' > a.c
        gcc -DN=1 -c a.c -o bare.o; length=$(stat -c %s bare.o)
        compile() { rm -f $1; "$L" gcc -DN=1 -c a.c -o $1 || echo "ended with $?"; cmp $1 bare.o; }
        entry() { find cache/entries -type f -size +4M; }
        is_shared() { filefrag -v $1 | grep -q shared; }
        # What is younger than the kernel's last tick proves nothing.
        settle() { sync; sleep 0.05; }
        """

    private func expect(_ type: String, _ script: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script("type=\(type)\n" + Self.prelude + "\n" + script, isMounting: true)
        #expect(
            outcome.outputText.isEmpty && outcome.errorText.isEmpty && outcome.status == 0,
            "\(outcome.outputText)\(outcome.errorText)"
        )
    }

    @Test(arguments: Shell.sharingFileSystems)
    func `an object and its entry have the same blocks, also after hits`(type: String) throws {
        try expect(
            type,
            """
            export LARDER_DAEMON=auto
            "$L" daemon start > /dev/null
            sync; before=$(df --output=used -B1 . | tail -1)
            compile a.o; "$L" daemon stop > /dev/null; sync
            is_shared a.o || echo "the entry has blocks of its own"
            settle
            for n in 1 2 3 4 5; do compile b$n.o; is_shared b$n.o || echo "b$n.o has blocks of its own"; done
            sync; used=$(($(df --output=used -B1 . | tail -1) - before))
            [ $used -lt $((length * 2)) ] || echo "seven files of $length bytes take $used"
            [ "$(count hits)" = 5 ] || echo "$(count hits) hits"
            "$L" verify > /dev/null || echo "verify finds damage"
            """
        )
    }

    @Test(arguments: Shell.sharingFileSystems)
    func `what was verified is not read again until it is written to`(type: String) throws {
        try expect(
            type,
            """
            export LARDER_DAEMON=off
            bytes_read() {
                rm -f b.o
                strace -f -o t -e trace=read,pread64,mmap "$L" gcc -DN=1 -c a.c -o b.o; cmp b.o bare.o
                sed -nE 's/.*(read|pread64)\\(.* = ([0-9]+)$/\\2/p; s/.*mmap\\(.*, ([0-9]+), PROT_READ, MAP_SHARED.*/\\1/p' t |
                    awk '{ sum += $1 } END { print sum + 0 }'
            }
            compile a.o; settle; compile a.o
            [ "$(bytes_read)" -lt 1000000 ] || echo "a hit reads all of the entry"
            # The times that a program can set are as before.
            touch -r "$(entry)" times; printf U | dd of="$(entry)" bs=1 seek=3000000 conv=notrunc status=none
            touch -r times "$(entry)"
            settle
            [ "$(bytes_read)" -gt 5000000 ] || echo "an entry that was written to is believed"
            [ "$(bytes_read)" -lt 1000000 ] || echo "a hit reads all of the entry"
            """
        )
    }

    @Test(arguments: Shell.sharingFileSystems, ["off", "auto"])
    func `damage to an entry, and a change of an object, reach no other object`(type: String, daemon: String) throws {
        try expect(
            type,
            """
            export LARDER_DAEMON=\(daemon)
            published() { "$L" daemon stop > /dev/null; }
            compile a.o; published; settle; compile a.o
            expected=0
            for change in "printf X | dd bs=1 seek=3000000 conv=notrunc status=none" "truncate -s 4999999" "truncate -s +1" \\
                "printf X | dd bs=1 seek=\\$((length + 4096 - 1)) conv=notrunc status=none"; do
                compile a.o
                touch -r "$(entry)" times; file=$(entry)
                case $change in printf*) eval "$change of=$file" ;; *) $change "$file" ;; esac
                touch -r times "$file"
                misses=$(count misses); compile a.o; published
                [ "$(count misses)" = $((misses + 1)) ] || echo "after '$change' it is a hit"
                settle; compile a.o
            done
            # A tool that writes into an object in place.
            for object in a.o b.o; do
                compile $object; printf X | dd of=$object bs=1 seek=3000000 conv=notrunc status=none
                strip -R .blob $object
                hits=$(count hits); compile c.o; compile $object
                [ "$(count hits)" = $((hits + 2)) ] || echo "a change of an object costs a hit"
            done
            "$L" verify > /dev/null || echo "verify finds damage"
            """
        )
    }

    @Test(arguments: Shell.sharingFileSystems)
    func `a cache on another disk gives the right object`(type: String) throws {
        try expect(
            type,
            """
            export LARDER_DAEMON=off
            mkdir ../elsewhere; export LARDER_DIR=$PWD/../elsewhere
            compile a.o; settle; compile a.o; compile b.o
            [ "$(count hits)" = 2 ] || echo "$(count hits) hits"
            """
        )
    }
}

extension Shell {
    /// Those in which files can share blocks, and that can be made here: xfsprogs, btrfs-progs.
    static let sharingFileSystems = ["xfs", "btrfs"].filter { type in
        guard let workshop = try? Workshop() else { return false }
        let script = """
            export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
            truncate -s 400M i && mkfs.\(type) -q i && mkdir m && unshare -m mount -o loop i m
            """
        return (try? workshop.run(["bash", "-c", script]))?.status == 0
    }
}
