import Foundation

/// A PDF file, written by hand: its syntax and nothing else.
struct PDFDocument {
    /// What a page shows: text at places, in points from the lower left corner.
    struct Page {
        var lines: [(x: Int, y: Int, text: String)] = []
    }

    var pages: [Page] = []
    var title: String?
    /// Text is written by numbers of glyphs that a table maps to Unicode, as for any script but the Western ones.
    var isUnicode = false

    /// So many pages, each with so many lines that occur nowhere else.
    static func plain(pages: Int, lines: Int = 5, word: String = "fox") -> PDFDocument {
        PDFDocument(
            pages: (1...pages).map { page in
                Page(
                    lines: (1...lines).map { line in
                        (
                            50, 760 - 12 * line,
                            "Page \(page) line \(line): the quick brown \(word) \(page * 1000 + line)"
                        )
                    }
                )
            }
        )
    }

    /// Two columns, which a reader takes one after the other.
    static var columns: PDFDocument {
        var page = Page()
        for line in 0..<30 {
            page.lines.append((50, 740 - 14 * line, "Left column, line \(line), goes on"))
            page.lines.append((330, 740 - 14 * line, "Right column, line \(line), ends"))
        }
        return PDFDocument(pages: [page, page])
    }

    static var unicode: PDFDocument {
        var document = PDFDocument(pages: [
            Page(lines: [(50, 700, "Ωμέγα ж 漢字 ß €"), (50, 680, "naïve – “quoted” <a&b>")])
        ])
        document.isUnicode = true
        return document
    }

    var data: Data {
        var objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
        let letters = Array(Set(pages.flatMap { $0.lines.flatMap { Array($0.text.unicodeScalars) } })).sorted()
        let first = isUnicode ? 7 : 5
        let kids = pages.indices.map { "\(first + 2 * $0) 0 R" }.joined(separator: " ")
        objects.append("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
        objects.append("<< \(title.map { "/Title (\($0))" } ?? "") /Producer (larder tests) >>")
        if isUnicode {
            objects.append(
                "<< /Type /Font /Subtype /Type0 /BaseFont /Letters /Encoding /Identity-H /DescendantFonts [5 0 R] "
                    + "/ToUnicode 6 0 R >>"
            )
            objects.append(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Letters /CIDSystemInfo << /Registry (Adobe) "
                    + "/Ordering (Identity) /Supplement 0 >> /DW 600 /FontDescriptor << /Type /FontDescriptor "
                    + "/FontName /Letters /Flags 4 /FontBBox [0 0 600 800] /ItalicAngle 0 /Ascent 800 /Descent 0 "
                    + "/CapHeight 700 /StemV 80 >> >>"
            )
            objects.append(Self.stream(Self.unicodeMap(letters)))
        } else {
            objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        }
        for (index, page) in pages.enumerated() {
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 4 0 R >> >> "
                    + "/Contents \(first + 2 * index + 1) 0 R >>"
            )
            let lines = page.lines.map { "BT /F1 10 Tf \($0.x) \($0.y) Td \(shown($0.text, letters)) Tj ET" }
            objects.append(Self.stream(lines.joined(separator: "\n")))
        }
        return Self.file(objects)
    }

    private func shown(_ text: String, _ letters: [Unicode.Scalar]) -> String {
        guard isUnicode else { return "(\(text))" }
        let glyphs = text.unicodeScalars.map { String(format: "%04X", (letters.firstIndex(of: $0) ?? 0) + 1) }
        return "<\(glyphs.joined())>"
    }

    private static func unicodeMap(_ letters: [Unicode.Scalar]) -> String {
        let rows = letters.enumerated().map { index, letter in
            String(format: "<%04X> <%04X>", index + 1, letter.value)
        }
        return """
            /CIDInit /ProcSet findresource begin 12 dict begin begincmap
            /CMapName /Adobe-Identity-UCS def /CMapType 2 def
            1 begincodespacerange <0000> <FFFF> endcodespacerange
            \(rows.count) beginbfchar
            \(rows.joined(separator: "\n"))
            endbfchar endcmap end end
            """
    }

    private static func stream(_ content: String) -> String {
        "<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream"
    }

    private static func file(_ objects: [String]) -> Data {
        var text = "%PDF-1.7\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(text.utf8.count)
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        text += offsets.map { String(format: "%010d 00000 n \n", $0) }.joined()
        text += "trailer << /Size \(objects.count + 1) /Root 1 0 R /Info 3 0 R >>\nstartxref\n\(start)\n%%EOF\n"
        return Data(text.utf8)
    }
}
