import Testing

/// One change between two runs of a line of shell.
struct LinkCase: Sendable, CustomTestStringConvertible {
    var name: String
    var line: String
    var prepare = ":"
    var change = ":"
    /// What is run after the change, where that is not the same.
    var then: String?
    /// False where the bare program gives the same before and after.
    var shows = true
    /// False where the first run is not kept.
    var isKept = true
    var testDescription: String { name }
}

/// Changes of all that a link or an archive may depend on.
enum LinkCases {
    static let links: [LinkCase] = [
        LinkCase(name: "an object", line: "$CC main.o f1.o -o out", change: "cp f2.o f1.o"),
        LinkCase(
            name: "a file of any name that a script names",
            line: "$CC main.o -Lone -Ltwo s.ld -o out",
            prepare: "cp f1.o two/f.obj; echo '/* ( */ INPUT(f.obj)' >s.ld",
            change: "cp f2.o one/f.obj"
        ),
        LinkCase(
            name: "a file of any name that a script names behind other words",
            line: "$CC main.o -Lone -Ltwo s.ld -o out",
            prepare: "cp f1.o two/blob; echo 'GROUP ( AS_NEEDED ( -lc ) blob )' >s.ld",
            change: "cp f2.o one/blob"
        ),
        LinkCase(
            name: "an archive",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "rm two/libf.a; ar rcs two/libf.a f2.o"
        ),
        LinkCase(
            name: "an archive that is named",
            line: "$CC main.o two/libf.a -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "rm two/libf.a; ar rcs two/libf.a f2.o"
        ),
        LinkCase(
            name: "a library earlier on the path",
            line: "$CC main.o -Lone -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "ar rcs one/libf.a f2.o"
        ),
        LinkCase(
            name: "a shared library earlier on the path",
            line: "$CC main.o -Lone -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "gcc -shared f2.o -o one/libf.so"
        ),
        LinkCase(
            name: "a directory earlier on the path",
            line: "$CC main.o -Lnew -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "mkdir new; ar rcs new/libf.a f2.o"
        ),
        LinkCase(
            name: "a shared library before the archive",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "gcc -shared f2.o -o two/libf.so"
        ),
        LinkCase(
            name: "the shared library goes",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o; gcc -shared f1.o -o two/libf.so",
            change: "rm two/libf.so"
        ),
        LinkCase(
            name: "a library of an exact name",
            line: "$CC main.o -Lone -Ltwo -l:f.lib -o out",
            prepare: "ar rcs two/f.lib f1.o",
            change: "ar rcs one/f.lib f2.o"
        ),
        LinkCase(
            name: "the name of a shared library",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "gcc -shared f1.o -Wl,-soname,old -o two/libf.so",
            change: "gcc -shared f1.o -Wl,-soname,new -o two/libf.so"
        ),
        LinkCase(
            name: "a link to a shared library",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare:
                "for n in 1 2; do gcc -shared f$n.o -Wl,-soname,v$n -o three/v$n; done; ln -s ../three/v1 two/libf.so",
            change: "ln -sf ../three/v2 two/libf.so"
        ),
        LinkCase(
            name: "a static library for -static",
            line: "$CC -static main.o -Lone -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "ar rcs one/libf.a f2.o"
        ),
        LinkCase(
            name: "a text in a library's place",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "echo 'INPUT(f1.o)' >two/libf.so",
            change: "echo 'INPUT(f2.o)' >two/libf.so"
        ),
        LinkCase(
            name: "a file that such a text names",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "echo 'INPUT(libreal.a)' >two/libf.so; ar rcs two/libreal.a f1.o",
            change: "rm two/libreal.a; ar rcs two/libreal.a f2.o"
        ),
        LinkCase(
            name: "a library that such a text searches",
            line: "$CC main.o -Lone -Ltwo -lf -o out",
            prepare: "echo 'INPUT(-lreal)' >two/libf.so; ar rcs two/libreal.a f1.o",
            change: "ar rcs one/libreal.a f2.o"
        ),
        LinkCase(
            name: "a version script",
            line: "$CC -shared f1.o f2.o -Wl,-z,muldefs -Wl,--version-script=v.map -o out",
            change: "echo 'NEW { global: *; };' >v.map"
        ),
        LinkCase(
            name: "a dynamic list",
            line: "$CC main.o f2.o -Wl,--dynamic-list=dynamic.list -o out",
            change: "echo '{ more; };' >dynamic.list"
        ),
        LinkCase(
            name: "a file of symbols",
            line: "ld -o /dev/null main.o 2>/dev/null; $CC main.o f1.o defs.ld -o out",
            prepare: "echo 'defined = 5;' >defs.ld",
            change: "echo 'defined = 6;' >defs.ld"
        ),
        LinkCase(
            name: "a linker script",
            line: "$CC -nostdlib -r main.o f1.o -Wl,-T,r.ld -o out",
            prepare: "echo 'SECTIONS { .text : { *(.text) } }' >r.ld",
            change: "echo 'SECTIONS { .code : { *(.text) } }' >r.ld"
        ),
        LinkCase(
            name: "a response file",
            line: "$CC @objects -o out",
            prepare: "echo main.o f1.o >objects",
            change: "echo main.o f2.o >objects"
        ),
        LinkCase(
            name: "the order of objects",
            line: "$CC main.o f1.o -o out",
            then: "$CC f1.o main.o -o out"
        ),
        LinkCase(
            name: "a symbol's value",
            line: "$CC main.o f1.o -Wl,--defsym=d=1 -o out",
            then: "$CC main.o f1.o -Wl,--defsym=d=2 -o out"
        ),
        LinkCase(
            name: "LIBRARY_PATH",
            line: "LIBRARY_PATH=two $CC main.o -lf -o out",
            prepare: "ar rcs two/libf.a f1.o; ar rcs one/libf.a f2.o",
            then: "LIBRARY_PATH=one $CC main.o -lf -o out"
        ),
        LinkCase(
            name: "a library in LIBRARY_PATH",
            line: "LIBRARY_PATH=one:two $CC main.o -lf -o out",
            prepare: "ar rcs two/libf.a f1.o",
            change: "ar rcs one/libf.a f2.o"
        ),
        LinkCase(
            name: "a start file that appears",
            line: "$CC -B$PWD/crt main.o f1.o -o out",
            change: "ld -r $(gcc -print-file-name=crti.o) other.o -o crt/crti.o"
        ),
        LinkCase(
            name: "a start file",
            line: "$CC -B$PWD/crt main.o f1.o -o out",
            prepare: "cp $(gcc -print-file-name=crti.o) crt/crti.o",
            change: "ld -r $(gcc -print-file-name=crti.o) other.o -o crt/crti.o",
            shows: true
        ),
        LinkCase(
            name: "an object behind a link",
            line: "$CC main.o chosen.o -o out",
            prepare: "ln -s f1.o chosen.o",
            change: "ln -sf f2.o chosen.o"
        ),
        LinkCase(
            name: "an object that goes",
            line: "$CC main.o f1.o -o out",
            change: "rm f1.o"
        ),
        LinkCase(
            name: "a library that goes",
            line: "$CC main.o -Lone -Ltwo -lf -o out",
            prepare: "ar rcs two/libf.a f1.o; ar rcs one/libf.a f2.o",
            change: "rm one/libf.a"
        ),
        LinkCase(
            name: "a thin archive's member",
            line: "$CC main.o thin.a -o out",
            prepare: "ar rcsT thin.a f1.o",
            change: "cp f2.o f1.o"
        ),
        LinkCase(
            name: "code for the linker",
            line: "$CC -O1 main.lto.o f1.lto.o -o out",
            change: "cp f2.lto.o f1.lto.o"
        ),
        LinkCase(
            name: "the umask",
            line: "$CC main.o f1.o -o out",
            then: "umask 077; $CC main.o f1.o -o out"
        ),
        LinkCase(
            name: "times alone",
            line: "$CC main.o f1.o -o out",
            change: "touch main.o f1.o",
            shows: false
        ),
        LinkCase(
            name: "the list of sections",
            line: "$CC main.o f1.o -Wl,-Map,out.map -o out",
            change: "cp f2.o f1.o"
        ),
    ]

