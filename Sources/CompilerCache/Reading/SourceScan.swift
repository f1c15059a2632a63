internal import Files

/// What a source or header says about files that are not in its dependency list, and about the time.
///
/// The compiler tells which files it read. It does not tell where it looked in vain, and a header that appears
/// there later must be noticed; so we read the directives ourselves, in all branches, active or not. What we read
/// too much costs a miss one day, never a stale hit.
///
/// A value is what the scan of one text found; only the scan sets it.
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

    var inclusions: Set<Inclusion> = []
    var namedInclusions: Set<NamedInclusion> = []
    /// `__DATE__`, and `__TIME__`.
    var (usesDate, usesTime) = (false, false)
    /// `__TIMESTAMP__`, the modification time of the file.
    var usesTimestamp = false
    /// `#pragma GCC dependency`, which compares the times of two files.
    var comparesTimes = false
    /// `.incbin` or `.include` for the assembler, in code or in a string.
    var usesAssemblerInput = false
    /// `#embed` or `__has_embed`.
    var embeds = false
    /// `__has_include` of something that only the preprocessor can work out.
    var asksForComputedHeader = false
    /// `__FILE__` and its like: a path that the program can measure as well as print.
    var namesItself = false
    /// Function-like macros that stand for `__has_include`.
    var questionMacros: Set<Word> = []
    /// An `#include` of something else than a name.
    var computesInclusion = false
    /// An `#include` whose name only the preprocessor can work out: it is more than one macro.
    var computesFreely = false
    /// What macros stand for, where it begins like the name of a header.
    var headerMacros: [Word: Set<Inclusion>] = [:]
    /// Macros that stand for something else, or for more: hashes of their names, in no order.
    var otherMacros: [UInt64] = []
    /// `#pragma once`: gcc takes another file of this content and this time for the same.
    var isOnce = false
    /// `#import`, which does so with any file.
    var imports = false
    /// `_Pragma`, and the word `once` for it: any file may be meant.
    var (usesPragmaOperator, saysOnce) = (false, false)
    /// `_Pragma` of something else than a string, and the word `dependency` where a macro may make `GCC dependency "file"` of it.
    var (computesPragma, saysDependency) = (false, false)
    /// `#line` and what the preprocessor leaves of it: gcc shows lines of the file that they name.
    var renamesLines = false
    /// Trigraphs: whether they mean anything depends on the language's version.
    var hasTrigraphs = false
    /// `__PRETTY_FUNCTION__`, in which clang names a lambda by its file, whatever the user maps that to.
    var namesFunction = false
    /// `.inc` where the assembler may read it: perhaps the first half of a directive that reads a file.
    var mentionsAssemblerInput = false
    /// A carriage return that no line feed follows: the line may end there.
    var hasLoneReturn = false
    /// What is a raw string to compilers that have those in this language, and to others a name and a string.
    var mayHoldRawString = false
    /// A name in which a byte stands that ends a name for some compilers, in front of what would be a raw string then.
    var dividesNames = false
    /// A quote within a number: a separator in one language, the start of a character in another.
    var separatesDigits = false
    /// `#pragma omp target`: clang names what comes of it by the file's device and inode.
    var offloads = false
    /// Parts of names that matter, and whether parts are put together.
    var pasted = PastedNames()

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
    var isInFunctionMacro = false
    /// The token before: what it ends with, `a` for an identifier, and 0 where nothing is known of it.
    private var previous: UInt8 = 0
    /// Where it is, if it is an identifier.
    private var previousIdentifier = 0..<0
    /// The token before the last parenthesis that opens.
    private var caller: (token: UInt8, identifier: Range<Int>) = (0, 0..<0)
    /// The parameters of the macro that is being defined, with the parentheses.
    var parameters = 0..<0
    /// What was looked for last, from where, and where it is: what may stand many times on a line is not to be looked
    /// for to the line's end each time.
    var comment = (start: Int.max, star: 0, end: 0)
    var pragmaLine = (start: Int.max, end: 0, namesTarget: false, namesDependency: false)
    var questionSeen = (start: Int.max, place: 0, lineEnd: 0)
    var parametersSeen = (start: Int.max, end: 0)
    /// The ends of names between quotes, and between `<` and `>`.
    var (quoteSeen, bracketSeen) = ((start: Int.max, end: 0), (start: Int.max, end: 0))
    /// The names of many parameters.
    private var parameterNames = (place: 0..<0, names: Set<Word>())
    /// Ends of raw strings that do not occur any more.
    var missingEnds: Set<Word> = []
    /// The end of the string before, to which the next one is joined when nothing stands between them.
    var stringTail: ArraySlice<UInt8> = []

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

    private mutating func scan(_ text: UnsafeBufferPointer<UInt8>, _ isAssembler: Bool) {
        let count = text.count
        var index = 0
        var isLineStart = true
        var isDirective = false
        forgetPlaces()
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
                isDirective = isLineStart || isAssembler || isDirective
                index = hash(text, index, width: 1, beginsDirective: isLineStart || isAssembler)
                (isLineStart, previous) = (false, 0)
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "/"):
                index = endOfLine(text, index)
            case UInt8(ascii: "/") where !isAssembler && index + 1 < count && text[index + 1] == UInt8(ascii: "*"):
                // A comment does not end the start of a line: a directive may follow it.
                index = endOfComment(text, index + 2)
            case UInt8(ascii: "\""):
                index = string(text, index, isAssembler)
                (isLineStart, previous) = (false, byte)
            case UInt8(ascii: "'") where !isAssembler:
                index = endOfString(text, index + 1, UInt8(ascii: "'"))
                (isLineStart, previous) = (false, byte)
            case UInt8(ascii: "%") where index + 1 < count && text[index + 1] == UInt8(ascii: ":"):
                isDirective = isLineStart || isDirective
                index = hash(text, index, width: 2, beginsDirective: isLineStart)
                (isLineStart, previous) = (false, 0)
            case UInt8(ascii: "."):
                (isLineStart, previous) = (false, byte)
                checkDot(text, index, isAssembler)
                index += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                (isLineStart, previous) = (false, byte)
                index = endOfNumber(text, index + 1)
            default:
                isLineStart = false
                index = token(text, index, byte, isAssembler)
            }
        }
    }

    /// Passes over an identifier, or over a byte that means nothing here; returns where the rest is.
    private mutating func token(
        _ text: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ byte: UInt8,
        _ isAssembler: Bool
    ) -> Int {
        guard Word.isIdentifier(byte) else {
            if byte == UInt8(ascii: "(") { caller = (previous, previousIdentifier) }
            previous = byte
            return start + 1
        }
        let end = endOfIdentifier(text, start + 1)
        let rest = identifier(text, start, end, isAssembler)
        if text[start..<end].contains(where: Self.mayDivide) { parts(text, start, end, isAssembler) }
        (previous, previousIdentifier) = (UInt8(ascii: "a"), start..<end)
        return rest
    }

    /// True for what is part of a name to some compilers, in some languages, or as some characters: `$`, and what is not ASCII.
    private static func mayDivide(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "$") || byte >= 0x80 }

    /// Looks at the parts of an identifier that are names of their own where its other bytes are part of none.
    private mutating func parts(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ isAssembler: Bool) {
        var index = start
        while index < end {
            var last = index
            while last < end, !Self.mayDivide(text[last]) { last += 1 }
            if last > index {
                if last == end, isRawString(text, index, last) { dividesNames = true }
                _ = identifier(text, index, last, isAssembler)
            }
            index = last + 1
        }
    }

    /// True where the identifier is what stands before a raw string, and a quote follows.
    private func isRawString(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end < text.count, text[end] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "R") else {
            return false
        }
        let word = UnsafeBufferPointer(rebasing: text[start..<end])
        let prefixes: [StaticString] = ["R", "LR", "uR", "UR", "u8R"]
        return prefixes.contains { Self.equal(word, $0) }
    }

    /// Passes over `#`, or `%:`, its other spelling, and over the directive that it begins; returns where the rest is.
    private mutating func hash(
        _ text: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        width: Int,
        beginsDirective: Bool
    ) -> Int {
        let end = start + width
        if end + width <= text.count, (0..<width).allSatisfy({ text[end + $0] == text[start + $0] }) {
            pasted.notePasting()
        }
        return beginsDirective ? directive(text, end) : end
    }

    /// What was noted of places means nothing in another text.
    private mutating func forgetPlaces() {
        previous = 0
        (comment.start, pragmaLine.start, questionSeen.start, parametersSeen.start) = (.max, .max, .max, .max)
        (quoteSeen.start, bracketSeen.start) = (.max, .max)
        (parameterNames.place, missingEnds) = (0..<0, [])
    }

    /// Looks at the string that begins at `start`, and returns where it ends; in the assembler its text is looked at like any.
    private mutating func string(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ isAssembler: Bool) -> Int {
        let end = isAssembler ? start + 1 : endOfString(text, start + 1, UInt8(ascii: "\""))
        if !isAssembler { checkAssemblerInput(text, start, end) }
        if end - start < 16,
            text[start..<end].split(whereSeparator: { !Word.isIdentifier($0) }).first?
                .elementsEqual("once".utf8) == true
        {
            saysOnce = true
        }
        return end
    }

    private mutating func checkDot(_ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ isAssembler: Bool) {
        if isAssembler {
            checkAssemblerInput(text, index, min(index + 9, text.count))
        } else {
            checkStringified(text, index)
        }
    }

    /// A number may hold the quotes that separate its digits.
    private mutating func endOfNumber(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count,
            Word.isIdentifier(text[index]) || text[index] == UInt8(ascii: ".")
                || (text[index] == UInt8(ascii: "'") && index + 1 < text.count && Word.isIdentifier(text[index + 1]))
        {
            if text[index] == UInt8(ascii: "'") { separatesDigits = true }
            index += 1
        }
        return index
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
        if !isAssembler, isRawString(text, start, end) {
            if hasRawStrings { return endOfRawString(text, end) }
            mayHoldRawString = true
        }
        if length == 7, Self.equal(word, "_Pragma") { pragmaOperator(text, end) }
        if length == 4, Self.equal(word, "once") { saysOnce = true }
        guard length >= 8 || !knownQuestionMacros.isEmpty || !questionMacros.isEmpty else { return end }
        if length == 10, Self.equal(word, "dependency") { noteDependency(text, end) }
        if length >= 8, text[start] == UInt8(ascii: "_"), text[start + 1] == UInt8(ascii: "_") {
            // Libraries are full of such names: the third letter sorts nearly all of them out.
            switch word[2] {
            case UInt8(ascii: "p"): if Self.equal(word, "__pragma") { computesPragma = true }
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

    /// A variable may be called so, too: what a pragma says stands behind its owner, in front of a name, or at the end of a macro.
    private mutating func noteDependency(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) {
        let next = skipBlanks(text, end)
        let isBeforeName = next < text.count && [UInt8(ascii: "\""), UInt8(ascii: "<")].contains(text[next])
        let isBehindOwner =
            previous == UInt8(ascii: "a")
            && ["GCC", "clang"].contains { text[previousIdentifier].elementsEqual($0.utf8) }
        if isBeforeName || isBehindOwner || isEndOfLine(text, end) { saysDependency = true }
    }

    /// Whether the identifier that ends at `end` may be the first, or the last, of what a macro is given or stands for.
    ///
    /// An operator beside it goes with it wherever a macro puts it, and nothing is pasted to it from that side; so does a
    /// parenthesis that a function's name stands before. An identifier may be a macro that stands for nothing.
    private mutating func neighbours(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> PastedNames.Neighbours {
        let next = skipBlanks(text, end)
        var neighbours = PastedNames.Neighbours.anywhere
        neighbours.mayLead = next == text.count || !Self.isOperator(text[next])
        neighbours.mayFollow = !Self.isOperator(previous) && !(previous >= 48 && previous <= 57)
        if previous == UInt8(ascii: "a") {
            neighbours.behind = knownName(text, previousIdentifier)
        } else if previous == UInt8(ascii: "("), caller.token == UInt8(ascii: "a") {
            neighbours.behind = knownName(text, caller.identifier)
        }
        return neighbours
    }

    /// The hash of an identifier that is a macro only if it is defined; nil for a parameter, and for what may be one of the
    /// compiler's own.
    private mutating func knownName(_ text: UnsafeBufferPointer<UInt8>, _ place: Range<Int>) -> UInt64? {
        let name = text[place]
        guard name.first != UInt8(ascii: "_") else { return nil }
        if isInFunctionMacro {
            if isParameter(text, name) { return nil }
        }
        return Self.hash(name)
    }

    private mutating func isParameter(_ text: UnsafeBufferPointer<UInt8>, _ name: Slice<UnsafeBufferPointer<UInt8>>)
        -> Bool
    {
        if parameters.count < 256 {
            return text[parameters].split { !Word.isIdentifier($0) }.contains { $0.elementsEqual(name) }
        }
        if parameterNames.place != parameters {
            let names = text[parameters].split { !Word.isIdentifier($0) }.map { Word($0) }
            parameterNames = (parameters, Set(names))
        }
        return parameterNames.names.contains(Word(name))
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
    private mutating func isFirstOfPasted(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
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
    private mutating func isWholeQuestion(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard Self.equal(UnsafeBufferPointer(rebasing: text[start..<end]), "__has_include") else { return false }
        let next = skipBlanks(text, end)
        if next < text.count, text[next] == UInt8(ascii: "(") { return true }
        var before = start
        while before > 0, text[before - 1] == 32 || text[before - 1] == UInt8(ascii: "(") { before -= 1 }
        return asksWhetherDefined(text, before)
    }

    /// True where `defined` ends at `end`.
    func asksWhetherDefined(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Bool {
        let asking: StaticString = "defined"
        let start = end - asking.utf8CodeUnitCount
        return start >= 0 && Self.equal(UnsafeBufferPointer(rebasing: text[start..<end]), asking)
            && (start == 0 || !Word.isIdentifier(text[start - 1]))
    }

    /// A hash of a macro's name (FNV-1a): for most names all that is asked is whether a macro has it.
    static func hash(_ name: some Sequence<UInt8>) -> UInt64 {
        name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    static func equal(_ word: UnsafeBufferPointer<UInt8>, _ literal: StaticString) -> Bool {
        guard word.count == literal.utf8CodeUnitCount else { return false }
        for index in 0..<word.count where word[index] != literal.utf8Start[index] { return false }
        return true
    }
}
