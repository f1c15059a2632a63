import Foundation
import TestSupport
import Testing

/// One project in two directories: the second one may take the first one's result, but never its paths.
struct Checkout: Sendable, CustomTestStringConvertible {
    var name: String
    var source = "#include \"x.h\"\nint a = X;\n"
    /// `@R` stands for the checkout, `@W` for the directory that holds both.
    var arguments: [String] = []
    var compilers = ["gcc", "clang"]
    var isShared = false

    var testDescription: String { name }
}

private let asserting = "#include <assert.h>\nvoid f(int x) { assert(x); }\n"

private let pasting = "#define P(a, b, c) a##b##c\nconst char *a = P(__, FILE, __);\n"

private let checkouts: [Checkout] = [
    Checkout(name: "nothing names the place", isShared: true),
    Checkout(name: "debug information", arguments: ["-g"]),
    Checkout(name: "debug information, mapped", arguments: ["-g", "-fdebug-prefix-map=@R=."], isShared: true),
    Checkout(name: "debug information, mapped in part", arguments: ["-g", "-fdebug-prefix-map=@W=/x"]),
    Checkout(name: "an assertion, mapped in part", source: asserting, arguments: ["-ffile-prefix-map=@W=/x"]),
    Checkout(
        name: "an assertion, its macros mapped in part",
        source: asserting,
        arguments: ["-fmacro-prefix-map=@W=/x"]
    ),
    Checkout(
        name: "debug information that names the directory otherwise, of a source named in full",
        arguments: ["-g", "-fdebug-compilation-dir=."],
        compilers: ["clang"]
    ),
    Checkout(name: "an assertion", source: asserting),
    Checkout(name: "__FILE__", source: "const char *a = __FILE__;\n"),
    Checkout(name: "the length of __FILE__", source: "int a = sizeof __FILE__;\n"),
    Checkout(
        name: "the length of __FILE__ by a header elsewhere",
        source: "#include \"log.h\"\nint a = LENGTH;\n",
        arguments: ["-I@W/elsewhere"]
    ),
    Checkout(name: "__FILE__ by way of ##", source: pasting),
    Checkout(
        name: "__FILE__ by way of ##, mapped",
        source: pasting,
        arguments: ["-ffile-prefix-map=@R=."],
        isShared: true
    ),
    Checkout(
        name: "a warning",
        source: "int f(void) { int unused; return 0; }\n",
        arguments: ["-Wall"],
        isShared: true
    ),
    Checkout(name: "a path in a macro", source: "int a = sizeof P;\n", arguments: ["-DP=\"@R/src\""]),
    Checkout(
        name: "a path inside of a macro",
        source: "#define S_(x) #x\n#define S(x) S_(x)\nint a = sizeof S(P);\n",
        arguments: ["-DP=x(@R/src)"]
    ),
    Checkout(
        name: "a path in a macro for the preprocessor",
        source: "int a = sizeof P;\n",
        arguments: ["-Wp,-DP=\"@R/src\""]
    ),
    Checkout(
        name: "a lambda's name",
        source:
            "template <class T> constexpr int f() { return sizeof(__PRETTY_FUNCTION__); }\nauto l = [] {};\nint a = f<decltype(l)>();\n",
        compilers: ["g++", "clang++"]
    ),
]

@Suite struct Checkouts {
    @Test(arguments: checkouts) func `a result of another checkout is right here too`(_ checkout: Checkout) throws {
        for compiler in checkout.compilers {
            let workshop = try Workshop()
            try workshop.write("#define LENGTH sizeof __FILE__\n", to: "elsewhere/log.h")
            let names = ["one", "another"]
            for name in names {
                try workshop.write(checkout.source, to: "\(name)/src/a.\(compiler.hasSuffix("+") ? "cpp" : "c")")
                try workshop.write("#define X 1\n", to: "\(name)/src/include/x.h")
                try workshop.write("", to: "\(name)/build/empty")
            }
            var hits: [Int] = []
            for name in names {
                let root = workshop.url(name).path
                let source = "\(root)/src/a.\(compiler.hasSuffix("+") ? "cpp" : "c")"
                let arguments = checkout.arguments.map {
                    $0.replacingOccurrences(of: "@R", with: root)
                        .replacingOccurrences(of: "@W", with: workshop.directory.path)
                }
                let command =
                    [compiler, "-I\(root)/src/include"] + arguments + ["-MD", "-MF", "a.d", "-o", "a.o", "-c", source]
                let counted = try workshop.counting {
                    try same(command, [:], workshop, in: "\(name)/build", outputs: ["a.o", "a.d"])
                }
                hits.append(counted.hits)
            }
            #expect(hits == [0, checkout.isShared ? 1 : 0], "\(compiler)")
        }
    }

