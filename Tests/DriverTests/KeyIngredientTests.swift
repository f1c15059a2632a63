import Foundation
import TestSupport
import Testing

/// What is in the key of a command: each ingredient of each line stands in a golden file.
///
/// An ingredient that is lost lets two different results meet; this test fails then. `LARDER_UPDATE_GOLDEN=1` writes the
/// file anew.
@Suite struct KeyIngredientTests {
    private struct Line {
        var dialect: String
        var words: String
        var environment: [String: String] = [:]
    }

    private static let cLines: [Line] = ["gcc", "clang"].flatMap { compiler in
        [
            "-c a.c", "-c a.c -o b.o", "-O0 -O2 -c a.c", "-O2 -O0 -c a.c", "-DA=1 -UB -D C=a.c -c a.c",
            "-Iinc -I inc -isystem inc -iquote inc -idirafter inc -c a.c", "-include inc/h.h -c a.c",
            "-imacros inc/h.h -c a.c", "-nostdinc -c a.c", "-g -c a.c", "-g3 -gdwarf-4 -c a.c",
            "-g -fdebug-prefix-map=$PWD=. -c a.c", "-ffile-prefix-map=$PWD=/x -c a.c", "-MD -c a.c",
            "-MMD -MP -c a.c", "-MD -MF d.d -MT t -MQ u -c a.c", "-Wp,-MD,d.d -c a.c", "-c -x c++ a.c",
            "-std=c11 -pedantic -Wall -Wextra -Werror -w -c a.c", "-fPIC -fno-common -fvisibility=hidden -c a.c",
            "-march=x86-64-v2 -mtune=generic -mavx2 -c a.c", "-flto -c a.c", "-fdiagnostics-color=always -c a.c",
            "-c inc/../a.c", "-c $PWD/a.c -o $PWD/a.o", "-I$PWD/inc -c $PWD/a.c", "-c p.i", "-c s.S",
            "@words.rsp -c a.c",
            "-pthread -fopenmp -c a.c", "-Wa,--noexecstack -c a.c", "--sysroot=/ -c a.c",
        ].map { Line(dialect: compiler, words: "\(compiler) \($0)") } + [
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["CPATH": "inc"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["C_INCLUDE_PATH": "inc"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["SOURCE_DATE_EPOCH": "1"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["LANG": "de_DE.UTF-8", "LC_ALL": ""]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["LARDER_BASE_DIR": "$PWD"]),
            Line(dialect: compiler, words: "\(compiler) -g -c a.c", environment: ["LARDER_BASE_DIR": "$PWD"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["LARDER_BASE_DIR": "$PWD/inc:$PWD"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["LARDER_NAMESPACE": "n"]),
            Line(
                dialect: compiler,
                words: "\(compiler) -c a.c",
                environment: ["LARDER_EXTRA_INPUTS": "$PWD/a.c:/none"]
            ),
            Line(dialect: compiler, words: "\(compiler) -DA -c a.c", environment: ["LARDER_IGNORE_OPTIONS": "-D*"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["LARDER_TIME_MACROS": "ignore"]),
            Line(dialect: compiler, words: "\(compiler) -c a.c", environment: ["GCC_COLORS": "", "TERM": "xterm"]),
        ]
    }

    private static let linkLines: [Line] = [
        "gcc a.o -shared -o liba.so", "gcc a.o -shared -Wl,-soname,x -Wl,-Map=m.map -o liba.so",
        "ld -r a.o -o r.o", "ar rcsD lib.a a.o", "ar qcD lib.a a.o a.o",
    ].map { Line(dialect: "link", words: $0, environment: ["LARDER_CACHE_LINK": "1"]) }

    @Test func `of gcc and clang`() throws { try check(Self.cLines, "c") }

    @Test func `of links and archives`() throws { try check(Self.linkLines, "link") }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/clang-tidy"), "clang-tidy is not installed")
    )
    func `of checkers`() throws {
        try check(
            ["clang-tidy a.c --", "clang-tidy -checks=-*,misc-* a.c -- -DA", "include-what-you-use -c a.c"].map {
                Line(dialect: "checkers", words: $0)
            },
            "checkers"
        )
    }

    @Test(.enabled(if: RustToolchain.installed != nil, "no Rust is installed"))
    func `of rustc`() throws {
        let environment = try RustToolchain.environment()
        try check(
            [
                "--crate-type lib --crate-name l --emit metadata,link --out-dir . l.rs",
                "--crate-type lib --crate-name l --emit=link -C opt-level=3 -C debuginfo=2 -o libl.rlib l.rs",
                "--edition 2021 --cfg x --crate-type rlib --crate-name l -C metadata=1 -C extra-filename=-1 --out-dir . l.rs",
                "--crate-type bin --crate-name m --cap-lints allow -L . --out-dir . m.rs",
            ].map { Line(dialect: "rustc", words: "rustc \($0)", environment: environment) },
            "rustc"
        )
    }

    // MARK: -

    private func check(_ lines: [Line], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let workshop = try Workshop()
        try workshop.write("#include \"inc/h.h\"\nint a = N;\n", to: "a.c")
        try workshop.write("#define N 1\n", to: "inc/h.h")
        try workshop.write("int p;\n", to: "p.i")
        try workshop.write(".globl s\ns: .byte 1\n", to: "s.S")
        try workshop.write("-DR=1 -Iinc\n", to: "words.rsp")
        try workshop.write("pub fn f() {}\n", to: "l.rs")
        try workshop.write("fn main() {}\n", to: "m.rs")
        try workshop.run(["gcc", "-fPIC", "-c", "a.c", "-o", "a.o"])
        var text = ""
        for line in lines {
            var environment = line.environment.mapValues { $0.replacing("$PWD", with: workshop.directory.path) }
            environment["LARDER_LOG"] = workshop.url("log").path
            workshop.remove("log")
            let shown = line.environment.filter { !["PATH", "SYSROOT_OF_TEST"].contains($0.key) }
                .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
            try workshop.run(["sh", "-c", "\(Workshop.larder.path) \(line.words)"], environment: environment)
            text += "$ \(shown)\(line.words)\n" + ingredients(workshop)
        }
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/ingredients-\(name).txt")
        if ProcessInfo.processInfo.environment["LARDER_UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: golden.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: golden)
        }
        let expected = String(decoding: try Data(contentsOf: golden), as: UTF8.self)
        let (now, before) = (text.split(separator: "\n"), expected.split(separator: "\n"))
        for change in now.difference(from: before) {
            switch change {
            case .insert(_, let line, _): Issue.record("new: \(line)", sourceLocation: sourceLocation)
            case .remove(_, let line, _): Issue.record("lost: \(line)", sourceLocation: sourceLocation)
            }
        }
    }

    /// The lines of the log that name ingredients, or the one that says why there are none, without what differs between
    /// machines.
    private func ingredients(_ workshop: Workshop) -> String {
        let log = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        var text = ""
        var isAnswer = false
        for line in log.split(separator: "\n") {
            var fields = line.split(separator: " ", omittingEmptySubsequences: false).dropFirst()
            guard let kind = fields.popFirst(), kind == "key" || kind == "bypass" else { continue }
            if kind == "key" { fields = fields.dropLast() }
            // Where it is installed, and what the processor can do, are this machine's.
            if fields.first == "compiler", let last = fields.last?.split(separator: "/").last {
                fields = ["compiler", last]
            }
            if fields.first == "processor" { continue }
            // Behind an empty word stands what the driver says it would run, which every build of it says in its own way.
            if fields.elementsEqual(["word", ""]) { isAnswer = true }
            if isAnswer, fields.first == "word" { continue }
            if kind == "bypass" { fields = ["bypass"] + fields.prefix(1) }
            text += "    " + fields.joined(separator: " ").replacing(workshop.directory.path, with: "DIRECTORY") + "\n"
        }
        return text
    }
}