    /// What GNU ld alone looks at.
    static let needs: [LinkCase] = [
        LinkCase(
            name: "what a library needs",
            line: "$CC main.o -Ltwo -lf -Wl,-rpath-link,three -o out",
            prepare: "gcc -shared g.o -o three/libg.so; gcc -shared needs.o -Lthree -lg -o two/libf.so",
            change: "gcc -shared other.o -o three/libg.so"
        ),
        LinkCase(
            name: "what a library needs, earlier",
            line: "$CC main.o -Ltwo -lf -Wl,-rpath-link,one:three -o out",
            prepare: "gcc -shared g.o -o three/libg.so; gcc -shared needs.o -Lthree -lg -o two/libf.so",
            change: "gcc -shared other.o -o one/libg.so"
        ),
        LinkCase(
            name: "what a library needs, where it says",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare:
                "gcc -shared g.o -o three/libg.so; gcc -shared needs.o -Lthree -lg -Wl,-rpath,'$ORIGIN/../three' -o two/libf.so",
            change: "rm three/libg.so"
        ),
        LinkCase(
            name: "what a library needs by a path",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "gcc -shared g.o -o three/libg.so; gcc -shared needs.o three/libg.so -o two/libf.so",
            change: "gcc -shared other.o -o three/libg.so",
            shows: false
        ),
        LinkCase(
            name: "what a library needs by a path, and goes",
            line: "$CC main.o -Ltwo -lf -o out",
            prepare: "gcc -shared g.o -o three/libg.so; gcc -shared needs.o three/libg.so -o two/libf.so",
            change: "rm three/libg.so",
            shows: false
        ),
        LinkCase(
            name: "LD_LIBRARY_PATH",
            line: "LD_LIBRARY_PATH=three $CC main.o -Ltwo -lf -o out",
            prepare: "gcc -shared g.o -o three/libg.so; gcc -shared needs.o -Lthree -lg -o two/libf.so",
            then: "LD_LIBRARY_PATH=one $CC main.o -Ltwo -lf -o out"
        ),
        LinkCase(
            name: "LD_RUN_PATH",
            line: "LD_RUN_PATH=/one $CC main.o f1.o -o out",
            then: "LD_RUN_PATH=/two $CC main.o f1.o -o out"
        ),
        LinkCase(
            name: "a linker that appears",
            line: "COMPILER_PATH=$PWD/tools $CC main.o f1.o -o out",
            change:
                "printf '#!/bin/sh\\nexec /usr/bin/ld --defsym=mark=1 \"$@\"\\n' >tools/ld; chmod +x tools/ld"
        ),
        LinkCase(
            name: "the linker itself",
            line: "COMPILER_PATH=$PWD/tools $CC main.o f1.o -o out",
            prepare: "printf '#!/bin/sh\\nexec /usr/bin/ld --defsym=mark=1 \"$@\"\\n' >tools/ld; chmod +x tools/ld",
            change: "printf '#!/bin/sh\\nexec /usr/bin/ld --defsym=mark=2 \"$@\"\\n' >tools/ld; chmod +x tools/ld"
        ),
        LinkCase(
            name: "a library for ld",
            line: "$LD -shared f1.o -Lone -Ltwo -lg -o out",
            prepare: "ar rcs two/libg.a g.o",
            change: "gcc -shared g.o -Wl,-soname,g -o one/libg.so"
        ),
    ]

