internal import LarderStore

/// How an ``Extraction`` lies in its entry.
///
///     parts   ::= about pages messages head body
///     about   ::= "larder-pdf 1" SP form SP extracted SP took SP poppler LF
///     pages   ::= (number:u32 length:u64)*         little-endian; the lengths add up to the body's, or there are none
///
/// `extracted` are milliseconds since 1970 and `took` microseconds, both of digits; `poppler` is a version without blanks.
/// `messages`, `head` and `body` are bytes as they are. The entry around it verifies them all; what does not read like this
/// in spite of that is none of ours. History: 1, the first.
enum ExtractionFormat {
    /// Names of the parts.
    static let (about, pages, messages, head, body) = ("about", "pages", "messages", "head", "body")
    private static let title = "larder-pdf 1"
    private static let pageLength = 12
    /// The longest version of poppler that is kept.
    static let versionLimit = 40

    static func encode(_ extraction: Extraction) -> [NewPart] {
        let line =
            "\(title) \(extraction.form.rawValue) \(extraction.extractedAt) \(extraction.microseconds) \(extraction.poppler ?? "-")\n"
        var table: [UInt8] = []
        table.reserveCapacity(extraction.pages.count * pageLength)
        for page in extraction.pages {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: page.number).littleEndian) { table += $0 }
            withUnsafeBytes(of: UInt64(page.length).littleEndian) { table += $0 }
        }
        return [
            NewPart(about, .bytes(Array(line.utf8)), codec: .stored),
            NewPart(pages, .bytes(table)),
            NewPart(messages, .bytes(extraction.messages)),
            NewPart(head, .bytes(extraction.head)),
            NewPart(body, .bytes(extraction.body)),
        ]
    }

    static func decode(_ parts: [EntryStore.Part]) -> Extraction? {
        guard parts.map(\.name) == [about, pages, messages, head, body], var extraction = decode(about: parts[0].bytes),
            let table = decode(pages: parts[1].bytes, of: parts[4].bytes.count)
        else { return nil }
        (extraction.pages, extraction.messages) = (table, parts[2].bytes)
        (extraction.head, extraction.body) = (parts[3].bytes, parts[4].bytes)
        return extraction
    }

    /// An extraction without its content.
    static func decode(about bytes: [UInt8]) -> Extraction? {
        guard bytes.count < 200, bytes.last == UInt8(ascii: "\n") else { return nil }
        let words = bytes.dropLast().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 6, "\(words[0]) \(words[1])" == title, let form = Request.Form(rawValue: words[2]),
            let extracted = Int64(words[3]), let took = Int64(words[4]), extracted >= 0, took >= 0, !words[5].isEmpty
        else { return nil }
        return Extraction(form: form, extractedAt: extracted, microseconds: took, poppler: words[5])
    }

    private static func decode(pages bytes: [UInt8], of length: Int) -> [Extraction.Page]? {
        guard bytes.count % pageLength == 0 else { return nil }
        var pages: [Extraction.Page] = []
        pages.reserveCapacity(bytes.count / pageLength)
        var rest = length
        let isWhole = bytes.withUnsafeBytes { memory in
            for offset in stride(from: 0, to: memory.count, by: pageLength) {
                let number = UInt32(littleEndian: memory.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                let count = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: offset + 4, as: UInt64.self))
                guard count <= UInt64(rest), Int(number) > pages.last?.number ?? 0 else { return false }
                pages.append(.init(number: Int(number), length: Int(count)))
                rest -= Int(count)
            }
            return true
        }
        return isWhole && (pages.isEmpty || rest == 0) ? pages : nil
    }
}
