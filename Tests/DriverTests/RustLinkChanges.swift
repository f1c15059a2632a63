import Foundation
import TestSupport

private let plain = "pub fn f() -> u32 { 1 }\n"

let rustLinkChanges: [RustChange] = [
    RustChange(
        name: "a program's source",
        files: ["src/main.rs": "fn main() { println!(\"1\"); }\n"],
        command: RustChange.program,
        change: "sed -i s/1/2/ src/main.rs",
        isUndone: "sed -i s/2/1/ src/main.rs"
    ),
    RustChange(
        name: "a program by -o",
        files: ["main.rs": "mod a;\nfn main() { println!(\"{}\", a::f()); }\n", "a.rs": plain],
        command: "$R main.rs -o out/prog",
        change: "sed -i s/1/2/ a.rs"
    ),
    RustChange(
        name: "a program of tests",
        files: ["src/lib.rs": "#[test]\nfn t() { assert_eq!(1, 1); }\n"],
        command: "$R --crate-name x --test --emit=dep-info,link --out-dir out src/lib.rs",
        change: "sed -i s/1,/2,/ src/lib.rs"
    ),
    RustChange(
        name: "a macro's source",
        files: ["m.rs": rustMacro("\"fn a() {}\".parse().unwrap()")],
        command:
            "$R --crate-name m --crate-type proc-macro --edition=2021 --extern proc_macro --emit=dep-info,link --out-dir out -C prefer-dynamic m.rs",
        change: "sed -i 's/fn a/fn b/' m.rs"
    ),
    RustChange(
        name: "a shared library's source",
        files: ["src/lib.rs": "#[no_mangle] pub extern \"C\" fn f() -> u32 { 1 }\n"],
        command: "$R --crate-name x --crate-type cdylib --emit=dep-info,link --out-dir out src/lib.rs",
        change: "sed -i s/1/2/ src/lib.rs"
    ),
    RustChange(
        name: "a word for the linker",
        files: ["src/main.rs": "fn main() {}\n"],
        command: RustChange.program,
        changedCommand: RustChange.program + " -C link-arg=-Wl,-rpath,/nowhere"
    ),
    RustChange(
        name: "a native library that is linked",
        files: [
            "src/main.rs": "extern \"C\" { fn n() -> i32; }\nfn main() { println!(\"{}\", unsafe { n() }); }\n",
            "n.c": "int n(void) { return 1; }\n",
        ],
        prepare: "mkdir native; cc -c n.c; ar rcD native/libn.a n.o",
        command: RustChange.program + " -L native=native -l static=n",
        change: "sed -i s/1/2/ n.c; cc -c n.c; rm native/libn.a; ar rcD native/libn.a n.o"
    ),
    RustChange(
        name: "a native library that is packed",
        files: ["src/lib.rs": plain, "n.c": "int n(void) { return 1; }\n"],
        prepare: "mkdir native; cc -c n.c; ar rcD native/libn.a n.o",
        command: RustChange.library + " -L native=native -l static=n",
        change: "sed -i s/1/2/ n.c; cc -c n.c; rm native/libn.a; ar rcD native/libn.a n.o"
    ),
    RustChange(
        name: "a native library appears in an earlier directory",
        files: [
            "src/main.rs": "extern \"C\" { fn n() -> i32; }\nfn main() { println!(\"{}\", unsafe { n() }); }\n",
            "n.c": "int n(void) { return 1; }\n",
        ],
        prepare: "mkdir early late; cc -c n.c; ar rcD late/libn.a n.o",
        command: RustChange.program + " -L native=early -L native=late -l n",
        change: "sed -i s/1/2/ n.c; cc -c n.c; ar rcD early/libn.a n.o"
    ),
    RustChange(
        name: "a shared library appears beside an archive",
        files: [
            "src/main.rs": "extern \"C\" { fn n() -> i32; }\nfn main() { println!(\"{}\", unsafe { n() }); }\n",
            "n.c": "int n(void) { return 1; }\n",
        ],
        prepare: "mkdir late; cc -c n.c; ar rcD late/libn.a n.o",
        command: RustChange.program + " -L native=late -l n",
        change: "sed -i s/1/2/ n.c; cc -shared -fPIC n.c -o late/libn.so"
    ),
    RustChange(
        name: "a script for the linker",
        files: ["src/main.rs": "fn main() {}\n", "v.map": "{ local: *; };\n"],
        command: RustChange.program + " -C link-arg=-Wl,--version-script=v.map",
        change: "echo '{ global: main; local: *; };' > v.map"
    ),
    RustChange(
        name: "another linker is first in the path",
        files: ["src/main.rs": "fn main() {}\n"],
        prepare: "mkdir tools",
        command: "PATH=$PWD/tools:$PATH; " + RustChange.program,
        change: "ln -s $(readlink -f $(command -v cc)) tools/cc"
    ),
]

