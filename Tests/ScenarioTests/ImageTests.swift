import Foundation
import TestSupport
import Testing

/// Images that are replaced at one mount point by others, in which every time, size and number is the same.
@Suite struct ImageTests {
    /// Two trees of a header and a tool, and a source; `round MOUNT` mounts one, the other, and the first again.
    private static let prelude = """
        mkdir m tree1 tree2
        for n in 1 2; do
            echo "#define X $n" > tree$n/x.h; printf '#!/bin/sh\\necho %s\\n' $n > tree$n/tool; chmod 755 tree$n/tool
            touch -d @1000000000 tree$n/* tree$n
        done
        printf '#include "x.h"\\nint f(void) { return X; }\\n' > a.c
        for n in 1 2; do gcc -Itree$n -c a.c -o bare$n.o || exit 1; done
        images() {
            for n in 1 2; do
                case $1 in
                squashfs) mksquashfs tree$n i$n -all-time 1000000000 -mkfs-time 1000000000 -quiet -no-progress ;;
                ext4) rm -f i$n; truncate -s 4M i$n
                    E2FSPROGS_FAKE_TIME=1000000000 mke2fs -q -F -t ext4 -d tree$n i$n \
                        -U 00000000-0000-0000-0000-000000000001 -E hash_seed=00000000-0000-0000-0000-000000000002 ;;
                esac > /dev/null 2>&1
            done
        }
        round() {
            for n in 1 2 1; do
                "$1" $n || exit 1
                stat -c '%i %s %y %z' m/x.h >> seen
                for time in 1 2; do
                    rm -f a.o; "$L" gcc -Im -c a.c -o a.o || echo "ended with $?"; cmp a.o bare$n.o
                    [ "$("$L" run -- m/tool)" = $n ] || echo "the tool of another image"
                done
                "$2"
            done
            [ "$(sort -u seen | wc -l)" = 1 ] || echo "the images differ in what is seen of them"
            [ "$(count hits)" -ge 4 ] && echo hits
        }
        plain() { mount -o loop,$options i$1 m; }
        away() { umount m; }
        """

    @Test(
        .enabled(if: Shell.canMountImages, "takes root, loop devices and squashfs-tools"),
        arguments: [("squashfs", "ro"), ("ext4", "rw,noatime"), ("ext4", "ro")]
    )
    func `of an image that replaces another nothing is taken for the other's`(type: String, options: String) throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + "\noptions=\(options); images \(type); round plain away",
            isMounting: true
        )
        #expect(outcome.outputText == "hits\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(.enabled(if: Shell.canMountImages, "takes root, loop devices and squashfs-tools"))
    func `nor where it lies under an overlay`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            Self.prelude + """

                options=ro; images squashfs; mkdir lower top; mount -t tmpfs none top; mkdir top/upper top/work
                over() {
                    mount -o loop,ro i$1 lower
                    mount -t overlay none -o lowerdir=lower,upperdir=top/upper,workdir=top/work m
                }
                both() { umount m; umount lower; }
                round over both
                """,
            isMounting: true
        )
        #expect(outcome.outputText == "hits\n" && outcome.errorText.isEmpty, "\(outcome)")
    }

    @Test(.enabled(if: Shell.canMountImages, "takes root, loop devices and squashfs-tools"))
    func `nor of a compiler that a squashfs brings`() throws {
        let workshop = try Workshop()
        let outcome = try workshop.script(
            """
            mkdir m tree1 tree2; gcc=$(readlink -f "$(command -v gcc)")
            # A compiler that is a link to another place has parts that are not in the image: this one says what it is.
            for n in 1 2; do
                printf '#!/bin/sh\\nexec %s -DN=%s "$@"\\n' "$gcc" $n > tree$n/gcc; chmod 755 tree$n/gcc
                mksquashfs tree$n i$n -all-time 1000000000 -mkfs-time 1000000000 -quiet -no-progress > /dev/null 2>&1
                echo 'int f(void) { return N; }' > a.c; gcc -DN=$n -c a.c -o bare$n.o
            done
            for n in 1 2 1; do
                mount -o loop i$n m
                for time in 1 2; do rm -f a.o; "$L" m/gcc -c a.c -o a.o || echo "ended with $?"; cmp a.o bare$n.o; done
                umount m
            done
            [ "$(count hits)" -ge 2 ] && echo hits
            """,
            isMounting: true
        )
        #expect(outcome.outputText == "hits\n" && outcome.errorText.isEmpty, "\(outcome)")
    }
}
