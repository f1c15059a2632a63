internal import Files

/// What a source or header says about files that are not in its dependency list, and about the time.
///
/// The compiler tells which files it read. It does not tell where it looked in vain, and a header that appears
/// there later must be noticed; so we read the directives ourselves, in all branches, active or not. What we read
/// too much costs a miss one day, never a stale hit.
struct SourceScan: Sendable {
    struct Inclusion: Hashable, Sendable {
        enum Form: UInt8, Sendable { case quoted, bracketed }
        var name: Word
        var form: Form
        /// `#include_next` searches on behind the directory of the file at hand.
        var isNext: Bool
        /// Only asked for, by `__has_include`.
        var isQuestion: Bool
    }

    /// An inclusion, or a question, whose name is all that one macro stands for.
    struct NamedInclusion: Hashable, Sendable {
        var macro: Word
        var isNext: Bool
        var isQuestion: Bool
    }

    private(set) var inclusions: Set<Inclusion> = []
    private(set) var namedInclusions: Set<NamedInclusion> = []
    /// `__DATE__`, and `__TIME__`.
    private(set) var (usesDate, usesTime) = (false, false)
    /// `__TIMESTAMP__`, the modification time of the file.
    private(set) var usesTimestamp = false
    /// `#pragma GCC dependency`, which compares the times of two files.
    private(set) var comparesTimes = false
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
    /// An `#include` of something else than a name.
    private(set) var computesInclusion = false
    /// An `#include` whose name only the preprocessor can work out: it is more than one macro.
    private(set) var computesFreely = false
    /// What macros stand for, where it begins like the name of a header.
    private(set) var headerMacros: [Word: Set<Inclusion>] = [:]
    /// Macros that stand for something else, or for more: hashes of their names, in no order.
    private(set) var otherMacros: [UInt64] = []
    /// `#pragma once`: gcc takes another file of this content and this time for the same.
    private(set) var isOnce = false
    /// `#import`, which does so with any file.
    private(set) var imports = false
    /// `_Pragma`, and the word `once` for it: any file may be meant.
    private(set) var (usesPragmaOperator, saysOnce) = (false, false)
    /// `#line` and what the preprocessor leaves of it: gcc shows lines of the file that they name.
    private(set) var renamesLines = false
    /// Trigraphs: whether they mean anything depends on the language's version.
    private(set) var hasTrigraphs = false
    /// `__PRETTY_FUNCTION__`, in which clang names a lambda by its file, whatever the user maps that to.
    private(set) var namesFunction = false
    /// `.inc` where the assembler may read it: perhaps the first half of a directive that reads a file.
    private(set) var mentionsAssemblerInput = false
    /// A carriage return that no line feed follows: clang ends the line there, gcc does not.
    private(set) var hasLoneReturn = false
    /// A quote within a number: a separator in one language, the start of a character in another.
    private(set) var separatesDigits = false
    /// `#pragma omp target`: clang names what comes of it by the file's device and inode.
    private(set) var offloads = false
    /// Parts of names that matter, and whether parts are put together.
    private(set) var pasted = PastedNames()

    /// Scans a whole file.
    ///
    /// - Parameters:
    ///   - isAssembler: comments and strings mean something else there, so nothing is skipped.
    ///   - hasRawStrings: the language has `R"(…)"`.
    ///   - questionMacros: macros of other files that stand for `__has_include`.
    init(_ bytes: [UInt8], isAssembler: Bool, hasRawStrings: Bool = true, questionMacros: Set<Word> = []) {
        knownQuestionMacros = questionMacros
        self.hasRawStrings = hasRawStrings
        let spliced = Self.splicing(bytes)
        (spliced ?? bytes).withUnsafeBufferPointer { scan($0, isAssembler) }
        // Lines are not joined within a raw string: where there is one, both readings count.
        if spliced != nil, hasRawStrings, bytes.firstIndex(of: Word("R\"")) != nil {
            bytes.withUnsafeBufferPointer { scan($0, isAssembler) }
        }
    }

    /// A scan that found nothing but `inclusions`.
    static func followed(_ inclusions: Set<Inclusion>) -> SourceScan {
        var scan = SourceScan([], isAssembler: false)
        scan.inclusions = inclusions
        return scan
    }

    private let knownQuestionMacros: Set<Word>
    private let hasRawStrings: Bool
    /// Within a macro that has parameters, up to the end of its line: a name there may be one of them.
    private var isInFunctionMacro = false
    /// The token before: what it ends with, `a` for an identifier, and 0 where nothing is known of it.
    private var previous: UInt8 = 0
    /// Where it is, if it is an identifier.
    private var previousIdentifier = 0..<0
    /// The end of the string before, to which the next one is joined when nothing stands between them.
    private var stringTail: ArraySlice<UInt8> = []

