/// Reads JSON (RFC 8259) from bytes of a stranger: every read is bounded, nesting is limited, nothing traps.
///
/// Of our own, because Foundation stays out of this house, and because it can hand over the elements of a long array one
/// by one: an answer of 40 MB never stands in memory as a tree.
package struct JSONReader {
    /// Where and why bytes are no JSON, or not the JSON that was expected.
    package struct Failure: Error, CustomStringConvertible {
        package let offset: Int
        package let reason: String

        package init(offset: Int, reason: String) {
            self.offset = offset
            self.reason = reason
        }

        package var description: String { offset == 0 ? reason : "\(reason) at byte \(offset)" }
    }

    /// Deeper than any document that we read.
    private static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark, which RFC 8259 lets a reader ignore.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The one value that `bytes` are.
    package static func value(of bytes: [UInt8]) throws(Failure) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        try reader.expectEnd()
        return value
    }

    /// Calls `body` with each element of an array: the document itself, or the member called `name` of the object that it is.
    ///
    /// Says false where there is no such array. What was handed over before a failure must not be used.
    package static func forEachElement(
        of bytes: [UInt8],
        in name: String?,
        _ body: (JSONValue) -> Void
    ) throws(Failure) -> Bool {
        var reader = JSONReader(bytes)
        var isFound = false
        reader.skipBlanks()
        if let name {
            guard reader.peek == UInt8(ascii: "{") else { return false }
            try reader.forEachMember { (reader, member) throws(Failure) in
                reader.skipBlanks()
                if member == name, reader.peek == UInt8(ascii: "[") {
                    isFound = true
                    try reader.forEachItem { (reader) throws(Failure) in body(try reader.value(depth: 2)) }
                } else {
                    _ = try reader.value(depth: 1)
                }
            }
        } else {
            guard reader.peek == UInt8(ascii: "[") else { return false }
            isFound = true
            try reader.forEachItem { (reader) throws(Failure) in body(try reader.value(depth: 1)) }
        }
        try reader.expectEnd()
        return isFound
    }

    // MARK: - Values

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.deepest else { throw failure("values are nested too deeply") }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            try forEachMember { (reader, name) throws(Failure) in members[name] = try reader.value(depth: depth + 1) }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try forEachItem { (reader) throws(Failure) in elements.append(try reader.value(depth: depth + 1)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("the document ends too early")
        default: return try number()
        }
    }

    private mutating func forEachMember(
        _ body: (inout JSONReader, String) throws(Failure) -> Void
    ) throws(Failure) {
        position += 1
        skipBlanks()
        if take("}") { return }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw failure("the name of a member is missing") }
            let name = try string()
            skipBlanks()
            guard take(":") else { throw failure("a colon is missing") }
            try body(&self, name)
            skipBlanks()
            if take("}") { return }
            guard take(",") else { throw failure("a comma or '}' is missing") }
        }
    }

    private mutating func forEachItem(_ body: (inout JSONReader) throws(Failure) -> Void) throws(Failure) {
        position += 1
        skipBlanks()
        if take("]") { return }
        while true {
            try body(&self)
            skipBlanks()
            if take("]") { return }
            guard take(",") else { throw failure("a comma or ']' is missing") }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count,
            word.withUTF8Buffer({ bytes[position..<(position + count)].elementsEqual($0) })
        else { throw failure("something is no value") }
        position += count
        return value
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let digits = skipDigits()
        guard digits > 0 else {
            position = start
            throw failure("something is no value")
        }
        if take("."), skipDigits() == 0 { throw failure("a digit is missing") }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if !take("+") { _ = take("-") }
            if skipDigits() == 0 { throw failure("a digit is missing") }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    // MARK: - Strings

    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        guard let stop = peek else { throw failure("a string does not end") }
        if stop == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escaped()
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    /// What stands behind a backslash.
    private mutating func escaped() throws(Failure) -> [UInt8] {
        guard let byte = peek else { throw failure("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try Array(String(Character(unicode())).utf8)
        default: throw failure("an escape is unknown")
        }
    }

    /// The character behind `\u`, which may take a second one; half of a pair becomes U+FFFD.
    private mutating func unicode() throws(Failure) -> Unicode.Scalar {
        let first = try hexadecimal()
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let after = position
        guard take("\\"), take("u") else {
            position = after
            return "\u{FFFD}"
        }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else {
            position = after
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard bytes.count - position >= 4,
            let value = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16),
            bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
        else { throw failure("four hexadecimal digits are missing") }
        position += 4
        return value
    }

    // MARK: - Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func expectEnd() throws(Failure) {
        skipBlanks()
        guard position == bytes.count else { throw failure("something follows the document") }
    }

    private func failure(_ reason: String) -> Failure { Failure(offset: position, reason: reason) }
}
