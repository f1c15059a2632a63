internal import Files

/// The list of headers that gcc's `-H` mixes into its diagnostics.
struct HeaderTrace {
    /// What a line is.
    enum Line {
        case header(Word)
        /// A word of `-H` that is of no use.
        case advice
        case other
    }

    private var isAdvice = false
    /// Behind a precompiled header that was taken.
    private var isPrecompiled = false

    /// Takes the next line of what gcc wrote, with its line feed.
    ///
    /// A line is dots, a blank and a path; at the end comes advice about include guards, followed by more paths. Behind a
    /// precompiled header that was taken the source is named, with no dot.
    mutating func read(_ line: ArraySlice<UInt8>) -> Line {
        let plain = Word(line.last == 10 ? line.dropLast() : line)
        let wasPrecompiled = isPrecompiled
        isPrecompiled = plain.first == UInt8(ascii: "!")
        if let header = Self.header(plain) { return .header(header) }
        if wasPrecompiled, plain.first == 32, FileStatus.of(Path(bytes: plain.dropFirst())) != nil { return .advice }
        if plain.equals("Multiple include guards may be useful for:") {
            isAdvice = true
            return .advice
        }
        if isAdvice, FileStatus.of(Path(bytes: plain)) != nil { return .advice }
        isAdvice = false
        return .other
    }

    private static func header(_ line: Word) -> Word? {
        // "!" and "x" stand before precompiled headers, taken and refused.
        guard let first = line.first,
            first == UInt8(ascii: ".") || first == UInt8(ascii: "!") || first == UInt8(ascii: "x"),
            let blank = line.firstIndex(of: 32), blank > 0, blank + 1 < line.count,
            line[..<blank].allSatisfy({ $0 == first }), first == UInt8(ascii: ".") || blank == 1
        else { return nil }
        let path = Word(line[(blank + 1)...])
        return FileStatus.of(Path(bytes: path)) == nil ? nil : path
    }
}