let rustToolchainChanges: [RustChange] = [
    RustChange(
        name: "a file of the compiler's",
        files: ["src/lib.rs": plain],
        prepare: """
            for d in $SYSROOT_OF_TEST/lib/rustlib/*/lib; do
                t=$(basename $(dirname $d)); mkdir -p sys/lib/rustlib/$t/lib; ln -s $d/* sys/lib/rustlib/$t/lib/
            done
            """,
        command: RustChange.library + " --sysroot sys",
        change: "f=$(ls sys/lib/rustlib/*/lib/libgetopts-*.rlib); cp $f copy; rm $f; (cat copy; echo) > $f"
    ),
    RustChange(
        name: "a crate appears beside the compiler's",
        files: ["src/lib.rs": plain],
        prepare: """
            for d in $SYSROOT_OF_TEST/lib/rustlib/*/lib; do
                t=$(basename $(dirname $d)); mkdir -p sys/lib/rustlib/$t/lib; ln -s $d/* sys/lib/rustlib/$t/lib/
            done
            """,
        command: RustChange.library + " --sysroot sys",
        change: "for d in sys/lib/rustlib/*/lib; do touch $d/libnew.rlib; done"
    ),
    RustChange(
        name: "a compiler behind a script",
        files: ["src/lib.rs": plain],
        prepare:
            "mkdir tools; printf '#!/bin/sh\\nexec %s/bin/rustc \"$@\"\\n' $SYSROOT_OF_TEST > tools/rustc; chmod +x tools/rustc",
        command: "PATH=$PWD/tools:$PATH; " + RustChange.library,
        change: "sed -i 's/\"$@\"/\"$@\" -Copt-level=1/' tools/rustc",
        isCacheable: false
    ),
    RustChange(
        name: "rustup's choice",
        files: [
            "src/lib.rs": plain,
            "rustup.rs": """
            use std::os::unix::process::CommandExt;
            fn main() {
                let root = std::env::var("SYSROOT_OF_TEST").unwrap();
                let mut c = std::process::Command::new(format!("{root}/bin/rustc"));
                c.args(std::env::args_os().skip(1));
                if std::path::Path::new("rust-toolchain").exists() { c.arg("-Copt-level=1"); }
                c.exec();
            }
            """,
        ],
        prepare: "mkdir tools; $R rustup.rs -o tools/rustup; ln -s rustup tools/rustc",
        command: "PATH=$PWD/tools:$PATH; " + RustChange.library,
        change: "echo other > rust-toolchain",
        isUndone: "rm rust-toolchain"
    ),
    RustChange(
        name: "clippy's settings",
        files: [
            "src/lib.rs": "pub fn f(a: u8, b: u8, c: u8) -> u8 { a + b + c }\n",
            "clippy.toml": "too-many-arguments-threshold = 5\n",
        ],
        command: "CARGO_MANIFEST_DIR=$PWD "
            + RustChange.library.replacingOccurrences(of: "$R", with: "$C").replacingOccurrences(
                of: "metadata,link",
                with: "metadata"
            ),
        change: "echo 'too-many-arguments-threshold = 2' > clippy.toml",
        isUndone: "echo 'too-many-arguments-threshold = 5' > clippy.toml",
        needsClippy: true
    ),
    RustChange(
        name: "clippy's settings appear",
        files: ["src/lib.rs": "pub fn f(a: u8, b: u8, c: u8) -> u8 { a + b + c }\n"],
        command: "CARGO_MANIFEST_DIR=$PWD "
            + RustChange.library.replacingOccurrences(of: "$R", with: "$C").replacingOccurrences(
                of: "metadata,link",
                with: "metadata"
            ),
        change: "echo 'too-many-arguments-threshold = 2' > clippy.toml",
        isUndone: "rm clippy.toml",
        needsClippy: true
    ),
]
