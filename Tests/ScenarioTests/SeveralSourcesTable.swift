/// Commands that compile several sources, written as in ``EqualityTable``.
enum SeveralSourcesTable {
    static func cases(for family: String) -> [EqualityCase] {
        EqualityTable.select(hits, .hit, family) + EqualityTable.select(bypasses, .bypass, family)
            + EqualityTable.select(seen, .hit, family) + EqualityTable.select(unclear, .any, family)
            + EqualityTable.select(failures, .any, family)
            + EqualityTable.select(unstable, .hit, family, isUnstable: true)
            + EqualityTable.select(others, .any, family, isUnstable: true)
    }

    private static let unstable = #"""
        gcc: $CC -flto -c main.c other.c
        """#

    private static let others = #"""
        gcc: $CC -c main.c local.h
        $CC -ftime-report -c main.c other.c 2> /dev/null
        """#

    private static let hits = #"""
        $CC -c main.c other.c
        $CC -O2 -c main.c other.c one.c file.c
        $CC main.c other.c -c -O1
        $CC -g -c main.c other.c
        $CC -Wall -c warn.c main.c
        $CC -Wall -c main.c warn.c other.c
        $CC -Wall -Wextra -c warn.c noted.c expand.c
        $CXX -c code.cpp warn.cpp
        $CXX -Wall -Wextra -c warn.cpp code.cpp
        $CC -c main.c warn.cpp code.S
        $CC -c main.c code.S one.c
        $CC -c pre.i code.cpp main.c
        $CC -MD -c main.c one.c
        $CC -MMD -c main.c one.c code.cpp
        $CC -MD -MP -c main.c one.c
        $CC -MD -MT all -c main.c one.c
        $CC -MD -MQ 'a$b' -c main.c one.c
        $CC -c sub/deep.c main.c
        $CC -c ./main.c "$PWD/other.c"
        $CC -c -DEXTRA=1 main.c -DEXTRB=2 other.c
        $CC -c main.c -Iinclude other.c -O2
        $CC -Ione -Itwo -iquote quote -c inc.c main.c
        $CC -c -x c++ main.c other.c
        $CC -c -x c++ main.c -x none other.c
        $CC -c -x c c.txt -x none code.cpp
        $CC -c -xc c.txt main.c
        $CC -c "with space.c" odd.c
        $CC -pipe -c main.c other.c
        $CC -include forced.h -c main.c other.c
        $CC -fPIC -c main.c other.c empty.c
        clang: $CC -flto -c main.c other.c
        $CC -Wno-everything-unknown -c main.c warn.c
        gcc: $CC -c object.m main.c
        gcc: $CC -std=c++17 -c main.c code.cpp
        clang: $CC -fcolor-diagnostics -Wall -c warn.c noted.c
        clang: $CC -Wunknown-thing -c main.c other.c
        echo old >main.o; $CC -c main.c other.c
        clang: touch main.o; $CC -c main.c other.c
        umask 027; $CC -MD -c main.c one.c
        cd out; $CC -c ../main.c ../other.c
        echo main.c other.c -c -O2 >words.rsp; $CC @words.rsp
        $CC -Wall -Wextra -c main.c warn.c 2>&1 | cat
        $CC -c main.c other.c one.c file.c inc.c -Ione -Itwo expand.c noted.c wrap.c -I$LONG sub/deep.c
        """#

    /// What only the trace of a compile can tell.
    private static let seen = #"""
        $CC -save-temps -c main.c other.c
        $CC -c main.c plain.s
        $CC -S main.c other.c
        $CC -E main.c other.c
        $CC -M main.c other.c
        """#

    private static let unclear = #"""
        $CC -dumpdir x- -c main.c other.c
        $CC -c main.c other.c -o both.o
        $CC -MD -MF both.d -c main.c other.c
        $CC -c main.c sub/../main.c
        $CC -c main.c main.c
        $CC -c main.c -x c++ other.c -x c
        gcc: $CC -dumpbase x -c main.c other.c
        clang: $CC -c main.c other.c -x c
        """#

    private static let bypasses = #"""
        $CC -c main.c nowhere.c other.c
        $CC main.c other.c -o program
        $CC main.c other.c
        $CC -c main.c --version other.c
        """#

    /// Those of which nothing, or not all, is kept.
    private static let failures = #"""
        $CC -c main.c fail.c other.c
        $CC -Wall -c fail.c warn.c
        $CC -c fail.c missing.c
        $CC -c main.c missing.c
        $CC -MD -c main.c fail.c one.c
        $CC -MD -c missing.c main.c
        $CXX -c code.cpp fail.cpp warn.cpp
        $CC -c main.c fail.S other.c
        $CC -Werror -Wall -c main.c warn.c other.c
        touch fail.o fail.d; $CC -MD -c main.c fail.c other.c
        touch fail.o; $CC -c fail.S main.c; ls
        $CC --unknown-option -c main.c other.c
        $CC -c -funknown-thing main.c other.c
        $CC -c main.c directory.c; mkdir directory.c; $CC -c main.c directory.c other.c
        $CC -c -Wfatal-errors fail.c main.c
        $CC -c main.c other.c >/dev/full 2>&1
        $CC -Wall -c warn.c main.c 2>/dev/full
        $CC -c main.c code.cpp -std=c++17
        chmod 000 other.c; $CC -c main.c other.c one.c
        ln -s /nowhere/at/all main.o; $CC -c main.c other.c
        mkdir main.o; $CC -c main.c other.c
        chmod 555 .; $CC -c main.c other.c; chmod 755 .
        $CC -Q -c main.c other.c 2>/dev/null
        gcc: touch main.o; $CC -c main.c other.c
        clang: $CC -c -finline-limit=3 main.c other.c
        clang: $CC -L. -lm -c main.c other.c
        clang: $CXX -c main.c other.c
        clang: $CC -stdlib=libc++ -c code.cpp main.c
        clang: $CC -stdlib=libc++ -c main.c code.cpp
        """#
}
