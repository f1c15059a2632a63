internal import PDFText

/// One of the commands as data: parsing and help come from it.
struct Command: Sendable {
    struct Option: Sendable {
        /// Without the two hyphens.
        let name: String
        var short: Character?
        /// What to call its value, for an option that has one.
        var value: String?
        let summary: String
    }

    let name: String
    /// One line without a full stop.
    let summary: String
    var discussion = ""
    /// What follows the name, one line for each form.
    var forms = [""]
    /// How many words may follow.
    var operands = 0...0
    let options: [Option]
    let run: @Sendable (Arguments) throws(Failure) -> ExitStatus

    static let commonOptions = [
        Option(name: "dir", value: "DIR", summary: "Use the cache in this directory instead of LARDER_DIR"),
        Option(name: "help", short: "h", summary: "Show this help"),
    ]

    var allOptions: [Option] { options + Self.commonOptions }
}

/// What the program ends with.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    /// Usage or configuration.
    case usage = 2
    case notPDF = 3
    case encrypted = 4
    case damaged = 5
    case beyondLimit = 6
    /// EX_UNAVAILABLE of sysexits.h: poppler or qpdf is not installed.
    case unavailable = 69
    /// What a shell says of a program that Ctrl-C ended.
    case cancelled = 130
}

/// Why a command did not do its work: one sentence, without a full stop.
struct Failure: Error {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus = .failure, _ message: String) { (self.status, self.message) = (status, message) }

    init(_ error: PDFError) { self.init(ExitStatus(error.code), error.message) }
}

extension ExitStatus {
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
