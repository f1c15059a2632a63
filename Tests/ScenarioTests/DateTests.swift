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
