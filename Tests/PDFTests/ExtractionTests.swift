import Foundation
import TestSupport
import Testing

/// What comes out is what poppler says, whether it comes from the cache or not.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"))
struct ExtractionTests {
    static let documents: [(String, PDFDocument)] = [
        ("pages", .plain(pages: 12)), ("columns", .columns), ("unicode", .unicode),
        ("empty", PDFDocument(pages: [.init()])),
    ]
    static let options: [([String], [String])] = [
        ([], []), (["--layout"], ["-layout"]), (["--pages", "1"], ["-l", "1"]), (["--pages=2-"], ["-f", "2"]),
        (["--pages", "3-5", "--layout"], ["-f", "3", "-l", "5", "-layout"]),
        (["--pages", "11-40"], ["-f", "11", "-l", "40"]),
    ]

    @Test(arguments: documents.indices) func `text is pdftotext's, byte for byte`(_ index: Int) throws {
        let shop = try PDFWorkshop()
        let (name, document) = Self.documents[index]
        try shop.write(document, to: "\(name).pdf")
        for (ours, theirs) in Self.options {
            let bare = try shop.shop.run(["pdftotext"] + theirs + ["\(name).pdf", "-"])
            guard bare.status == 0 else { continue }
            // A miss, a hit, and without the cache; then from all pages where those are known.
            for more in [[], [], ["--no-cache"]] {
                let outcome = try shop.pdf(["text", "\(name).pdf"] + ours + more)
                #expect(outcome == bare, "\(ours) \(more)")
            }
        }
        for (ours, theirs) in Self.options {
            let bare = try shop.shop.run(["pdftotext"] + theirs + ["\(name).pdf", "-"])
            guard bare.status == 0 else { continue }
            #expect(try shop.pdf(["text", "\(name).pdf"] + ours) == bare, "\(ours)")
        }
    }

