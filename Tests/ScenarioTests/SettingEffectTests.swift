import Foundation
import TestSupport
import Testing

/// What settings do to compiles: which results meet, and which are kept.
@Suite struct SettingEffectTests {
    private static let compilers = ["gcc", "clang"]

    private func isHit(
        _ workshop: Workshop,
        _ words: [String],
        _ environment: [String: String] = [:],
        in place: String = ""
    )
        throws -> Bool
    {
        let counted = try workshop.counting { try workshop.larder(words, in: place, environment: environment) }
        return counted.hits == 1 && counted.misses == 0
    }

    @Test(arguments: [
        ["gcc", "-c", "a.c", "-o", "a.o"], ["clang", "-c", "a.c", "-o", "a.o"], ["gcc", "-S", "a.c", "-o", "a.o"],
        ["run", "--input", "a.c", "--output", "a.o", "--", "cp", "a.c", "a.o"],
        ["rustc", "--crate-type=lib", "-o", "a.o", "a.rs"],
    ])
    func `namespaces and extra inputs keep results apart`(words: [String]) throws {
        let workshop = try Workshop()
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/root"
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        try workshop.write("pub fn f() {}\n", to: "a.rs")
        try workshop.write("1", to: "flags")
        func isHit(_ environment: [String: String]) throws -> Bool {
            let rust = ["PATH": "/usr/local/bin:/usr/bin:/bin:\(home)/.cargo/bin", "RUSTUP_HOME": "\(home)/.rustup"]
            return try self.isHit(workshop, words, rust.merging(environment) { $1 })
        }
        for environment in [
            [:], ["LARDER_NAMESPACE": "one"], ["LARDER_NAMESPACE": "two"],
            ["LARDER_EXTRA_INPUTS": workshop.url("flags").path], ["LARDER_EXTRA_INPUTS": workshop.url("none").path],
        ] {
            #expect(try !isHit(environment))
            #expect(try isHit(environment))
        }
        try workshop.write("2", to: "flags")
        #expect(try !isHit(["LARDER_EXTRA_INPUTS": workshop.url("flags").path]))
        try workshop.write("1", to: "flags")
        #expect(try isHit(["LARDER_EXTRA_INPUTS": workshop.url("flags").path]))
    }

    @Test(arguments: [["-c"], ["-S"]])
    func `an extra input that changes while the compiler runs is not forgotten`(mode: [String]) throws {
        let workshop = try Workshop()
        let flags = workshop.url("flags").path
        try workshop.write("1", to: "flags")
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        // The assembler, or the compiler, that changes it stands for anybody who does.
        try workshop.write("#!/bin/sh\necho 2 >\(flags)\nexec /usr/bin/gcc \"$@\"\n", to: "bin/gcc")
        #expect(chmod(workshop.url("bin/gcc").path, 0o755) == 0)
        let environment = ["LARDER_EXTRA_INPUTS": flags, "PATH": workshop.url("bin").path + ":/usr/bin:/bin"]
        for _ in 0..<2 {
            try workshop.write("1", to: "flags")
            #expect(try !isHit(workshop, ["gcc"] + mode + ["a.c", "-o", "a.o"], environment))
        }
    }

