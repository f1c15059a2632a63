internal import Files

/// Bytes that mean another thing to one compiler than to the other, or in one version of the language.
extension SourceScan {
    mutating func findLoneReturn(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count, !hasLoneReturn {
            let rest = UnsafeRawBufferPointer(rebasing: text[index...])
            guard let found = ByteSearch.firstIndex(of: 13, in: rest) else { return }
            index += found + 1
            hasLoneReturn = index == text.count || text[index] != 10
        }
    }

    mutating func findTrigraphs(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index + 2 < text.count, !hasTrigraphs {
            let rest = UnsafeRawBufferPointer(rebasing: text[index..<(text.count - 2)])
            guard let found = ByteSearch.firstIndex(of: UInt8(ascii: "?"), in: rest) else { return }
            index += found + 1
            guard text[index] == UInt8(ascii: "?") else { continue }
            hasTrigraphs = text[index + 1] == UInt8(ascii: "/") || text[index + 1] == UInt8(ascii: "=")
        }
    }
}
