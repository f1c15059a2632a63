import Foundation
import TestSupport
import Testing

/// Code that is compiled while it is linked, and what that reads.
@Suite struct LinkTimeCodeTests {
    private static let prelude = """
        export LARDER_CACHE_LINK=1
        printf '%s\\n' 'asm(".data\\n.globl d\\nd: .incbin \\"payload.bin\\"\\n.byte 0\\n.text");' 'extern char d[];' \\
            'int puts(const char *); int main(void) { puts(d); return 0; }' > a.c
        printf '%s\\n' 'int puts(const char *); int f(void) {' \\
            '  const char *p; asm(".section .rodata\\n1: .incbin \\"payload.bin\\"\\n.byte 0\\n.previous\\nlea 1b(%%rip), %0" : "=r"(p));' \\
            '  puts(p); return 0; }' 'int main(void) { return f(); }' > b.c
        link() { printf %s $1 > payload.bin; rm -f out; shift; "$L" "$@" -o out && ./out; }
        """

    /// The object's options, and the link's words.
    @Test(arguments: [
        "gcc -O1 -flto: gcc -O1 -flto OBJECT", "gcc -O1 -flto: gcc OBJECT",
        "gcc -flto -ffat-lto-objects: gcc -flto=2 OBJECT",
        "clang -flto: clang -flto -fuse-ld=lld OBJECT", "clang -flto=thin: clang -fuse-ld=lld OBJECT",
        "clang -flto: clang -fuse-ld=lld -Wl,--whole-archive ARCHIVE -Wl,--no-whole-archive",
    ])
    func `a file that the code's assembly includes counts`(item: String) throws {
        let parts = item.split(separator: ":").map(String.init)
        for source in ["a", "b"] {
            let words = parts[1].replacingOccurrences(of: "OBJECT", with: "\(source).o")
                .replacingOccurrences(of: "ARCHIVE", with: "lib.a")
            let outcome = try Workshop().script(
                Self.prelude + """

                    echo none > payload.bin
                    \(parts[0]) -c \(source).c || exit 1
                    llvm-ar-14 rcs lib.a \(source).o 2> /dev/null || llvm-ar rcs lib.a \(source).o 2> /dev/null || ar rcs lib.a \(source).o
                    for word in one two three two one; do link $word \(words); done
                    """
            )
            #expect(
                outcome.outputText == "one\ntwo\nthree\ntwo\none\n",
                "\(source): \(outcome.outputText)\(outcome.errorText)"
            )
        }
    }

    @Test(arguments: ["gcc -O1 -flto", "gcc -O1 -flto=2", "clang -flto -fuse-ld=lld"])
    func `a link that is asked to compile is kept by what it really read`(words: String) throws {
        let outcome = try Workshop().script(
            Self.prelude + """

                echo one > payload.bin
                \(words.replacingOccurrences(of: " -fuse-ld=lld", with: "")) -c a.c || exit 1
                mkdir tmp; export TMPDIR=$PWD/tmp
                for time in 1 2 3; do touch tmp/$time; link one \(words) a.o; done
                [ "$(count hits)" = 2 ] || echo "$(count hits) hits"
                """
        )
        #expect(outcome.outputText == "one\none\none\n", "\(outcome.outputText)\(outcome.errorText)")
    }
}
