/// The lines of a file that holds `key = value`, without their ends; what follows the last end is a line, too.
package struct AssignmentLines {
    private let bytes: [UInt8]
    private var start = 0
    /// The number of the line that was returned last, counted from 1.
    package private(set) var number = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package mutating func next() -> ArraySlice<UInt8>? {
        guard start <= bytes.count else { return nil }
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        defer { (start, number) = (end + 1, number + 1) }
        return bytes[start..<end]
    }

    /// `key = value`, as places in the file: an optional slice would cost the runtime ten microseconds in every hit.
    package struct Assignment {
        package let name: Range<Int>
        package let value: Range<Int>

        /// Nil for a line without blanks at its ends that is something else.
        package init?(_ line: ArraySlice<UInt8>) {
            guard line.first != UInt8(ascii: "#"), let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
                return nil
            }
            name = trimmed(line[..<equals]).indices
            value = trimmed(line[(equals + 1)...]).indices
            if name.isEmpty { return nil }
        }
    }

    /// Without the blanks at both ends.
    package static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var (start, end) = (text.startIndex, text.endIndex)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return text[start..<end]
    }

    /// `bytes` with `assignment` in the place of the lines whose key `isMeant`, or at the end; without them where it is nil.
    ///
    /// Every other line is kept as it is.
    package static func content(
        of bytes: [UInt8],
        setting isMeant: (ArraySlice<UInt8>) -> Bool,
        to assignment: [UInt8]?
    ) -> [UInt8] {
        var result: [[UInt8]] = []
        var rest = assignment
        var lines = AssignmentLines(bytes)
        while let line = lines.next() {
            guard let name = Assignment(trimmed(line))?.name, isMeant(bytes[name]) else {
                result.append(Array(line))
                continue
            }
            // Later lines for the same key would win over the one that is written, so they go.
            if let assignment = rest { result.append(assignment) }
            rest = nil
        }
        if let assignment = rest {
            if result.last?.isEmpty == true { result.removeLast() }
            result += [assignment, []]
        }
        return Array(result.joined(separator: [UInt8(ascii: "\n")]))
    }
}
