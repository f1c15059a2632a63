/// One shell command and what the cache is expected to do with it.
struct EqualityCase: Sendable {
    enum Expectation: Sendable {
        /// The second run is a hit.
        case hit
        /// Both runs bypass the cache.
        case bypass
        /// The compile fails, and nothing is stored.
        case failure
        /// Whatever is right.
        case any
    }

    var line: String
    var expectation: Expectation
    /// The bare compiler itself may write something else each time (random section names, dates, timings).
    var isUnstable = false
}

/// The commands.
///
/// `$CC` and `$CXX` are the compilers, `$KEEP` a directory with precompiled headers, `$LONG` a long path.
///
/// A line that starts with `gcc:` or `clang:` is for that compiler only.
enum EqualityTable {
    static func cases(for family: String) -> [EqualityCase] {
        select(hits, .hit, family) + select(unstableHits, .hit, family, isUnstable: true)
            + select(seen, .hit, family) + select(bypasses, .bypass, family)
            + select(unstable, .any, family, isUnstable: true) + select(failures, .failure, family)
            + select(others, .any, family)
    }

    /// What is run through a link named like the compiler.
    static func masqueraded(for family: String) -> [EqualityCase] {
        select(links, .hit, family) + select(linkedBypasses, .any, family)
    }

    static func select(
        _ text: String,
        _ expectation: EqualityCase.Expectation,
        _ family: String,
        isUnstable: Bool = false
    ) -> [EqualityCase] {
        text.split(separator: "\n").compactMap { line in
            for name in ["gcc", "clang"] where line.hasPrefix("\(name):") {
                if name != family { return nil }
                return EqualityCase(
                    line: String(line.dropFirst(name.count + 2)),
                    expectation: expectation,
                    isUnstable: isUnstable
                )
            }
            return EqualityCase(line: String(line), expectation: expectation, isUnstable: isUnstable)
        }
    }

