/// What the preprocessor leaves of a source's name and of inclusions: `# 1 "name"`.
enum LineMarkers {
    /// The names, whole and without their directories: the code calls its source by one of them.
    static func names(in text: [UInt8]) -> Set<Word> {
        var names: Set<Word> = []
        for line in text.split(separator: 10) where line.first == UInt8(ascii: "#") {
            let parts = line.split(separator: UInt8(ascii: "\""), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].dropFirst().allSatisfy({ $0 == 32 || (48...57).contains($0) }) else {
                continue
            }
            names.formUnion([Word(parts[1]), Word(Word(parts[1]).lastComponent)])
        }
        return names
    }
}