    /// What clang can be told to write in the place of the working directory's name.
    @Test(arguments: [
        ["-g", "-fdebug-compilation-dir=."], ["-g", "-ffile-compilation-dir=."],
        ["-g3", "-O2", "-ffile-compilation-dir=/x"],
        ["-gdwarf-4", "-fdebug-compilation-dir=../.."],
    ])
    func `checkouts share debug information that does not name the directory`(arguments: [String]) throws {
        let workshop = try Workshop()
        for name in ["one", "another"] {
            try workshop.write("#include \"x.h\"\nint a = X; void f(int b) { a = b; }\n", to: "\(name)/src/a.c")
            try workshop.write("#define X 1\nstatic inline int g(void) { return X; }\n", to: "\(name)/include/x.h")
            let counted = try workshop.counting {
                for source in ["src/a.c", "./src/a.c"] {
                    try same(
                        ["clang", "-Iinclude"] + arguments + ["-MD", "-MF", "a.d", "-o", "a.o", "-c", source],
                        [:],
                        workshop,
                        in: name,
                        outputs: ["a.o", "a.d"]
                    )
                }
            }
            #expect(counted.hits == (name == "one" ? 0 : 2))
        }
        // One that names its own directory.
        for name in ["one", "another"] {
            let directory = "-fdebug-compilation-dir=" + workshop.url(name).path
            try same(["clang", "-Iinclude", "-g", directory, "-o", "a.o", "-c", "src/a.c"], [:], workshop, in: name)
        }
    }

    /// The same text in two checkouts names one and the same file.
    @Test(
        arguments: ["gcc", "clang"],
        [
            "#include \"@/x.h\"\n", "#include <@/x.h>\n", "#define INC \"@/x.h\"\n#include INC\n",
            "#import \"@/sub/x.h\"\n",
            "#define S_(x) #x\n#define S(x) S_(x)\n#include S(@/x.h)\n", "#include INCLUDED\n", "#include \"y.h\"\n",
            "#define S_(x) #x\n#define S(x) S_(x)\n#include S(TOP/one/sub/x.h)\n",
        ]
    )
    func `a header of another checkout that is named in full is that one`(compiler: String, source: String) throws {
        let workshop = try Workshop()
        let root = workshop.url("one").path
        func value(_ number: Int) throws {
            for path in ["one/x.h", "one/sub/x.h"] { try workshop.write("#define X \(number)\n", to: path) }
        }
        for name in ["one", "two"] {
            for path in ["x.h", "sub/x.h"] { try workshop.write("#define X 1\n", to: "\(name)/\(path)") }
            try workshop.write("#include \"\(root)/x.h\"\n", to: "\(name)/y.h")
            try workshop.write(source.replacingOccurrences(of: "@", with: root) + "int a = X;\n", to: "\(name)/a.c")
        }
        let macros = ["-DINCLUDED=\"\(root)/x.h\"", "-DTOP=\(workshop.directory.path)"]
        let words = [["-I."], ["-I\(workshop.url("two").path)"]]
        for round in 1...3 {
            for name in ["one", "two"] {
                try same([compiler] + words[round % 2] + macros + ["-c", "a.c", "-o", "a.o"], [:], workshop, in: name)
                try same(
                    [compiler] + macros + ["-c", workshop.url("\(name)/a.c").path, "-o", "a.o"],
                    [:],
                    workshop,
                    in: name
                )
            }
            try value(round)
        }
    }

    /// Such as those of where a package is installed.
    @Test(arguments: ["gcc", "clang"], ["-DP=\"/usr/share/app\"", "-DP=/usr", "-DP=\"a/b\"", "-Wp,-DP=\"/usr/x\""])
    func `checkouts share what only holds paths that lie elsewhere`(compiler: String, word: String) throws {
        let workshop = try Workshop()
        var hits: [Int] = []
        for name in ["one", "two"] {
            try workshop.write("#define S_(x) #x\n#define S(x) S_(x)\nconst char *a = S(P);\n", to: "\(name)/a.c")
            let counted = try workshop.counting {
                try same([compiler, word, "-O2", "-c", "a.c", "-o", "a.o"], [:], workshop, in: name)
            }
            hits.append(counted.hits)
        }
        #expect(hits == [0, 1])
    }

