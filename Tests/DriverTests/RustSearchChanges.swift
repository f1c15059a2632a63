private let number = "fn main() { println!(\"{}\", unsafe { n() }); }\n"
private let native = "extern \"C\" { fn n() -> i32; }\n" + number
private let two = "mkdir p q; cc -c n.c; ar rcD q/libn.a n.o"
private let other = "sed -i s/1/2/ n.c; cc -c n.c; ar rcD p/libn.a n.o"
private let mark = "0123456789abcdef"

/// Crates and libraries that are found by a search which nothing on the command line names.
let rustSearchChanges: [RustChange] = [
    RustChange(
        name: "a crate with a mark that the source asks for",
        files: [
            "m.rs": "extern crate dep; pub fn f() -> u32 { dep::v() }\n",
            "dep.rs": "#[inline] pub fn v() -> u32 { 1 }\n",
        ],
        prepare: "$R --crate-type lib -C extra-filename=-\(mark) dep.rs --out-dir p",
        command: "$R --crate-type lib -O m.rs -L p --out-dir out",
        change: "sed -i s/1/2/ dep.rs; rustc --crate-type lib -C extra-filename=-\(mark) dep.rs --out-dir p"
    ),
    RustChange(
        name: "a crate that a macro of another one asks for",
        files: [
            "m.rs": "#[macro_use] extern crate mac; ask!(); pub fn f() -> u32 { dep::v() }\n",
            "mac.rs": "#[macro_export] macro_rules! ask { () => { extern crate dep; } }\n",
            "dep.rs": "#[inline] pub fn v() -> u32 { 1 }\n",
        ],
        prepare:
            "$R --crate-type lib -C extra-filename=-fedcba9876543210 mac.rs --out-dir p; $R --crate-type lib -C extra-filename=-\(mark) dep.rs --out-dir p",
        command: "$R --crate-type lib -O m.rs -L p --out-dir out",
        change: "sed -i s/1/2/ dep.rs; rustc --crate-type lib -C extra-filename=-\(mark) dep.rs --out-dir p",
        isCacheable: false
    ),
    RustChange(
        name: "a macro without a mark",
        files: [
            "m.rs": "#[macro_use] extern crate mac; pub fn f() -> u32 { m!() }\n",
            "mac.rs": rustMacro("\"1u32\".parse().unwrap()"),
        ],
        prepare: "$R --crate-name mac --crate-type proc-macro --edition=2021 --extern proc_macro mac.rs --out-dir p",
        command: "$R --crate-type lib m.rs -L p --out-dir out",
        change:
            "sed -i s/1u32/2u32/ mac.rs; rustc --crate-name mac --crate-type proc-macro --edition=2021 --extern proc_macro mac.rs --out-dir p",
        needsSlimMacros: true
    ),
    RustChange(
        name: "a directory of the linker's in two words",
        files: ["m.rs": native, "n.c": "int n(void) { return 1; }\n"],
        prepare: two,
        command: "$R m.rs -C 'link-args=-L p -L q -ln' -o out/m",
        change: other
    ),
    RustChange(
        name: "a directory of the linker's between commas",
        files: ["m.rs": native, "n.c": "int n(void) { return 1; }\n"],
        prepare: two,
        command: "$R m.rs -C link-arg=-Wl,-L,p -C link-arg=-Wl,-L,q -C link-arg=-ln -o out/m",
        change: other
    ),
    RustChange(
        name: "a library that a macro packs",
        files: [
            "m.rs": "dep::ext!(\"n\"); pub fn f() -> i32 { unsafe { n() } }\n",
            "dep.rs":
                "#[macro_export] macro_rules! ext { ($n:literal) => { #[link(name = $n, kind = \"static\")] extern \"C\" { fn n() -> i32; } } }\n",
            "n.c": "int n(void) { return 1; }\n",
        ],
        prepare: two + "; $R --crate-type lib dep.rs",
        command:
            "$R --edition 2021 --crate-type lib m.rs --extern dep=libdep.rlib -L native=p -L native=q --out-dir out",
        change: other,
        isCacheable: false
    ),
    RustChange(
        name: "a library that is packed, with a blank before the bracket",
        files: [
            "m.rs":
                "#[link (name=\"n\",kind=\"static\")] extern \"C\" { fn n() -> i32; } pub fn f() -> i32 { unsafe { n() } }\n",
            "n.c": "int n(void) { return 1; }\n",
        ],
        prepare: two,
        command: "$R --crate-type lib m.rs -L native=p -L native=q --out-dir out",
        change: other,
        isCacheable: false
    ),
    RustChange(
        name: "what an assembler reads under a library's name",
        files: ["src/lib.rs": #"core::arch::global_asm!("p: .incbin \"blob.so\"");"#, "blob.so": "one"],
        change: "echo three > blob.so",
        isUndone: "printf one > blob.so"
    ),
    RustChange(
        name: "a library that a macro needs",
        files: [
            "m.rs": "fn main() { println!(\"{}\", mac::m!()); }\n", "n.c": "int n(void) { return 1; }\n",
            "mac.rs": "#[link(name = \"n\")] extern \"C\" { fn n() -> i32; }\n"
                + rustMacro("if unsafe { n() } == 1 { \"1u32\" } else { \"2u32\" }.parse().unwrap()"),
        ],
        prepare:
            "mkdir q; cc -fPIC -shared n.c -o q/libn.so; $R --crate-name mac --crate-type proc-macro --edition=2021 --extern proc_macro mac.rs -L q -C link-arg=-Wl,-rpath,$PWD/q",
        command: "$R --edition 2021 m.rs --extern mac=libmac.so -o out/m",
        change: "sed -i s/1/2/ n.c; cc -fPIC -shared n.c -o q/libn.so",
        isCacheable: false
    ),
]
