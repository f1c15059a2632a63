package import Files

/// What is wanted of a PDF file.
package struct Request: Hashable, Sendable {
    /// In which form.
    ///
    /// The raw values are on disk and in keys: never reuse one.
    package enum Form: String, CaseIterable, Sendable {
        /// Text in reading order.
        case text
        /// Text with columns and tables where they stand on the page.
        case layout
        /// Pages, blocks, lines and words with their boxes, and the fonts.
        case words
        /// What the document says of itself.
        case info
    }

    package var form: Form
    package var pages: PageRanges

    package init(_ form: Form, pages: PageRanges = .all) { (self.form, self.pages) = (form, pages) }
}

/// The password of encrypted files, and the file that it was read from.
package struct Password: Sendable {
    let bytes: [UInt8]
    let origin: Path

    /// Takes the first line of the file at `path`.
    package init(readFrom path: Path) throws(PDFError) {
        do throws(SystemError) {
            // Often it is a pipe: `--password-file <(pass show paper)`.
            let text = try Descriptor(awaiting: path).readAll(expected: 256, limit: 1 << 16)
            bytes = Array(text.prefix { $0 != 0x0A && $0 != 0x0D })
            origin = path
        } catch {
            if error.isInterruption { throw .cancelled }
            throw PDFError(.failed, "the password file \(path) cannot be read: \(SystemError.text(of: error.code))")
        }
    }
}
