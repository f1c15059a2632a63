import CommandCache
import Files
import Foundation
import TestSupport
import Testing

/// Which names a pattern stands for.
@Suite struct PatternTests {
    @Test(arguments: [
        ("*", "a"), ("*", ".hidden"), ("*", "a.b"), ("*.c", "a.c"), ("*.c", ".c"), ("a*", "a"), ("a*b*c", "aXbYbZc"),
        ("?", "a"), ("?", "ä"), ("??", "äb"), ("[abc]", "b"), ("[a-c]", "b"), ("[!a-c]", "d"), ("[^a]", "b"),
        ("[]a]", "]"), ("[]a]", "a"), ("[a-]", "-"), ("[ä-ü]", "ö"), ("\\*", "*"), ("\\[", "["), ("[\\]]", "]"),
        ("[a", "[a"), ("a\\", "a\\"), ("**", "abc"), ("a**c", "abc"), ("*?", "a"), ("*a*a*", "bacad"),
    ])
    func `a pattern matches`(pattern: String, name: String) {
        #expect(FilePattern.matches(Array(pattern.utf8), Array(name.utf8)))
    }

    @Test(arguments: [
        ("", "a"), ("?", ""), ("?", "ab"), ("?", "äb"), ("*.c", "a.h"), ("*.c", "a.cc"), ("a*b", "ac"), ("[a-c]", "d"),
        ("[!a-c]", "b"), ("[abc]", "ab"), ("[a", "a"), ("\\*", "a"), ("a?c", "ac"), ("*a*a*", "bacd"), ("[ä-ü]", "z"),
    ])
    func `a pattern does not match`(pattern: String, name: String) {
        #expect(!FilePattern.matches(Array(pattern.utf8), Array(name.utf8)))
    }

    @Test func `many stars take no time`() {
        let name = [UInt8](repeating: UInt8(ascii: "a"), count: 5000)
        let pattern = Array(String(repeating: "*a", count: 50).utf8) + Array("*b".utf8)
        #expect(!FilePattern.matches(pattern, name))
    }

    @Test func `bytes that are no text are characters of their own`() {
        #expect(FilePattern.matches(Array("a?b".utf8), [97, 0xFF, 98]))
        #expect(!FilePattern.matches(Array("a?b".utf8), [97, 0xFF, 0xFE, 98]))
        #expect(FilePattern.matches([91, 0xFF, 93], [0xFF]))
        #expect(!FilePattern.matches([91, 0xFF, 93], Array("ÿ".utf8)))
    }

    @Test func `what has no special character is a path`() {
        #expect(FilePattern(Array("src/a.c".utf8)) == nil)
        #expect(
            FilePattern(Array("src/*.c".utf8))?.components == [.name(Array("src".utf8)), .pattern(Array("*.c".utf8))]
        )
        #expect(FilePattern(Array("/**/x".utf8))?.components == [.anyDirectories, .name([120])])
        #expect(FilePattern(Array("/**/x".utf8))?.root == [UInt8(ascii: "/")])
    }

    private func names(_ inputs: [String], in workshop: Workshop) throws -> [String] {
        let prefix = workshop.directory.path + "/"
        return try InputListing(inputs.map { Array((prefix + $0).utf8) }).items.map {
            String(String(decoding: $0.name, as: UTF8.self).dropFirst(prefix.utf8.count))
                + ($0.status == nil ? " -" : "")
        }
    }

    @Test func `patterns stand for files in the order of their bytes, each once`() throws {
        let workshop = try Workshop()
        for name in ["b.c", "a.c", "Z.c", ".h.c", "sub/c.c", "sub/deep/d.c", "sub/x.h", "ä.c", "[x].c"] {
            try workshop.write("", to: name)
        }
        #expect(try names(["*.c", "a.c", "?.c"], in: workshop) == [".h.c", "Z.c", "[x].c", "a.c", "b.c", "ä.c"])
        #expect(try names(["**/*.c"], in: workshop).count == 8)
        #expect(try names(["sub/**/*.c"], in: workshop) == ["sub/c.c", "sub/deep/d.c"])
        #expect(try names(["sub"], in: workshop) == ["sub", "sub/c.c", "sub/deep", "sub/deep/d.c", "sub/x.h"])
        #expect(try names(["sub/**"], in: workshop) == ["sub/c.c", "sub/deep", "sub/deep/d.c", "sub/x.h"])
        #expect(try names(["s*"], in: workshop) == ["sub", "sub/c.c", "sub/deep", "sub/deep/d.c", "sub/x.h"])
        #expect(try names(["*/deep"], in: workshop) == ["sub/deep", "sub/deep/d.c"])
        #expect(try names(["sub//", "sub/*/"], in: workshop) == names(["sub"], in: workshop))
        #expect(try names(["none*"], in: workshop) == [])
        #expect(try names(["none"], in: workshop) == ["none -"])
        // A name that is a pattern as well stands for both.
        #expect(try names(["[x].c"], in: workshop) == ["[x].c"])
        try workshop.write("", to: "x.c")
        #expect(try names(["[x].c"], in: workshop) == ["[x].c", "x.c"])
    }

    @Test func `links are followed, and those that lead in a circle end`() throws {
        let workshop = try Workshop()
        try workshop.write("", to: "d/a")
        try workshop.run(["sh", "-ec", "ln -s .. d/up; ln -s d e; ln -s nowhere d/gone; ln -s a d/b"])
        #expect(try names(["d"], in: workshop) == ["d", "d/a", "d/b", "d/gone", "d/up", "d/up/d", "d/up/e"])
        #expect(try names(["e/**/a"], in: workshop) == ["e/a"])
        #expect(try names(["**/a"], in: workshop) == ["d/a", "e/a"])
    }

    @Test func `the rule that a tool writes is read as make reads it`() {
        func read(_ text: String) -> [String]? {
            DependencyRule.prerequisites(in: Array(text.utf8))?.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(read("a.o: a.c b.h\n") == ["a.c", "b.h"])
        #expect(read("a.o b.o : a.c \\\n  b.h \\\r\n c.h") == ["a.c", "b.h", "c.h"])
        #expect(read("a.o: a\\ b c\\#d e$$f C:/g\n") == ["a b", "c#d", "e$f", "C:/g"])
        #expect(read("a.o: a.c a.h\n\na.h:\nb: a.c z\n") == ["a.c", "a.h", "z"])
        #expect(read("a.o:\n") == [])
        #expect(read("") == nil)
        #expect(read("no rule at all\n") == nil)
    }
}
