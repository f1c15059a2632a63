/// Reads the XHTML that `pdftotext -bbox-layout` writes, and makes one JSON object of each page.
///
///     page  ::= "<page width= height=>" flow* "</page>"
///     flow  ::= "<flow>" block* "</flow>"
///     block ::= "<block xMin= yMin= xMax= yMax=>" line* "</block>"
///     line  ::= "<line ...>" word* "</line>"
///     word  ::= "<word ...>" text "</word>"
///
/// In texts `<`, `>` and `&` are written as entities, so a tag is a tag.
package struct LayoutReader {
    /// What poppler wrote is not what it writes.
    package struct Defect: Error {}

    private let bytes: [UInt8]
    private var position: Int
    private var out: [UInt8] = []

    /// The pages of `bytes`, the first of which has the number `first`; their JSON goes behind `body`.
    package static func read(_ bytes: [UInt8], first: Int, into body: inout [UInt8]) throws(Defect) -> [Extraction.Page]
    {
        var reader = try LayoutReader(bytes)
        var pages: [Extraction.Page] = []
        while let tag = try reader.tag() {
            if tag.isEnd, tag.is("doc") { break }
            guard tag.is("page"), !tag.isEnd else { throw Defect() }
            reader.out = []
            try reader.page(tag, number: first + pages.count)
            pages.append(.init(number: first + pages.count, length: reader.out.count))
            body += reader.out
        }
        return pages
    }

    private init(_ bytes: [UInt8]) throws(Defect) {
        self.bytes = bytes
        position = 0
        // The head holds what the document says of itself; that is read elsewhere.
        while let tag = try tag() {
            if tag.is("doc"), !tag.isEnd { return }
        }
        throw Defect()
    }

    private struct Tag {
        let name: ArraySlice<UInt8>
        let isEnd: Bool
        let attributes: ArraySlice<UInt8>

        func `is`(_ name: StaticString) -> Bool {
            name.withUTF8Buffer { $0.elementsEqual(self.name) }
        }

        /// The values of the attributes, which have to be just those; numbers as JSON wants them, and null for what is
        /// none, as in a document with absurd coordinates.
        func numbers(_ names: [StaticString]) throws(Defect) -> [[UInt8]] {
            let parts = attributes.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
            guard parts.count == 2 * names.count + 1 else { throw Defect() }
            var numbers: [[UInt8]] = []
            for (index, name) in names.enumerated() {
                // ` xMin=`
                let key = parts[2 * index].dropFirst().dropLast()
                guard name.withUTF8Buffer({ $0.elementsEqual(key) }) else { throw Defect() }
                numbers.append(LayoutReader.number(parts[2 * index + 1]))
            }
            return numbers
        }
    }

    /// The next tag, or nil at the end; what is before it is skipped.
    private mutating func tag() throws(Defect) -> Tag? {
        guard let open = bytes[position...].firstIndex(of: UInt8(ascii: "<")) else {
            position = bytes.count
            return nil
        }
        guard let close = bytes[open...].firstIndex(of: UInt8(ascii: ">")) else { throw Defect() }
        position = close + 1
        var content = bytes[(open + 1)..<close]
        let isEnd = content.first == UInt8(ascii: "/")
        if isEnd { content = content.dropFirst() }
        let name = content.prefix { $0 != 0x20 }
        return Tag(name: name, isEnd: isEnd, attributes: content[name.endIndex...])
    }

    private mutating func page(_ tag: Tag, number: Int) throws(Defect) {
        let size = try tag.numbers(["width", "height"])
        add("{\"number\": \(number), \"width\": ")
        out += size[0]
        add(", \"height\": ")
        out += size[1]
        add(", \"blocks\": [")
        var (flow, blocks) = (-1, 0)
        while let next = try self.tag() {
            if next.is("page"), next.isEnd {
                add("]}")
                return
            }
            if next.is("flow") {
                if !next.isEnd { flow += 1 }
                continue
            }
            guard next.is("block"), !next.isEnd else { throw Defect() }
            add(blocks == 0 ? "{\"flow\": \(flow), " : ", {\"flow\": \(flow), ")
            blocks += 1
            try children(of: next, named: "block", of: "line", as: "lines") { (reader, line) throws(Defect) in
                reader.add("{")
                try reader.children(of: line, named: "line", of: "word", as: "words") { (reader, word) throws(Defect) in
                    try reader.word(word)
                }
            }
        }
        throw Defect()
    }

    /// `"box": [...], "lines": [...]}`: everything up to the end of the tag.
    private mutating func children(
        of parent: Tag,
        named name: StaticString,
        of child: StaticString,
        as plural: StaticString,
        _ body: (inout LayoutReader, Tag) throws(Defect) -> Void
    ) throws(Defect) {
        try box(parent)
        add(", \"\(plural)\": [")
        var count = 0
        while let next = try tag() {
            if next.is(name), next.isEnd {
                add("]}")
                return
            }
            guard next.is(child), !next.isEnd else { throw Defect() }
            if count > 0 { add(", ") }
            count += 1
            try body(&self, next)
        }
        throw Defect()
    }

    private mutating func word(_ tag: Tag) throws(Defect) {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) else { throw Defect() }
        let text = Self.decoded(bytes[position..<end])
        add("{")
        try box(tag)
        add(", \"text\": ")
        out += JSONText.string(text)
        add("}")
        guard let close = try self.tag(), close.is("word"), close.isEnd else { throw Defect() }
    }

    private mutating func box(_ tag: Tag) throws(Defect) {
        add("\"box\": [")
        for (index, side) in try tag.numbers(["xMin", "yMin", "xMax", "yMax"]).enumerated() {
            if index > 0 { add(", ") }
            out += side
        }
        add("]")
    }

    private mutating func add(_ text: String) { out += text.utf8 }

    /// `50.000000` as `50`, `34.820000` as `34.82`.
    private static func number(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.count <= 2, text.count < 400,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } })
        else { return Array("null".utf8) }
        guard parts.count == 2 else { return Array(text) }
        var text = text
        while text.last == UInt8(ascii: "0") { text = text.dropLast() }
        if text.last == UInt8(ascii: ".") { text = text.dropLast() }
        return text.elementsEqual("-0".utf8) ? [UInt8(ascii: "0")] : Array(text)
    }

    /// The text behind the five entities that poppler writes, and those with a number.
    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var (plain, rest): ([UInt8], ArraySlice<UInt8>) = ([], text)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "&"), let end = rest.prefix(10).firstIndex(of: UInt8(ascii: ";")) else {
                plain.append(byte)
                continue
            }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            let meaning: String? =
                switch name {
                case "amp": "&"
                case "lt": "<"
                case "gt": ">"
                case "quot": "\""
                case "apos", "#39": "'"
                default: nil
                }
            if let meaning {
                plain += meaning.utf8
                rest = rest[(end + 1)...]
            } else {
                plain.append(byte)
            }
        }
        return plain
    }
}