    @Test func `a second look is a hit, and pages come from the whole`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 9), to: "a.pdf")
        try shop.pdf("text", "a.pdf")
        #expect(try shop.stats().hits == 0)
        try shop.pdf("text", "a.pdf")
        try shop.pdf("text", "a.pdf", "--pages", "2,4-5")
        let stats = try shop.stats()
        #expect(stats.hits == 2 && stats.lookups == 3 && stats.entries == 1)
        let pages = try shop.pdf("text", "a.pdf", "--pages", "5,2,4").outputText
        #expect(
            try pages == shop.bare("-f", "2", "-l", "2", "a.pdf").outputText
                + shop.bare("-f", "4", "-l", "5", "a.pdf").outputText
        )
    }

    @Test func `a page that does not exist is named, cached or not`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 3), to: "a.pdf")
        for _ in 0..<2 {
            let outcome = try shop.pdf("text", "a.pdf", "--pages", "9")
            #expect(outcome.status == 2)
            #expect(outcome.errorText == "larder pdf: a.pdf has no page 9; it has 3 pages\n")
            try shop.pdf("text", "a.pdf")
        }
    }

    @Test func `JSON holds every word with its box, the pages and the metadata`() throws {
        let shop = try PDFWorkshop()
        var document = PDFDocument.plain(pages: 3, lines: 4)
        document.title = "A title with \\\"quotes\\\" and \\\\ a backslash"
        try shop.write(document, to: "a.pdf")
        try shop.write(.unicode, to: "u.pdf")
        for name in ["a.pdf", "u.pdf"] {
            let first = try shop.pdf("json", name)
            let json = try #require(try JSONSerialization.jsonObject(with: first.output) as? [String: Any])
            #expect(json["schema_version"] as? Int == 1)
            let pages = try #require(json["pages"] as? [[String: Any]])
            #expect(pages.map { $0["number"] as? Int } == Array(1...pages.count))
            #expect(pages.allSatisfy { $0["width"] as? Double == 612 && $0["height"] as? Double == 792 })
            func children(_ parents: [[String: Any]], _ name: String) -> [[String: Any]] {
                parents.flatMap { $0[name] as? [[String: Any]] ?? [] }
            }
            let words = children(children(children(pages, "blocks"), "lines"), "words")
            #expect(words.allSatisfy { ($0["box"] as? [Double])?.count == 4 })
            let text = try shop.bare(name).outputText
            #expect(
                words.compactMap { $0["text"] as? String }
                    == text.split { $0.isWhitespace || $0 == "\u{0C}" }.map(String.init)
            )
            #expect((json["fonts"] as? [[String: Any]])?.count == 1)
            let metadata = try #require(json["metadata"] as? [String: Any])
            #expect(metadata["page_count"] as? Int == pages.count)
            #expect(metadata["cache_status"] as? String == "miss" && metadata["cache_age_seconds"] == nil)
            #expect(metadata["encrypted"] as? Bool == false && metadata["pdf_version"] as? String == "1.7")
        }
        let metadata = try shop.metadata(["a.pdf"])
        #expect(metadata["cache_status"] as? String == "hit")
        #expect(metadata["cache_age_seconds"] as? Int ?? -1 >= 0)
        #expect(metadata["title"] as? String == "A title with \"quotes\" and \\ a backslash")
        #expect(try shop.cacheStatus("--no-cache", "a.pdf") == "disabled")
        // Some pages, from the whole: the same objects.
        let page =
            try JSONSerialization.jsonObject(with: shop.pdf("json", "a.pdf", "--pages", "2").output) as? [String: Any]
        #expect((page?["pages"] as? [[String: Any]])?.map { $0["number"] as? Int } == [2])
    }

    @Test func `a title that looks like facts changes no fact`() throws {
        let shop = try PDFWorkshop()
        var document = PDFDocument.plain(pages: 2)
        document.title = "x\\nPages:           99\\nEncrypted:       yes\\n<doc><page width=\"1\" height=\"1\">"
        try shop.write(document, to: "a.pdf")
        let metadata = try shop.metadata(["a.pdf"])
        #expect(metadata["page_count"] as? Int == 2 && metadata["encrypted"] as? Bool == false)
        #expect(try shop.pdf("text", "a.pdf") == shop.bare("a.pdf"))
        #expect(try shop.pdf("text", "a.pdf", "--pages", "2") == shop.bare("-f", "2", "a.pdf"))
    }

    @Test func `info is pdfinfo's, and JSON on demand`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 7), to: "a.pdf")
        let bare = try shop.shop.run(["pdfinfo", "-isodates", "a.pdf"])
        for _ in 0..<2 { #expect(try shop.pdf("info", "a.pdf") == bare) }
        let json = try JSONSerialization.jsonObject(with: shop.pdf("info", "--json", "a.pdf").output) as? [String: Any]
        #expect((json?["metadata"] as? [String: Any])?["page_count"] as? Int == 7)
        #expect(json?["pages"] == nil)
    }

    @Test func `standard input is read, and known again`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 2), to: "a.pdf")
        let bare = try shop.bare("a.pdf")
        for _ in 0..<2 {
            let outcome = try shop.shop.run(["bash", "-c", "cat a.pdf | \(PDFWorkshop.program) text -"])
            #expect(outcome == bare)
        }
        #expect(try shop.stats().hits == 1)
        #expect(try shop.shop.run(["bash", "-c", "cat a.pdf | \(PDFWorkshop.program) text --no-cache -"]) == bare)
    }

    @Test func `what poppler complains about is said at a hit as at a miss`() throws {
        let shop = try PDFWorkshop()
        // Its table is gone, so poppler has to look for the objects.
        let data = PDFDocument.plain(pages: 1).data
        let end = try #require(data.range(of: Data("\nxref".utf8))).lowerBound
        try shop.write(data[..<end] + Data("\ntrailer << /Root 1 0 R >>\n".utf8), to: "a.pdf")
        let bare = try shop.bare("a.pdf")
        try #require(bare.status == 0 && !bare.error.isEmpty)
        let first = try shop.pdf("text", "a.pdf")
        #expect(first.output == bare.output)
        #expect(first.errorText.hasPrefix("larder pdf: a.pdf: Syntax"))
        #expect(try shop.pdf("text", "a.pdf") == first)
        #expect(try shop.pdf("text", "-q", "a.pdf").error.isEmpty)
    }

    @Test func `the larder runs it`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 2), to: "a.pdf")
        #expect(try shop.shop.larder(["pdf", "text", "a.pdf"]) == shop.bare("a.pdf"))
        #expect(try shop.shop.larder(["pdf", "text", "nothing.pdf"]).status == 1)
    }
}
