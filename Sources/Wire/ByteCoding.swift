/// Puts values one behind the other, each in a form that says where it ends.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func add(_ number: UInt8) { bytes.append(number) }

    /// Eight bytes, little-endian.
    package mutating func add(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }

    package mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

    package mutating func add(_ flag: Bool) { add(flag ? 1 as UInt8 : 0) }

    /// The length in four bytes, and the bytes.
    package mutating func add(_ text: [UInt8]) {
        withUnsafeBytes(of: UInt32(clamping: text.count).littleEndian) { bytes += $0 }
        bytes += text
    }

    package mutating func add(_ text: String) { add(Array(text.utf8)) }

    /// The count in four bytes, and each.
    package mutating func add(_ list: [[UInt8]]) {
        withUnsafeBytes(of: UInt32(clamping: list.count).littleEndian) { bytes += $0 }
        for text in list { add(text) }
    }

    /// Whether there is one, and then the bytes.
    package mutating func add(_ text: [UInt8]?) {
        add(text != nil)
        if let text { add(text) }
    }
}

/// Takes apart what a ``ByteWriter`` has put together, and trusts none of it.
package struct ByteReader {
    /// The bytes are not what they should be.
    package struct Malformed: Error { package init() {} }

    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }
    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    package mutating func byte() throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Malformed() }
        return byte
    }

    package mutating func unsigned() throws(Malformed) -> UInt64 { try number() }

    package mutating func integer() throws(Malformed) -> Int64 { Int64(bitPattern: try number()) }

    package mutating func flag() throws(Malformed) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw Malformed()
        }
    }

    package mutating func text() throws(Malformed) -> [UInt8] {
        let length: UInt32 = try number()
        return Array(try take(Int(length)))
    }

    package mutating func string() throws(Malformed) -> String { String(decoding: try text(), as: UTF8.self) }

    /// - Parameter limit: how many texts there may be.
    package mutating func list(upTo limit: Int = .max) throws(Malformed) -> [[UInt8]] {
        let count: UInt32 = try number()
        // Each takes four bytes at least: a count cannot ask for more memory than its message has.
        guard Int(count) <= min(limit, rest.count / 4) else { throw Malformed() }
        var list: [[UInt8]] = []
        list.reserveCapacity(Int(count))
        for _ in 0..<count { list.append(try text()) }
        return list
    }

    package mutating func optionalText() throws(Malformed) -> [UInt8]? { try flag() ? try text() : nil }

    package mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw Malformed() }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// What has not been read yet.
    package var remainder: ArraySlice<UInt8> { rest }

    /// Throws unless everything was read.
    package func end() throws(Malformed) {
        guard rest.isEmpty else { throw Malformed() }
    }

    private mutating func number<Number: FixedWidthInteger>() throws(Malformed) -> Number {
        let bytes = try take(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }
}
