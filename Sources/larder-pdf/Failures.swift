internal import PDFText
internal import Terminal

extension ExitStatus {
    static let notPDF = ExitStatus(rawValue: 3)
    static let encrypted = ExitStatus(rawValue: 4)
    static let damaged = ExitStatus(rawValue: 5)
    static let beyondLimit = ExitStatus(rawValue: 6)

    init(_ code: PDFError.Code) {
        self =
            switch code {
            case .failed: .failure
            case .noSuchPage: .usage
            case .notPDF: .notPDF
            case .encrypted: .encrypted
            case .damaged: .damaged
            case .beyondLimit: .beyondLimit
            case .unavailable: .unavailable
            case .cancelled: .cancelled
            }
    }
}

extension Failure {
    init(_ error: PDFError) { self.init(status: ExitStatus(error.code), message: error.message) }
}
