/// The key of an entry: a namespace, which may be missing, and 64 hex digits.
package struct TierKey {
    package let text: String
    /// Without the hyphen behind it; "" when there is none.
    package let namespace: Substring
    package let digits: Substring

    /// Takes `text` apart.
    ///
    /// It becomes part of paths, so what is no key fails before anything is sent.
    package init(_ text: String) throws(TierFailure) {
        let bytes = Array(text.utf8)
        let isFine =
            bytes.count <= 200 && bytes.allSatisfy { Self.isLetter($0) || Self.isDigit($0) || $0 == Self.hyphen }
        let start = bytes.count - 64
        guard isFine, start == 0 || (start > 1 && bytes[start - 1] == Self.hyphen), bytes.first != Self.hyphen,
            bytes[start...].allSatisfy({ Self.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) })
        else { throw TierFailure(.protocolError, "What was asked for is not the key of an entry.") }
        self.text = text
        digits = text.suffix(64)
        namespace = text.prefix(max(0, start - 1))
    }

    /// Where the entry is below the base of a tier, without a slash at either end.
    package func path(_ layout: TierAddress.Layout) -> String {
        let directory = namespace.isEmpty ? "" : "\(namespace)/"
        return switch layout {
        case .subdirs: "\(directory)\(digits.prefix(2))/\(digits.dropFirst(2))"
        case .flat: text
        case .bazel: "\(directory)ac/\(digits)"
        }
    }

    private static let hyphen = UInt8(ascii: "-")
    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