    /// The text with continued lines joined, or nil where there are none.
    ///
    /// Both compilers allow blanks between the backslash and the end of the line.
    private static func splicing(_ bytes: [UInt8]) -> [UInt8]? {
        var joined: [UInt8]?
        var kept = 0
        bytes.withUnsafeBytes { text in
            var index = 0
            while index < text.count {
                guard
                    let found = ByteSearch.firstIndex(
                        of: UInt8(ascii: "\\"),
                        in: UnsafeRawBufferPointer(rebasing: text[index...])
                    )
                else { break }
                let backslash = index + found
                var end = backslash + 1
                while end < text.count, text[end] == 32 || text[end] == 9 || (text[end] >= 11 && text[end] <= 13) {
                    end += 1
                }
                index = backslash + 1
                guard end < text.count, text[end] == 10 else { continue }
                if joined == nil {
                    joined = []
                    joined?.reserveCapacity(text.count)
                }
                joined?.append(contentsOf: text[kept..<backslash])
                kept = end + 1
                index = kept
            }
            joined?.append(contentsOf: text[min(kept, text.count)...])
        }
        return joined
    }

    @inline(__always)
    static func isIdentifier(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private mutating func scan(_ text: UnsafeBufferPointer<UInt8>, _ isAssembler: Bool) {
        let count = text.count
        var index = 0
        var isLineStart = true
        var isDirective = false
        previous = 0
        // A byte order mark is nothing; it would hide a directive behind it.
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        findTrigraphs(UnsafeRawBufferPointer(text))
        findLoneReturn(UnsafeRawBufferPointer(text))
        while index < count {
            let byte = text[index]
            if byte > 32, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "/") { stringTail = [] }
            switch byte {
            case 10:
                isLineStart = true
                isInFunctionMacro = false
                if isDirective { (isDirective, previous) = (false, 0) }
                index += 1
            // Both compilers pass over a NUL.
            case 32, 9, 11, 12, 13, 0:
                index += 1
            case UInt8(ascii: "#"):
                index += 1
                if index < count, text[index] == UInt8(ascii: "#") { pasted.notePasting() }
                if isLineStart || isAssembler {
                    index = directive(text, index)
                    isDirective = true
                }
                (isLineStart, previous) = (false, 0)
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "/"):
                index = endOfLine(text, index)
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "*"):
                // A comment does not end the start of a line: a directive may follow it.
                index = endOfComment(text, index + 2)
            case UInt8(ascii: "\""):
                isLineStart = false
                let end = isAssembler ? index + 1 : endOfString(text, index + 1, UInt8(ascii: "\""))
                if !isAssembler { checkAssemblerInput(text, index, end) }
                if end - index < 16,
                    text[index..<end].split(whereSeparator: { !Self.isIdentifier($0) }).first?
                        .elementsEqual("once".utf8) == true
                {
                    saysOnce = true
                }
                index = end
                previous = byte
            case UInt8(ascii: "'") where !isAssembler:
                (isLineStart, previous) = (false, byte)
                index = endOfString(text, index + 1, UInt8(ascii: "'"))
            case UInt8(ascii: "%") where index + 1 < count && text[index + 1] == UInt8(ascii: ":"):
                // The other spelling of `#`.
                if isLineStart {
                    index = directive(text, index + 2)
                    isDirective = true
                } else {
                    index += 2
                }
                if index + 1 < count, text[index] == UInt8(ascii: "%"), text[index + 1] == UInt8(ascii: ":") {
                    pasted.notePasting()
                }
                (isLineStart, previous) = (false, 0)
            case UInt8(ascii: "."):
                (isLineStart, previous) = (false, byte)
                if isAssembler {
                    checkAssemblerInput(text, index, min(index + 9, count))
                } else {
                    checkStringified(text, index)
                }
                index += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                (isLineStart, previous) = (false, byte)
                index += 1
                // A number may hold the quotes that separate its digits.
                while index < count,
                    Self.isIdentifier(text[index]) || text[index] == UInt8(ascii: ".")
                        || (text[index] == UInt8(ascii: "'") && index + 1 < count && Self.isIdentifier(text[index + 1]))
                {
                    if text[index] == UInt8(ascii: "'") { separatesDigits = true }
                    index += 1
                }
            default:
                isLineStart = false
                guard Self.isIdentifier(byte) else {
                    index += 1
                    previous = byte
                    continue
                }
                let start = index
                let end = endOfIdentifier(text, start + 1)
                index = identifier(text, start, end, isAssembler)
                (previous, previousIdentifier) = (UInt8(ascii: "a"), start..<end)
            }
        }
    }

    private mutating func findLoneReturn(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count, !hasLoneReturn {
            let rest = UnsafeRawBufferPointer(rebasing: text[index...])
            guard let found = ByteSearch.firstIndex(of: 13, in: rest) else { return }
            index += found + 1
            hasLoneReturn = index == text.count || text[index] != 10
        }
    }

    private mutating func findTrigraphs(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index + 2 < text.count, !hasTrigraphs {
            let rest = UnsafeRawBufferPointer(rebasing: text[index..<(text.count - 2)])
            guard let found = ByteSearch.firstIndex(of: UInt8(ascii: "?"), in: rest) else { return }
            index += found + 1
            guard text[index] == UInt8(ascii: "?") else { continue }
            hasTrigraphs = text[index + 1] == UInt8(ascii: "/") || text[index + 1] == UInt8(ascii: "=")
        }
    }

    private mutating func identifier(
        _ text: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ end: Int,
        _ isAssembler: Bool
    ) -> Int {
        let length = end - start
        let isFirst = length <= 2 && text[start] == UInt8(ascii: "_") && isFirstOfPasted(text, start, end)
        let word = UnsafeBufferPointer(rebasing: text[start..<end])
        if pasted.mayNote(word), !isWholeQuestion(text, start, end) {
            pasted.note(word, isFirst: isFirst, isAssembler ? .anywhere : neighbours(text, end))
        }
        if hasRawStrings, end < text.count, text[end] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "R"),
            length <= 3,
            !isAssembler
        {
            return endOfRawString(text, end)
        }
        if length == 7, Self.equal(word, "_Pragma") { usesPragmaOperator = true }
        if length == 4, Self.equal(word, "once") { saysOnce = true }
        guard length >= 8 || !knownQuestionMacros.isEmpty || !questionMacros.isEmpty else { return end }
        if length >= 8, text[start] == UInt8(ascii: "_"), text[start + 1] == UInt8(ascii: "_") {
            // Libraries are full of such names: the third letter sorts nearly all of them out.
            switch word[2] {
            case UInt8(ascii: "D"): if Self.equal(word, "__DATE__") { usesDate = true }
            case UInt8(ascii: "T"):
                if Self.equal(word, "__TIME__") { usesTime = true }
                if Self.equal(word, "__TIMESTAMP__") { usesTimestamp = true }
            case UInt8(ascii: "F"): if Self.equal(word, "__FILE__") { namesItself = true }
            case UInt8(ascii: "B"): if Self.equal(word, "__BASE_FILE__") { namesItself = true }
            case UInt8(ascii: "b"):
                if Self.equal(word, "__builtin_FILE") || Self.equal(word, "__builtin_source_location") {
                    namesItself = true
                }
            case UInt8(ascii: "h"):
                if Self.equal(word, "__has_embed") { embeds = true }
                if Self.equal(word, "__has_include") || Self.equal(word, "__has_include_next") {
                    return question(text, start, end)
                }
            // clang names a lambda by the file that it is in.
            case UInt8(ascii: "P"):
                if Self.equal(word, "__PRETTY_FUNCTION__") { (namesItself, namesFunction) = (true, true) }
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

    /// Whether the identifier that ends at `end` may be the first, or the last, of what a macro is given or stands for.
    ///
    /// An operator beside it goes with it wherever a macro puts it, and nothing is pasted to it from that side. What is in
    /// parentheses, or an identifier, may be a macro that stands for nothing.
    private func neighbours(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> PastedNames.Neighbours {
        let next = skipBlanks(text, end)
        var neighbours = PastedNames.Neighbours.anywhere
        neighbours.mayLead = next == text.count || !Self.isOperator(text[next])
        neighbours.mayFollow = !Self.isOperator(previous) && !(previous >= 48 && previous <= 57)
        if previous == UInt8(ascii: "a"), !isInFunctionMacro {
            let name = text[previousIdentifier]
            // The compiler's own macros begin so.
            if name.first != UInt8(ascii: "_") { neighbours.behind = Self.hash(name) }
        }
        return neighbours
    }

    private static func isOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "."), UInt8(ascii: ";"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "!"), UInt8(ascii: "~"),
            UInt8(ascii: "^"), UInt8(ascii: "|"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "/"),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: false
        }
    }

    /// True for what something is only ever put behind: `__ ## name`, and `__CONCAT(__, name)` of the C library.
    ///
    /// Without this `<math.h>` and an identifier `TIME` would make `__TIME__` seem possible.
    private func isFirstOfPasted(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let next = skipBlanks(text, end)
        if next + 1 < text.count, text[next] == UInt8(ascii: "#"), text[next + 1] == UInt8(ascii: "#") {
            var before = start
            while before > 0, text[before - 1] == 32 || text[before - 1] == 9 { before -= 1 }
            return before == 0 || text[before - 1] != UInt8(ascii: "#")
        }
        let call: StaticString = "__CONCAT("
        let length = call.utf8CodeUnitCount
        return start >= length && Self.equal(UnsafeBufferPointer(rebasing: text[(start - length)..<start]), call)
    }

    /// True for `__has_include` where it is asked or asked for, and so no part of `__has_include_next`.
    private func isWholeQuestion(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard Self.equal(UnsafeBufferPointer(rebasing: text[start..<end]), "__has_include") else { return false }
        let next = skipBlanks(text, end)
        if next < text.count, text[next] == UInt8(ascii: "(") { return true }
        var before = start
        while before > 0, text[before - 1] == 32 || text[before - 1] == UInt8(ascii: "(") { before -= 1 }
        let asking: StaticString = "defined"
        let length = asking.utf8CodeUnitCount
        return before >= length && Self.equal(UnsafeBufferPointer(rebasing: text[(before - length)..<before]), asking)
    }

    /// A hash of a macro's name (FNV-1a): for most names all that is asked is whether a macro has it.
    static func hash(_ name: some Sequence<UInt8>) -> UInt64 {
        name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
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
        let found = UnsafeBufferPointer(rebasing: text[word..<index])
        switch found[0] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): renamesLines = true
        case UInt8(ascii: "i"):
            if Self.equal(found, "include") { return inclusion(text, index, isNext: false) }
            if Self.equal(found, "include_next") { return inclusion(text, index, isNext: true) }
            if Self.equal(found, "import") {
                imports = true
                return inclusion(text, index, isNext: false)
            }
            if Self.equal(found, "ifdef") || Self.equal(found, "ifndef") { return name(text, index) }
        case UInt8(ascii: "u"): if Self.equal(found, "undef") { return name(text, index) }
        case UInt8(ascii: "l"): if Self.equal(found, "line") { renamesLines = true }
        case UInt8(ascii: "p"): if Self.equal(found, "pragma") { return pragma(text, index) }
        case UInt8(ascii: "e"):
            if Self.equal(found, "embed") { embeds = true }
            // Prose, up to its end.
            if Self.equal(found, "error") { return endOfLine(text, index) }
        case UInt8(ascii: "w"): if Self.equal(found, "warning") { return endOfLine(text, index) }
        case UInt8(ascii: "d"): if Self.equal(found, "define") { return definition(text, index) }
        default: break
        }
        return index
    }

    private mutating func inclusion(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, isNext: Bool) -> Int {
        let index = skipBlanks(text, start)
        guard let (name, form, end) = headerName(text, index) else {
            computesInclusion = true
            let end = endOfIdentifier(text, index)
            if end > index, isEndOfLine(text, end) {
                let macro = Word(text[index..<end])
                namedInclusions.insert(NamedInclusion(macro: macro, isNext: isNext, isQuestion: false))
            } else {
                computesFreely = true
            }
            return index
        }
        inclusions.insert(Inclusion(name: name, form: form, isNext: isNext, isQuestion: false))
        return end
    }

    /// Behind the name that a directive asks for: `#ifdef __has_include` asks for nothing else.
    private func name(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        endOfIdentifier(text, skipBlanks(text, start))
    }

    private func endOfIdentifier(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count, Self.isIdentifier(text[index]) { index += 1 }
        return index
    }

    /// True when nothing but blanks and comments follows on the line.
    private func isEndOfLine(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        let index = skipBlanks(text, start)
        if index == text.count || text[index] == 10 { return true }
        guard index + 1 < text.count else { return false }
        return text[index] == 13 && text[index + 1] == 10
            || text[index] == UInt8(ascii: "/") && text[index + 1] == UInt8(ascii: "/")
    }

    private mutating func pragma(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        let words = text[start..<endOfLine(text, start)].split { !Self.isIdentifier($0) }
        if words.first?.elementsEqual("once".utf8) == true {
            isOnce = true
            return endOfLine(text, start)
        }
        if words.first?.elementsEqual("omp".utf8) == true, words.contains(where: { $0.elementsEqual("target".utf8) }) {
            offloads = true
        }
        if words.contains(where: { $0.elementsEqual("dependency".utf8) }) { comparesTimes = true }
        return start
    }

    /// `#define NAME(x) __has_include(x)` makes NAME another spelling of the question.
    private mutating func definition(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        let name = skipBlanks(text, start)
        let index = endOfIdentifier(text, name)
        guard index < text.count, text[index] == UInt8(ascii: "(") else {
            if let (header, form, end) = headerName(text, skipBlanks(text, index)) {
                let inclusion = Inclusion(name: header, form: form, isNext: false, isQuestion: false)
                headerMacros[Word(text[name..<index]), default: []].insert(inclusion)
                if isEndOfLine(text, end) { return index }
            }
            otherMacros.append(Self.hash(text[name..<index]))
            return index
        }
        otherMacros.append(Self.hash(text[name..<index]))
        isInFunctionMacro = true
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
        guard isParameter else {
            // In a macro the name between `<` and `>` is no more than tokens, and one of them may be a parameter.
            asksForComputedHeader = true
            return close
        }
        questionMacros.insert(Word(text[name..<index]))
        return lineEnd
    }

    private mutating func question(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = skipBlanks(text, end)
        guard index < text.count, text[index] == UInt8(ascii: "(") else {
            // Another name for it, unless `defined` asks for the name alone.
            if !isAsked(text, start) { asksForComputedHeader = true }
            return end
        }
        index = skipBlanks(text, index + 1)
        guard let (name, form, after) = headerName(text, index) else {
            let after = endOfIdentifier(text, index)
            let close = skipBlanks(text, after)
            if after > index, close < text.count, text[close] == UInt8(ascii: ")"), !isInFunctionMacro {
                let macro = Word(text[index..<after])
                namedInclusions.insert(NamedInclusion(macro: macro, isNext: true, isQuestion: true))
                return close
            }
            asksForComputedHeader = true
            return end
        }
        inclusions.insert(Inclusion(name: name, form: form, isNext: true, isQuestion: true))
        return after
    }

    /// True behind `defined`, with a parenthesis or without.
    private func isAsked(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        var index = start
        while index > 0, text[index - 1] == 32 || text[index - 1] == 9 || text[index - 1] == UInt8(ascii: "(") {
            index -= 1
        }
        return index >= 7 && text[(index - 7)..<index].elementsEqual("defined".utf8)
    }

    private func headerName(
        _ text: UnsafeBufferPointer<UInt8>,
        _ start: Int
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
        // Adjacent strings are one to the assembler.
        let content = stringTail + text[start..<end].drop { $0 == UInt8(ascii: "\"") }
        let words = Word(content)
        if words.contains(UInt8(ascii: ".")) || words.contains(UInt8(ascii: "\\")) {
            let meant = AssemblerInput.unescaped(words)
            if AssemblerInput.isNamed(in: words) || AssemblerInput.isNamed(in: meant) { usesAssemblerInput = true }
            if AssemblerInput.isBegun(in: meant) { mentionsAssemblerInput = true }
        }
        if words.firstIndex(of: Word("GCC")) != nil, words.firstIndex(of: Word("dependency")) != nil {
            comparesTimes = true
        }
        if words.firstIndex(of: Word("omp")) != nil, words.firstIndex(of: Word("target")) != nil { offloads = true }
        stringTail = content.last == UInt8(ascii: "\"") ? content.dropLast().suffix(16) : []
    }

    /// `.include "x"` outside of strings becomes one where a macro makes a string of it.
    private mutating func checkStringified(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) {
        // Whatever follows has to be a part of a directive's name.
        guard start + 1 < text.count, text[start + 1] | 0x20 == UInt8(ascii: "i") else { return }
        var word = start + 1
        while word < text.count, Self.isIdentifier(text[word]) { word += 1 }
        let behind = skipBlanks(text, word)
        // A member of a value, or its designation in a list of them, is none.
        let isMember = start > 0 && (Self.isIdentifier(text[start - 1]) || [41, 93].contains(text[start - 1]))
        let isDesignation = behind < text.count && [61, 46, 91, 123].contains(text[behind])
        if !isMember, !isDesignation, AssemblerInput.isBegun(in: text[start..<word]) { mentionsAssemblerInput = true }
        let end = min(start + 8, text.count)
        guard !usesAssemblerInput, AssemblerInput.isNamed(in: text[start..<end]) else { return }
        let next = skipBlanks(text, end)
        if next < text.count, text[next] == UInt8(ascii: "\"") { usesAssemblerInput = true }
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
