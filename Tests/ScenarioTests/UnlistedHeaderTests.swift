import Foundation
import TestSupport
import Testing

/// Headers that gcc does not name in the dependency file that was asked for, and dates that come out of them.
@Suite struct UnlistedHeaderTests {
    @Test func `the compiler's own first header is seen where only the user's headers are asked for`() throws {
        let workshop = try Workshop()
        try workshop.write("int x = P;\n", to: "a.c")
        try workshop.write("#define P 1\n", to: "system/stdc-predef.h")
        let compile = ["gcc", "-isystem", "system", "-MMD", "-c", "a.c", "-o", "a.o"]
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(try workshop.counting { try workshop.larder(compile) }.hits == 1)
        let object = workshop.read("a.o")
        try workshop.write("#define P 2\n", to: "system/stdc-predef.h")
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(workshop.read("a.o") != object)
    }

    @Test func `a system header of the command line is seen where only the user's headers are asked for`() throws {
        let workshop = try Workshop()
        try workshop.write("int x = P;\n", to: "a.c")
        try workshop.write("#define P 1\n", to: "system/p.h")
        let compile = ["gcc", "-isystem", "system", "-include", "p.h", "-MMD", "-c", "a.c", "-o", "a.o"]
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(try workshop.counting { try workshop.larder(compile) }.hits == 1)
        let object = workshop.read("a.o")
        try workshop.write("#define P 2\n", to: "system/p.h")
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(workshop.read("a.o") != object)
    }

    @Test(arguments: [["-include", "when.h"], ["-MMD", "-g", "-include", "when.h"]])
    func `a precompiled header with a macro for the time makes a result that is not kept`(words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("#define WHEN __TIME__\n", to: "when.h")
        try workshop.write("char *s = WHEN;\n", to: "a.c")
        try workshop.run(["gcc", "-x", "c-header", "when.h"] + words.filter { $0 == "-g" } + ["-o", "when.h.gch"])
        for _ in 0..<2 {
            #expect(try workshop.counting { try workshop.larder(["gcc", "-c", "a.c"] + words) }.misses == 1)
        }
    }

    @Test func `a precompiled header without one makes a result that is kept`() throws {
        let workshop = try Workshop()
        try workshop.write("#define THREE 3\n", to: "three.h")
        try workshop.write("int x = THREE;\n", to: "a.c")
        try workshop.run(["gcc", "-x", "c-header", "three.h", "-o", "three.h.gch"])
        let compile = ["gcc", "-include", "three.h", "-c", "a.c"]
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(try workshop.counting { try workshop.larder(compile) }.hits == 1)
    }

    @Test func `a precompiled header that a preprocessed source names makes a result that is not kept`() throws {
        let workshop = try Workshop()
        try workshop.write("int y;\n", to: "all.h")
        try workshop.write("#pragma GCC pch_preprocess \"all.h.gch\"\nint a = sizeof(y);\n", to: "a.i")
        try workshop.run(["gcc", "all.h", "-o", "all.h.gch"])
        for _ in 0..<2 {
            let counted = try workshop.counting {
                try same(["gcc", "-fpreprocessed", "-c", "a.i", "-o", "a.o"], [:], workshop)
            }
            #expect(counted.misses == 1)
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `a date that the compiler takes from SOURCE_DATE_EPOCH is the only one that is kept`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("char *s = __DATE__ __TIME__;\n", to: "a.c")
        let epoch = ["SOURCE_DATE_EPOCH": "86400"]
        try workshop.larder([compiler, "-c", "a.c"], environment: epoch)
        let obeys = try #require(workshop.read("a.o")).range(of: Data("Jan  2 1970".utf8)) != nil
        let second = try workshop.counting { try workshop.larder([compiler, "-c", "a.c"], environment: epoch) }
        #expect(second.hits == (obeys ? 1 : 0))
    }

    @Test func `a source with an absolute path in the working directory hits`() throws {
        let workshop = try Workshop()
        try workshop.write("int x;\n", to: "a.c")
        let compile = ["gcc", "-g", "-c", workshop.url("a.c").path, "-o", "a.o"]
        #expect(try workshop.counting { try workshop.larder(compile) }.misses == 1)
        #expect(try workshop.counting { try workshop.larder(compile) }.hits == 1)
    }

    /// Each of four directories includes all the others: there is no end of paths by which they lead to each other.
    @Test
    func `headers that include each other by way of their parents are followed to an end`() throws {
        let workshop = try Workshop()
        let names = ["one", "two", "three", "four"]
        for name in names {
            let lines = names.map { "#include \"../\($0)/x.h\"\n" }.joined()
            try workshop.write("#pragma once\n\(lines)int \(name);\n", to: "system/\(name)/x.h")
        }
        try workshop.write("#include <one/x.h>\n", to: "a.c")
        let compile = ["gcc", "-g", "-MMD", "-isystem", "system", "-c", "a.c", "-o", "a.o"]
        for change in ["", "three", "four"] {
            if !change.isEmpty { try workshop.write("#pragma once\nlong \(change);\n", to: "system/\(change)/x.h") }
            #expect(try workshop.counting { try same(compile, [:], workshop, outputs: ["a.o", "a.d"]) }.misses == 1)
            #expect(try workshop.counting { try same(compile, [:], workshop, outputs: ["a.o", "a.d"]) }.hits == 1)
        }
    }
}
