/// The tables and keys of a TOML document, and where they stand: enough to put a key where it belongs and keep every other byte.
///
/// Reads all of TOML 1.0's grammar for keys, strings, arrays and inline tables; plain values are not looked into, and a name
/// that comes twice is left to whoever reads the file.
struct TOMLText {
    struct Entry {
        /// The table's name, then the key's, part by part.
        let path: [String]
        /// True for the line `[name]` or `[[name]]`.
        let isHeader: Bool
        /// How many parts of the path the table's name has.
        let tableDepth: Int
        /// Where the line begins.
        let start: Int
        let value: Range<Int>
        let line: Int
    }

    let bytes: [UInt8]
    private(set) var entries: [Entry] = []
    private var position = 0

    init(_ bytes: [UInt8], of file: String) throws(SetupProblem) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        do throws(Fault) { try readDocument() } catch {
            throw SetupProblem("line \(line(at: position)) of \(file) is no valid TOML: \(error.reason)")
        }
    }

    private struct Fault: Error { let reason: String }

    private func line(at offset: Int) -> Int { 1 + bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } }

    // MARK: - Lines

    private mutating func readDocument() throws(Fault) {
        var table: [String] = []
        while position < bytes.count {
            let start = position
            skipBlanks()
            switch peek {
            case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"): break
            case UInt8(ascii: "["):
                table = try header()
                entries.append(
                    Entry(
                        path: table,
                        isHeader: true,
                        tableDepth: table.count,
                        start: start,
                        value: position..<position,
                        line: line(at: start)
                    )
                )
            default:
                let key = try key()
                guard take("=") else { throw Fault(reason: "'=' is missing behind a key") }
                skipBlanks()
                let value = position
                try skipValue(depth: 0)
                entries.append(
                    Entry(
                        path: table + key,
                        isHeader: false,
                        tableDepth: table.count,
                        start: start,
                        value: value..<position,
                        line: line(at: start)
                    )
                )
            }
            try endLine()
        }
    }

    private mutating func header() throws(Fault) -> [String] {
        position += 1
        let isArray = take("[")
        let name = try key()
        guard take("]"), !isArray || take("]") else { throw Fault(reason: "']' is missing behind the name of a table") }
        return name
    }

    private mutating func endLine() throws(Fault) {
        skipBlanks()
        if peek == UInt8(ascii: "#") { skipComment() }
        if peek == UInt8(ascii: "\r") { position += 1 }
        guard position == bytes.count || take("\n") else { throw Fault(reason: "something stands behind a value") }
    }

    // MARK: - Keys and values

    private mutating func key() throws(Fault) -> [String] {
        var parts: [String] = []
        repeat {
            skipBlanks()
            let start = position
            switch peek {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                try skipString()
                parts.append(Self.text(bytes[start..<position]))
            default:
                while let byte = peek, Self.isBare(byte) { position += 1 }
                guard position > start else { throw Fault(reason: "a key is missing") }
                parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipBlanks()
        } while take(".")
        return parts
    }

    private mutating func skipValue(depth: Int) throws(Fault) {
        guard depth < 64 else { throw Fault(reason: "values are nested too deeply") }
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try skipString()
        case UInt8(ascii: "["):
            position += 1
            skipSpace()
            while !take("]") {
                try skipValue(depth: depth + 1)
                skipSpace()
                guard take(",") || peek == UInt8(ascii: "]") else { throw Fault(reason: "an array does not end") }
                skipSpace()
            }
        case UInt8(ascii: "{"):
            position += 1
            skipBlanks()
            while !take("}") {
                _ = try key()
                guard take("=") else { throw Fault(reason: "'=' is missing in an inline table") }
                skipBlanks()
                try skipValue(depth: depth + 1)
                skipBlanks()
                guard take(",") || peek == UInt8(ascii: "}") else {
                    throw Fault(reason: "an inline table does not end")
                }
                skipBlanks()
            }
        default:
            let start = position
            while let byte = peek, Self.isBare(byte) || "+.:".utf8.contains(byte) { position += 1 }
            guard position > start else { throw Fault(reason: "a value is missing") }
            // Between a date and a time there may be a blank.
            if peek == 0x20, position - start == 10, bytes[start + 4] == UInt8(ascii: "-"), position + 1 < bytes.count,
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position + 1])
            {
                position += 1
                while let byte = peek, Self.isBare(byte) || "+.:".utf8.contains(byte) { position += 1 }
            }
        }
    }

    private mutating func skipString() throws(Fault) {
        guard let quote = peek else { return }
        let isLong = bytes[position...].starts(with: [quote, quote, quote])
        position += isLong ? 3 : 1
        while let byte = peek {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position = min(position + 2, bytes.count)
            } else if byte == UInt8(ascii: "\n"), !isLong {
                throw Fault(reason: "a string does not end")
            } else if byte == quote, !isLong {
                position += 1
                return
            } else if byte == quote, bytes[position...].starts(with: [quote, quote, quote]) {
                position += 3
                // Two more quotes before the end belong to the text.
                for _ in 0..<2 where peek == quote { position += 1 }
                return
            } else {
                position += 1
            }
        }
        throw Fault(reason: "a string does not end")
    }

    // MARK: - Values that are looked into; the text is known to be valid

    /// The text of the string at `range`, or what stands there.
    func string(at range: Range<Int>) -> String { Self.text(bytes[range]) }

    /// Where the value of `name` is in the inline table at `range`.
    func inlineMember(_ name: String, of range: Range<Int>) -> Range<Int>? {
        guard bytes[range.lowerBound] == UInt8(ascii: "{") else { return nil }
        var reader = self
        reader.position = range.lowerBound + 1
        while true {
            reader.skipBlanks()
            guard let key = try? reader.key(), reader.take("=") else { return nil }
            reader.skipBlanks()
            let start = reader.position
            guard (try? reader.skipValue(depth: 1)) != nil else { return nil }
            if key == [name] { return start..<reader.position }
            reader.skipBlanks()
            guard reader.take(",") else { return nil }
        }
    }

    /// Whether the inline table at `range` is empty.
    func hasNoMembers(_ range: Range<Int>) -> Bool {
        bytes[(range.lowerBound + 1)..<(range.upperBound - 1)].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// The strings of the array at `range`.
    func strings(at range: Range<Int>) -> [String] {
        guard bytes[range.lowerBound] == UInt8(ascii: "[") else { return [] }
        var reader = self
        reader.position = range.lowerBound + 1
        var found: [String] = []
        reader.skipSpace()
        while let byte = reader.peek, byte != UInt8(ascii: "]") {
            let start = reader.position
            guard (try? reader.skipValue(depth: 1)) != nil else { break }
            found.append(Self.text(bytes[start..<reader.position]))
            reader.skipSpace()
            _ = reader.take(",")
            reader.skipSpace()
        }
        return found
    }

    // MARK: - Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() { while let byte = peek, byte == 0x20 || byte == 0x09 { position += 1 } }

    private mutating func skipComment() {
        while let byte = peek, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { position += 1 }
    }

    /// Blanks, line ends and comments, as they may stand in an array.
    private mutating func skipSpace() {
        while let byte = peek {
            if byte == UInt8(ascii: "#") {
                skipComment()
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// What a string on one line says; escapes other than `\"` and `\\` stay as they are.
    static func text(_ literal: ArraySlice<UInt8>) -> String {
        guard let quote = literal.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), literal.count >= 2
        else {
            return String(decoding: literal, as: UTF8.self)
        }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in literal.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
            isEscaped = false
        }
        return String(decoding: text, as: UTF8.self)
    }
}
