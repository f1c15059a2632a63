internal import LarderStore
internal import Terminal

/// A JSON document that is edited in place: what is not touched keeps every byte.
struct JSONText {
    private(set) var bytes: [UInt8]

    struct Member {
        let name: String
        let value: Range<Int>
    }

    /// Takes the text of `file`, which has to be an object.
    init(_ bytes: [UInt8], of file: String) throws(SetupProblem) {
        do throws(JSONReader.Failure) {
            guard case .object = try JSONReader.value(of: bytes) else {
                throw JSONReader.Failure(offset: 0, reason: "the document is no object")
            }
        } catch {
            let line = 1 + bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
            throw SetupProblem("line \(line) of \(file) is no valid JSON: \(error.reason)")
        }
        self.bytes = bytes
    }

    // MARK: - Where things are; the text is known to be valid

    /// The members of the document.
    var members: [Member] {
        var found: [Member] = []
        var position = start + 1
        skipBlanks(&position)
        while bytes[position] == UInt8(ascii: "\"") {
            let name = position
            skipValue(&position)
            let text = try? JSONReader.value(of: Array(bytes[name..<position])).text
            skipBlanks(&position)
            position += 1
            skipBlanks(&position)
            let value = position
            skipValue(&position)
            found.append(Member(name: (text ?? nil) ?? "", value: value..<position))
            skipSeparator(&position)
        }
        return found
    }

    /// The elements of the array at `range`.
    private func elements(of range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = range.lowerBound + 1
        skipBlanks(&position)
        while position < range.upperBound - 1 {
            let element = position
            skipValue(&position)
            found.append(element..<position)
            skipSeparator(&position)
        }
        return found
    }

    /// Where the document begins, behind what may stand before it.
    private var start: Int {
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        skipBlanks(&position)
        return position
    }

    private func skipBlanks(_ position: inout Int) {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private func skipSeparator(_ position: inout Int) {
        skipBlanks(&position)
        if bytes[position] == UInt8(ascii: ",") { position += 1 }
        skipBlanks(&position)
    }

    private func skipValue(_ position: inout Int) {
        var depth = 0
        repeat {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                position += 1
                while bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D: break
            default:
                while position + 1 < bytes.count, isPlain(bytes[position + 1]) { position += 1 }
            }
            position += 1
        } while depth > 0
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        ![0x20, 0x09, 0x0A, 0x0D].contains(byte) && !",:{}[]\"".utf8.contains(byte)
    }

    // MARK: - Editing

    /// Puts `elements` behind those of the array that the document's member called `name` is; makes one where there is none.
    mutating func append(_ elements: [JSON], to name: String) throws(SetupProblem) {
        guard let first = elements.first else { return }
        guard let member = members.first(where: { $0.name == name }) else {
            append(member: name, .array(elements))
            return
        }
        guard bytes[member.value.lowerBound] == UInt8(ascii: "[") else {
            throw SetupProblem("\(name) is no array")
        }
        let present = self.elements(of: member.value)
        guard let last = present.last else {
            bytes.replaceSubrange(member.value, with: layout.text(.array(elements), margin: layout.unit))
            return
        }
        let space = blanks(before: present[0].lowerBound)
        let margin = Layout.margin(of: space)
        var addition: [UInt8] = []
        for element in [first] + elements.dropFirst() {
            let separator = present.count > 1 ? blanks(before: present[1].lowerBound) : space.isEmpty ? [0x20] : space
            addition += [UInt8(ascii: ",")] + separator + layout.text(element, margin: margin ?? [])
        }
        bytes.insert(contentsOf: addition, at: last.upperBound)
    }

    private mutating func append(member name: String, _ value: JSON) {
        let layout = layout
        let text = Array(JSON.quoted(name).utf8) + Array(": ".utf8) + layout.text(value, margin: layout.unit)
        if let last = members.last {
            let separator = layout.isOneLine ? [0x20] : layout.newline + layout.unit
            bytes.insert(contentsOf: [UInt8(ascii: ",")] + separator + text, at: last.value.upperBound)
        } else {
            var end = start
            skipValue(&end)
            bytes.replaceSubrange(start..<end, with: layout.text(.object([(name, value)]), margin: []))
        }
    }

    /// The white space that ends at `position`.
    private func blanks(before position: Int) -> [UInt8] {
        var from = position
        while from > 0, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[from - 1]) { from -= 1 }
        return Array(bytes[from..<position])
    }

    /// How this document is laid out, by what stands before its first member.
    private var layout: Layout {
        var position = start + 1
        skipBlanks(&position)
        let isEmpty = bytes[position] == UInt8(ascii: "}")
        let space = Array(bytes[(start + 1)..<position])
        let newline: [UInt8] = bytes.contains(0x0D) ? [0x0D, 0x0A] : [0x0A]
        if isEmpty { return Layout(newline: newline, unit: [0x20, 0x20], isOneLine: false) }
        guard let unit = Layout.margin(of: space) else { return Layout(newline: [], unit: [], isOneLine: true) }
        return Layout(newline: newline, unit: unit, isOneLine: false)
    }
}

/// Line ends and indentation of a document.
struct Layout {
    let newline: [UInt8]
    let unit: [UInt8]
    let isOneLine: Bool

    /// What a document of our own has.
    static let ours = Layout(newline: [0x0A], unit: [0x20, 0x20], isOneLine: false)

    /// What stands behind the last line end of some white space; nil where there is none.
    static func margin(of space: [UInt8]) -> [UInt8]? {
        space.lastIndex(of: UInt8(ascii: "\n")).map { Array(space[($0 + 1)...]) }
    }

    /// The value as it stands behind `margin`.
    func text(_ value: JSON, margin: [UInt8]) -> [UInt8] {
        switch value {
        case .integer(let number): Array("\(number)".utf8)
        case .boolean(let flag): Array((flag ? "true" : "false").utf8)
        case .string(let string): Array(JSON.quoted(string).utf8)
        case .array(let elements):
            text(elements.map { text($0, margin: margin + unit) }, between: ("[", "]"), margin)
        case .object(let members):
            text(
                members.map { Array(JSON.quoted($0.0).utf8) + Array(": ".utf8) + text($0.1, margin: margin + unit) },
                between: ("{", "}"),
                margin
            )
        }
    }

    private func text(_ items: [[UInt8]], between brackets: (Unicode.Scalar, Unicode.Scalar), _ margin: [UInt8])
        -> [UInt8]
    {
        let (opening, closing) = (UInt8(ascii: brackets.0), UInt8(ascii: brackets.1))
        if items.isEmpty { return [opening, closing] }
        let line = isOneLine ? [] : newline + margin + unit
        let between = [UInt8(ascii: ",")] + (isOneLine ? [0x20] : line)
        return [opening] + line + Array(items.joined(separator: between)) + (isOneLine ? [] : newline + margin) + [
            closing
        ]
    }
}
