import Foundation

/// How the time that something takes grows with what it is given.
package enum Growth {
    /// By how much more processor time `body` takes for an input of four times the length: 4 where it is linear, 16 where it
    /// takes the square.
    ///
    /// Time of this thread alone, so that others do not count, and the best of several tries. Where that looks like more than
    /// the line, as it can where another process takes the processor's caches and its memory, what the time grows by
    /// over sixteen times the length decides: there the line and the square lie sixteen times apart.
    package static func factor(_ input: (Int) -> [UInt8], _ body: ([UInt8]) -> Void) -> Double {
        var length = 1 << 12
        var short = time(input(length), body)
        while short < 1_000_000, length < 1 << 15 {
            length *= 2
            short = time(input(length), body)
        }
        func best(of tries: Int, times: Int, until bound: Double) -> Double {
            let long = input(times * length)
            var best = Double.infinity
            for _ in 0..<tries where best >= bound {
                short = min(short, time(input(length), body))
                best = min(best, Double(time(long, body)) / Double(max(short, 1)))
            }
            return best
        }
        let factor = best(of: 6, times: 4, until: 8)
        return factor < 8 ? factor : best(of: 6, times: 16, until: 64).squareRoot()
    }

    private static func time(_ input: [UInt8], _ body: ([UInt8]) -> Void) -> Int64 {
        func now() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        let start = now()
        body(input)
        return now() - start
    }

    /// A kind of text, of any length.
    package struct Pattern: Sendable {
        package let name: String
        package let text: @Sendable (Int) -> [UInt8]
    }

    /// Texts that repeat something: what a reader might look through again and again.
    package static let patterns: [Pattern] = units.map { unit in Pattern(name: unit) { repeated(unit, $0) } } + composed

    private static let composed: [Pattern] = [
        Pattern(name: "numbered rules") { framed("x: y\n", numbered($0) { "dir\($0)/file\($0).rs:\n" }, "") },
        Pattern(name: "numbered paths") { numbered($0) { "/home/u/p/dir\($0)/file\($0).h " } },
        Pattern(name: "numbered lines") { numbered($0) { "/home/u/p/file\($0).h:\($0): note\n" } },
        Pattern(name: "numbered macros") { numbered($0) { "#define M\($0) <file\($0).h>\n#include M\($0)\n" } },
        Pattern(name: "one rule") { framed("a.o: ", numbered($0) { "file\($0).h \\\n " }, "\n") },
        Pattern(name: "a macro of many parameters") { length in
            let parameters = framed("#define F(", numbered(length / 2) { "p\($0)," }, "z) ")
            let body = numbered(length / 2) { "T q\($0) " }
            return parameters + body
        },
        Pattern(name: "comments to the end") { framed("", repeated("_ /* #/* import/* ", $0), "*/\n") },
        Pattern(name: "a name to the end") { framed("", repeated("#define a <", $0), ">\n") },
        Pattern(name: "a question to the end") { framed("", repeated("#define A(x) ", $0), "__has_include(x)\n") },
        Pattern(name: "an array") { framed("[", repeated("1,", $0), "1]") },
        Pattern(name: "an object") { framed("{", numbered($0) { "\"k\($0)\":{}," }, "\"z\":{}}") },
        Pattern(name: "a string") { framed("\"", repeated("\\u0041", $0), "\"") },
        Pattern(name: "documents") { repeated("15\n{\"outputs\": []}\n", $0) },
        Pattern(name: "settings") { numbered($0) { "key\($0) = \($0) # x\n" } },
    ]

    private static func framed(_ before: String, _ text: [UInt8], _ behind: String) -> [UInt8] {
        Array(before.utf8) + text + Array(behind.utf8)
    }

    private static let units: [String] = [
        "#", "# ", "##", "#pragma x ", "#pragma omp ", "#pragma once ", "#define a(", "#define A(x)", "#define A(x) ",
        "#include <", "#include \"", "#include A ", "#ifdef ", "#line ", "# 1 \"a\" ", "# 1 \"a.h\"\n", "#error ",
        "%:%:",
        "__has_include(", "__has_include(<", "__has_include ", "__has_include(A) ", "defined(__has_include",
        "__DATE__ ",
        "_ /* ", "#/*", "a/*b", "/**/", "//", "//*/\n", "/", "*", "R\"(", "R\"x(", "u8R\"y(", "\"", "\"a\" ", "'", "1'",
        ".", ".i", ".inc ", ".incbin \"", "\\", "\\\n", "\\ ", "\\ \n", "\\\\ ", "\\#", "\\x41", "\\0", "$", "$$", ":",
        ": ",
        "a ", "a", "a\n", "\n", "\r", "\r\n", "\t", " ", "\0", "??", "??/", "(", "((a", ")", ",", ";", "=", "é", "T ",
        "__ ##",
        "a.h \\\n ", "a: b\n", "a: b ", "a.rs:\n", "# env-dep:A=b\n", ". a.h\n", "! a\n", "x a\n", "@a ", "-Ia ",
        "\"a b\" ",
        "label=\"/usr\" ", "label=\"", "label=\"/", "import ", "import/*", "import struct ", "canImport(",
        "canImport /*",
        "/home/u/p/a.c ", "/home/u/p ", "/home/u/p", "/home/u/", "\u{1B}[1m", "a: error: b\n", "[", "{\"a\":", "1 ",
        "<word xMin=\"1\">", "&amp;", "<", ">", "key = value\n", "_Pragma(\"once\") ", "#define F(x) x##x ",
    ]

    private static func repeated(_ unit: String, _ length: Int) -> [UInt8] {
        var text = Array(unit.utf8)
        while text.count < length { text += text }
        return text
    }

    private static func numbered(_ length: Int, _ line: (Int) -> String) -> [UInt8] {
        var text: [UInt8] = []
        var number = 0
        while text.count < length {
            text += line(number).utf8
            number += 1
        }
        return text
    }
}
