/// One of larder's own commands as data: parsing, help and completion all come from it.
///
/// There is no library behind this because the launcher is in the same program: swift-argument-parser 1.8 brings
/// Foundation along, and together they make every start, so every hit, 0.05 to 0.08 ms slower where an empty static
/// process takes 0.5, and the program three times as large.
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
    /// Paragraphs that say what the summary cannot.
    var discussion = ""
    /// What may follow the options, one line for each form.
    var forms = [""]
    /// What the shell offers at each position behind the options.
    var choices: [[String]] = []
    /// How many words may follow at most.
    var maximumOperands = 0
    /// Whether the first word that is no option begins a command line of its own, in which no option is ours.
    var takesCommandLine = false
    let options: [Option]
    let run: @Sendable (Arguments) throws(Failure) -> ExitStatus

    /// What every command takes.
    static let commonOptions = [
        Option(name: "dir", value: "DIR", summary: "Use the cache in this directory instead of LARDER_DIR"),
        Option(name: "help", short: "h", summary: "Show this help"),
    ]

    static let json = Option(name: "json", summary: "Print JSON instead of a table")

    var allOptions: [Option] { options + Self.commonOptions }
}

/// What a command ends with.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    /// Usage or configuration.
    case usage = 2
    /// EX_TEMPFAIL of sysexits.h: a lock was not released in time.
    case busy = 75
    /// A file that cannot be run, as shells have it.
    case notExecutable = 126
    /// No such command to run, as shells have it.
    case notFound = 127
    /// A wait was cancelled by a signal.
    case cancelled = 130
}

/// Why a command did not do its work: one sentence, without a full stop.
struct Failure: Error {
    var status = ExitStatus.failure
    let message: String
    /// Whether the user wants the cache's failures to be failures of the work.
    var isStrict = false
}