    private static let hits = #"""
        $CC -c main.c -o main.o
        $CC -c main.c
        $CC -omain.o -c main.c
        $CC main.c -c -o out/main.o
        $CC -c "$PWD/main.c" -o "$PWD/out/x.o"
        $CC -c ./main.c -o ./out/../x.o
        $CC -c sub/deep.c
        cd sub && $CC -c deep.c -o ../out/deep.o
        cd sub && $CC -c ../main.c -MD
        $CC -O0 -c main.c -o a.o
        $CC -O0 -O2 -c main.c -o a.o
        $CC -O2 -O0 -c main.c -o a.o
        $CC -Os -O -c main.c -o a.o
        $CC -O3 -fno-inline -finline-functions -c main.c -o a.o
        $CC -DEXTRA=1 -DEXTRA=1 -UEXTRA -c main.c -o a.o
        $CC -UEXTRA -DEXTRA=1 -c main.c -o a.o
        $CC -D EXTRA=3 -c main.c -o a.o
        $CC -DEXTRA -U EXTRA -DEXTRA=4 -c main.c -o a.o
        $CC -Ione -Itwo -c inc.c -o a.o
        $CC -Itwo -Ione -c inc.c -o a.o
        $CC -I one -iquote quote -I two -c inc.c -o a.o
        $CC -isystem one -Itwo -c inc.c -MD -o a.o
        $CC -isystem one -Itwo -c inc.c -MMD -o a.o
        $CC -idirafter one -Itwo -iquotequote -c inc.c -MMD -o a.o
        $CC -isystem one -isystem two -I missing -c inc.c -MMD -MP -o a.o
        $CC -include forced.h -c main.c -o a.o
        $CC -include forced.h -c main.c -o a.o -MD -MP
        gcc: $CC -include forced.h -c main.c -o a.o -MMD -MP
        $CC -imacros forced.h -c main.c -o a.o -MD
        $CC -MD -c main.c -o a.o
        $CC -MD -c main.c
        $CC -MMD -c main.c
        $CC -MMD -c main.c -o out/a.o
        $CC -MMD -c main.c -o out/a
        $CC -MMD -c main.c -o out/a.b.o
        $CC -MD -c main.c -o a.x
        $CC -MD -c main.c -o .hidden
        $CC -MD -MF deps -c main.c -o a.o
        $CC -MD -MFdeps -c main.c -o a.o
        $CC -MMD -MF out/deps.d -c main.c -o a.o
        $CC -MD -MF deps -MF other.d -c main.c -o a.o
        $CC -Wp,-MD,deps -c main.c -o a.o
        $CC -Wp,-MD,out/deps.d -c main.c -o out/a.o -MP
        $CC -Wp,-MD,deps -MT 'tar$get' -c odd.c -o a.o
        $CC -Wp,-MD,.deps -c 'with space.c' -o out/a.o
        $CC -Wp,-MMD,deps -c sub/../main.c -o out/other.o
        gcc: $CC -Wp,-MMD,deps -g -include forced.h -c main.c
        $CC -MD -MT target -c main.c -o a.o
        $CC -MD -MTtarget -c main.c -o a.o
        $CC -MD -MQ 'tar$get' -c main.c -o a.o
        $CC -MD -MT 'tar$get' -c main.c -o a.o
        $CC -MMD -MT a -MT b -MQ c -MT 'd e' -c main.c -o a.o
        $CC -MMD -MQ 'a b' -MQ 'c#d' -MQ 'e\ f' -c main.c -o a.o
        $CC -MMD -MT 'a b#c' -MP -MF x.d -c main.c -o a.o
        $CC -MD -MP -MT "$LONG/one" -MT "$LONG/two" -MQ "$LONG/three" -c main.c -o a.o
        $CC -MMD -MP -MF out/x.d -MQ out/x.o -c main.c -o out/x.o
        $CC -MMD -c 'with space.c'
        $CC -MMD -MP -c 'with space.c' -o 'out/with space.o'
        $CC -MD -MF 'out/de ps$.d' -c 'with space.c' -o 'out/with $ space#.o'
        $CC -MMD -MP -c odd.c
        $CC -MD -MP -c odd.c -o 'o:dd.o'
        $CC -MD -MP -I$LONG -c wrap.c -I sub -o a.o
        $CC -MMD -MP -I$LONG -I$PWD/sub -c $PWD/wrap.c -o $PWD/out/a.o
        gcc: $CC -MMD -MD -c main.c -o a.o
        gcc: $CC -MD -MMD -c main.c -o a.o
        $CC -MD -c empty.c -o a.o
        $CC -MD -MP -c other.c -o a.o
        $CC -MD -MT '' -c other.c -o a.o
        $CC -MD -MT x -MT '' -c main.c -o a.o
        $CC -g -c main.c -o a.o
        $CC -g -MMD -c main.c -o a.o
        $CC -g -MD -c main.c -o out/a.o
        $CC -g3 -c main.c -o a.o
        $CC -g1 -gdwarf-4 -c main.c -o a.o
        $CC -ggdb -gno-column-info -c main.c -o a.o
        $CC -g -gz -c main.c -o a.o
        $CC -g -g0 -c main.c -o a.o
        $CC -g -fdebug-prefix-map=$PWD=. -c main.c -o a.o
        $CC -g -ffile-prefix-map=$PWD=/x -c file.c -o a.o
        $CC -g -c "$PWD/file.c"
        $CC -c ./file.c -o a.o
        $CC -Wall -Wextra -c warn.c -o a.o
        $CC -Wall -Wextra -w -c warn.c -o a.o
        $CC -MMD -Wall -Wextra -c warn.c -o a.o
        $CC -Wall -c noted.c -o a.o
        $CC -Wall -Wparentheses -c expand.c -o a.o
        $CC -MMD -Wall -c expand.c -o a.o
        $CC -Wall -Wextra -fdiagnostics-color=always -c warn.c -o a.o
        $CC -MMD -Wall -fdiagnostics-color=always -c warn.c -o a.o
        gcc: $CC -Wall -fno-diagnostics-show-caret -c warn.c -o a.o
        $CC -std=c99 -pedantic -c main.c -o a.o
        $CC -ansi -c other.c -o a.o
        $CC -fPIC -c main.c -o a.o
        $CC -fPIC -fno-PIC -c main.c -o a.o
        $CC -march=native -O2 -c main.c -o a.o
        $CC -mavx2 -mno-avx2 -c main.c -o a.o
        $CC -pipe -c main.c -o a.o
        $CC -pthread -c main.c -o a.o
        $CC -m32 -ffreestanding -c other.c -o a.o
        $CC -Wa,--noexecstack -c main.c -o a.o
        $CC -Wp,-DEXTRA=7 -c main.c -o a.o
        $CC -Wl,--as-needed -lm -c main.c -o a.o
        $CC -ffunction-sections -fdata-sections -fvisibility=hidden -c main.c -o a.o
        $CC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -O2 -c main.c -o a.o
        $CC -fsanitize=undefined -c main.c -o a.o
        $CC -x c -c c.txt -o a.o
        $CC -x c++ -c main.c -o a.o
        $CC -xc++ -c other.c
        $CXX -c code.cpp -o a.o
        $CXX -c code.cpp -MD
        $CXX -MMD -MP -c code.cpp -o a.o
        $CXX -std=c++20 -O2 -g -c code.cpp -o a.o
        $CXX -fno-exceptions -Wno-error -c other.c -o a.o
        $CXX -g -MMD -c code.cpp -o a.o
        $CXX -Wall -Woverloaded-virtual -c warn.cpp -o a.o
        $CXX -MMD -Wall -Wextra -c warn.cpp -o a.o
        $CXX -x c -c main.c -o a.o
        $CC -c object.m -o a.o 2>&1
        $CC -c object.mm -MMD -o a.o
        $CC -c code.S -o a.o
        $CC -c code.S -MD
        $CC -MMD -g -c code.S -o a.o
        $CC -c pre.i
        $CXX -c pre.ii -o a.o
        $CC -g -c pre.i -o a.o
        umask 077; $CC -MD -c main.c -o a.o
        umask 027; $CC -MMD -c main.c -o a.o
        umask 0; $CC -MD -c main.c -o out/a.o
        echo old > a.o; chmod 600 a.o; $CC -c main.c -o a.o
        echo old > a.o; ln a.o b.o; $CC -c main.c -o a.o
        $CC @arguments.rsp
        $CC @nested.rsp -c main.c -o a.o
        $CC @quotes.rsp -c main.c -o a.o
        cp main.c "$(printf 'n\377.c')"; $CC -MD -c "$(printf 'n\377.c')"
        mkdir "$(printf '\377d')"; $CC -MD -c main.c -o "$(printf '\377d/\376.o')"
        ln -s main.c link.c; $CC -MMD -c link.c
        ln -s two linked; $CC -Ione -Ilinked -MD -c inc.c -o a.o
        /usr/bin/env $CC -c main.c -o a.o
        SOURCE_DATE_EPOCH=1 $CC -c main.c -o a.o
        gcc: echo 'char *d = __DATE__ __TIME__;' > d.c; SOURCE_DATE_EPOCH=86400 $CC -c d.c
        CPATH=one:two $CC -MD -c inc.c
        C_INCLUDE_PATH=two CPATH=one $CC -MMD -c inc.c
        LC_ALL=C.UTF-8 $CC -Wall -c warn.c -o a.o
        $CC -ftrapv -fwrapv -ffast-math -c main.c -o a.o
        $CC -c main.c -o a.o -nostdinc -ffreestanding -isystem /usr/lib/gcc/x86_64-linux-gnu/12/include
        gcc: $CC -fdiagnostics-format=json -Wall -c warn.c -o a.o
        gcc: $CC -flto -frandom-seed=x -c main.c -o a.o
        gcc: $CC -flto -frandom-seed=x -g -MMD -c main.c -o a.o
        gcc: $CC -flto -frandom-seed=x -MMD -Wa,--noexecstack -c main.c -o a.o
        gcc: $CC -fanalyzer -c main.c -o a.o
        gcc: $CC -isystem two -include dir.h -MMD -MP -c main.c -o a.o
        gcc: $CC -fverbose-asm -g -O2 -c main.c -o a.o
        gcc: $CC -I $KEEP -include all.h -c pch.c -o a.o
        gcc: $CC -I $KEEP -Winvalid-pch -include $KEEP/all.h -MMD -c pch.c -o a.o
        clang: $CC -flto -c main.c -o a.o
        clang: $CC -flto=thin -O2 -c main.c -o a.o
        clang: $CC -Weverything -c main.c -o a.o
        clang: $CC -include-pch $KEEP/clang.h.pch -c pch.c -o a.o
        clang: $CC -include-pch $KEEP/clang.h.pch -MD -c pch.c -o a.o
        clang: $CC -include $KEEP/clang.h -c pch.c -o a.o
        clang: $CC --target=aarch64-linux-gnu -ffreestanding -c other.c -o a.o
        clang: $CC -fcolor-diagnostics -Wall -c warn.c -o a.o
        clang: $CC -Qunused-arguments -Lx -c main.c -o a.o
        """#

    private static let unstableHits = #"""
        gcc: $CC -flto -c main.c -o a.o
        """#

    /// What only the trace of a compile can tell.
    private static let seen = #"""
        clang: $CC --analyze main.c
        $CC -E main.c
        $CC -E main.c -o main.i
        $CC -E -MD main.c -o main.i
        $CC -E -dM main.c
        $CC -S main.c
        $CC -S -O2 -MMD main.c -o x.s
        $CC -M main.c
        $CC -MM main.c -MT x
        $CC -fsyntax-only -Wall warn.c
        $CC -save-temps -c main.c
        $CC -save-temps=obj -c main.c -o out/a.o
        $CC -gsplit-dwarf -g -c main.c -o out/a.o
        $CC -c plain.s
        $CC -MD -MF - -c main.c -o a.o
        $CC -Wp,-MD,deps.d -MD -c main.c -o a.o
        $CC -Wp,-MMD,deps.d,-MT,x -c main.c -o a.o
        $CC -MD -MF /dev/null -c main.c -o a.o
        gcc: $CC -Wa,-al -c plain.s -o a.o
        gcc: $CC -flto -frandom-seed=x -ffat-lto-objects -g -MMD -c main.c -o a.o
        gcc: $CC -Wa,-adhln=out/listing -c other.c -o a.o
        gcc: $CC -fstack-usage -c main.c -o out/a.o
        gcc: $CC -fcallgraph-info -c main.c -o out/a.o
        gcc: $CC -fdump-tree-optimized -O2 -c main.c -o out/a.o
        gcc: $CC -fdump-rtl-final=x -c main.c
        gcc: $CC -aux-info proto -c main.c
        gcc: $CC -fopt-info -O3 -c main.c
        gcc: $CC -frecord-gcc-switches -c main.c -o a.o
        clang: $CC -MJ frag.json -c main.c -o a.o
        clang: $CC -emit-llvm -c main.c -o a.bc
        clang: $CC --serialize-diagnostics d.dia -Wall -c warn.c
        clang: $CC -fsave-optimization-record -O2 -c main.c -o a.o
        clang: $CC -frecord-command-line -c main.c -o a.o
        clang: $CC -g -grecord-gcc-switches -c main.c -o a.o
        clang: $CC -grecord-command-line -g -MD -c main.c -o out/a.o
        $CC --coverage -frandom-seed=x -c main.c -o out/a.o
        $CC -S -g main.c -o out/main.s
        $CC -gsplit-dwarf -g -MD -c main.c
        $CC -Wno-such-warning -gsplit-dwarf -Wall -g -c warn.c
        $CC -c -B. main.c -o a.o
        $CC -std=gnu11 -fverbose-asm -save-temps -c other.c
        umask 027; $CC -S main.c
        clang: $CC -Xclang -ftrivial-auto-var-init=zero -c main.c -o a.o
        clang: $CC -mllvm -inline-threshold=20 -O2 -c main.c -o a.o
        clang: $CC -fno-integrated-as -c main.c -o a.o
        clang: $CC -fprofile-instr-generate -fcoverage-mapping -c main.c -o a.o
        """#

    private static let bypasses = #"""
        $CC -S -xc - -o a.q < main.c
        $CC -E -Wa,- -x c -c - < main.c
        $CC @single.rsp -c main.c -o a.o
        gcc: $CC -H -c main.c
        $CC main.c
        $CC main.c -o prog
        $CC main.c other.c -o prog
        $CC main.c -shared -fPIC -o lib.so
        $CC -c -x c - -o a.o < main.c
        $CC -E - < main.c
        $CC -xc -c - < other.c
        $CC --version
        $CC -dumpmachine
        $CC -dumpversion
        $CC -print-file-name=libc.a
        $CC -v
        $CC
        $CC -c
        $CC -c -o a.o
        $CC nothing.o
        $CC -c main.c -o /dev/null
        $CC -c main.c -o out
        mkfifo fifo; timeout 600 cat fifo > got & $CC -MD -MF fifo -c main.c -o a.o; wait
        $CC @broken.rsp -c main.c -o a.o
        DEPENDENCIES_OUTPUT=deps $CC -c main.c -o a.o
        SUNPRO_DEPENDENCIES=deps $CC -c main.c -o a.o
        """#

    private static let unstable = #"""
        clang: $CC -Xclang -emit-pch -x c-header -c all.h -o all.pch && $CC -include-pch all.pch -c pch.c -o a.o
        clang: $CC -x c-header all.h -o all.h.pch && $CC -include all.h -c pch.c -o a.o
        $CC --coverage -c main.c -o out/a.o
        $CC -ftest-coverage -fprofile-arcs -c main.c
        $CC -ftime-report -c other.c 2> /dev/null
        $CC -v -c main.c -o a.o
        $CC -'###' -c main.c -o a.o
        $CC -x c-header local.h -c -o x.h
        $CC -x c-header all.h -o all.h.gch && $CC -include all.h -c pch.c -o a.o
        $CXX -x c++-header all.h && $CXX -include all.h -c pch.cpp
        $CC -flto main.c -o prog
        $CC -c fail.S -o a.o
        $CC -MD -c fail.S -o a.o
        echo old > a.o; $CC -MMD -c fail.S -o a.o
        $CC -Wa,--no-such -c main.c -o a.o
        clang: echo 'char *d = __DATE__ __TIME__;' > d.c; SOURCE_DATE_EPOCH=86400 $CC -c d.c; sleep 1.1
        clang: $CC -ftime-trace -c main.c -o out/a.o
        """#

    private static let failures = #"""
        $CC -c fail.c -o a.o
        $CC -MD -c fail.c -o a.o
        $CC -MMD -MF deps -c fail.c
        $CC -c missing.c -o a.o
        $CC -MD -c missing.c -o a.o
        $CC -MMD -MP -c missing.c -o a.o
        echo old > a.o; echo old > a.d; $CC -MD -c fail.c -o a.o
        echo old > a.o; echo old > a.d; $CC -MMD -c missing.c -o a.o
        echo old > a.o; echo old > a.d; chmod 640 a.d; $CC -MD -std=nonsense -c main.c -o a.o
        clang: echo old > a.o; echo old > a.d; $CC -MD -include-pch main.c -c main.c -o a.o
        clang: cp all.h x.h; touch -d 2002-02-02 x.h; clang -x c-header x.h -o x.pch; touch -d 2001-01-01 x.h; echo old > a.d; $CC -MMD -include-pch x.pch -c pch.c -o a.o
        echo old > a.o; chmod 400 a.o; $CC -c fail.c -o a.o
        $CC -Wall -Werror -c warn.c -o a.o
        $CC -MD -Wall -Werror -c warn.c -o a.o
        $CC -MMD -Wall -Werror -c warn.c -o a.o
        $CXX -c fail.cpp -o a.o
        $CXX -MMD -c fail.cpp
        $CC -MMD -c fail.c -o out/a.o
        $CC -c nothing.c -o a.o
        $CC -MD -c nothing.c -o a.o
        echo old > a.o; $CC -MD -c nothing.c -o a.o
        $CC -c main.c -o nowhere/a.o
        $CC -MD -c main.c -o nowhere/a.o
        $CC -MD -MF nowhere/a.d -c main.c -o a.o
        echo old > a.o; $CC -MD -MF nowhere/a.d -c main.c -o a.o
        $CC -std=nonsense -c main.c -o a.o
        $CC -fno-such-feature -c main.c -o a.o
        $CC -march=nonsense -c main.c -o a.o
        $CC -include nowhere.h -c main.c -o a.o
        $CC -MD -include nowhere.h -c main.c -o a.o
        $CC -c main.c -o a.o/
        ln -s fail.c link.c; ln -s target link.o; $CC -c link.c
        mkdir dir.c; $CC -c dir.c
        """#

    private static let others = #"""
        $CC -c sub -x c -o a.o
        $CC -MF deps -c main.c
        $CC -MM -MG missing.c
        $CC -MP -c main.c
        $CC -MF other.d -Wp,-MD,deps.d -c main.c -o a.o
        $CC -Wp,-MD,deps.d -Wp,-MD,other.d -c main.c -o a.o
        gcc: $CC -Wp,-MD -c main.c -o a.o
        $CC -no-such-option -c main.c
        $CC --no-such-option -c main.c -o a.o
        $CC -c main.c -o a.o -o b.o
        $CC @missing.rsp -c main.c -o a.o
        echo old > a.o; chmod 444 a.o; $CC -c main.c -o a.o
        echo old > a.d; chmod 640 a.d; $CC -MD -c main.c -o a.o
        echo old > a.d; ln a.d b.d; $CC -MD -c main.c -o a.o
        echo old > b.d; ln -s b.d a.d; $CC -MD -c main.c -o a.o
        ln -s b.d a.d; $CC -MD -c main.c -o a.o
        echo old > a.d; chmod 640 a.d; $CC -MD -c fail.c -o a.o
        echo old > b.d; ln -s b.d a.d; $CC -MD -c fail.c -o a.o
        echo old > a.d; ln a.d b.d; $CC -MD -c missing.c -o a.o
        echo old > b.o; ln -s b.o a.o; $CC -c main.c -o a.o
        ln -s b.o a.o; $CC -c main.c -o a.o
        ln -s nowhere/b.o a.o; $CC -c main.c -o a.o
        ln -s out a.o; $CC -c main.c -o a.o
        ln -s out dir; $CC -MD -c main.c -o dir/a.o
        echo old > b.o; ln -s b.o a.o; $CC -c fail.c -o a.o
        mkdir a.d; $CC -MD -c main.c -o a.o
        $CC -MD -MF a.o -c main.c -o a.o
        $CC -c other.c -o other.c
        $CC -c other.c -o ./sub/../other.c
        ln other.c same.o; $CC -c other.c -o same.o
        ln -s other.c same.o; $CC -c other.c -o same.o
        $CC -MD -MF other.c -c other.c -o a.o
        echo 'char d[] = __TIMESTAMP__;' > d.c; touch -d @1600000000 d.c; $CC -c d.c
        echo '.incbin "local.h"' > i.S; $CC -c i.S
        echo 'asm(".incbin \"local.h\"");' > i.c; $CC -MD -c i.c
        $CC -MMD -MP -c back.c
        clang: $CC -MMD -MD -c main.c -o a.o
        clang: $CC -MD -MMD -c main.c -o a.o
        $CC -I- -Ione -c inc.c -o a.o
        $CC -O2 -O9 -c main.c -o a.o
        $CC -c main.c -o a.o -I
        $CC -c main.c -DX -MD -MF
        $CC -ccc-print-phases -c main.c -o a.o
        $CC -c main.c -o ''
        $CC -c main.c '' -o a.o
        $CC -MD -c main.c -o a.o > /dev/full 2>&1
        echo "-DE=\$PWD" > v.rsp; $CC @v.rsp @v.rsp -c main.c -o a.o
        echo '@v.rsp' > v.rsp; $CC @v.rsp -c main.c -o a.o
        printf -- '-DX\t-DY\r\n-DZ\n\n' > t.rsp; $CC @t.rsp -c main.c -o a.o
        $CC -std=c89 -pedantic -Wall -MMD -MP -H -c main.c -o a.o
        gcc: ulimit -f 1; $CC -g3 -c main.c -o a.o
        """#

    private static let links = #"""
        $CC -c main.c -o a.o
        $CC -g -MD -c main.c -o a.o
        $CC -Wall -MMD -c warn.c
        $CXX -MD -c code.cpp -o a.o
        """#

    private static let linkedBypasses = #"""
        $CC
        $CC --version
        $CC -dumpmachine
        $CC -print-search-dirs
        $CC -E main.c
        $CC main.c other.c -o prog
        $CXX -g code.cpp -shared -fPIC -o lib.so
        $CC -c fail.c
        $CC -no-such-option -c main.c
        $CC -c nothing.c
        """#
}
