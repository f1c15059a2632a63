import Files
import Foundation
import TestSupport
import Testing

@Suite struct LinePatternTests {
    private static let text = "foo bar\naaa\n\nx1\n*foo\na{1\n+\t\nfoo\n  end\naaa b\n(?i)foo\nÄrger\n"

    private static let patterns = [
        "foo", "^foo", "foo$", "^$", "", "a*", "[[:space:]]", "\\s", "\\s$", "[[:space:]]$", "\\W", "\\W$",
        "[[:cntrl:]]", "aaa\\s",
        "aaa\\'", "\\`aaa", "foo\nx1", "a\n", "\nx1", "[^a]", "bar\\b", "\\<foo\\>", "(a)\\1", "a{2,}", "x|y", "*", "+",
        "^+", "(*a)", "|*a", "a|*b", "a{1", "a{1,", "a{,", "a{x", "(?i)foo", "(?:f)oo", "a**", "ä", ".", "r.er",
    ]

    private func lines(_ pattern: String, ignoresCase: Bool) throws -> [String] {
        let bytes = Array(Self.text.utf8)
        var found: [String] = []
        try LinePattern(Array(pattern.utf8), ignoresCase: ignoresCase).forEachLine(of: bytes, in: 0..<bytes.count) {
            found.append(String(decoding: bytes[$0], as: UTF8.self))
            return true
        }
        return found
    }

    @Test(arguments: patterns) func `lines are found as grep finds them`(_ pattern: String) throws {
        let workshop = try Workshop()
        try workshop.write(Self.text, to: "text")
        for option in ["-E", "-Ei"] {
            let grep = try workshop.run(["grep", option, "-e", pattern, "text"], environment: ["LC_ALL": "C.UTF-8"])
            let lines = try lines(pattern, ignoresCase: option == "-Ei").map { $0 + "\n" }.joined()
            #expect(lines == grep.outputText, "\(option)")
        }
    }

    @Test(arguments: ["(", "a)(", "[", "\\", "a{2,1}", "[[:nothing:]]"])
    func `what grep refuses is no expression`(_ pattern: String) throws {
        #expect(throws: LinePattern.Defect.self) { try lines(pattern, ignoresCase: false) }
    }
}