    /// A generated header names it, as those of build tools do; nobody includes what it names.
    @Test(arguments: ["gcc", "clang"])
    func `build directories share what a header says of the sources' place`(compiler: String) throws {
        let workshop = try Workshop()
        let source = workshop.url("p/src").path
        try workshop.write("#include \"config.h\"\nint a;\n", to: "p/src/a.c")
        var hits: [Int] = []
        for build in ["p/one", "p/two"] {
            try workshop.write("#define SOURCES \"\(source)\"\n#define X \"\(source)/x.h\"\n", to: "\(build)/config.h")
            let counted = try workshop.counting {
                try same([compiler, "-I.", "-c", "\(source)/a.c", "-o", "a.o"], [:], workshop, in: build)
            }
            hits.append(counted.hits)
        }
        #expect(hits == [0, 1])
    }

    /// What the user says of a directory holds, also where `base_dir` would say something else.
    @Test(
        arguments: ["gcc", "clang"],
        ["-fmacro-prefix-map=@=/src", "-fdebug-prefix-map=@=/src", "-ffile-prefix-map=@=/src"]
    )
    func `a base directory leaves the user's own maps as they are`(compiler: String, map: String) throws {
        let workshop = try Workshop()
        try workshop.write("const char *a = __FILE__;\n", to: "p/a.c")
        let root = workshop.url("p").path
        for words in [[map], ["-g", map]] {
            let command =
                [compiler] + words.map { $0.replacingOccurrences(of: "@", with: root) } + [
                    "-c", "\(root)/a.c", "-o", "a.o",
                ]
            try same(command, ["LARDER_BASE_DIR": root], workshop, in: "p")
        }
    }

    @Test func `debug information says where it was made, by the name that the shell gives the directory`() throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write("int a;\n", to: "real/a.c")
            try workshop.write("int a;\n", to: "other/a.c")
            try workshop.run(["ln", "-s", "real", "link"])
            let command = [compiler, "-g", "-c", "a.c", "-o", "a.o"]
            for directory in ["real", "link"] {
                try same(command, ["PWD": workshop.url(directory).path], workshop, in: "real")
            }
            try same(command, ["PWD": workshop.url("other").path], workshop, in: "other")
        }
    }

    @Test(arguments: ["gcc", "clang"], ["-c", "-S"])
    func `where a build tool was started does not count, where the compiler runs does`(
        compiler: String,
        step: String
    ) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "real/a.c")
        try workshop.run(["ln", "-s", "real", "link"])
        let command = [compiler, "-g", step, "a.c", "-o", "a.o"]
        // What a build tool leaves that has changed the directory by itself.
        let stale = ["/", workshop.directory.path, "/not/there", "real", ""]
        var hits: [Int] = []
        for directory in stale + [workshop.url("real").path] {
            let counted = try workshop.counting { try same(command, ["PWD": directory], workshop, in: "real") }
            hits.append(counted.hits)
        }
        #expect(hits == [0, 1, 1, 1, 1, 1])
        let named = try workshop.counting {
            try same(command, ["PWD": workshop.url("link").path], workshop, in: "real")
        }
        #expect(named.hits == 0 && named.misses == 1)
    }

    @Test func `a base directory above the checkouts does not mix them up`() throws {
        let workshop = try Workshop()
        var hits: [Int] = []
        for name in ["one", "another"] {
            try workshop.write(asserting, to: "\(name)/src/a.c")
            try workshop.write("", to: "\(name)/build/empty")
            let counted = try workshop.counting {
                try workshop.larder(
                    ["gcc", "-g", "-c", workshop.url("\(name)/src/a.c").path, "-o", "a.o"],
                    in: "\(name)/build",
                    environment: ["LARDER_BASE_DIR": workshop.directory.path]
                )
            }
            hits.append(counted.hits)
            let object = try #require(workshop.read("\(name)/build/a.o"))
            #expect(object.range(of: Data("\(name)/src".utf8)) != nil)
        }
        #expect(hits == [0, 0])
    }
}
