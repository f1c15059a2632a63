import Foundation
import TestSupport
import Testing

/// Compiles that real builds make, whose second time has to be a hit.
@Suite struct DueHitTests {
    private static let compilers = ["gcc", "clang"]

    /// Runs the launcher and the bare compiler, compares all that they leave, and says how the launcher counted it.
    private func compile(_ words: [String], _ workshop: Workshop, in directory: String = "") throws -> Workshop.Counters
    {
        try workshop.counting {
            try same(words + ["-o", "out.o"], [:], workshop, in: directory, outputs: ["out.o"])
        }
    }

    @Test(arguments: compilers)
    func `a file may have the name of a directory in which a header is looked for`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("#include <vec/x.h>\nint a = X;\n", to: "a.c")
        try workshop.write("", to: "one/vec")
        try workshop.write("#define X 1\n", to: "two/vec/x.h")
        let words = [compiler, "-Ione", "-Itwo", "-c", "a.c"]
        #expect(try compile(words, workshop).misses == 1)
        #expect(try compile(words, workshop).hits == 1)
        // It becomes such a directory.
        workshop.remove("one/vec")
        try workshop.write("#define X 2\n", to: "one/vec/x.h")
        #expect(try compile(words, workshop).misses == 1)
        #expect(try compile(words, workshop).hits == 1)
        workshop.remove("one/vec")
        #expect(try compile(words, workshop).hits == 0)
    }

    @Test(arguments: [
        "x86_64-linux-gnu", "i386-linux-gnu", "armv7m-none-eabi", "aarch64-linux-gnu", "powerpc-linux-gnu",
        "mips-linux-gnu",
        "s390x-linux-gnu", "riscv32-unknown-elf", "x86_64-w64-mingw32", "i686-w64-mingw32", "arm64-apple-macos",
        "wasm32",
    ])
    func `checkouts share objects of every format, unless those name them`(target: String) throws {
        let workshop = try Workshop()
        for name in ["one", "another"] {
            try workshop.write("int f(int a) { return a; }\n", to: "\(name)/src/plain.c")
            try workshop.write("const char *name(void) { return __FILE__; }\n", to: "\(name)/src/named.c")
        }
        let words = ["clang", "--target=\(target)", "-ffreestanding", "-c"]
        let isKnown = try workshop.run(words + ["one/src/plain.c", "-o", "x.o"]).status == 0
        guard isKnown else { try Test.cancel("this clang makes nothing for \(target)") }
        #expect(try compile(words + ["src/plain.c"], workshop, in: "one").misses == 1)
        #expect(try compile(words + ["src/plain.c"], workshop, in: "another").hits == 1)
        // Whatever is counted: these are not the same.
        for name in ["one", "another", "one", "another"] {
            for source in ["plain.c", "named.c"] {
                _ = try compile(words + [workshop.url("\(name)/src/\(source)").path], workshop, in: name)
            }
        }
    }

    /// As Go compiles C: in a directory of its own each time, which is mapped, as is the package's by the name of a link to it.
    @Test(arguments: compilers)
    func `what is made in a directory of a new name, which is mapped, is a hit`(compiler: String) throws {
        let workshop = try Workshop()
        let root = workshop.directory.path
        try workshop.write("#include <stdlib.h>\nsize_t q(void) { return 1; }\n", to: "real/package/q.c")
        try workshop.write("", to: "include/x.h")
        try workshop.run(["ln", "-s", "real", "link"])
        for (package, maps) in [
            ("real", ["@W=/build", "@P=/_/package"]), ("link", ["@W=/build", "@P=/_/package"]),
            ("link", ["@W=@R", "@P=/_/package"]),
        ] {
            var counts: [Int] = []
            for number in 1...3 {
                let build = "\(root)/build-\(package)-\(maps[0].count)-\(number)"
                try workshop.run(["mkdir", build])
                let place = "\(root)/\(package)/package"
                let mapped = maps.map {
                    "-fdebug-prefix-map="
                        + $0.replacingOccurrences(of: "@W", with: build).replacingOccurrences(of: "@P", with: place)
                        .replacingOccurrences(of: "@R", with: root)
                }
                let words =
                    [compiler, "-I", build, "-I\(root)/include", "-I/usr/include", "-g", "-O2"] + mapped + [
                        "-c", "q.c", "-o", "q.o",
                    ]
                let counted = try workshop.counting {
                    try same(words, ["PWD": place], workshop, in: "\(package)/package")
                }
                counts.append(counted.hits)
            }
            #expect(counts == [0, 1, 1], "\(package) \(maps)")
        }
    }

    @Test func `a script that asks many questions by one name has its answers the second time`() throws {
        let workshop = try Workshop()
        // As many conditions as a script with hundreds of questions has, which include what the system has.
        for header in 0..<450 { try workshop.write("\n", to: "h/\(header).h") }
        let all = (0..<450).map { "#include \"h/\($0).h\"\n" }.joined()
        func ask() throws -> Workshop.Counters {
            try workshop.counting {
                for question in 0..<40 {
                    try workshop.write(all + "int question\(question);\n", to: "conftest.c")
                    try workshop.larder(["gcc", "-c", "-g", "-O2", "conftest.c"])
                    workshop.remove("conftest.o")
                }
            }
        }
        #expect(try ask().misses == 40)
        #expect(try ask().hits == 40)
    }

    @Test(arguments: compilers)
    func `a comment that has the word dependency does not make times count`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("#define X 1\n", to: "h.h")
        let comments = "/* a dependency */ // another dependency\n/*\n * \"a dependency\"\n */\n"
        try workshop.write(comments + "#include \"h.h\"\nchar c = '\"'; int kill_dependency = X;\n", to: "a.c")
        try workshop.write("/* */ #pragma GCC dependency \"h.h\"\nint x;\n", to: "b.c")
        // Compilers read the quote that stands alone up to the end of its line, so that no comment begins there.
        try workshop.write("#if 0\n don't /* this\n#endif\n#pragma GCC dependency \"h.h\"\nint x;\n/* */\n", to: "c.c")
        for source in ["a.c", "b.c", "c.c"] {
            // An option that makes the compile one that has to be seen.
            #expect(try compile([compiler, "-S", source], workshop).misses == 1)
            #expect(try compile([compiler, "-S", source], workshop).hits == 1)
        }
        try workshop.run(["touch", "-d", "2030-01-01", "h.h"])
        #expect(try compile([compiler, "-S", "a.c"], workshop).hits == 1)
        #expect(try compile([compiler, "-S", "b.c"], workshop).hits == 0)
        #expect(try compile([compiler, "-S", "c.c"], workshop).hits == 0)
    }

    @Test(arguments: compilers)
    func `a variable that is called dependency does not make times count`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("#define X 1\n", to: "h.h")
        let code = "#define P(x) _Pragma(#x)\nP(GCC poison never)\nint dependency = X, other = sizeof dependency;\n"
        try workshop.write("#include \"h.h\"\n" + code, to: "a.c")
        #expect(try compile([compiler, "-c", "a.c"], workshop).misses == 1)
        try workshop.run(["touch", "-d", "2030-01-01", "h.h"])
        #expect(try compile([compiler, "-c", "a.c"], workshop).hits == 1)
    }

    @Test func `the options of the kernel's builds are known`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let words = [
            "clang", "-ftrivial-auto-var-init=zero",
            "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang", "-c", "a.c",
        ]
        #expect(try compile(words, workshop).misses == 1)
        #expect(try compile(words, workshop).hits == 1)
    }

    @Test(arguments: compilers, ["p,q/a.o", "a,b.o"])
    func `an output may have a comma in its name`(compiler: String, output: String) throws {
        let workshop = try Workshop()
        try workshop.write("#include \"h.h\"\nint a;\n", to: "a.c")
        try workshop.write("", to: "h.h")
        try workshop.write("", to: "p,q/empty")
        let words = [compiler, "-MMD", "-c", "a.c", "-o", output]
        let depfile = output.dropLast(1) + "d"
        try workshop.run(words)
        let (object, dependencies) = (workshop.read(output), workshop.read(String(depfile)))
        for hits in 0..<2 {
            for name in [output, String(depfile)] { workshop.remove(name) }
            let counted = try workshop.counting { try workshop.larder(words) }
            #expect(counted.hits == hits && counted.bypasses == 0, "\(counted)")
            #expect(workshop.read(output) == object && workshop.read(String(depfile)) == dependencies)
        }
    }

    @Test func `side outputs may be told where to go`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
        try workshop.write("", to: "out/empty")
        let words = ["gcc", "-dumpdir", "out/", "-fstack-usage", "-c", "a.c", "-o", "out/one.o"]
        try workshop.run(words)
        let made = try FileManager.default.contentsOfDirectory(atPath: workshop.url("out").path).sorted()
        for hits in 0..<2 {
            for name in made where name != "empty" { workshop.remove("out/\(name)") }
            let counted = try workshop.counting { try workshop.larder(words) }
            #expect(counted.hits == hits && counted.bypasses == 0, "\(counted)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.url("out").path).sorted() == made)
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `directories of the loader that hold no library do not count, and those that get one do`(compiler: String)
        throws
    {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        for name in ["one", "two"] {
            try workshop.write("", to: "\(name)/libserde_derive-0123456789abcdef.so")
            try workshop.write("", to: "\(name)/a.rlib")
        }
        func compile(_ directory: String) throws -> Workshop.Outcome {
            let path = "\(workshop.url(directory).path):\(workshop.url("none").path)"
            return try workshop.larder([compiler, "-c", "a.c", "-o", "a.o"], environment: ["LD_LIBRARY_PATH": path])
        }
        #expect(try compile("one").status == 0)
        #expect(try workshop.counting { _ = try compile("two") }.hits == 1)
        #expect(try workshop.counting { try workshop.larder([compiler, "-c", "a.c", "-o", "a.o"]) }.hits == 1)
        // A library that the compiler would load from there, and cannot.
        for library in ["libc.so.6", "libz.so.1", "libm.so.6"] { try workshop.write("none\n", to: "two/\(library)") }
        let path = workshop.url("two").path
        let bare = try workshop.run(
            ["env", "LD_LIBRARY_PATH=\(path)", "/usr/bin/\(compiler)", "-c", "a.c", "-o", "b.o"]
        )
        #expect(bare.status != 0)
        var status: Int32 = -1
        let counts = try workshop.counting { status = try compile("two").status }
        #expect(status == bare.status && counts.hits == 0)
    }

    @Test(arguments: ["g++", "clang++"])
    func `a worktree with a base hits although assertions name functions`(compiler: String) throws {
        let workshop = try Workshop()
        for tree in ["one", "two"] {
            let text = "#include <cassert>\n#include <string>\nint f(int i) { assert(i > 0); return i; }\n"
            try workshop.write(text, to: "\(tree)/a.cpp")
            // A lambda's name holds the path of its file, which no map reaches.
            let lambda = "#include <cassert>\nint g(int i) { return [](int j) { assert(j > 0); return j; }(i); }\n"
            try workshop.write(lambda, to: "\(tree)/l.cpp")
        }
        func compile(_ name: String, in tree: String) throws {
            let root = workshop.url(tree).path
            let words = [compiler, "-O1", "-g", "-c", "\(root)/\(name)", "-o", "x.o"]
            let outcome = try workshop.larder(words, in: tree, environment: ["LARDER_BASE_DIR": root])
            #expect(outcome.status == 0, "\(outcome.errorText)")
            try workshop.run([compiler, "-ffile-prefix-map=\(root)=."] + words[1..<5] + ["-o", "y.o"], in: tree)
            #expect(workshop.read("\(tree)/x.o") == workshop.read("\(tree)/y.o"), "\(name) \(tree)")
        }
        for name in ["a.cpp", "l.cpp"] { try compile(name, in: "one") }
        #expect(try workshop.counting { try compile("a.cpp", in: "two") }.hits == 1)
        try compile("l.cpp", in: "two")
    }

    @Test(arguments: compilers, ["-c", "-S"])
    func `a warning that goes to no terminal is the same on each`(compiler: String, step: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { int unused; return 1; }\n", to: "a.c")
        let terminals = [
            ["TERM": "xterm-256color", "COLUMNS": "200", "COLORTERM": "truecolor"], ["TERM": "dumb", "COLUMNS": "20"],
            ["TERM": ""],
        ]
        for option in ["-Wall", "-fdiagnostics-color=always", "-fcolor-diagnostics"]
        where compiler == "clang" || option != "-fcolor-diagnostics" {
            let counted = try workshop.counting(dueHits: 2) {
                for terminal in terminals {
                    try same([compiler, "-Wunused", option, step, "a.c", "-o", "a.o"], terminal, workshop)
                }
            }
            #expect(counted.hits == 2, "\(option): \(counted)")
        }
    }

    @Test(arguments: compilers, ["-c a.c", "-S a.c", "-c a.c no.o", "-g -c a.c"])
    func `a compiler is the same by its name and by its path`(compiler: String, words: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(void) { int unused; return 1; }\n", to: "a.c")
        let path = try workshop.run(["sh", "-c", "command -v \(compiler)"]).outputText.trimmingCharacters(in: .newlines)
        let words = words.split(separator: " ").map(String.init) + ["-Wall", "-o", "a.o"]
        let counted = try workshop.counting {
            for name in [compiler, path] { try same([name] + words, [:], workshop) }
        }
        #expect(counted.hits == (words.contains("no.o") ? 0 : 1), "\(counted)")
    }

    @Test(arguments: [["@a.c", "a.o"], ["a.c", "@a.o"], ["a.c", "a.o"]])
    func `a name that gcc's parts read words from is left to them`(names: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("int a;\n", to: "@a.c")
        for option in ["-O1", "-MD", "-g"] {
            let words = ["gcc", option, "-c", "./" + names[0], "-o", "./" + names[1]]
            for _ in 0..<2 { try same(words, [:], workshop, outputs: [names[1]]) }
        }
    }

    @Test(arguments: [["./n.o"], [".//n.o"], ["././n.o"], ["n.o", "-MT", "./t.o"], ["n.o", "-MQ", ".//t.o", "-MP"]])
    func `a hit writes the target of a dependency file as gcc does`(words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("#include \"h.h\"\nint a;\n", to: "a.c")
        try workshop.write("", to: "h.h")
        for options in [["-MD"], ["-MMD", "-MF", "d"], ["-MD", "-MP", "-MF", "./d"]] {
            let plain = words.count == 1 ? ["n.o"] : ["n.o", words[1], "t.o"] + words[3...]
            try workshop.larder(["gcc", "-c", "a.c", "-o"] + plain + options)
            let file = options.last == "-MD" ? "n.d" : "d"
            workshop.remove(file)
            let counts = try workshop.counting { try workshop.larder(["gcc", "-c", "a.c", "-o"] + words + options) }
            let given = try #require(workshop.read(file))
            workshop.remove(file)
            try workshop.run(["gcc", "-c", "a.c", "-o"] + words + options)
            #expect(counts.hits == 1 && given == workshop.read(file), "\(options)")
        }
    }
}
