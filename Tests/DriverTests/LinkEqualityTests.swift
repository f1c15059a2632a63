import Foundation
import TestSupport
import Testing

/// The bare linkers and archivers, and the launcher in front of them: nobody may see a difference.
@Suite struct LinkEqualityTests {
    enum Linker: String, CaseIterable, Sendable {
        case gcc, clang
        case gccWithLLD = "gcc -fuse-ld=lld"
        case clangWithLLD = "clang -fuse-ld=lld"
    }

    /// Those that hit the second time.
    private static let hits = #"""
        $CC main.o f1.o -o out
        $CC main.o f1.o -oout
        $CC -o out f1.o main.o
        $CC main.o f1.o && mv a.out out
        $CC -O2 -g -Wall main.o f1.o -lm -o out
        $CC -static main.o f1.o -o out
        $CC -no-pie main.o f1.o -o out
        $CC -shared f1.o -o out.so
        $CC -shared -Wl,-soname,libf.so.1 -Wl,--version-script=v.map f1.o f2.o -Wl,-z,muldefs -o out.so
        $CC -shared -Wl,-soname=libf.so.1 -Wl,-rpath,/opt/lib f1.o -o out.so
        $CC -nostdlib -r main.o f1.o -o out.o
        $CC -pthread -rdynamic main.o f1.o -o out
        $CC -s main.o f1.o -o out
        $CC main.o -Wl,--whole-archive two/libw.a -Wl,--no-whole-archive -o out
        $CC main.o -Lone -Ltwo -lw -o out
        $CC main.o -Ltwo -l:libw.a -o out
        $CC main.o -Ltwo -Wl,-Bstatic -lw -Wl,-Bdynamic -o out
        $CC main.o -Wl,--start-group two/libw.a -Wl,--end-group -o out
        $CC main.o f1.o -Wl,-Map=out.map -o out
        $CC main.o f1.o -Xlinker -Map -Xlinker out.map -o out
        $CC main.o f1.o -Wl,--gc-sections -o out
        $CC main.o f1.o -Wl,--dependency-file=out.d -o out
        mkdir out.dir; $CC main.o f1.o -Xlinker --dependency-file -Xlinker out.dir/link.d -o out
        $CC -MMD -MP -MF out.d main.o f1.o -o out
        $CC --coverage main.o f1.o -o out
        $CC main.o f1.o -Wl,--build-id=sha1 -Wl,-z,now -Wl,-z,relro -Wl,--as-needed -lm -o out
        $CC main.o f1.o -Wl,--build-id=none -Wl,-O1 -Wl,--hash-style=gnu -o out
        $CC main.o f1.o -u other -Wl,--defsym=other=5 -o out
        $CC "$PWD/main.o" ./f1.o -o ./out
        cp f1.o 'out$"f.o'; $CC main.o 'out$"f.o' -o out
        $CC main.o f1.o -Wl,-rpath,'$ORIGIN/../lib' -Wl,--enable-new-dtags -lm -o out
        $CC -fPIE -pie main.o f1.o -o out
        $CC -nostartfiles -nodefaultlibs -Wl,-e,main main.o f1.o -o out
        echo main.o f1.o -o out >out.rsp; $CC @out.rsp
        umask 027; $CC main.o f1.o -o out
        echo old >out; $CC main.o f1.o -o out
        $LD -r main.o f1.o -o out
        $LD -shared f1.o -o out -Map=out.map
        $LLD -shared f1.o -o out
        $AR rcs out.a main.o f1.o
        $AR rcsD out.a main.o f1.o
        $AR -rcs out.a main.o f1.o
        $AR qc out.a main.o f1.o
        $AR rc out.a main.o ./f1.o one/../f2.o
        $AR r out.a main.o
        $AR cru out.a main.o
        $AR rcS out.a main.o
        $AR rcsv out.a main.o
        $AR -r -c -s out.a main.o f1.o
        $AR rcsP out.a one/../main.o
        $AR rcs out.a
        $GCC_AR rcs out.a main.o f1.lto.o
        $LLVM_AR rcs out.a main.o f1.o
        $AR rcs out.a f1.lto.o main.lto.o
        umask 077; $AR rcs out.a main.o
        echo main.o f1.o >out.rsp; $AR rcs out.a @out.rsp
        $CC main.c f1.c -o out
        $CC main.c f1.o -o out
        $CC main.o f1.o -Wl,--trace -o out
        $CC main.o f1.o -Wl,-M -o out
        $CC main.o f1.o -Wl,--cref -o out
        $CC main.o f1.o -Wl,--print-map -o out
        $CC main.o f1.o -save-temps -o out
        $CC --sysroot=/ main.o f1.o -o out
        echo f1.o >out.rsp; $CC main.o -Wl,@out.rsp -o out
        $LLD -shared f1.o --reproduce=out.tar -o out
        LLD_REPRODUCE=out.tar $LLD -shared f1.o -o out
        $CC -x c main.c f1.c -o out
        $CC -fuse-ld=gold main.o f1.o -o out
        $GOLD -r main.o f1.o -o out
        $LD -r main.o f1.o -M -o out
        $CC -shared -fPIC f1.c -g -o out.so
        $CC main.c f1.c && mv a.out out
        umask 027; $CC -g main.c f1.c -o out
        echo old >out; chmod 755 out; $CC main.c f1.c -o out
        echo old >out; $CC main.o f1.o --output=out
        cp f1.o out.o; touch out.o; $CC -static main.o out.o -o out
        cp other.o out.1.o; cp other.o out.2.o; $AR rcs out.a out.1.o out.2.o
        """#

    /// With `U` an archive's index says when it was made: only what is behind it is compared.
    private static let bypasses = #"""
        $CC main.o f1.o -v -o out 2>/dev/null
        $CC main.o f1.o -Wl,--build-id=uuid,-z,now -o out; rm -f out
        echo --build-id=uuid >out.rsp; $CC main.o f1.o -Wl,@out.rsp -o out; rm -f out
        $CC main.o f1.o -Xlinker -stats -o out 2>/dev/null
        $CC --version
        $CC -print-search-dirs
        $CC
        $AR t two/libw.a
        $AR rcsT out.a main.o
        $AR rcsU out.a main.o; tail -c 600 out.a >out.tail; rm out.a
        $AR rcs two/libw.a
        $AR x two/libw.a
        $AR rcs out.a main.o; $AR rcs out.a f1.o; $AR d out.a main.o
        $AR --version
        """#

    /// Those that fail, and those of which it does not matter.
    private static let others = #"""
        $CC main.o -o out
        $CC main.o missing.o -o out
        $CC main.o f1.o -lmissing -o out
        $CC main.o f1.o f2.o -o out
        $CC main.o f1.o -Wl,--build-id=uuid -o /dev/null
        $CC main.o f1.o -o one
        $CC main.o f1.o -o nowhere/out
        $CC main.o f1.o -Wl,--no-undefined -Wl,--warn-common -Wl,--fatal-warnings -o out
        ln -s out-target out; echo x >out-target; $CC main.o f1.o -o out
        echo x >out; ln out out-link; $CC main.o f1.o -o out
        echo x >out; chmod 444 out; $CC main.o f1.o -o out
        : >out; chmod 600 out; $CC main.o f1.o -o out
        : >out; chmod 444 out; ln out out-link; $CC main.o f1.o -o out
        echo x >out.map; chmod 600 out.map; $CC main.o f1.o -Wl,-Map=out.map -o out
        echo x >out.map; ln out.map out-link; $CC main.o f1.o -Wl,-Map=out.map -o out
        $CC main.o f1.o -o out >/dev/full 2>&1
        $CC main.o f1.lto.o -o out
        $CC -flto main.lto.o f1.lto.o -o out
        $CC main.o f1.o -Wl,-plugin-opt=save-temps -o out
        $CC main.c f1.c -Wl,--build-id=uuid -o /dev/null
        $CC main.o f1.o -Wl,--unknown-thing -o out
        cp f1.o out; $LLD -r --sysroot=/ out -o out
        $LD --version
        $LD --verbose
        ln -s out-target out; echo x >out-target; $CC main.c f1.c -o out
        echo x >out; ln out out-link; $CC main.c f1.c -o out
        echo x >out; chmod 444 out; $CC main.c f1.c -o out
        : >out; chmod 600 out; $CC main.c f1.c -o out
        $CC main.c f1.c -o nowhere/out
        $CC main.c missing.c -o out
        $CC main.o f1.o -l -o out
        $CC main.o f1.o -Wl,-T -o out
        $CC main.o f1.o -Wl,-Map=/dev/stdout -o out
        $CC main.o f1.o -o out 2>&1 >/dev/null | cat
        $CC -m32 main.o f1.o -o out
        $CC main.o f1.o -Wl,-z,nonsense -o out
        cp f1.o "out f.o"; $CC main.o "out f.o" -o "out program"
        $CC -x c main.c f1.o -o out
        $AR rcs out.a missing.o
        $AR rcs nowhere/out.a main.o
        $AR rcs out.a main.o main.o one/../main.o
        $AR rcs out.a two/libw.a
        $AR
        echo old >out.a; $AR rcs out.a main.o
        cp two/libw.a out.a; $AR rcs out.a main.o
        """#

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }

    @Test(arguments: Linker.allCases)
    func `every command gives what the bare program gives, cold and warm`(linker: Linker) throws {
        let project = try LinkProject()
        try project.prepare("ar rcs two/libw.a f1.o")
        let tables = [(Self.hits, "hit"), (Self.bypasses, "bypass"), (Self.others, "other")]
        for (text, expected) in tables {
            for line in Self.lines(text) where line.contains("$CC") || linker == .gcc {
                let bare = try project.bare(line, cc: linker.rawValue)
                // Without its library of that name clang cannot link for coverage.
                let isAble = bare.outcome.status == 0
                if expected == "hit" { #expect(isAble || line.contains("--coverage"), "\(line): \(bare.outcome)") }
                for run in ["cold", "warm"] {
                    var seen: LinkProject.Observation?
                    let isDue = expected == "hit" && run == "warm" && isAble
                    let counted = try project.workshop.counting(dueHits: isDue ? 1 : 0) {
                        try project.clean()
                        seen = try project.run(line, cc: linker.rawValue, larder: true)
                    }
                    try project.clean()
                    if let seen, seen != bare {
                        Issue.record("\(linker) \(run): \(line)\n  \(LinkProject.difference(bare, seen))")
                    }
                    #expect(counted.errors == 0)
                    if isDue {
                        #expect(counted.hits == 1 && counted.misses + counted.bypasses == 0, "\(line): \(counted)")
                    }
                    if expected == "bypass" {
                        #expect(counted.misses <= 1 && counted.bypasses >= 1, "\(line): \(counted)")
                    }
                }
            }
        }
    }

    @Test func `nothing is cached that nobody asked for`() throws {
        let project = try LinkProject()
        for line in ["$CC main.o f1.o -o out", "$AR rcs out.a main.o"] {
            let counted = try project.workshop.counting {
                for _ in 0..<2 {
                    _ = try project.run(line, cc: "gcc", larder: true, ["LARDER_CACHE_LINK": ""])
                    try project.clean()
                }
            }
            #expect(counted.bypasses == 2 && counted.hits == 0 && counted.entries == 0)
        }
    }

    @Test func `compiles go as before`() throws {
        let project = try LinkProject()
        for expected in [(0, 1), (1, 0)] {
            let counted = try project.workshop.counting {
                _ = try project.run("$CC -c main.c -o out.o", cc: "gcc", larder: true)
            }
            #expect(counted.hits == expected.0 && counted.misses == expected.1)
        }
    }
}
