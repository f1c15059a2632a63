import Foundation
import TestSupport
import Testing

/// Names and files that a source uses without writing them out.
@Suite struct HiddenNames {
    /// What a source says, what changes, and the compilers that see it.
    struct Hidden: Sendable, CustomTestStringConvertible {
        var text: String
        var name = "a.c"
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var compilers = ["gcc", "clang"]
        var testDescription: String { text }
    }

    /// Pastes what its arguments stand for.
    private static let paste = "#define C_(a, b) a##b\n#define C(a, b) C_(a, b)\n"

    /// Makes text of what its argument stands for.
    private static let text = "#define S_(x) #x\n#define S(x) S_(x)\n"

    @Test(arguments: [
        Hidden(text: "#define S(x) 0\nint b = S(1'a\"'); const char *a = __TIME__;\n", arguments: ["-std=c99"]),
        Hidden(text: "// c\rconst char *a = __TIME__;\n"),
        Hidden(text: "#define ERR \"e\"\nconst char *a = ERR\"(\" __TIME__ \")\";\n"),
        Hidden(
            text: "#if 0\nthe 1980's /* were\n#endif\nchar d[] = __TIME__;\n/* x */\n",
            name: "a.cc",
            arguments: ["-std=c++98"],
            compilers: ["g++", "clang++"]
        ),
        Hidden(
            text: "#define D __TI/**/ME__\nconst char d[] = D;\n",
            arguments: ["-traditional-cpp"],
            compilers: ["gcc"]
        ),
        Hidden(text: Self.text + ".ascii S($__TIME__)\n", name: "a.S", compilers: ["gcc"]),
        Hidden(text: Self.text + "const char d[] = S(\u{2192}__TIME__);\n", compilers: ["gcc"]),
        Hidden(
            text: Self.text + "const char d[] = S($__TIME__);\n",
            arguments: ["-fno-dollars-in-identifiers"]
        ),
        Hidden(text: "const char *a = R\"(x)\\\n)\" __TIME__;\n", name: "a.cc", compilers: ["g++", "clang++"]),
        Hidden(text: "asm(\".inc\\142in \\\"blob\\\"\");\n"),
        Hidden(text: "asm(\"\\t.macro m a\\n.inc\\\\a \\\"blob\\\"\\n.endm\\nm bin\\n\");\n"),
        Hidden(text: "asm(\"\\56\\x69ncbin \\\"blob\\\"\");\n"),
        Hidden(text: ".macro m a\n.inc\\a \"blob\"\n.endm\nm bin\n", name: "a.S"),
        Hidden(text: "#define S(x) #x\nasm(S(.inc) \"bin \\\"blob\\\"\");\n"),
        Hidden(
            text: "const char *a = T;\n",
            environment: ["CCC_OVERRIDE_OPTIONS": "# +-DT=__TIME__"],
            compilers: ["clang"]
        ),
        Hidden(text: Self.paste + "const char *t = C(__TI,\n  /* = */ ME__);\n"),
        Hidden(text: Self.paste + "#define EMPTY\nconst char *t = C(__TI, EMPTY ME__);\n"),
        Hidden(text: Self.paste + "#define EMPTY()\nconst char *t = C(__TI, EMPTY() ME__);\n"),
        Hidden(text: Self.paste + "const char *t = C(__TI, EMPTY ME__);\n", arguments: ["-DEMPTY="]),
        Hidden(text: Self.paste + "#define M ME__\nconst char *t = C(__TI, M);\n"),
        Hidden(text: Self.paste + "#define M(a) a ME__\nconst char *t = C(__TI, M());\n"),
        Hidden(text: Self.paste + "const char *t = C(__TI, M);\n", arguments: ["-DM=ME__"]),
        Hidden(text: Self.paste + "#define SECOND(a, b) b\nconst char *t = C(__TI, SECOND(=, ME__));\n"),
        Hidden(
            text: Self.paste
                + "#define SECOND(a, ...) __VA_ARGS__\nconst char *t = C(SECOND(; {, __TI), SECOND(*, ME__));\n"
        ),
        Hidden(
            text: Self.paste + "const char t = 1 + C(__TI, ME__)[0] * 2;\n",
            name: "a.cc",
            compilers: ["g++", "clang++"]
        ),
        Hidden(text: Self.paste + "#define THREE(a, b, c) a%:%:b##c\nconst char *t = THREE(__T, IM, E__);\n"),
        Hidden(
            text: Self.paste
                + "#define from(a) C(a, _)\n#define MODE(t) from(DATE_##t)\nconst char *t = C(__, MODE());\n"
        ),
        Hidden(
            text: Self.paste
                + "#define MODE(t, from) from(DATE_##t)\n#define END(a) C(a, _)\nconst char *t = C(__, MODE(, END));\n"
        ),
        Hidden(text: Self.paste + "#define R(a) C(a\nconst char *t = R(__TI), ME__);\n"),
    ]) func `is never given when it has changed`(_ hidden: Hidden) throws {
        for compiler in hidden.compilers {
            let workshop = try Workshop()
            try workshop.write(hidden.text, to: hidden.name)
            try workshop.write(".byte 1\n", to: "blob")
            let counted = try workshop.counting {
                for _ in 1...2 {
                    let outcome = try workshop.larder(
                        [compiler] + hidden.arguments + ["-c", hidden.name, "-o", "a.o"],
                        environment: hidden.environment
                    )
                    #expect(outcome.status == 0, "\(outcome.errorText)")
                }
            }
            // What an assembler reads is seen.
            let reads = hidden.text.contains("blob")
            #expect(counted.hits == (reads ? 1 : 0), "\(compiler)")
            guard reads else { continue }
            try workshop.write(".byte 2\n", to: "blob")
            let command = [compiler] + hidden.arguments + ["-c", hidden.name, "-o"]
            try workshop.run(command + ["bare.o"], environment: hidden.environment)
            try workshop.larder(command + ["a.o"], environment: hidden.environment)
            #expect(workshop.read("a.o") == workshop.read("bare.o"), "\(compiler)")
        }
    }

