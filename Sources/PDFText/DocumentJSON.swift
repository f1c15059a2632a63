/// The JSON that `larder pdf json` and `larder pdf info --json` print.
///
///     { "schema_version": 1, "file": ..., "metadata": {...}, "fonts": [...], "pages": [...] }
package enum DocumentJSON {
    /// Raised whenever a member changes its meaning; a new member does not count.
    package static let schemaVersion = 1

    private static let fontsMark = Array("\u{0}".utf8)

    /// What is kept of the document as a whole: the members of `metadata`, and behind a NUL, which JSON has none of, the
    /// elements of `fonts`.
    static func head(_ info: DocumentInfo, fonts: [UInt8]?) -> [UInt8] {
        info.members + (fonts.map { fontsMark + $0 } ?? [])
    }

    /// The document for a file.
    package static func document(_ answer: Extractor.Answer, file name: String) -> [UInt8] {
        let extraction = answer.extraction
        let head = extraction.head.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        var out = Array("{\n  \"schema_version\": \(schemaVersion),\n  ".utf8)
        out += JSONText.member("file", JSONText.string(name)) + Array(",\n  \"metadata\": {\n    ".utf8)
        out += head.first ?? []
        let version = extraction.poppler.map { JSONText.string($0) } ?? Array("null".utf8)
        out += Array(",\n    ".utf8) + JSONText.member("poppler_version", version)
        out += Array(",\n    ".utf8) + JSONText.member("cache_status", JSONText.string(answer.status.rawValue))
        if let age = answer.age { out += Array(",\n    ".utf8) + JSONText.member("cache_age_seconds", "\(age / 1000)") }
        out += Array("\n  }".utf8)
        if head.count == 2 {
            out += Array(",\n  \"fonts\": [".utf8)
            if !head[1].isEmpty { out += Array("\n    ".utf8) + head[1] + Array("\n  ".utf8) }
            out += Array("],\n  \"pages\": [".utf8)
            out.reserveCapacity(out.count + extraction.body.count + extraction.pages.count * 8 + 16)
            for (index, page) in extraction.pageRanges.enumerated() {
                out += Array((index == 0 ? "\n    " : ",\n    ").utf8)
                out += extraction.body[page.range]
            }
            out += Array((extraction.pages.isEmpty ? "]" : "\n  ]").utf8)
        }
        return out + Array("\n}\n".utf8)
    }
}
