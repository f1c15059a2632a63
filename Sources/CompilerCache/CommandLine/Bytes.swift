internal import Files

/// A word of a command line or a part of one: bytes that need not be text.
typealias Word = [UInt8]

extension [UInt8] {
    /// The bytes of a literal.
    init(_ literal: StaticString) {
        self.init(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    func hasPrefix(_ prefix: StaticString) -> Bool {
        let length = prefix.utf8CodeUnitCount
        guard count >= length else { return false }
        return withUnsafeBufferPointer { bytes in
            for index in 0..<length where bytes[index] != prefix.utf8Start[index] { return false }
            return true
        }
    }

    func hasSuffix(_ suffix: StaticString) -> Bool {
        let length = suffix.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length where self[count - length + index] != suffix.utf8Start[index] { return false }
        return true
    }

    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && hasPrefix(literal)
    }

    /// Where `needle` first occurs at or after `start`.
    func firstIndex(of needle: [UInt8], from start: Int = 0) -> Int? {
        guard !needle.isEmpty, count - start >= needle.count else { return nil }
        return withUnsafeBytes { all in
            needle.withUnsafeBytes { needle in
                ByteSearch.firstIndex(of: needle, in: UnsafeRawBufferPointer(rebasing: all[start...])).map {
                    $0 + start
                }
            }
        }
    }

    /// What follows the last slash.
    var lastComponent: ArraySlice<UInt8> {
        guard let slash = lastIndex(of: UInt8(ascii: "/")) else { return self[...] }
        return self[(slash + 1)...]
    }

    /// True for what an identifier of C may consist of.
    @inline(__always)
    static func isIdentifier(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    /// True for `/tmp/ccAbCdEf.s` and the like, as gcc names what it needs for a moment.
    var isTemporaryOfGCC: Bool {
        let name = lastComponent
        guard contains(UInt8(ascii: "/")), name.count >= 8, name.starts(with: "cc".utf8) else { return false }
        let dot = name.firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex
        return dot - name.startIndex == 8
    }
}
