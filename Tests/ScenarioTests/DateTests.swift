import TestSupport
import Testing

/// Time macros: what depends on the moment is never kept.
@Suite struct Dates {
    @Test(arguments: [
        "char *a = __TIME__;\n", "char *a = __DATE__;\n", "char *a = __TIMESTAMP__;\n",
        "#include \"t.h\"\nchar *a = T;\n",
        "char *a = \"x\\\r\n y\" __TIME__;\n", "char *a = __TI\\ \nME__;\n", "char *a = M;\n",
        "#define R\nchar *a = R\"(\" __TIME__ \")\";\n",
        "#define C(a, b) a##b\nchar *a = C(__TI, ME__);\n", "#define C(a, b) a %:%: b\nchar *a = C(__DATE, __);\n",
        "#define C(a) __##a##__\n#include \"t.h\"\nchar *a = C(TIME);\n",
        "#define C(a, b, c, d) a##b##c##d\nchar *a = C(__, TIME, STAMP, __);\n",
    ]) func `a date in the source is never kept`(_ source: String) throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write(source, to: "a.c")
            try workshop.write("#define T __TIME__\n", to: "t.h")
            let counted = try workshop.counting {
                for _ in 1...2 {
                    let outcome = try workshop.larder([compiler, "-std=c99", "-DM=__TIME__", "-c", "a.c", "-o", "a.o"])
                    #expect(outcome.status == 0, "\(outcome.errorText)")
                }
            }
            #expect(counted.hits == 0, "\(compiler)")
            #expect(counted.misses == 2, "\(compiler)")
        }
    }

    /// The command line's own meaning of each macro, and whether that covers the source's.
    @Test(arguments: [
        (["-D__DATE__=\"d\"", "-D__TIME__=\"t\"", "-D__TIMESTAMP__=\"s\""], true),
        (["-D", "__DATE__=\"d\"", "-D", "__TIME__=__DATE__", "-D__TIMESTAMP__=__TIME__"], true),
        (["-U__DATE__", "-U", "__TIME__", "-U__TIMESTAMP__", "-include", "own.h"], true),
        (["-D__DATE__=\"d\"", "-D__TIME__=\"t\"", "-D__TIMESTAMP__X=\"s\""], false),
        (["-D__DATE__=\"d\"", "-D__TIMESTAMP__=\"s\""], false),
        (["-DX=__TIME__", "-D__DATE__=\"d\"", "-D__TIMESTAMP__=\"s\""], false),
    ]) func `a date that the command line gives is no date`(words: [String], isGiven: Bool) throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write(
                "#define CAT(a, b) a##b\n#define T CAT(__TI, ME__)\nconst char *a[] = {__DATE__, T, __TIMESTAMP__};\n",
                to: "a.c"
            )
            try workshop.write(
                "#define __DATE__ \"a\"\n#define __TIME__ \"b\"\n#define __TIMESTAMP__ \"c\"\n",
                to: "own.h"
            )
            let command = [compiler, "-Wno-builtin-macro-redefined"] + words + ["-c", "a.c", "-o", "a.o"]
            let counted = try workshop.counting {
                for _ in 1...2 { try same(command, [:], workshop, outputs: isGiven ? ["a.o"] : []) }
            }
            #expect(counted.hits == (isGiven ? 1 : 0), "\(compiler)")
            guard isGiven else { continue }
            try same(command, [:], workshop)
            let others = command.map { $0 == "-D__DATE__=\"d\"" ? "-D__DATE__=\"e\"" : $0 }
            try same(others, [:], workshop)
        }
    }

    @Test func `a date that a precompiled header may hold is not given by the command line`() throws {
        let workshop = try Workshop()
        try workshop.write("#define WHEN __TIME__\n", to: "when.h")
        try workshop.write("#include \"when.h\"\nconst char *s = WHEN;\n", to: "a.c")
        try workshop.run(["gcc", "when.h", "-o", "when.h.gch"])
        for _ in 0..<2 {
            let counted = try workshop.counting {
                try workshop.larder(["gcc", "-Wno-builtin-macro-redefined", "-D__TIME__=\"t\"", "-c", "a.c"])
            }
            #expect(counted.misses == 1)
        }
    }

    @Test func `clang does not heed SOURCE_DATE_EPOCH in every version, so its dates are never kept`() throws {
        let workshop = try Workshop()
        try workshop.write("char *a = __TIME__;\n", to: "a.c")
        let counted = try workshop.counting {
            for _ in 1...2 {
                try workshop.larder(["clang", "-c", "a.c", "-o", "a.o"], environment: ["SOURCE_DATE_EPOCH": "1000"])
            }
        }
        #expect(counted.hits == 0)
    }

    @Test(arguments: [
        "/* __DATE__ */ int a; // it's __TIME__\n", "char *a = \"__DATE__ __TIMESTAMP__\";\n", "int MY__DATE__X;\n",
    ]) func `a date that is none is no obstacle`(_ source: String) throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write(source, to: "a.c")
            let counted = try workshop.counting {
                for _ in 1...2 { try same([compiler, "-c", "a.c", "-o", "a.o"], [:], workshop) }
            }
            #expect(counted.hits == 1, "\(compiler)")
        }
    }
}
