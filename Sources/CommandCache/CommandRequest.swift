/// A command as it was asked for: what to run, and what its result depends on.
package struct CommandRequest: Sendable {
    /// The tool's name as it was given, then its arguments, in order.
    package var words: [[UInt8]]
    /// Paths and patterns of the files that count.
    package var inputs: [[UInt8]] = []
    /// Whether standard input counts, and so is read to its end beforehand.
    package var readsInput = false
    /// Paths of the files and directories that the tool makes.
    package var outputs: [[UInt8]] = []
    /// A file that the tool writes and that names, as a rule for make, what else it has read.
    package var dependencyFile: [UInt8]?
    /// Names of the environment variables that count.
    package var variables: [[UInt8]] = []
    /// Any text that counts.
    package var keyText: [UInt8]?
    /// Whether the working directory counts.
    package var countsDirectory = false
    /// The exit statuses whose result is kept.
    package var keptStatuses: [Int32] = [0]
    /// How old a result may be, in nanoseconds; nil for any age.
    package var lifetime: Int64?
    /// False where two runs may rightly differ.
    package var isDeterministic = true

    /// Whether the command is traced, so that its inputs and outputs need not be named.
    package var isTraced = false
    /// Whether the user says that neither the time nor chance matters.
    package var trustsClock = false

    /// What is known of it where it is a compile.
    package var compile: TracedCompile?

    /// A tool and its arguments, of which nothing else is known yet.
    package init(words: [[UInt8]]) { self.words = words }

    /// All that the tool makes, the dependency file among it.
    var allOutputs: [[UInt8]] { outputs + (dependencyFile.map { [$0] } ?? []) }
}

/// Why a command is run as it is given, or its result not kept.
///
/// The raw value follows `run_` in the journal: it never changes its meaning.
package enum Refusal: String, Error, Sendable {
    case closedStream = "closed_stream"
    case noDirectory = "no_directory"
    case inputUnreadable = "input_unreadable"
    case inputSpecial = "input_special"
    case tooManyInputs = "too_many_inputs"
    case stdinTooLong = "stdin_too_long"
    case outputIsInput = "output_is_input"
    case outputIsPlace = "output_is_place"
    case outputBusy = "output_busy"

    case statusNotKept = "status_not_kept"
    case signalled
    case streamCut = "stream_cut"
    case inputChanged = "input_changed"
    case inputTooYoung = "input_too_young"
    case dependenciesUnknown = "dependencies_unknown"
    case outputSpecial = "output_special"
    case outputUntouched = "output_untouched"
    case outputMode = "output_mode"
    case outputChanged = "output_changed"
    case outputTooLarge = "output_too_large"
    case inputUnknown = "input_unknown"
    case readsInput = "reads_input"
    case traceUnavailable = "trace_unavailable"
    case storeRefused = "store_refused"
    /// Files are stamped with times that are still to come.
    case clockBehind = "clock_behind"
}
