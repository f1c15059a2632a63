/// A rule for make, as a tool writes it to say what it has read.
package enum DependencyRule {
    /// The prerequisites of all rules in `text`, each once, in their order; nil where there is no rule, or a line that is none.
    ///
    /// Backslashes take the meaning of a blank, a hash and the end of a line; two dollars are one.
    package static func prerequisites(in text: [UInt8]) -> [[UInt8]]? {
        var found: [[UInt8]] = []
        var known: Set<[UInt8]> = []
        var hasRule = false
        var (word, isBehindColon): ([UInt8], Bool) = ([], false)
        // Of a line that is a rule only in another way of writing, we do not know what it names.
        var hasTarget = false
        func isEnd(_ index: Int) -> Bool {
            index >= text.count || isBlank(text[index]) || text[index] == UInt8(ascii: "\n")
                || text[index] == UInt8(ascii: "\r")
        }
        func endWord() {
            if !isBehindColon, !word.isEmpty { hasTarget = true }
            if isBehindColon, !word.isEmpty, known.insert(word).inserted { found.append(word) }
            word = []
        }
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            index += 1
            switch byte {
            case UInt8(ascii: "\\") where next == UInt8(ascii: "\n"):
                endWord()
                index += 1
            case UInt8(ascii: "\\") where next == UInt8(ascii: "\r") && index + 1 < text.count && text[index + 1] == 10:
                endWord()
                index += 2
            case UInt8(ascii: "\\") where next == UInt8(ascii: " ") || next == UInt8(ascii: "#") || next == 9:
                word.append(next)
                index += 1
            case UInt8(ascii: "#") where word.isEmpty && !isBehindColon && !hasTarget:
                while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: "$") where next == UInt8(ascii: "$"):
                word.append(byte)
                index += 1
            case UInt8(ascii: ":") where !isBehindColon && isEnd(index):
                word = []
                (isBehindColon, hasRule, hasTarget) = (true, true, false)
            case UInt8(ascii: "\n"):
                endWord()
                if hasTarget { return nil }
                isBehindColon = false
            case UInt8(ascii: "\r") where next == UInt8(ascii: "\n"): break
            case _ where isBlank(byte): endWord()
            default: word.append(byte)
            }
        }
        endWord()
        return hasRule && !hasTarget ? found : nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 9 }
}
