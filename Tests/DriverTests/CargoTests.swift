import Foundation
import TestSupport
import Testing

/// A workspace that needs no registry: a library with a build script, a macro and a program.
private let workspace: [String: String] = [
    "Cargo.toml": "[workspace]\nmembers = [\"core\", \"macros\", \"app\"]\n",
    "core/Cargo.toml": """
    [package]
    name = "pantry-core"
    version = "0.1.0"
    edition = "2021"
    build = "build.rs"
    [dependencies]
    pantry-macros = { path = "../macros" }
    """,
    "core/build.rs": """
    fn main() {
        let out = std::env::var("OUT_DIR").unwrap();
        std::fs::write(format!("{out}/table.rs"), "pub const TABLE: &[u32] = &[1, 2, 3];\\n").unwrap();
        println!("cargo:rerun-if-changed=build.rs");
        println!("cargo:rustc-env=PANTRY_STAMP=one");
    }
    """,
    "core/src/lib.rs": """
    include!(concat!(env!("OUT_DIR"), "/table.rs"));
    pub const STAMP: &str = env!("PANTRY_STAMP");
    pub const VERSION: &str = env!("CARGO_PKG_VERSION");
    #[derive(pantry_macros::Count)]
    pub struct Shelf { pub jars: u32 }
    fn unused() {}
    #[cfg(test)]
    mod tests {
        #[test]
        fn sums() { assert_eq!(super::TABLE.iter().sum::<u32>(), 6); }
    }
    """,
    "macros/Cargo.toml": """
    [package]
    name = "pantry-macros"
    version = "0.1.0"
    edition = "2021"
    [lib]
    proc-macro = true
    """,
    "macros/src/lib.rs": """
    #[proc_macro_derive(Count)]
    pub fn count(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
        "impl Shelf { pub const FIELDS: usize = 1; }".parse().unwrap()
    }
    """,
    "app/Cargo.toml": """
    [package]
    name = "pantry"
    version = "0.1.0"
    edition = "2021"
    [dependencies]
    pantry-core = { path = "../core" }
    """,
    "app/src/main.rs": """
    fn main() { println!("{} {} {}", pantry_core::STAMP, pantry_core::Shelf::FIELDS, pantry_core::TABLE.len()); }
    """,
]

@Suite struct CargoTests {
    private let workshop: Workshop

    init() throws {
        guard RustToolchain.installed != nil else { try Test.cancel("needs rustc and cargo") }
        workshop = try Workshop()
        try checkOut("one")
    }

    private func checkOut(_ place: String) throws {
        for (name, text) in workspace { try workshop.write(usable(text), to: "\(place)/\(name)") }
    }

    /// Where nobody can tell what a macro reads, the library does without.
    private func usable(_ text: String) -> String {
        guard RustToolchain.installed?.slimsMacros == false else { return text }
        return text.replacing("pantry-macros = { path = \"../macros\" }", with: "")
            .replacing("#[derive(pantry_macros::Count)]", with: "")
            .replacing("jars: u32 }", with: "jars: u32 }\nimpl Shelf { pub const FIELDS: usize = 1; }")
    }

    @discardableResult
    private func cargo(
        _ words: [String],
        in place: String = "one",
        isCached: Bool = true,
        _ extra: [String: String] = [:]
    ) throws -> Workshop.Outcome {
        var environment = try RustToolchain.environment(extra)
        environment["CARGO_HOME"] = workshop.url("cargo").path
        environment["CARGO_TERM_QUIET"] = "false"
        environment["LARDER_LOG"] = workshop.url("log").path
        if isCached { environment["RUSTC_WRAPPER"] = Workshop.larder.path }
        return try workshop.run(["cargo"] + words + ["--offline"], in: place, environment: environment)
    }

    /// What the launcher has decided since the last time, without what cargo asks the compiler about itself.
    private func decisions() -> [String] {
        let text = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        workshop.remove("log")
        return text.split(separator: "\n").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
            .filter {
                !$0.hasPrefix("key ") && !$0.hasPrefix("bypass information") && !$0.hasPrefix("bypass standard_input")
            }
    }

    /// What cargo says but for times, and the order in which it starts what does not depend on each other.
    private func said(_ outcome: Workshop.Outcome) -> [String] {
        outcome.errorText.split(separator: "\n").map(String.init).filter { !$0.contains("Finished") }.sorted()
    }

