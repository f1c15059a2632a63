/// What poppler made of a document, or of some of its pages.
package struct Extraction: Hashable, Sendable {
    /// A page, and how many bytes of the body are its own.
    package struct Page: Hashable, Sendable {
        package let number: Int
        package let length: Int

        package init(number: Int, length: Int) { (self.number, self.length) = (number, length) }
    }

    package var form: Request.Form
    /// When it was made, in milliseconds since 1970.
    package var extractedAt: Int64
    /// How long that took.
    package var microseconds: Int64
    /// Poppler's version; nil where nobody asked, which is never so in the cache.
    package var poppler: String?
    /// What poppler had to complain about.
    package var messages: [UInt8] = []
    /// Members of JSON objects about the document as a whole, for ``Request/Form/words`` and ``Request/Form/info``.
    package var head: [UInt8] = []
    /// The pages of the body, in order; none where it cannot be said for sure where each begins.
    package var pages: [Page] = []
    /// Text, or one JSON object for each page, or lines about the document.
    package var body: [UInt8] = []

    package init(form: Request.Form, extractedAt: Int64, microseconds: Int64, poppler: String?) {
        (self.form, self.extractedAt, self.microseconds, self.poppler) = (form, extractedAt, microseconds, poppler)
    }

    /// Where in the body each page is.
    package var pageRanges: [(number: Int, range: Range<Int>)] {
        var start = 0
        return pages.map { page in
            defer { start += page.length }
            return (page.number, start..<(start + page.length))
        }
    }

    /// Only the pages that are wanted; nil where it is not known where they are.
    func selecting(_ wanted: PageRanges, named name: String) throws(PDFError) -> Extraction? {
        if wanted.isAll { return self }
        guard let last = pages.last?.number, pages.first?.number == 1, pages.count == last else { return nil }
        var selected = self
        (selected.pages, selected.body) = ([], [])
        let all = pageRanges
        for range in wanted.ranges {
            guard range.lowerBound <= last else { throw .noSuchPage(range.lowerBound, of: last, in: name) }
            for index in (range.lowerBound - 1)..<min(range.upperBound, last) {
                selected.pages.append(pages[index])
                selected.body += body[all[index].range]
            }
        }
        return selected
    }
}

extension Extraction {
    /// Where the lines of each page of a text are; by its form feeds where nothing better is known.
    package var linesOfPages: [(number: Int, range: Range<Int>)] {
        var found = pageRanges
        var start = found.isEmpty ? 0 : body.count
        while start < body.count {
            let end = body[start...].firstIndex(of: 0x0C).map { $0 + 1 } ?? body.count
            found.append((found.count + 1, start..<end))
            start = end
        }
        // The form feed behind a page is no line.
        return found.map { page in
            let hasFeed = !page.range.isEmpty && body[page.range.upperBound - 1] == 0x0C
            return (page.number, page.range.lowerBound..<(page.range.upperBound - (hasFeed ? 1 : 0)))
        }
    }
}
