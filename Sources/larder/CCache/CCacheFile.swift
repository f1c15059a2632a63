/// A `ccache.conf`: lines of `key = value`, comments that begin with `#`, and blank lines.
struct CCacheFile {
    struct Setting {
        let name: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var lines: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// In the order of the file; what is no setting is passed over.
    var settings: [Setting] { lines.compactMap(Self.setting) }

    /// The content with `name` set to `value`: where it was, or at the end.
    func content(setting name: StaticString, to value: ArraySlice<UInt8>) -> [UInt8] {
        let assignment = Array("\(name) = ".utf8) + value
        var isPlaced = false
        var result: [[UInt8]] = []
        for line in lines {
            guard let setting = Self.setting(line), name.isWord(setting.name) else {
                result.append(Array(line))
                continue
            }
            if !isPlaced { result.append(assignment) }
            isPlaced = true
        }
        if !isPlaced {
            if result.last?.isEmpty == true { result.removeLast() }
            result += [assignment, []]
        }
        return Array(result.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func setting(_ line: ArraySlice<UInt8>) -> Setting? {
        let line = trimmed(line)
        guard line.first != UInt8(ascii: "#"), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return Setting(name: trimmed(line[..<equals]), value: trimmed(line[(equals + 1)...]))
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var (start, end) = (text.startIndex, text.endIndex)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return text[start..<end]
    }
}
