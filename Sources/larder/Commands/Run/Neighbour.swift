internal import Files
internal import Terminal

/// A command that is a program of its own, beside this one: what it needs would weigh on every launch.
enum Neighbour: String, CaseIterable {
    case jdk
    case pdf
    case remote

    /// The neighbour that answers to `word`, or nil.
    init?(_ word: String) { self.init(rawValue: word) }

    /// One line without a full stop.
    var summary: String {
        switch self {
        case .jdk: "Search a catalogue of JDKs (larder jdk --help)"
        case .pdf: "Read the text of PDF files (larder pdf --help)"
        case .remote: "Share results with other machines (larder remote --help)"
        }
    }

    /// The commands that it has.
    var commands: [String] {
        switch self {
        case .jdk: ["search", "refresh", "info", "list-distributions", "import", "clear"]
        case .pdf: ["text", "json", "info", "grep", "cache"]
        case .remote: ["test", "status", "keygen", "export", "import", "push", "pull", "prefetch"]
        }
    }

    /// Where a program that belongs to this one is, installed or not; nil where that cannot be told.
    ///
    /// It is looked for where this program really is, not in `PATH` and not where a link to this one stands, so that
    /// the two always belong together.
    static func program(named name: String) -> Path? {
        Directory.target(ofLink: "/proc/self/exe").map { $0.parent.appending(name) }
    }

    /// Goes on as that program, with `arguments`; returns only why that failed.
    func become(_ arguments: [[UInt8]]) -> Failure {
        guard let program = Self.program(named: "larder-\(self)") else {
            return Failure(status: .notFound, message: "'larder-\(self)' cannot be found, because /proc is not mounted")
        }
        let error = Child.replace(with: program, arguments: [Array(program.bytes)] + arguments)
        return Failure(
            status: .notFound,
            message: error.isAbsence
                ? "'larder \(self)' needs the program \(program), which is not installed"
                : "'larder \(self)' cannot run \(program): \(error)"
        )
    }
}
