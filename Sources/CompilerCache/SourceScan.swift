internal import Files

/// What a source or header says about files that are not in its dependency list, and about the time.
///
/// The compiler tells which files it read. It does not tell where it looked in vain, and a header that appears
/// there later must be noticed; so we read the directives ourselves, in all branches, active or not. What we read
/// too much costs a miss one day, never a stale hit.
struct SourceScan {
    struct Inclusion: Hashable {
        enum Form: UInt8 { case quoted, bracketed }
        var name: Word
        var form: Form
        /// `#include_next` searches on behind the directory of the file at hand.
        var isNext: Bool
        /// Only asked for, by `__has_include`.
        var isQuestion: Bool
    }

    private(set) var inclusions: Set<Inclusion> = []
    /// `__DATE__` or `__TIME__`.
    private(set) var usesDate = false
    /// `__TIMESTAMP__`, the modification time of the file.
    private(set) var usesTimestamp = false
    /// `.incbin` or `.include` for the assembler, in code or in a string.
    private(set) var usesAssemblerInput = false
    /// `#embed` or `__has_embed`.
    private(set) var embeds = false
    /// `__has_include` of something that only the preprocessor can work out.
    private(set) var asksForComputedHeader = false
    /// `__FILE__` and its like: a path that the program can measure as well as print.
    private(set) var namesItself = false
    /// Function-like macros that stand for `__has_include`.
    private(set) var questionMacros: Set<Word> = []

    /// Scans a whole file.
    ///
    /// - Parameters:
    ///   - isAssembler: comments and strings mean something else there, so nothing is skipped.
    ///   - questionMacros: macros of other files that stand for `__has_include`.
    init(_ bytes: [UInt8], isAssembler: Bool, questionMacros: Set<Word> = []) {
        knownQuestionMacros = questionMacros
        let spliced = Self.splicing(bytes)
        (spliced ?? bytes).withUnsafeBufferPointer { scan($0, isAssembler) }
    }

    private let knownQuestionMacros: Set<Word>