    @Test(arguments: [["build"], ["build", "--release"]]) func `a clean build is given whole`(_ words: [String]) throws
    {
        // Sessions write names at random into what they make.
        let settings = ["CARGO_INCREMENTAL": "0"]
        let bare = try cargo(words, isCached: false, settings)
        var expected = DirectorySnapshot(of: workshop.url("one/target").path)
        #expect(bare.status == 0, "\(bare.errorText)")
        for step in ["cold", "warm"] {
            workshop.remove("one/target")
            let outcome = try cargo(words, settings)
            #expect(said(outcome) == said(bare), "\(step)")
            let seen = decisions()
            #expect(
                seen.count >= 4 && seen.allSatisfy { $0.hasPrefix(step == "cold" ? "miss new_command" : "hit") },
                "\(seen)"
            )
            var made = DirectorySnapshot(of: workshop.url("one/target").path)
            // cargo's own notes hold times.
            for name in Set(made.items.keys).union(expected.items.keys)
            where name.contains("/.fingerprint") || name.hasPrefix(".rustc") {
                made.removeAll(below: name)
                expected.removeAll(below: name)
            }
            for name in Set(made.items.keys).union(expected.items.keys) {
                #expect(made.items[name] == expected.items[name], "\(step): \(name)")
            }
        }
    }

    @Test func `the development profile is given whole, sessions and all`() throws {
        let cold = try cargo(["build"])
        let made = workshop.read("one/target/debug/pantry")
        _ = decisions()
        workshop.remove("one/target")
        let warm = try cargo(["build"])
        let seen = decisions()
        #expect(seen.count >= 4 && seen.allSatisfy { $0.hasPrefix("hit") }, "\(seen)")
        #expect(said(warm) == said(cold))
        #expect(workshop.read("one/target/debug/pantry") == made)
        let tested = try cargo(["test"])
        #expect(tested.status == 0, "\(tested.errorText)")
    }

    /// Cargo starts a crate as soon as the metadata of those that it needs is there; these get and lose names after that.
    @Test func `a chain of crates is given whole in the development profile`() throws {
        var members = ["app"]
        for number in 1...8 {
            let needed = number == 1 ? "" : "link\(number - 1) = { path = \"../link\(number - 1)\" }"
            members.append("link\(number)")
            try workshop.write(
                "[package]\nname = \"link\(number)\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\(needed)\n",
                to: "chain/link\(number)/Cargo.toml"
            )
            let call = number == 1 ? "x" : "link\(number - 1)::f(x)"
            let more = (0..<40).map { "pub fn g\($0)(v: Vec<u64>) -> u64 { v.iter().map(|x| x * \($0)).sum() }\n" }
                .joined()
            try workshop.write("pub fn f(x: u64) -> u64 { \(call) + 1 }\n\(more)", to: "chain/link\(number)/src/lib.rs")
        }
        try workshop.write("[workspace]\nresolver = \"2\"\nmembers = \(members)\n", to: "chain/Cargo.toml")
        try workshop.write(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nlink8 = { path = \"../link8\" }\n",
            to: "chain/app/Cargo.toml"
        )
        try workshop.write("fn main() { println!(\"{}\", link8::f(1)); }\n", to: "chain/app/src/main.rs")
        let cold = try cargo(["build"], in: "chain")
        #expect(cold.status == 0, "\(cold.errorText)")
        var seen: [String] = []
        // A crate that got its second name just while the next one read it is kept at the second build.
        for _ in 1...2 where seen.isEmpty || seen.contains(where: { !$0.hasPrefix("hit") }) {
            _ = decisions()
            workshop.remove("chain/target")
            try cargo(["build"], in: "chain")
            seen = decisions()
        }
        #expect(seen.count == 9 && seen.allSatisfy { $0.hasPrefix("hit") }, "\(seen)")
        #expect(try workshop.run(["chain/target/debug/app"]).outputText == "9\n")
    }

    @Test func `what a session made of an earlier one is not kept`() throws {
        try cargo(["build"])
        _ = decisions()
        let old = usable(workspace["core/src/lib.rs"] ?? "")
        try workshop.write(old + "pub fn more() -> u32 { 7 }\n", to: "one/core/src/lib.rs")
        try cargo(["build"])
        let edited = decisions()
        #expect(edited.contains { $0.contains("incremental_state pantry_core") }, "\(edited)")
        try workshop.write(old, to: "one/core/src/lib.rs")
        try cargo(["build"])
        let back = decisions()
        #expect(back.contains { $0.hasPrefix("hit") && $0.contains("pantry_core") }, "\(back)")
        #expect(try workshop.run(["one/target/debug/pantry"]).outputText == "one 1 3\n")
    }

    @Test func `a check is given again, warnings and all`() throws {
        let cold = try cargo(["check"])
        _ = decisions()
        workshop.remove("one/target")
        let warm = try cargo(["check"])
        let seen = decisions()
        #expect(seen.allSatisfy { $0.hasPrefix("hit") }, "\(seen)")
        #expect(said(warm) == said(cold))
        #expect(warm.errorText.contains("function `unused` is never used"))
    }

    @Test func `clippy is given again`() throws {
        guard RustToolchain.installed?.hasClippy == true else { try Test.cancel("needs clippy") }
        let cold = try cargo(["clippy"])
        _ = decisions()
        workshop.remove("one/target")
        let warm = try cargo(["clippy"])
        let seen = decisions()
        #expect(seen.allSatisfy { $0.hasPrefix("hit") }, "\(seen)")
        #expect(said(warm) == said(cold))
    }

    @Test func `a second checkout shares what names no place, and is right`() throws {
        try cargo(["build", "--release"])
        _ = decisions()
        try checkOut("two")
        // The same sources, but for one that only the second one has.
        try workshop.write("fn main() { println!(\"two {}\", pantry_core::TABLE.len()); }\n", to: "two/app/src/main.rs")
        let outcome = try cargo(["build", "--release"], in: "two")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        let seen = decisions()
        #expect(seen.contains { $0.hasPrefix("hit - build_script_build") }, "\(seen)")
        #expect(try workshop.run(["two/target/release/pantry"]).outputText == "two 3\n")
        let dependencies = try FileManager.default.subpathsOfDirectory(atPath: workshop.url("two/target").path)
            .filter { $0.hasSuffix(".d") }
        #expect(!dependencies.isEmpty)
        for name in dependencies {
            let text = String(decoding: workshop.read("two/target/" + name) ?? Data(), as: UTF8.self)
            #expect(!text.contains(workshop.url("one").path + "/"), "\(name)")
        }
    }

    @Test func `target directories of other names share`() throws {
        func settings(_ target: String) -> [String: String] {
            ["CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": workshop.url(target).path]
        }
        try cargo(["build", "--release"], settings("made/target"))
        _ = decisions()
        try cargo(["build", "--release"], settings("made/my-own-place"))
        let seen = decisions()
        #expect(seen.contains { $0.hasPrefix("hit - build_script_build") }, "\(seen)")
        #expect(try workshop.run(["made/my-own-place/release/pantry"]).outputText == "one 1 3\n")
    }

    @Test(arguments: [
        ["RUSTFLAGS": "-C debug-assertions=no"], ["RUSTFLAGS": "--cfg other"], ["CARGO_PROFILE_DEV_PANIC": "abort"],
        ["CARGO_PROFILE_DEV_DEBUG": "0"], ["CARGO_PROFILE_DEV_OPT_LEVEL": "1"], ["CARGO_PROFILE_DEV_LTO": "thin"],
    ]) func `a setting of cargo's is another result`(_ setting: [String: String]) throws {
        let settings = setting.merging(["CARGO_INCREMENTAL": "0"]) { $1 }
        try cargo(["build"], isCached: true, ["CARGO_INCREMENTAL": "0"])
        workshop.remove("one/target")
        try cargo(["build"], isCached: false, settings)
        let expected = workshop.read("one/target/debug/pantry")
        workshop.remove("one/target")
        try cargo(["build"], settings)
        #expect(workshop.read("one/target/debug/pantry") == expected)
    }

    @Test func `a build script that writes something else is seen`() throws {
        try cargo(["build"])
        workshop.remove("one/target")
        let script = workspace["core/build.rs"] ?? ""
        try workshop.write(
            script.replacingOccurrences(of: "1, 2, 3", with: "4, 5").replacingOccurrences(of: "=one", with: "=two"),
            to: "one/core/build.rs"
        )
        try cargo(["build"])
        #expect(try workshop.run(["one/target/debug/pantry"]).outputText == "two 1 2\n")
    }

    @Test func `a link that fails says what it says`() throws {
        try workshop.write("extern \"C\" { fn nope(); }\nfn main() { unsafe { nope() } }\n", to: "a.rs")
        let environment = try RustToolchain.environment()
        let words = ["rustc", "--crate-name", "a", "--out-dir", "out", "--emit=link", "-Csave-temps=no", "a.rs"]
            .filter { !$0.hasPrefix("-Csave") }
        func text(_ outcome: Workshop.Outcome) -> String {
            // Its temporary directory has a name at random.
            outcome.errorText.replacing(/rustc[A-Za-z0-9]{6}/, with: "rustcXXXXXX")
        }
        let bare = try workshop.run(words, environment: environment)
        let cached = try workshop.larder(words, environment: environment)
        #expect(cached.status == bare.status && bare.status != 0)
        #expect(text(cached) == text(bare))
        #expect(!cached.errorText.contains("dependency-file"))
    }
}
