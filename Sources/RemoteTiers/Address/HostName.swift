/// What a host may be called.
enum HostName {
    /// A name, or an IPv4 address.
    static func isName(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == dot || $0 == UInt8(ascii: "_")
            }
            && text.first != "." && text.first != "-" && !text.contains("..")
    }

    /// One word of a name.
    static func isLabel(_ text: Substring) -> Bool { text.utf8.count <= 63 && isName(text) && !text.contains(".") }

    /// As S3 has it, with the underscores and capitals of old ones left out.
    static func isBucket(_ text: Substring) -> Bool {
        (3...63).contains(text.utf8.count) && isName(text) && text.last != "." && text.last != "-"
            && !text.contains("_") && text.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    static func isIPv6Literal(_ text: Substring) -> Bool { IPAddress.version6(text) != nil }

    /// An address, not a name: there is nothing to look up, and no name for TLS to ask for.
    static func isLiteral(_ text: String) -> Bool {
        IPAddress.version4(text[...]) != nil || IPAddress.version6(text[...]) != nil
    }

    private static let dot = UInt8(ascii: ".")

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