    static let archives: [LinkCase] = [
        LinkCase(name: "a member", line: "$AR rcs out.a main.o f1.o", change: "cp f2.o f1.o"),
        LinkCase(name: "the order of members", line: "$AR rcs out.a main.o f1.o", then: "$AR rcs out.a f1.o main.o"),
        LinkCase(
            name: "the name of a member",
            line: "$AR rcs out.a f1.o",
            prepare: "cp f1.o g1.o",
            then: "$AR rcs out.a g1.o"
        ),
        LinkCase(name: "a member that goes", line: "$AR rcs out.a main.o f1.o", change: "rm f1.o"),
        LinkCase(
            name: "a member behind a link",
            line: "$AR rcs out.a chosen.o",
            prepare: "ln -s f1.o chosen.o",
            change: "ln -sf f2.o chosen.o"
        ),
        LinkCase(name: "the index", line: "$AR rcs out.a main.o", then: "$AR rcS out.a main.o"),
        LinkCase(
            name: "a response file",
            line: "$AR rcs out.a @objects",
            prepare: "echo main.o f1.o >objects",
            change: "echo main.o f2.o >objects"
        ),
        LinkCase(name: "the umask", line: "$AR rcs out.a main.o", then: "umask 077; $AR rcs out.a main.o"),
        LinkCase(
            name: "an archive that is there",
            line: "$AR rcs out.a main.o",
            then: "ar rcs out.a g.o; $AR rcs out.a main.o"
        ),
        LinkCase(
            name: "another state of the archive that is there",
            line: "ar rcs out.a g.o; $AR rcs out.a main.o",
            then: "ar rcs out.a other.o; $AR rcs out.a main.o",
            isKept: false
        ),
        LinkCase(
            name: "times that count",
            line: "$AR rcSU out.a main.o",
            change: "touch -d @1000000000 main.o",
            isKept: false
        ),
        LinkCase(name: "times that do not", line: "$AR rcs out.a main.o", change: "touch main.o", shows: false),
        LinkCase(name: "another archiver", line: "$AR rcs out.a main.o f1.o", then: "$LLVM_AR rcS out.a main.o f1.o"),
        LinkCase(name: "code for the linker", line: "$AR rcs out.a f1.lto.o", change: "cp f2.lto.o f1.lto.o"),
    ]
}