    @Test(arguments: compilers)
    func `an ignored option does not count, but only for who ignores it`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return N; }\n", to: "a.c")
        func compile(_ n: Int, _ ignored: String = "") throws -> Bool {
            try isHit(workshop, [compiler, "-DN=\(n)", "-c", "a.c"], ["LARDER_IGNORE_OPTIONS": ignored])
        }
        #expect(try !compile(1, "-DN=*"))
        let first = workshop.read("a.o")
        #expect(try compile(2, "-DN=*"))
        #expect(workshop.read("a.o") == first)
        #expect(try !compile(2, "-DN"))
        #expect(workshop.read("a.o") != first)
        #expect(try !compile(1))
        #expect(try !compile(2))
    }

    @Test(arguments: [["-c"], ["-S"]])
    func `the name of a source counts whatever is ignored`(mode: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        try workshop.write("int g(void) { return 2; }\n", to: "b.c")
        func make(_ source: String, _ environment: [String: String]) throws -> Data? {
            workshop.remove("out")
            try workshop.larder(["gcc"] + mode + [source, "-o", "out"], environment: environment)
            return workshop.read("out")
        }
        let ignoring = ["LARDER_IGNORE_OPTIONS": "* b.c a.c"]
        for source in ["a.c", "b.c"] {
            #expect(try make(source, ignoring) == make(source, ["LARDER_DISABLE": "1"]))
        }
    }

    @Test(arguments: compilers, ["__DATE__ __TIME__", "__TIMESTAMP__"])
    func `results that hold a time are kept where times are ignored, and only there`(compiler: String, macros: String)
        throws
    {
        for mode in ["-c", "-S"] {
            let workshop = try Workshop()
            try workshop.write("const char *f(void) { return \(macros); }\n", to: "a.c")
            let words = [compiler, mode, "a.c", "-o", "a.o"]
            let ignoring = ["LARDER_TIME_MACROS": "ignore"]
            #expect(try !isHit(workshop, words, ignoring))
            #expect(try isHit(workshop, words, ignoring))
            if mode == "-c", macros != "__TIMESTAMP__" {
                for _ in 0..<2 { #expect(try !isHit(workshop, words)) }
            } else {
                #expect(try !isHit(workshop, words))
            }
        }
    }

    @Test(arguments: compilers)
    func `a second worktree hits with debug information where its root is the base`(compiler: String) throws {
        let workshop = try Workshop()
        for (tree, build) in [("one", "build"), ("another", "build")] {
            try workshop.write("#include \"h.h\"\nconst char *f(void) { return __FILE__ H; }\n", to: "\(tree)/src/a.c")
            try workshop.write("#define H \"\"\n", to: "\(tree)/include/h.h")
            try workshop.write("base_dir = auto\n", to: "\(tree)/.larder.conf")
            try workshop.write("gitdir: /somewhere/.git/worktrees/\(tree)\n", to: "\(tree)/.git")
            try workshop.write("", to: "\(tree)/\(build)/x")
        }
        func compile(_ tree: String) throws -> Bool {
            let root = workshop.url(tree).path
            return try isHit(
                workshop,
                [compiler, "-g", "-I\(root)/include", "-MD", "-c", "\(root)/src/a.c", "-o", "a.o"],
                in: "\(tree)/build"
            )
        }
        #expect(try !compile("one"))
        #expect(try compile("another"))
        #expect(workshop.read("one/build/a.o") == workshop.read("another/build/a.o"))
        let rule = String(decoding: workshop.read("another/build/a.d") ?? Data(), as: UTF8.self)
        #expect(rule.contains(workshop.url("another/include/h.h").path) && !rule.contains(workshop.url("one").path))
    }

    @Test func `while an extra input cannot be read, nothing is found and nothing is kept`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        // One that is too long to be read for every compile, and a directory.
        try workshop.write("", to: "long")
        #expect(truncate(workshop.url("long").path, 5 << 30) == 0)
        for name in ["long", ""] {
            for mode in ["-c", "-S"] {
                let environment = ["LARDER_EXTRA_INPUTS": workshop.url(name).path]
                for _ in 0..<2 {
                    #expect(try !isHit(workshop, ["gcc", mode, "a.c", "-o", "a.o"], environment))
                }
            }
        }
    }

    @Test func `above the user's home nothing is looked for`() throws {
        let workshop = try Workshop()
        try workshop.write("namespace = above\n", to: ".larder.conf")
        try workshop.write("", to: "home/project/x")
        func namespace(home: String) throws -> String {
            try workshop.larder(
                ["config", "get", "namespace"],
                in: "home/project",
                environment: ["HOME": workshop.url(home).path]
            ).outputText
        }
        #expect(try namespace(home: "home") == "\n")
        #expect(try namespace(home: "elsewhere") == "above\n")
    }

    @Test func `of several base directories each is mapped`() throws {
        let workshop = try Workshop()
        let (one, other) = (workshop.url("one").path, workshop.url("one/other").path)
        try workshop.write("const char *f(void) { return __FILE__; }\n", to: "one/other/a.c")
        let maps = ["-ffile-prefix-map=\(one)=.", "-ffile-prefix-map=\(other)=."]
        try workshop.run(["gcc", "-g"] + maps + ["-c", "\(other)/a.c", "-o", "bare.o"], in: "one")
        #expect(
            try !isHit(
                workshop,
                ["gcc", "-g", "-c", "\(other)/a.c", "-o", "a.o"],
                ["LARDER_BASE_DIR": "\(other):\(one)"],
                in: "one"
            )
        )
        #expect(workshop.read("one/a.o") == workshop.read("one/bare.o"))
    }

    @Test func `a map of the user's wins over that of a base directory`() throws {
        let workshop = try Workshop()
        let root = workshop.directory.path
        try workshop.write("const char *f(void) { return __FILE__; }\n", to: "a.c")
        let words = ["gcc", "-g", "-ffile-prefix-map=\(root)=/usr/src", "-c", "\(root)/a.c", "-o", "a.o"]
        try workshop.run(words)
        let bare = workshop.read("a.o")
        for _ in 0..<2 {
            try workshop.larder(words, environment: ["LARDER_BASE_DIR": root])
            #expect(workshop.read("a.o") == bare)
        }
    }

    @Test func `a prefix command runs before the compiler where that has to run`() throws {
        let workshop = try Workshop()
        let log = workshop.url("log").path
        try workshop.write("#!/bin/sh\necho \"$@\" >>\(log)\nexec \"$@\"\n", to: "bin/spread")
        #expect(chmod(workshop.url("bin/spread").path, 0o755) == 0)
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        let environment = ["LARDER_PREFIX_COMMAND": workshop.url("bin/spread").path + " env"]
        let compile = ["gcc", "-O1", "-c", "a.c", "-o", "a.o"]
        #expect(try !isHit(workshop, compile, environment))
        let ran = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        #expect(ran.hasPrefix("env /usr/bin/gcc -O1 -c a.c ") && !ran.contains("-Wa,"))
        workshop.remove("log")
        #expect(try isHit(workshop, compile, environment))
        #expect(workshop.read("log") == nil)
        // What is not cached goes the same way.
        try workshop.larder(["gcc", "a.o", "-shared", "-o", "a.so"], environment: environment)
        #expect(
            String(decoding: workshop.read("log") ?? Data(), as: UTF8.self) == "env /usr/bin/gcc a.o -shared -o a.so\n"
        )
        // One that calls larder again ends there.
        try workshop.write("#!/bin/sh\nshift 2\nexec \(Workshop.larder.path) gcc \"$@\"\n", to: "bin/spread")
        let again = try workshop.larder(["gcc", "-O2", "-c", "a.c"], environment: environment)
        #expect(again.status == 0 && again.errorText.isEmpty)
        let gone = try workshop.larder(["gcc", "-O3", "-c", "a.c"], environment: ["LARDER_PREFIX_COMMAND": "nonesuch"])
        #expect(gone.status == 127 && gone.errorText.contains("nonesuch"))
    }

    @Test func `the log has a line for each decision, whatever a compiler's words are`() throws {
        let workshop = try Workshop()
        try workshop.write("#!/bin/sh\n# Two\n# lines.\nexec gcc -DTEXT='1\n2' \"$@\"\n", to: "wrapped/gcc")
        try workshop.write("int a;\n", to: "a.c")
        try workshop.run(["chmod", "755", "wrapped/gcc"])
        let environment = ["LARDER_LOG": workshop.url("log").path]
        for _ in 1...2 { try workshop.larder(["wrapped/gcc", "-c", "a.c"], environment: environment) }
        let lines = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 2 && lines.allSatisfy { $0.prefix { $0.isNumber }.count == 13 }, "\(lines)")
    }
}
