import Testing

private let files = [
    "main.c": """
    #include <stdio.h>
    #include <emscripten.h>
    #include "local.h"
    int main(void) { printf("%d\\n", LOCAL); return BUFSIZ - LOCAL; }

    """,
    "local.h": "#pragma once\n#define LOCAL 4\n",
    "warn.c": "#include \"local.h\"\nint f(int x) { int y; if (x = LOCAL) return y; }\n",
    "fail.c": "#include \"local.h\"\nint f(void) { return undeclared + LOCAL; }\n",
    "missing.c": "#include \"nowhere.h\"\n",
    "code.cpp": """
    #include <vector>
    #include "local.h"
    int sum(const std::vector<int> &all) { try { return all.at(LOCAL); } catch (...) { throw; } }

    """,
    "one/dir.h": "#define DIR 1\n", "two/dir.h": "#define DIR 2\n",
    "dir.c": "#include <dir.h>\nint dir = DIR;\nconst char *file = __FILE__;\n",
    "pre.i": "int pre(void) { return 1; }\n",
    "code.S": ".globl x\n",
    "words": "-DEXTRA=1 -Ione\n-O2 dir.c",
    "quoted": "-DEXTRA=\"a b\" -c dir.c",
    "lib.js": "mergeInto(LibraryManager.library, {});\n",
]

private let hits = [
    "-c main.c -o main.o", "-c main.c", "-c main.c -omain.o", "-c -O3 main.c -o out/main.o",
    "-c main.c -MD", "-c main.c -o out/m.o -MD -MP", "-c main.c -o main.o -MMD -MF deps.d",
    "-c main.c -o main.o -MD -MT one -MQ 'two$' -MF deps.d", "-c main.c -o main.o -MMD -MP -MF deps.d -O1",
    "-c warn.c -o warn.o -Wall", "-c -fdiagnostics-color=always -Wall warn.c", "-c -g main.c", "-c -g -g0 main.c",
    "-c -g2 main.c", "-c -g4 main.c", "-c -gsource-map main.c", "-c -gline-tables-only main.c",
    "-c -Os main.c", "-c -Oz main.c", "-c -flto main.c", "-c -pthread main.c", "-c -sUSE_PTHREADS=1 main.c",
    "-c -s USE_PTHREADS main.c", "-c -s STRICT=1 main.c", "-c -sMAIN_MODULE main.c", "-c -sLINKABLE=1 main.c",
    "-c -s -O1 main.c", "-c -fsanitize=address main.c", "-c -fsanitize=undefined -g main.c", "-c -fPIC main.c",
    "-c -msimd128 -msse2 main.c", "-c --js-library lib.js main.c", "-c --js-library=lib.js main.c",
    "-c --bind main.c", "-c --preload-file one main.c", "-c --profiling-funcs main.c", "-c --tracing main.c",
    "-c -Ione -I two dir.c", "-c -iquote one -isystem two dir.c", "-c -I $PWD/two dir.c", "-c @words -o dir.o",
    "-c -DNAME='\"a b\"' -UOTHER main.c", "-c -include local.h dir.c -Ione", "-c pre.i", "-c -x c++ main.c",
    "-c -lm -L. main.c", "-c -Wno-unused-command-line-argument -lm main.c", "-c -nostdinc pre.i",
    "-c -ffile-prefix-map=$PWD=. -g main.c", "-c -Wp,-DNAME=1 main.c", "-c -fno-exceptions -fno-rtti main.c",
]
private let plusHits = [
    "-c code.cpp", "-c code.cpp -o code.o -std=c++17 -MD", "-c main.c", "-c -fexceptions code.cpp",
    "-c -fwasm-exceptions code.cpp", "-c -O2 -MMD -MF code.d code.cpp",
]
private let failures = [
    "-c fail.c", "-c fail.c -MD -o fail.o", "-c missing.c", "-c nowhere.c", "-c main.c --no-such-option",
    "-c -sDISABLE_EXCEPTION_CATCHING=1 -sEXCEPTION_CATCHING_ALLOWED=a -o m.o main.c", "-c -Werror -Wall warn.c",
]
private let bypasses = [
    "main.c -o main.js", "main.c -o main.html", "-E main.c", "-M main.c", "-MM main.c", "-S main.c -o main.s",
    "-c main.c dir.c -Ione", "-c -x c - -o in.o", "--version", "-v", "-c @quoted", "-c main.c -x c++",
    "-c -mllvm -inline-threshold=1 main.c", "-c --cache=cache main.c", "-c -oa=b.o main.c",
    "-c -sEXPORTED_FUNCTIONS=@words main.c", "-c -emit-llvm main.c", "local.h -o local.h.pch", "--cflags", "-c code.S",
    "-c main.c -D -sX",
]

@Suite(.enabled(if: isInstalled("emcc"), "emcc is not installed: make setup"))
struct EmscriptenEqualityTests {
    @Test(arguments: [("emcc", hits), ("em++", plusHits)])
    func `a hit gives what emcc gives`(_ program: String, _ lines: [String]) throws {
        try compare(program, lines, .hit)
    }

    @Test func `a compile that fails does so again`() throws { try compare("emcc", failures, .failure) }

    @Test func `what is not cached runs as it is`() throws { try compare("emcc", bypasses, .bypass) }

    private func compare(_ program: String, _ lines: [String], _ expected: LineOutcome) throws {
        try compareLines(lines, of: program, in: files, expected)
    }
}
