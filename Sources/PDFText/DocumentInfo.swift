/// What pdfinfo says of a document.
struct DocumentInfo {
    /// Name and value, in pdfinfo's order.
    private(set) var facts: [(name: String, value: [UInt8])] = []

    /// What the author of a document chooses: such a text may hold line breaks, and so look like other facts.
    private static let texts = ["Title", "Subject", "Keywords", "Author", "Creator", "Producer"]

    init(_ lines: [UInt8]) {
        for line in lines.split(separator: 0x0A) {
            let colon = line.firstIndex(of: UInt8(ascii: ":"))
            let name = colon.map { String(decoding: line[..<$0], as: UTF8.self) } ?? ""
            if name.isEmpty || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == " ") }) {
                // The rest of a text with a line break in it.
                if !facts.isEmpty { facts[facts.count - 1].value += [0x20] + line }
                continue
            }
            let value = line[((colon ?? line.startIndex) + 1)...].drop { $0 == 0x20 }
            facts.append((name, Array(value)))
        }
        // Poppler's own come after the author's, so the last one is right; of the author's the first.
        var seen: Set<String> = []
        for index in facts.indices.reversed() where !Self.texts.contains(facts[index].name) {
            if !seen.insert(facts[index].name).inserted { facts.remove(at: index) }
        }
        facts = facts.filter { !Self.texts.contains($0.name) || seen.insert($0.name).inserted }
    }

    func value(_ name: String) -> [UInt8]? { facts.first { $0.name == name }?.value }

    var pageCount: Int? { value("Pages").flatMap { Int(String(decoding: $0, as: UTF8.self)) } }

    /// Puts `value` in the place of what pdfinfo said of a copy.
    mutating func set(_ name: String, _ value: String) {
        if let index = facts.firstIndex(where: { $0.name == name }) { facts[index].value = Array(value.utf8) }
    }

    /// The facts as a table for people.
    var lines: [UInt8] {
        var lines: [UInt8] = []
        for fact in facts {
            lines += "\(fact.name):".utf8
            lines += [UInt8](repeating: 0x20, count: max(1, 16 - fact.name.utf8.count))
            lines += fact.value.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }
            lines.append(0x0A)
        }
        return lines
    }

    /// Members of a JSON object, divided by commas.
    var members: [UInt8] {
        var members: [[UInt8]] = [JSONText.member("page_count", pageCount.map { "\($0)" } ?? "null")]
        let texts = [
            ("title", "Title"), ("subject", "Subject"), ("keywords", "Keywords"), ("author", "Author"),
            ("creator", "Creator"), ("producer", "Producer"), ("creation_date", "CreationDate"),
            ("modification_date", "ModDate"), ("pdf_version", "PDF version"), ("page_size", "Page size"),
        ]
        for (name, fact) in texts {
            if let value = value(fact) { members.append(JSONText.member(name, JSONText.string(value))) }
        }
        for (name, fact) in [("tagged", "Tagged"), ("encrypted", "Encrypted"), ("linearized", "Optimized")] {
            if let value = value(fact) {
                members.append(JSONText.member(name, value.starts(with: "yes".utf8) ? "true" : "false"))
            }
        }
        return Array(members.joined(separator: Array(",\n    ".utf8)))
    }
}
