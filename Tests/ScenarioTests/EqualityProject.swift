import Foundation
import TestSupport

/// A small project in all languages, written anew before each command so that every run finds the same.
struct EqualityProject {
    let workshop: Workshop
    /// What both runs may read and neither may change: precompiled headers made by the bare compiler.
    let keep: URL

    init() throws {
        workshop = try Workshop()
        keep = workshop.url("keep")
        try workshop.write(Self.files["all.h"] ?? "", to: "keep/all.h")
        try workshop.write(Self.files["all.h"] ?? "", to: "keep/clang.h")
        try workshop.run(["gcc", "-x", "c-header", "keep/all.h", "-o", "keep/all.h.gch"])
        try workshop.run(["clang", "-x", "c-header", "keep/clang.h", "-o", "keep/clang.h.pch"])
        for (directory, names) in [("bin", ["larder"]), ("masquerade", ["gcc", "g++", "clang", "clang++", "larder"])] {
            try FileManager.default.createDirectory(at: workshop.url(directory), withIntermediateDirectories: true)
            for name in names {
                try FileManager.default.createSymbolicLink(
                    at: workshop.url("\(directory)/\(name)"),
                    withDestinationURL: Workshop.larder
                )
            }
        }
    }

    var directory: URL { workshop.url("project") }

    /// Puts the project back to where it began.
    func reset() {
        DirectorySnapshot.remove(directory.path)
        DirectorySnapshot.write(Self.files, to: directory.path, modified: 1_600_000_000)
    }

    static let longDirectory = "a-directory-with-quite-a-long-name/and-another-one-below-it-that-is-long"

    private static let files: [String: String] = [
        "main.c": """
        #include <stddef.h>
        #include <stdint.h>
        #include "local.h"
        int global = LOCAL;
        #ifdef EXTRA
        int extra = EXTRA;
        #endif
        int main(int argc, char **argv) { (void)argv; return (int)sizeof(size_t) * argc - LOCAL; }

        """,
        "local.h": "#pragma once\n#define LOCAL 4\n",
        "other.c": "int other(int x) { return x * 2; }\n",
        "one.c": "#include \"local.h\"\nint one(void) { return LOCAL; }\n",
        "inc.c": "#include <dir.h>\n#include \"dir.h\"\n#include \"quoted.h\"\nint a = DIR + QUOTED;\n",
        "one/dir.h": "#define DIR 1\n",
        "two/dir.h": "#ifndef DIR\n#define DIR 2\n#endif\n",
        "two/quoted.h": "#define QUOTED 22\n",
        "quote/quoted.h": "#define QUOTED 11\n",
        "warn.c": "#include \"local.h\"\nstatic int unused;\nint f(int x) { int y; if (x = 3) return y; }\n",
        "fail.c": "#include \"local.h\"\nint f(void) { return undeclared + LOCAL; }\n",
        "missing.c": "#include \"local.h\"\n#include \"nowhere.h\"\nint x;\n",
        "empty.c": "",
        "file.c": "const char *file = __FILE__, *base = __FILE__;\nint line = __LINE__ + __COUNTER__;\n",
        "expand.c": "#define TWICE(x) x + x\nint main(void) { int v = TWICE(1) + 1 == 2; return v == v; }\n",
        "noted.c": "#warning \"look here\"\n#pragma message \"and there\"\nint x;\n",
        "code.cpp": """
        #include <cstddef>
        #include <new>
        #include "local.h"
        namespace { struct Inner { ~Inner(); int x = LOCAL; }; Inner::~Inner() { throw x; } }
        template <typename T> T twice(T x) { return x + x; }
        template long twice<long>(long);
        int run() { Inner inner; return twice(inner.x); }

        """,
        "warn.cpp": "struct A { virtual void f(); }; struct B : A { void f(int); };\nint g(int unused) { }\n",
        "fail.cpp": "#include \"local.h\"\ntemplate <typename T> void f(T t) { t.nothing(); }\nvoid g() { f(1); }\n",
        "object.m":
            "@interface Thing { int x; }\n- (int)x;\n@end\n@implementation Thing\n- (int)x { return x; }\n@end\n",
        "object.mm": "@interface Thing { int x; }\n- (int)x;\n@end\nint cxx(int &x) { return x; }\n",
        "code.S": "#include \"local.h\"\n.globl sym\nsym: .long LOCAL\n",
        "plain.s": ".globl sym\nsym: .long 7\n",
        "fail.S": "#include \"local.h\"\nnonsense here\n",
        "pre.i": "# 1 \"pre.c\"\nint pre = 3;\n",
        "pre.ii": "# 1 \"pre.cpp\"\nint pre(int &x) { return x; }\n",
        "c.txt": "int odd = 1;\n",
        "forced.h": "#define EXTRA 9\n",
        "all.h": "#include <stddef.h>\n#include <stdint.h>\ntypedef size_t all_size;\n",
        "pch.c": "all_size s = sizeof(all_size);\n",
        "pch.cpp": "all_size s = sizeof(all_size);\n",
        "with space.c": "#include \"head er.h\"\nint space = SPACE;\n",
        "head er.h": "#define SPACE 1\n",
        "odd.c": "#include \"dol$lar.h\"\n#include \"ha#sh.h\"\n#include \"co:lon.h\"\nint odd;\n",
        "back.c": "#include \"back\\\\slash.h\"\nint back;\n",
        "dol$lar.h": "\n", "ha#sh.h": "\n", "co:lon.h": "\n", "back\\\\slash.h": "\n", "back\\slash.h": "\n",
        "wrap.c":
            "#include \"first-header.h\"\n#include \"second-header.h\"\n#include \"../local.h\"\nint wrap = LOCAL;\n",
        "\(longDirectory)/first-header.h": "#include \"third-header.h\"\n",
        "\(longDirectory)/second-header.h": "#include \"third-header.h\"\n#define SECOND\n",
        "\(longDirectory)/third-header.h": "#define THIRD\n",
        "sub/deep.c": "#include \"../local.h\"\nint deep = LOCAL;\n",
        "out/.keep": "",
        "arguments.rsp": "-c main.c\n-o 'main.o' \"-DEXTRA=2\"\n",
        "nested.rsp": "@inner.rsp -DTEXT=\"a b\" -DQ=\\\"q\\\"\n",
        "inner.rsp": "-O1 -Wall\n",
        "quotes.rsp": "-DTEXT='\"a  b\"' -DEXTRA=\\ 5 \"-DX=it's\"\n",
        "single.rsp": "-DTEXT='\"a\\\\b\"'\n",
        "broken.rsp": "-DX=\"open\n",
    ]
}
