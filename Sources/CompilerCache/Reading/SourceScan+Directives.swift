internal import Files

/// What stands behind a `#` at the start of a line, and the question that stands in conditions.
extension SourceScan {
    mutating func directive(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = skipBlanks(text, start)
        let word = index
        while index < text.count, Word.isIdentifier(text[index]) { index += 1 }
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
    private mutating func name(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        endOfIdentifier(text, skipBlanks(text, start))
    }

    private mutating func pragma(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        // An assembler's line may hold any number of them; what follows one follows those before it as well.
        if !(start >= pragmaLine.start && start < pragmaLine.end) {
            let end = endOfLine(text, start)
            let words = text[start..<end].split { !Word.isIdentifier($0) }
            pragmaLine = (
                start, end, words.contains { $0.elementsEqual("target".utf8) },
                words.contains { $0.elementsEqual("dependency".utf8) }
            )
        }
        var word = start
        while word < pragmaLine.end, !Word.isIdentifier(text[word]) { word += 1 }
        let first = text[word..<min(endOfIdentifier(text, word), pragmaLine.end)]
        if first.elementsEqual("once".utf8) {
            isOnce = true
            return pragmaLine.end
        }
        if first.elementsEqual("omp".utf8), pragmaLine.namesTarget { offloads = true }
        if pragmaLine.namesDependency { comparesTimes = true }
        return start
    }

    /// Behind `_Pragma`, which takes a string, or what a macro makes one of.
    mutating func pragmaOperator(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) {
        usesPragmaOperator = true
        let parenthesis = skipBlanks(text, end)
        let string = skipBlanks(text, parenthesis + 1)
        if string >= text.count || text[parenthesis] != UInt8(ascii: "(") || text[string] != UInt8(ascii: "\"") {
            computesPragma = true
        }
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
        parameters = index..<endOfParameters(text, index)
        let parameter = skipBlanks(text, index + 1)
        var end = parameter
        while end < text.count, Word.isIdentifier(text[end]) { end += 1 }
        let close = skipBlanks(text, end)
        guard end > parameter, close < text.count, text[close] == UInt8(ascii: ")") else { return index }
        let needle = Word("__has_include")
        if !(close >= questionSeen.start && close <= questionSeen.place) {
            let lineEnd = endOfLine(text, close)
            let body = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[close..<lineEnd])
            let found = needle.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: body) }
            questionSeen = (close, found.map { close + $0 } ?? lineEnd, lineEnd)
        }
        let lineEnd = questionSeen.lineEnd
        guard questionSeen.place < lineEnd else { return close }
        var argument = questionSeen.place + needle.count
        if text[argument...].starts(with: "_next".utf8) { argument += 5 }
        argument = skipBlanks(text, argument)
        guard argument < lineEnd, text[argument] == UInt8(ascii: "(") else { return close }
        argument = skipBlanks(text, argument + 1)
        let isParameter =
            argument + (end - parameter) < lineEnd
            && text[argument..<(argument + end - parameter)].elementsEqual(text[parameter..<end])
            && !Word.isIdentifier(text[argument + end - parameter])
        guard isParameter else {
            // In a macro the name between `<` and `>` is no more than tokens, and one of them may be a parameter.
            asksForComputedHeader = true
            return close
        }
        questionMacros.insert(Word(text[name..<index]))
        return lineEnd
    }

    /// Where the parameters of a macro end, or its line.
    private mutating func endOfParameters(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        if !(start >= parametersSeen.start && start <= parametersSeen.end) {
            let end = text[start...].firstIndex { $0 == UInt8(ascii: ")") || $0 == 10 }
            parametersSeen = (start, end ?? text.count)
        }
        return parametersSeen.end
    }

    mutating func question(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
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
        return asksWhetherDefined(text, index)
    }

    private mutating func headerName(
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
        let isBracketed = close == UInt8(ascii: ">")
        let seen = isBracketed ? bracketSeen : quoteSeen
        var index = start + 1
        // Behind what was looked through before, where the last name begins in it.
        if index >= seen.start, index < seen.end { index = seen.end }
        // No file has a longer name.
        let last = min(text.count, start + 4096)
        while index < last, text[index] != close, text[index] != 10 { index += 1 }
        if isBracketed { bracketSeen = (start + 1, index) } else { quoteSeen = (start + 1, index) }
        guard index < last, text[index] == close, index > start + 1 else { return nil }
        return (Word(text[(start + 1)..<index]), close == UInt8(ascii: ">") ? .bracketed : .quoted, index + 1)
    }
}
