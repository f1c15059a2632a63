import Foundation
import TestSupport
import Testing

private let plain = "pub fn f() -> u32 { 1 }\n"

/// A macro crate that is a compiler's guest: no other crate is needed.
func rustMacro(_ body: String) -> String {
    "use proc_macro::TokenStream;\n#[proc_macro]\npub fn m(_: TokenStream) -> TokenStream { \(body) }\n"
}

let rustMacroBuild =
    "$R --crate-name m --crate-type proc-macro --edition=2021 --extern proc_macro --out-dir deps -C metadata=mm -C extra-filename=-0123456789abcdef m.rs"
let rustMacroUse =
    RustChange.library + " -L dependency=deps --extern m=deps/libm-0123456789abcdef.so"
private func dependency(_ name: String, _ mark: String, _ more: String = "") -> String {
    "$R --crate-name \(name) --crate-type lib --emit=metadata,link --out-dir deps -C metadata=\(name) "
        + "-C extra-filename=-\(mark) -L dependency=deps \(more) \(name).rs"
}
private let markA = "aaaaaaaaaaaaaaaa"
private let markB = "bbbbbbbbbbbbbbbb"

private let sourceChanges: [RustChange] = [
    RustChange(
        name: "the source",
        files: ["src/lib.rs": plain],
        change: "sed -i s/1/2/ src/lib.rs",
        isUndone: "sed -i 's/ 2 / 1 /' src/lib.rs"
    ),
    RustChange(
        name: "listings, and code that is not linked",
        files: ["src/lib.rs": "pub fn f() -> u32 { 1 }\npub mod m { pub fn g() -> Vec<u8> { vec![3] } }\n"],
        command: RustChange.library.replacingOccurrences(
            of: "metadata,link",
            with: "metadata,link,asm,llvm-ir,llvm-bc=out/my.bc,obj,mir"
        ),
        change: "sed -i s/1/2/ src/lib.rs",
        isUndone: "sed -i 's/ 2 / 1 /' src/lib.rs"
    ),
    RustChange(
        name: "a listing alone, where it is to go, with debug information",
        files: ["src/main.rs": "fn main() { println!(\"one\") }\n"],
        command: "$R --emit asm -g -C codegen-units=1 src/main.rs -o out/main.s",
        change: "sed -i s/one/two/ src/main.rs"
    ),
    RustChange(
        name: "the source, its time set back",
        files: ["src/lib.rs": plain],
        change: "touch -r src/lib.rs t; sed -i s/1/2/ src/lib.rs; touch -r t src/lib.rs"
    ),
    RustChange(
        name: "what an assembler reads",
        files: ["src/lib.rs": #"core::arch::global_asm!("p: .incbin \"payload\"");"#, "payload": "one"],
        change: "echo three > payload",
        isUndone: "printf one > payload"
    ),
    RustChange(
        name: "what an assembler reads by a macro of its own",
        files: [
            "src/lib.rs": #"core::arch::global_asm!(".macro m a, b", ".\\a\\b \"payload\"", ".endm", "m inc, bin");"#,
            "payload": "one",
        ],
        change: "echo three > payload"
    ),
    RustChange(name: "a touch", files: ["src/lib.rs": plain], change: "touch src/lib.rs", next: .hit),
    RustChange(
        name: "a module's file",
        files: ["src/lib.rs": "pub mod a;\n", "src/a.rs": plain],
        change: "sed -i s/1/2/ src/a.rs",
        isUndone: "sed -i 's/ 2 / 1 /' src/a.rs"
    ),
    RustChange(
        name: "a module's file replaced by a rename",
        files: ["src/lib.rs": "pub mod a;\n", "src/a.rs": plain, "b.rs": "pub fn f() -> u32 { 2 }\n"],
        change: "touch -r src/a.rs b.rs; mv b.rs src/a.rs"
    ),
    RustChange(
        name: "mod.rs appears beside a.rs",
        files: ["src/lib.rs": "pub mod a;\n", "src/a.rs": plain],
        change: "mkdir src/a; echo 'pub fn g() {}' > src/a/mod.rs",
        isUndone: "rm -r src/a"
    ),
    RustChange(
        name: "a.rs appears beside mod.rs",
        files: ["src/lib.rs": "pub mod a;\n", "src/a/mod.rs": plain],
        change: "echo 'pub fn g() {}' > src/a.rs"
    ),
    RustChange(
        name: "a.rs becomes a/mod.rs",
        files: ["src/lib.rs": "pub mod a;\n", "src/a.rs": plain],
        change: "mkdir src/a; mv src/a.rs src/a/mod.rs"
    ),
    RustChange(
        name: "a nested module",
        files: ["src/lib.rs": "pub mod a;\n", "src/a.rs": "pub mod b;\n", "src/a/b.rs": plain],
        change: "sed -i s/1/2/ src/a/b.rs"
    ),
    RustChange(
        name: "a module at a path",
        files: ["src/lib.rs": "#[path = \"../other/x.rs\"]\npub mod a;\n", "other/x.rs": plain],
        change: "sed -i s/1/2/ other/x.rs"
    ),
    RustChange(
        name: "include!",
        files: ["src/lib.rs": "include!(\"part.in\");\n", "src/part.in": plain],
        change: "sed -i s/1/2/ src/part.in"
    ),
    RustChange(
        name: "include_str!",
        files: ["src/lib.rs": "pub const T: &str = include_str!(\"../t.txt\");\n", "t.txt": "one"],
        change: "echo two > t.txt"
    ),
    RustChange(
        name: "include_bytes! with a blank in the name",
        files: ["src/lib.rs": "pub const T: &[u8] = include_bytes!(\"a b.bin\");\n", "src/a b.bin": "one"],
        change: "echo two > 'src/a b.bin'"
    ),
    RustChange(
        name: "a link to an included file is turned",
        files: ["src/lib.rs": "pub const T: &str = include_str!(\"t\");\n", "one": "one", "two": "two"],
        prepare: "ln -s ../one src/t",
        change: "ln -sfn ../two src/t"
    ),
    RustChange(
        name: "the source is gone",
        files: ["src/lib.rs": plain],
        change: "rm src/lib.rs"
    ),
    RustChange(
        name: "the source stops compiling",
        files: ["src/lib.rs": plain],
        change: "echo nonsense >> src/lib.rs"
    ),
    RustChange(
        name: "the source begins to warn",
        files: ["src/lib.rs": plain],
        change: "echo 'fn unused() {}' >> src/lib.rs",
        isUndone: "sed -i /unused/d src/lib.rs"
    ),
]

private let environmentChanges: [RustChange] = [
    RustChange(
        name: "a stack of no size",
        files: ["src/lib.rs": plain],
        environment: ["RUST_MIN_STACK": "8000000"],
        changedEnvironment: ["RUST_MIN_STACK": "abc"]
    ),
    RustChange(
        name: "the version that the compiler says it has",
        files: ["src/lib.rs": "#![feature(cfg_version)]\n#[cfg(version(\"1.99\"))] pub fn a() {}\n"],
        environment: ["RUSTC_BOOTSTRAP": "1", "RUSTC_OVERRIDE_VERSION_STRING": "1.95.0"],
        changedEnvironment: ["RUSTC_BOOTSTRAP": "1", "RUSTC_OVERRIDE_VERSION_STRING": "1.99.0"]
    ),
    RustChange(
        name: "env!",
        files: ["src/lib.rs": "pub const T: &str = env!(\"STAMP\");\n"],
        environment: ["STAMP": "1"],
        changedEnvironment: ["STAMP": "2"]
    ),
    RustChange(
        name: "option_env! is set",
        files: ["src/lib.rs": "pub const T: Option<&str> = option_env!(\"STAMP\");\n"],
        changedEnvironment: ["STAMP": "2"]
    ),
    RustChange(
        name: "option_env! is unset",
        files: ["src/lib.rs": "pub const T: Option<&str> = option_env!(\"STAMP\");\n"],
        environment: ["STAMP": "2"],
        changedEnvironment: [:]
    ),
    RustChange(
        name: "option_env! is empty rather than unset",
        files: ["src/lib.rs": "pub const T: Option<&str> = option_env!(\"STAMP\");\n"],
        changedEnvironment: ["STAMP": ""]
    ),
    RustChange(
        name: "cargo's version of the crate",
        files: ["src/lib.rs": "pub const T: &str = env!(\"CARGO_PKG_VERSION\");\n"],
        environment: ["CARGO_PKG_VERSION": "1.0.0"],
        changedEnvironment: ["CARGO_PKG_VERSION": "1.0.1"]
    ),
    RustChange(
        name: "what a build script wrote",
        files: ["src/lib.rs": "include!(concat!(env!(\"OUT_DIR\"), \"/t.rs\"));\n", "made/t.rs": plain],
        command: "OUT_DIR=$PWD/made " + RustChange.library,
        change: "sed -i s/1/2/ made/t.rs",
        isUndone: "sed -i 's/ 2 / 1 /' made/t.rs"
    ),
    RustChange(
        name: "another directory of the build script's",
        files: [
            "src/lib.rs": "include!(concat!(env!(\"OUT_DIR\"), \"/t.rs\"));\n", "made/t.rs": plain,
            "other/t.rs": "pub fn f() -> u32 { 2 }\n",
        ],
        command: "OUT_DIR=$PWD/made " + RustChange.library,
        changedCommand: "OUT_DIR=$PWD/other " + RustChange.library
    ),
    RustChange(
        name: "a variable that nobody reads",
        files: ["src/lib.rs": plain],
        changedEnvironment: ["STAMP": "2"],
        next: .hit
    ),
    RustChange(
        name: "unstable features by the environment",
        files: ["src/lib.rs": "#![feature(never_type)]\n" + plain],
        environment: ["RUSTC_BOOTSTRAP": "1"],
        changedEnvironment: [:]
    ),
]

private let crateChanges: [RustChange] = [
    RustChange(
        name: "a crate",
        files: ["src/lib.rs": "pub use a::f;\n", "a.rs": "#[inline(always)] " + plain],
        prepare: dependency("a", markA),
        command: RustChange.library + " -L dependency=deps --extern a=deps/liba-\(markA).rmeta",
        change: "sed -i s/1/2/ a.rs; " + dependency("a", markA),
        isUndone: "sed -i 's/ 2 / 1 /' a.rs; " + dependency("a", markA)
    ),
    RustChange(
        name: "a crate's crate",
        files: [
            "src/lib.rs": "pub fn h() -> u32 { b::f() }\n", "a.rs": "#[inline(always)] " + plain,
            "b.rs": "#[inline(always)] pub fn f() -> u32 { a::f() }\n",
        ],
        prepare: dependency("a", markA) + ";" + dependency("b", markB, "--extern a=deps/liba-\(markA).rmeta"),
        command: RustChange.library + " -L dependency=deps --extern b=deps/libb-\(markB).rmeta",
        change: "sed -i s/1/2/ a.rs;" + dependency("a", markA)
    ),
    RustChange(
        name: "a crate's crate in a program",
        files: [
            "src/main.rs": "fn main() { println!(\"{}\", b::f()); }\n", "a.rs": plain,
            "b.rs": "pub fn f() -> u32 { a::f() }\n",
        ],
        prepare: dependency("a", markA) + ";" + dependency("b", markB, "--extern a=deps/liba-\(markA).rmeta"),
        command: RustChange.program + " -L dependency=deps --extern b=deps/libb-\(markB).rlib",
        // Both are made anew, as cargo does.
        change: "sed -i s/1/2/ a.rs;" + dependency("a", markA) + ";"
            + dependency("b", markB, "--extern a=deps/liba-\(markA).rmeta")
    ),
    RustChange(
        name: "a crate that is searched by its name",
        files: ["src/lib.rs": "pub use a::f;\n", "a.rs": "#[inline(always)] " + plain],
        prepare: "mkdir deps; $R --crate-name a --crate-type lib --out-dir deps a.rs",
        command: RustChange.library + " -L deps --extern a",
        change: "sed -i s/1/2/ a.rs; $R --crate-name a --crate-type lib --out-dir deps a.rs"
    ),
    RustChange(
        name: "a second crate of that name appears",
        files: ["src/lib.rs": "pub use a::f;\n", "a.rs": "#[inline(always)] " + plain],
        prepare: "mkdir deps; $R --crate-name a --crate-type lib --out-dir deps a.rs",
        command: RustChange.library + " -L deps --extern a",
        change:
            "sed -i s/1/2/ a.rs; $R --crate-name a --crate-type lib --out-dir deps -C extra-filename=-2 -C metadata=2 a.rs"
    ),
    RustChange(
        name: "a macro",
        files: ["src/lib.rs": "m::m!();\n", "m.rs": rustMacro("\"pub const X: u32 = 1;\".parse().unwrap()")],
        prepare: rustMacroBuild,
        command: rustMacroUse,
        change: "sed -i s/1/2/ m.rs; " + rustMacroBuild,
        isUndone: "sed -i 's/= 2/= 1/' m.rs; " + rustMacroBuild,
        needsSlimMacros: true
    ),
    RustChange(
        name: "a variable that a macro reads",
        files: [
            "src/lib.rs": "m::m!();\n",
            "m.rs": rustMacro(
                "format!(\"pub const X: &str = {:?};\", std::env::var(\"MACRO_STAMP\")).replace(\"Ok\", \"\").parse().unwrap()"
            ),
        ],
        prepare: rustMacroBuild,
        command: rustMacroUse,
        environment: ["MACRO_STAMP": "1"],
        changedEnvironment: ["MACRO_STAMP": "2"],
        needsSlimMacros: true
    ),
    RustChange(
        name: "a variable that a macro reads is set",
        files: [
            "src/lib.rs": "m::m!();\n",
            "m.rs": rustMacro(
                "format!(\"pub const X: bool = {};\", std::env::var_os(\"MACRO_STAMP\").is_some()).parse().unwrap()"
            ),
        ],
        prepare: rustMacroBuild,
        command: rustMacroUse,
        changedEnvironment: ["MACRO_STAMP": "2"],
        needsSlimMacros: true
    ),
]

private let optionChanges: [RustChange] =
    [
        ("a condition", "--cfg a", "--cfg b"), ("a feature", "--cfg 'feature=\"a\"'", "--cfg 'feature=\"b\"'"),
        ("the edition", "", "--edition=2018"), ("the level of optimisation", "-C opt-level=0", "-C opt-level=2"),
        ("debug information", "-C debuginfo=0", "-C debuginfo=2"), ("what a panic does", "", "-C panic=abort"),
        ("the linker's optimisation", "", "-C lto=thin -C embed-bitcode=yes"),
        ("the cap of lints", "", "--cap-lints allow"),
        ("the level of a lint", "", "-D dead_code"), ("a path that is mapped", "", "--remap-path-prefix src=other"),
        ("the crate's mark", "", "-C metadata=n"), ("the units of code", "", "-C codegen-units=1"),
        ("the processor", "", "-C target-cpu=native"), ("a feature of the processor", "", "-C target-feature=+avx2"),
        ("checks of overflow", "", "-C overflow-checks=yes"), ("the format of errors", "", "--error-format=json"),
        ("the form of messages", "", "--error-format=short"), ("colours", "", "--color=always"),
        ("frame pointers", "", "-C force-frame-pointers=yes"),
    ].map { name, before, after in
        RustChange(
            name: name,
            files: [
                "src/lib.rs": "#[cfg(a)] pub fn a() {}\n#[cfg(feature = \"a\")] pub fn b() {}\nfn unused() {}\n"
                    + "pub fn f(x: u32) -> u32 { assert!(x > 1); x + 1 }\npub fn g() -> &'static str { file!() }\n"
            ],
            command: RustChange.library.replacingOccurrences(
                of: after.hasPrefix("--edition") ? " --edition=2021" : "\u{1}",
                with: ""
            )
                + " " + before,
            changedCommand: RustChange.library.replacingOccurrences(
                of: after.hasPrefix("--edition") ? " --edition=2021" : "\u{1}",
                with: ""
            )
                + " " + after
        )
    } + [
        RustChange(
            name: "the crate's name",
            files: ["src/lib.rs": plain],
            changedCommand: RustChange.library.replacingOccurrences(of: "--crate-name x", with: "--crate-name y")
        ),
        RustChange(
            name: "the end of the file's name",
            files: ["src/lib.rs": plain],
            changedCommand: RustChange.library.replacingOccurrences(of: "=-e", with: "=-f")
        ),
        RustChange(
            name: "what is emitted",
            files: ["src/lib.rs": plain],
            changedCommand: RustChange.library.replacingOccurrences(of: "metadata,link", with: "metadata")
        ),
        RustChange(
            name: "the kind of crate",
            files: ["src/lib.rs": plain],
            changedCommand: RustChange.library.replacingOccurrences(
                of: "--crate-type lib",
                with: "--crate-type staticlib"
            )
        ),
        RustChange(
            name: "words in a file",
            files: ["src/lib.rs": plain, "words": "--cfg\na\n"],
            command: RustChange.library + " @words",
            change: "printf -- '--cfg\\nb\\n' > words"
        ),
    ]

@Suite struct RustStalenessTests {
    @Test(arguments: sourceChanges) func `sources`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: environmentChanges) func `the environment`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: crateChanges) func `crates and macros`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: rustMacroChanges) func `what macros look at`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: optionChanges) func `options`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: rustLinkChanges) func `what is linked`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: rustSearchChanges) func `what is searched for`(_ change: RustChange) throws { try check(change) }
    @Test(arguments: rustToolchainChanges) func `the compiler itself`(_ change: RustChange) throws { try check(change) }

    private func check(_ change: RustChange) throws {
        guard let installed = RustToolchain.installed else { try Test.cancel("needs rustc and cargo") }
        if change.needsSlimMacros, !installed.slimsMacros { try Test.cancel("needs a newer rustc") }
        if change.needsClippy, !installed.hasClippy { try Test.cancel("needs clippy-driver") }
        try change.check()
    }
}
