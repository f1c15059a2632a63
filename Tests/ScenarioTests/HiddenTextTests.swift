import Foundation
import TestSupport
import Testing

/// Text that a compiler may take for something else than it looks like: strings, comments, the ends of lines and names.
@Suite struct HiddenTexts {
    /// A header that is found by its includer's directory first, although the includer's text hides the directive.
    @Test(arguments: [
        "#define STR \"x\"\nstatic const char *a = STR\"(oops\";\n#include \"v.h\"\nstatic const char *c = \"(y)\";\n",
        "// p\r#include \"v.h\"\r",
    ]) func `a header beside the one that includes it is seen`(_ text: String) throws {
        for compiler in ["gcc", "clang", "g++", "clang++"] {
            let workshop = try Workshop()
            try workshop.write("#define V 2\n", to: "inc/v.h")
            try workshop.write(text, to: "sub/p.h")
            let source = compiler.hasSuffix("+") ? "a.cc" : "a.c"
            try workshop.write("#include \"sub/p.h\"\nint v = V;\n", to: source)
            let words = [compiler, "-w", "-Iinc", "-c", source, "-o", "a.o"]
            for _ in 1...2 { #expect(try workshop.larder(words).status == 0) }
            try workshop.write("#define V 1\n", to: "sub/v.h")
            try workshop.larder(words)
            let given = workshop.read("a.o")
            try workshop.run(words)
            #expect(given == workshop.read("a.o"), "\(compiler)")
        }
    }

    @Test(arguments: [
        (
            "a.cc",
            "#define STR \"x\"\nconst char *a = STR\"(oops\";\n#if __has_include(\"opt.h\")\nint b=1;\n#else\nint b=2;\n#endif\nconst char *c = \"(y)\";\n"
        ),
        ("a.c", "// c\r#if __has_include(\"opt.h\")\r int b=1;\r#else\r int b=2;\r#endif\r"),
        ("a.c", "#define undefined __has_include\n#if undefined(\"opt.h\")\nint b=1;\n#else\nint b=2;\n#endif\n"),
    ]) func `a header that is asked for, and appears, is seen`(_ source: String, _ text: String) throws {
        for compiler in source == "a.c" ? ["gcc", "clang"] : ["g++", "clang++"] {
            let workshop = try Workshop()
            try workshop.write(text, to: source)
            let words = [compiler, "-w", "-c", source, "-o", "a.o"]
            for _ in 1...2 { #expect(try workshop.larder(words).status == 0) }
            try workshop.write("", to: "opt.h")
            try workshop.larder(words)
            let given = workshop.read("a.o")
            try workshop.run(words)
            #expect(given == workshop.read("a.o"), "\(compiler)")
        }
    }

    /// The second byte of some letters is a backslash.
    @Test func `a date behind letters of another character set is never given when it has changed`() throws {
        for start in ["// \u{95}\u{5c}\nconst char d[] = ", "const char *n = \"\u{95}\u{5c}\"; const char d[] = "] {
            let workshop = try Workshop()
            let text = start.unicodeScalars.map { UInt8($0.value) } + Array("__TIME__;\n".utf8)
            try Data(text).write(to: workshop.url("a.c"))
            let counted = try workshop.counting {
                for _ in 1...2 {
                    let outcome = try workshop.larder(["gcc", "-finput-charset=SJIS", "-c", "a.c", "-o", "a.o"])
                    #expect(outcome.status == 0, "\(outcome.errorText)")
                }
            }
            #expect(counted.hits == 0)
        }
    }

    @Test func `two checkouts whose measured names differ share nothing`() throws {
        let workshop = try Workshop()
        for directory in ["s", "longer-name"] {
            try workshop.write("#define ERR \"e\"\nint n = sizeof(ERR\"(\" __FILE__ \")\");\n", to: "\(directory)/n.c")
            let source = workshop.url("\(directory)/n.c").path
            try workshop.larder(["gcc", "-c", source, "-o", "n.o"], in: directory)
            try workshop.run(["gcc", "-c", source, "-o", "bare.o"], in: directory)
            #expect(workshop.read("\(directory)/n.o") == workshop.read("\(directory)/bare.o"), "\(directory)")
        }
    }
}
