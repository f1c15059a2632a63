/// The file's time counts, too: nobody sees what the macro asks for.
private let back = "printf 1 > t.txt; touch -d 2020-01-01 t.txt"

/// Changes of what a macro looks at by itself, within the compiler, which says nothing of it.
let rustMacroChanges: [RustChange] = [
    macroChange("a file is read", #"std::fs::read_to_string("t.txt").unwrap()"#, "printf 2 > t.txt", back),
    macroChange("a file is looked for", #"std::path::Path::new("u.txt").exists()"#, "printf 2 > u.txt", "rm u.txt"),
    macroChange(
        "a file is looked for in a directory that is not there",
        #"std::fs::read_to_string("none/u.txt").is_ok()"#,
        "mkdir none; printf 2 > none/u.txt",
        "rm -r none"
    ),
    macroChange(
        "a directory is listed",
        #"std::fs::read_dir("inc").unwrap().count()"#,
        "printf 2 > inc/u.txt",
        "rm inc/u.txt"
    ),
    macroChange(
        "a directory is looked for",
        #"std::path::Path::new("inc").is_dir()"#,
        "mv inc was; printf 1 > inc",
        "rm inc; mv was inc"
    ),
    macroChange(
        "a file's time is asked for",
        #"format!("{:?}", std::fs::metadata("t.txt").unwrap().modified())"#,
        "touch -d 2001-01-01 t.txt"
    ),
    macroChange(
        "the time of a file that is open is asked for",
        #"format!("{:?}", std::fs::File::open("t.txt").unwrap().metadata().unwrap().modified())"#,
        "touch -d 2001-01-01 t.txt"
    ),
    macroChange("a link is read", #"std::fs::read_link("l").unwrap()"#, "ln -sfn u.txt l", "ln -sfn t.txt l"),
    macroChange(
        "a path's real name is asked for",
        #"std::fs::canonicalize("d").unwrap().ends_with("inc")"#,
        "mkdir other; ln -sfn other d",
        "ln -sfn inc d; rmdir other"
    ),
    macroChange(
        "a file is read by a path that a variable begins",
        #"std::fs::read_to_string(std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/t.txt").unwrap()"#,
        "printf 2 > t.txt",
        back,
        environment: ["CARGO_MANIFEST_DIR": "."]
    ),
    macroChange(
        "a file is read for a program",
        #"std::fs::read_to_string("t.txt").unwrap()"#,
        "printf 2 > t.txt",
        back,
        isProgram: true
    ),
    macroChange(
        "optimised, a file is looked for",
        #"std::path::Path::new("u.txt").exists()"#,
        "printf 2 > u.txt",
        "rm u.txt",
        flags: "-C opt-level=3"
    ),
    macroChange(
        "without names, a file is read",
        #"std::fs::read_to_string("t.txt").unwrap()"#,
        "printf 2 > t.txt",
        back,
        flags: "-C strip=symbols"
    ),
    macroChange(
        "by the C library, a file is looked for",
        #"{ extern "C" { fn access(p: *const std::ffi::c_char, m: i32) -> i32; } unsafe { access(c"u.txt".as_ptr(), 0) } }"#,
        "printf 2 > u.txt",
        "rm u.txt"
    ),
    macroChange(
        "what a name in a directory stands for is asked",
        #"std::fs::read_dir("inc").unwrap().map(|e| e.unwrap().file_type().unwrap().is_dir()).collect::<Vec<_>>()"#,
        "rm inc/a.txt; mkdir inc/a.txt",
        "rmdir inc/a.txt; printf 1 > inc/a.txt"
    ),
    macroChange(
        "permissions are asked for",
        #"std::os::unix::fs::MetadataExt::mode(&std::fs::metadata("t.txt").unwrap())"#,
        "chmod 600 t.txt",
        "chmod 644 t.txt"
    ),
    macroChange(
        "the time of the source is asked for",
        #"std::fs::metadata("src/lib.rs").unwrap().modified()"#,
        "touch -d 2001-01-01 src/lib.rs"
    ),
    macroChange(
        "a variable in small letters is read",
        #"std::env::var("small_letters").is_ok()"#,
        changedEnvironment: ["small_letters": "1"]
    ),
    macroChange(
        "a variable with a name of two letters is read",
        #"std::env::var("CI").is_ok()"#,
        changedEnvironment: ["CI": "1"]
    ),
    macroChange(
        "a variable with a name that is put together is read",
        #"std::env::var(["MADE", "UP"].join("_")).is_ok()"#,
        changedEnvironment: ["MADE_UP": "1"]
    ),
    macroChange("all variables are read", "std::env::vars().count() > 0", ":", isCacheable: false),
    macroChange(
        "a link is made",
        #"{ let _ = std::fs::remove_file("made"); std::os::unix::fs::symlink("a", "made").is_ok() }"#,
        ":",
        isCacheable: false
    ),
    macroChange(
        "a socket is connected to",
        #"std::os::unix::net::UnixStream::connect("none").is_ok()"#,
        ":",
        isCacheable: false
    ),
    macroChange("a file is written", #"std::fs::write("u.txt", "1").is_ok()"#, ":", isCacheable: false),
    macroChange(
        "a program is run",
        #"String::from_utf8(std::process::Command::new("cat").arg("t.txt").output().unwrap().stdout).unwrap()"#,
        "printf 2 > t.txt",
        isCacheable: false
    ),
    macroChange("the time is read", #"std::time::SystemTime::now() > std::time::UNIX_EPOCH"#, ":", isCacheable: false),
]

/// - Parameters:
///   - value: an expression of the macro's, which becomes a constant of the crate.
///   - isUndone: what is done to come back; nil where the result is another one for good.
///   - flags: more words for the macro's compile.
private func macroChange(
    _ name: String,
    _ value: String,
    _ change: String = "",
    _ isUndone: String? = nil,
    environment: [String: String] = [:],
    changedEnvironment: [String: String]? = nil,
    flags: String = "",
    isProgram: Bool = false,
    isCacheable: Bool = true
) -> RustChange {
    let library = RustChange.library.replacing(" src/lib.rs", with: "")
    let program = "$R --crate-name x --crate-type bin --emit=dep-info,link --out-dir out --edition=2021"
    return RustChange(
        name: "by a macro, \(name)",
        files: [
            "src/lib.rs": isProgram ? "m::m!();\nfn main() { println!(\"{X}\"); }\n" : "m::m!();\n", "t.txt": "1",
            "inc/a.txt": "1",
            "m.rs": rustMacro(
                "let v = format!(\"{:?}\", \(value)); format!(\"pub const X: &str = {v:?};\").parse().unwrap()"
            ),
        ],
        prepare: "touch -d 2020-01-01 t.txt; ln -s t.txt l; ln -s inc d; \(rustMacroBuild) \(flags)",
        command: (isProgram ? program : library) + " --extern m=deps/libm-0123456789abcdef.so src/lib.rs",
        environment: environment,
        change: change,
        changedEnvironment: changedEnvironment,
        isUndone: isUndone,
        isCacheable: isCacheable,
        needsSlimMacros: true
    )
}