    @Test(arguments: [
        Hidden(
            text:
                "struct s { int inc, incoming; } v = { .inc = 1, .incoming = 2 };\nint f(struct s *p) { return p->inc + v.inc; }\n"
        ),
        Hidden(
            text: "void f(int *a) {\n#pragma omp parallel for\nfor (int i = 0; i < 9; i++) a[i] = i;\n}\n",
            arguments: ["-fopenmp"],
            compilers: ["clang"]
        ),
        Hidden(text: "const char *a = \"table.inc\";\n", arguments: ["-fms-extensions"]),
        Hidden(text: "int a;\n", arguments: ["--target=x86_64-linux-gnu"], compilers: ["clang"]),
        Hidden(
            text: Self.paste
                + "#define HAS(n) struct __has_##n { int n; };\nHAS(x)\nint f(int &include, const int *next = 0);\n",
            name: "a.cc",
            compilers: ["g++", "clang++"]
        ),
        Hidden(
            text: Self.paste
                + "#define HAS(n) int __has_##n;\nHAS(x)\ntypedef int flag;\nstruct s { void (*embed)(flag include); };\nint f(flag embed);\n"
        ),
        Hidden(
            text:
                "#define U(n) __##n\n#define _(x) x\nint from(int);\n#define MODE(t) from(DATE_##t)\nint DATE_a, U(b);\n"
        ),
    ]) func `is kept, for nothing is hidden`(_ plain: Hidden) throws {
        for compiler in plain.compilers {
            let workshop = try Workshop()
            try workshop.write(plain.text, to: plain.name)
            let counted = try workshop.counting {
                for _ in 1...2 {
                    let outcome = try workshop.larder([compiler] + plain.arguments + ["-c", plain.name, "-o", "a.o"])
                    #expect(outcome.status == 0, "\(outcome.errorText)")
                }
            }
            #expect(counted.hits == 1, "\(compiler)")
        }
    }

    @Test func `a header before one that is included behind a byte order mark is seen`() throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write("\u{FEFF}#include \"v.h\"\nint a = X;\n", to: "src/a.c")
            try workshop.write("#define X 1\n", to: "inc/v.h")
            let words = [compiler, "-Iinc", "-c", "src/a.c", "-o", "a.o"]
            try workshop.larder(words)
            try workshop.write("#define X 2\n", to: "src/v.h")
            try workshop.larder(words)
            let seen = try Data(contentsOf: workshop.url("a.o"))
            try workshop.run(words)
            #expect(seen == (try Data(contentsOf: workshop.url("a.o"))), "\(compiler)")
        }
    }

    @Test(arguments: [
        (["gcc", "clang"], "a.c", "#define C(a, b) a##b\nint n = sizeof(C(__FI, LE__));\n", [String]()),
        (
            ["clang++"], "a.cc",
            """
            template <class T> constexpr unsigned id(T) {
                unsigned h = 1;
                for (const char *p = __PRETTY_FUNCTION__; *p; ++p) h = h * 31 + *p;
                return h;
            }
            constexpr unsigned z = id([] {});
            unsigned n = z;

            """, ["-std=c++20", "-ffile-prefix-map=HERE=."]
        ),
        (["gcc", "clang"], "a.c", "int n = sizeof(__FILE__);\n", ["-ffile-prefix-map=HERE=HERE"]),
    ]) func `another checkout's path is not given, nor its length`(
        compilers: [String],
        name: String,
        text: String,
        options: [String]
    ) throws {
        for compiler in compilers {
            let workshop = try Workshop()
            for checkout in ["one", "twolonger"] {
                try workshop.write(text, to: "\(checkout)/\(name)")
                let here = workshop.url(checkout).path
                let words =
                    [compiler] + options.map { $0.replacingOccurrences(of: "HERE", with: here) }
                    + ["-c", "\(here)/\(name)", "-o", "a.o"]
                let outcome = try workshop.larder(words, in: checkout)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                let seen = try Data(contentsOf: workshop.url("\(checkout)/a.o"))
                try workshop.run(words, in: checkout)
                #expect(seen == (try Data(contentsOf: workshop.url("\(checkout)/a.o"))), "\(compiler) \(checkout)")
            }
        }
    }

    @Test func `a source in a folder hits although a namesake lies in the working directory`() throws {
        let workshop = try Workshop()
        try workshop.write("int here;\n", to: "p.c")
        try workshop.write("int there;\n", to: "d/p.c")
        let counted = try workshop.counting {
            for _ in 1...2 { try workshop.larder(["gcc", "-c", "d/p.c", "-o", "o.o"]) }
        }
        #expect(counted.hits == 1)
    }

    @Test func `an empty output keeps what gcc keeps of it`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        for _ in 1...2 {
            for run in ["bare", "larder"] {
                _ = try workshop.run(["sh", "-ec", "rm -f a.o b.o; install -m600 /dev/null a.o; ln a.o b.o"])
                if run == "bare" {
                    try workshop.run(["gcc", "-c", "a.c", "-o", "a.o"])
                } else {
                    try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"])
                }
                let seen = try workshop.run(["stat", "-c", "%a %h %s", "a.o", "b.o"])
                #expect(seen.outputText.split(separator: "\n").allSatisfy { $0.hasPrefix("600 2 ") }, "\(run)")
            }
        }
    }
}
