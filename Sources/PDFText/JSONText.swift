/// JSON as bytes.
package enum JSONText {
    /// A string with its quotes; what is no UTF-8 becomes U+FFFD.
    package static func string(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "\"")]
        append(bytes, to: &text)
        text.append(UInt8(ascii: "\""))
        return text
    }

    /// A string with its quotes.
    package static func string(_ text: String) -> [UInt8] { string(text.utf8) }

    private static func append(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        let bytes = Array(bytes)
        let isPlain = bytes.allSatisfy { $0 < 0x80 }
        for byte in isPlain ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0x0A: text += Array("\\n".utf8)
            case 0x09: text += Array("\\t".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                text += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            default: text.append(byte)
            }
        }
    }

    /// `"name": value`.
    package static func member(_ name: String, _ value: [UInt8]) -> [UInt8] { string(name) + Array(": ".utf8) + value }

    /// `"name": value`.
    package static func member(_ name: String, _ value: String) -> [UInt8] { member(name, Array(value.utf8)) }
}
