internal import Files

/// Strings, which may be text for the assembler.
extension SourceScan {
    mutating func checkAssemblerInput(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
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
    mutating func checkStringified(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) {
        // Whatever follows has to be a part of a directive's name.
        guard start + 1 < text.count, text[start + 1] | 0x20 == UInt8(ascii: "i") else { return }
        var word = start + 1
        while word < text.count, Word.isIdentifier(text[word]) { word += 1 }
        let behind = skipBlanks(text, word)
        // A member of a value, or its designation in a list of them, is none.
        let isMember = start > 0 && (Word.isIdentifier(text[start - 1]) || [41, 93].contains(text[start - 1]))
        let isDesignation = behind < text.count && [61, 46, 91, 123].contains(text[behind])
        if !isMember, !isDesignation, AssemblerInput.isBegun(in: text[start..<word]) { mentionsAssemblerInput = true }
        let end = min(start + 8, text.count)
        guard !usesAssemblerInput, AssemblerInput.isNamed(in: text[start..<end]) else { return }
        let next = skipBlanks(text, end)
        if next < text.count, text[next] == UInt8(ascii: "\"") { usesAssemblerInput = true }
    }

    mutating func endOfRawString(_ text: UnsafeBufferPointer<UInt8>, _ quote: Int) -> Int {
        var index = quote + 1
        while index < text.count, index - quote <= 17, text[index] != UInt8(ascii: "(") {
            if text[index] == 10 || text[index] == UInt8(ascii: "\"") || text[index] == 32 { return quote }
            index += 1
        }
        guard index < text.count, text[index] == UInt8(ascii: "(") else { return quote }
        let end = [UInt8(ascii: ")")] + Word(text[(quote + 1)..<index]) + [UInt8(ascii: "\"")]
        if missingEnds.contains(end) { return quote }
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[index...])
        guard let found = end.withUnsafeBytes({ ByteSearch.firstIndex(of: $0, in: rest) }) else {
            missingEnds.insert(end)
            return quote
        }
        checkAssemblerInput(text, quote, index + found)
        return index + found + end.count
    }
}
