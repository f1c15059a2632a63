/// A command as data: parsing, help and completion all come from it.
///
/// There is no library behind this because the launcher is in the same program: swift-argument-parser 1.8 brings
/// Foundation along, and together they make every start, so every hit, 0.05 to 0.08 ms slower where an empty static
/// process takes 0.5, and the program three times as large.
package struct Command: Sendable {
    package struct Option: Sendable {
        /// Without the two hyphens.
        package let name: String
        package let short: Character?
        /// What to call its value, for an option that has one.
        package let value: String?
        package let summary: String

        package init(name: String, short: Character? = nil, value: String? = nil, summary: String) {
            (self.name, self.short, self.value, self.summary) = (name, short, value, summary)
        }
    }

    /// What stands before the name.
    package let program: String
    package let name: String
    /// One line without a full stop.
    package let summary: String
    /// Paragraphs that say what the summary cannot.
    let discussion: String
    /// What may follow the options, one line for each form.
    let forms: [String]
    /// What the shell offers at each position behind the options.
    package let choices: [[String]]
    /// How many words may follow.
    let operands: ClosedRange<Int>
    /// Whether the first word that is no option begins a command line of its own, in which no option is ours.
    package let takesCommandLine: Bool
    /// The option without which no command line follows; nil where a command line always follows.
    package let commandLineOption: String?
    private let options: [Option]
    package let perform: @Sendable (Arguments) throws(Failure) -> ExitStatus

    package init(
        of program: String = "larder",
        name: String,
        summary: String,
        discussion: String = "",
        forms: [String] = [""],
        choices: [[String]] = [],
        operands: ClosedRange<Int> = 0...0,
        takesCommandLine: Bool = false,
        commandLineOption: String? = nil,
        options: [Option],
        run: @escaping @Sendable (Arguments) throws(Failure) -> ExitStatus
    ) {
        self.program = program
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.forms = forms
        self.choices = choices
        self.operands = operands
        (self.takesCommandLine, self.commandLineOption) = (takesCommandLine, commandLineOption)
        self.options = options
        perform = run
    }

    /// What every command takes.
    private static let commonOptions = [
        Option(name: "dir", value: "DIR", summary: "Use the cache in this directory instead of LARDER_DIR"),
        Option(name: "help", short: "h", summary: "Show this help"),
    ]

    package static let json = Option(name: "json", summary: "Print JSON instead of a table")

    package var allOptions: [Option] { options + Self.commonOptions }

    /// Whether all words that are no options are names of files.
    package var takesFiles: Bool { forms.contains("FILE...") }

    /// What `--help` prints.
    package var help: String {
        var text = summary + ".\n\n"
        for (index, form) in forms.enumerated() {
            text += (index == 0 ? "Usage: " : "       ") + "\(program) \(name)"
            text += (form.isEmpty ? "" : " " + form) + (options.isEmpty ? "\n" : " [OPTIONS]\n")
        }
        if !discussion.isEmpty { text += "\n\(discussion)" + (discussion.last == "\n" ? "" : "\n") }
        let rows = allOptions.map { option in
            let short = option.short.map { "-\($0), " } ?? "    "
            return ["  \(short)--\(option.name)" + (option.value.map { " \($0)" } ?? ""), option.summary]
        }
        return text + "\nOptions:\n" + TextTable.aligned(rows)
    }
}
