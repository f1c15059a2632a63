internal import Files

/// Why there is nothing to give for a PDF file: one sentence without a full stop.
package struct PDFError: Error, Hashable, Sendable {
    /// What kind of failure it is.
    package enum Code: Hashable, Sendable {
        /// The file is missing, or the system does not let us.
        case failed
        /// The document has no such page.
        case noSuchPage
        case notPDF
        /// A password is needed, or another one.
        case encrypted
        case damaged
        /// It takes more time, memory or room than is allowed.
        case beyondLimit
        /// A program that this needs is not installed.
        case unavailable
        case cancelled
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    static let cancelled = PDFError(.cancelled, "cancelled")
}

extension PDFError {
    static func failed(_ error: SystemError, reading name: String) -> PDFError {
        PDFError(.failed, "\(name) cannot be read: \(SystemError.text(of: error.code))")
    }

    static func noSuchPage(_ page: Int, of count: Int?, in name: String) -> PDFError {
        let pages = count.map { "; it has \($0) page\($0 == 1 ? "" : "s")" } ?? ""
        return PDFError(.noSuchPage, "\(name) has no page \(page)\(pages)")
    }
}