    /// The text with continued lines joined where an identifier might run across them, or nil where none does.
    private static func splicing(_ bytes: [UInt8]) -> [UInt8]? {
        let needsIt = bytes.withUnsafeBufferPointer { text in
            var index = 1
            while index + 2 < text.count {
                let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
                guard let found = ByteSearch.firstIndex(of: UInt8(ascii: "\\"), in: rest) else { return false }
                index += found
                if index + 2 < text.count, text[index + 1] == 10 || text[index + 1] == 13,
                    isIdentifier(text[index - 1]) || text[index - 1] == UInt8(ascii: "#")
                {
                    let next = text[index + 1] == 13 && text[index + 2] == 10 ? index + 3 : index + 2
                    if next < text.count, isIdentifier(text[next]) { return true }
                }
                index += 1
            }
            return false
        }
        guard needsIt else { return nil }
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
                if bytes[index + 1] == 10 {
                    index += 2
                    continue
                }
                if bytes[index + 1] == 13, index + 2 < bytes.count, bytes[index + 2] == 10 {
                    index += 3
                    continue
                }
            }
            joined.append(bytes[index])
            index += 1
        }
        return joined
    }

    @inline(__always)
    private static func isIdentifier(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private mutating func scan(_ text: UnsafeBufferPointer<UInt8>, _ isAssembler: Bool) {
        let count = text.count
        var index = 0
        var isLineStart = true
        while index < count {
            let byte = text[index]
            switch byte {
            case 10:
                isLineStart = true
                index += 1
            case 32, 9, 11, 12, 13:
                index += 1
            case UInt8(ascii: "#"):
                index += 1
                if isLineStart || isAssembler { index = directive(text, index) }
                isLineStart = false
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "/"):
                index = endOfLine(text, index)
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "*"):
                // A comment does not end the start of a line: a directive may follow it.
                index = endOfComment(text, index + 2)
            case UInt8(ascii: "\""):
                isLineStart = false
                let end = isAssembler ? index + 1 : endOfString(text, index + 1, UInt8(ascii: "\""))
                if !isAssembler { checkAssemblerInput(text, index, end) }
                index = end
            case UInt8(ascii: "'") where !isAssembler:
                isLineStart = false
                index = endOfString(text, index + 1, UInt8(ascii: "'"))
            case UInt8(ascii: "%") where index + 1 < count && text[index + 1] == UInt8(ascii: ":") && isLineStart:
                index = directive(text, index + 2)
                isLineStart = false
            case UInt8(ascii: "."):
                isLineStart = false
                if isAssembler { checkAssemblerInput(text, index, min(index + 9, count)) }
                index += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                isLineStart = false
                index += 1
                // A number may hold the quotes that separate its digits.
                while index < count,
                    Self.isIdentifier(text[index]) || text[index] == UInt8(ascii: ".")
                        || (text[index] == UInt8(ascii: "'") && index + 1 < count && Self.isIdentifier(text[index + 1]))
                { index += 1 }
            default:
                isLineStart = false
                guard Self.isIdentifier(byte) else {
                    index += 1
                    continue
                }
                let start = index
                index += 1
                while index < count, Self.isIdentifier(text[index]) { index += 1 }
                index = identifier(text, start, index, isAssembler)
            }
        }
    }

    private mutating func identifier(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ isAssembler: Bool
    ) -> Int {
        let length = end - start
        if end < text.count, text[end] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "R"), length <= 3, !isAssembler {
            return endOfRawString(text, end)
        }
        guard length >= 8 || !knownQuestionMacros.isEmpty || !questionMacros.isEmpty else { return end }
        if text[start] == UInt8(ascii: "_"), text[start + 1] == UInt8(ascii: "_") {
            let word = UnsafeBufferPointer(rebasing: text[start..<end])
            // Libraries are full of such names: the third letter sorts nearly all of them out.
            switch word[2] {
            case UInt8(ascii: "D"): if Self.equal(word, "__DATE__") { usesDate = true }
            case UInt8(ascii: "T"):
                if Self.equal(word, "__TIME__") { usesDate = true }
                if Self.equal(word, "__TIMESTAMP__") { usesTimestamp = true }
            case UInt8(ascii: "F"): if Self.equal(word, "__FILE__") { namesItself = true }
            case UInt8(ascii: "B"): if Self.equal(word, "__BASE_FILE__") { namesItself = true }
            case UInt8(ascii: "b"):
                if Self.equal(word, "__builtin_FILE") || Self.equal(word, "__builtin_source_location") { namesItself = true }
            case UInt8(ascii: "h"):
                if Self.equal(word, "__has_embed") { embeds = true }
                if Self.equal(word, "__has_include") || Self.equal(word, "__has_include_next") {
                    return question(text, start, end)
                }
            default: break
            }
        }
        if length == 15, text[start..<end].elementsEqual("source_location".utf8) { namesItself = true }
        if !(knownQuestionMacros.isEmpty && questionMacros.isEmpty) {
            let name = Word(text[start..<end])
            if knownQuestionMacros.contains(name) || questionMacros.contains(name) { return question(text, start, end) }
        }
        return end
    }

    private static func equal(_ word: UnsafeBufferPointer<UInt8>, _ literal: StaticString) -> Bool {
        guard word.count == literal.utf8CodeUnitCount else { return false }
        for index in 0..<word.count where word[index] != literal.utf8Start[index] { return false }
        return true
    }

    // MARK: - Directives

    private mutating func directive(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = skipBlanks(text, start)
        let word = index
        while index < text.count, Self.isIdentifier(text[index]) { index += 1 }
        guard index > word else { return index }
        let name = UnsafeBufferPointer(rebasing: text[word..<index])
        switch name[0] {
        case UInt8(ascii: "i"):
            if Self.equal(name, "include") || Self.equal(name, "import") { return inclusion(text, index, isNext: false) }
            if Self.equal(name, "include_next") { return inclusion(text, index, isNext: true) }
        case UInt8(ascii: "e"): if Self.equal(name, "embed") { embeds = true }
        case UInt8(ascii: "d"): if Self.equal(name, "define") { return definition(text, index) }
        default: break
        }
        return index
    }

    private mutating func inclusion(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, isNext: Bool) -> Int {
        let index = skipBlanks(text, start)
        // A name that a macro gives is known from the dependency list where it was found.
        guard let (name, form, end) = headerName(text, index) else { return index }
        inclusions.insert(Inclusion(name: name, form: form, isNext: isNext, isQuestion: false))
        return end
    }

    /// `#define NAME(x) __has_include(x)` makes NAME another spelling of the question.
    private mutating func definition(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        let name = skipBlanks(text, start)
        var index = name
        while index < text.count, Self.isIdentifier(text[index]) { index += 1 }
        guard index < text.count, text[index] == UInt8(ascii: "(") else { return index }
        let parameter = skipBlanks(text, index + 1)
        var end = parameter
        while end < text.count, Self.isIdentifier(text[end]) { end += 1 }
        let close = skipBlanks(text, end)
        guard end > parameter, close < text.count, text[close] == UInt8(ascii: ")") else { return index }
        let lineEnd = endOfLine(text, close)
        let needle = Word("__has_include")
        let body = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[close..<lineEnd])
        guard let found = needle.withUnsafeBytes({ ByteSearch.firstIndex(of: $0, in: body) }) else { return close }
        var argument = close + found + needle.count
        if text[argument...].starts(with: "_next".utf8) { argument += 5 }
        argument = skipBlanks(text, argument)
        guard argument < lineEnd, text[argument] == UInt8(ascii: "(") else { return close }
        argument = skipBlanks(text, argument + 1)
        let isParameter =
            argument + (end - parameter) < lineEnd
            && text[argument..<(argument + end - parameter)].elementsEqual(text[parameter..<end])
            && !Self.isIdentifier(text[argument + end - parameter])
        guard isParameter else { return close }
        questionMacros.insert(Word(text[name..<index]))
        return lineEnd
    }

    private mutating func question(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = skipBlanks(text, end)
        // Only its name: `#ifdef __has_include`, `defined(__has_include)`.
        guard index < text.count, text[index] == UInt8(ascii: "(") else { return end }
        index = skipBlanks(text, index + 1)
        guard let (name, form, after) = headerName(text, index) else {
            asksForComputedHeader = true
            return end
        }
        inclusions.insert(Inclusion(name: name, form: form, isNext: true, isQuestion: true))
        return after
    }

    private func headerName(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int
    ) -> (name: Word, form: Inclusion.Form, end: Int)? {
        guard start < text.count else { return nil }
        let close: UInt8
        switch text[start] {
        case UInt8(ascii: "\""): close = UInt8(ascii: "\"")
        case UInt8(ascii: "<"): close = UInt8(ascii: ">")
        default: return nil
        }
        var index = start + 1
        while index < text.count, text[index] != close, text[index] != 10 { index += 1 }
        guard index < text.count, text[index] == close, index > start + 1 else { return nil }
        return (Word(text[(start + 1)..<index]), close == UInt8(ascii: ">") ? .bracketed : .quoted, index + 1)
    }

    private mutating func checkAssemblerInput(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        guard !usesAssemblerInput, end > start else { return }
        let part = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[start..<end])
        for needle in [Word(".incbin"), Word(".include")] {
            let isFound = needle.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: part) != nil }
            if isFound { usesAssemblerInput = true }
        }
    }

    // MARK: - Skipping

    /// Behind blanks, comments and continued lines.
    private func skipBlanks(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            switch text[index] {
            case 32, 9, 11, 12: index += 1
            case UInt8(ascii: "\\") where index + 1 < text.count && text[index + 1] == 10: index += 2
            case UInt8(ascii: "/") where index + 1 < text.count && text[index + 1] == UInt8(ascii: "*"):
                index = endOfComment(text, index + 2)
            default: return index
            }
        }
        return index
    }

    private func endOfLine(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
            guard let found = ByteSearch.firstIndex(of: 10, in: rest) else { return text.count }
            index += found
            let before = index > 0 && text[index - 1] == 13 ? index - 2 : index - 1
            guard before >= start, text[before] == UInt8(ascii: "\\") else { return index }
            index += 1
        }
        return index
    }

    private func endOfComment(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
            guard let found = ByteSearch.firstIndex(of: UInt8(ascii: "*"), in: rest) else { return text.count }
            index += found + 1
            if index < text.count, text[index] == UInt8(ascii: "/") { return index + 1 }
        }
        return text.count
    }

    /// Behind the closing quote, or at the end of the line where there is none.
    private func endOfString(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ quote: UInt8) -> Int {
        var index = start
        while index < text.count {
            switch text[index] {
            case quote: return index + 1
            case UInt8(ascii: "\\"): index += 2
            case 10: return index
            default: index += 1
            }
        }
        return text.count
    }

    private mutating func endOfRawString(_ text: UnsafeBufferPointer<UInt8>, _ quote: Int) -> Int {
        var index = quote + 1
        while index < text.count, index - quote <= 17, text[index] != UInt8(ascii: "(") {
            if text[index] == 10 || text[index] == UInt8(ascii: "\"") || text[index] == 32 { return quote }
            index += 1
        }
        guard index < text.count, text[index] == UInt8(ascii: "(") else { return quote }
        let end = [UInt8(ascii: ")")] + Word(text[(quote + 1)..<index]) + [UInt8(ascii: "\"")]
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
        guard let found = end.withUnsafeBytes({ ByteSearch.firstIndex(of: $0, in: rest) }) else { return quote }
        checkAssemblerInput(text, quote, index + found)
        return index + found + end.count
    }
}
