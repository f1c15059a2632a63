internal import CommandCache
internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Says why commands were no hits.
    static let why = Command(
        name: "why",
        summary: "Say why a command was no hit",
        discussion: """
            Explains the last command that was no hit, or the last one about FILE, a source or an output: which option,
            variable or file is different from the nearest earlier run, what is there now and was not, or why a result was
            not kept. Where git knows the earlier text of a file, its changed lines follow.

            --session counts the reasons of one build, the most frequent first. --dry-run says what would become of a
            command, without running it: the exit status is 0 for a hit, and else 1.

            The words of commands are kept for this, in files of the cache that only you can read. Of variables and macros
            whose names speak of a secret, and of most other variables, only a digest is kept.
            """,
        forms: ["[FILE]", "--last", "--session [ID]", "--dry-run COMMAND ..."],
        operands: 0...Int.max,
        takesCommandLine: true,
        commandLineOption: "dry-run",
        options: [
            Option(name: "last", summary: "Explain the last command that was no hit, as without FILE"),
            Option(name: "session", summary: "Count the reasons of the session ID, or of the one in LARDER_SESSION"),
            Option(name: "dry-run", summary: "Say what would become of COMMAND"),
            json,
        ],
        run: runWhy
    )

    private static func runWhy(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let asked = ["last", "session", "dry-run"].filter { arguments.has($0) }
        guard asked.count < 2 else {
            throw Failure(usage: "--\(asked[0]) and --\(asked[1]) cannot be asked for at once", .why)
        }
        let settings = try arguments.settings()
        let report = WhyReport(settings: settings, isJSON: arguments.has("json"))
        if arguments.has("dry-run") { return try report.forecast(arguments.operands) }
        guard arguments.operands.count < 2 else {
            throw Failure(usage: "'why' takes one FILE; a command goes behind --dry-run", .why)
        }
        arguments.settle(settings)
        if arguments.has("session") { return try report.session(arguments.operands.first) }
        guard !arguments.has("last") || arguments.operands.isEmpty else {
            throw Failure(usage: "--last takes no FILE", .why)
        }
        return try report.latest(about: arguments.operands.first)
    }
}

/// What `larder why` shows.
struct WhyReport {
    let settings: Settings
    let isJSON: Bool

    private var store: EntryStore { EntryStore(at: settings.directory, options: settings.storeOptions) }

    /// Explains the last command about `file`, or the last one of all.
    func latest(about file: [UInt8]?) throws(Failure) -> ExitStatus {
        let history = MissHistory(of: settings.directory)
        var index = history.commands.last
        var asked: Path?
        if let file {
            guard !file.isEmpty else { throw Failure(usage: "the name of a file is empty", .why) }
            let directory: Path
            do throws(SystemError) { directory = try Directory.current() } catch {
                throw Failure(message: "the working directory cannot be found: \(error)")
            }
            let path = MissRecord.path(file, in: directory)
            (asked, index) = (path, history.latest(about: path))
        }
        guard let index else {
            let subject = file.map { " of \(Text.shown($0))" } ?? ""
            if isJSON {
                try Console.print(JSON.object([("kind", .string("none"))]).document)
            } else {
                try Console.print("No miss\(subject) is on record.\n")
            }
            return .success
        }
        var record = history.records[index]
        let text = EarlierText(in: store)
        let explanation = Explanation(of: index, in: history) { text.changes(in: $0, of: $1) }
        // Another file of that name.
        if let asked, record.path(record.source) != asked, record.path(record.output) != asked {
            record.source = Array(record.path(record.source).bytes)
        }
        try show(explanation, of: record)
        return .success
    }

    /// Says what would become of a command.
    func forecast(_ words: [[UInt8]]) throws(Failure) -> ExitStatus {
        guard let name = words.first, !name.isEmpty else {
            throw Failure(usage: "--dry-run takes a command, as in 'larder why --dry-run gcc -c a.c'", .why)
        }
        let directory: Path
        do throws(SystemError) { directory = try Directory.current() } catch {
            throw Failure(message: "the working directory cannot be found: \(error)")
        }
        let forecast = CompilerCache.forecast(
            name: name,
            arguments: Array(words.dropFirst()),
            ourself: CurrentProcess.program,
            in: directory,
            settings
        )
        switch forecast {
        case .hit: return try say(isHit: true)
        case .miss(let record):
            try explain(record)
            return .failure
        case .seen(let compile):
            let forecast = CommandCache.forecast(
                TracedCompile(of: compile, settings),
                compile.compiler,
                compile.words,
                settings
            )
            if forecast.isHit { return try say(isHit: true) }
            try explain(forecast.miss ?? obstacle(forecast.reason, to: compile, name, in: directory))
            return .failure
        case .noCompiler:
            throw Failure(status: .notFound, message: "there is no compiler '\(Text.shown(name))'")
        }
    }

    /// What stands against a compile that leads to a result which cannot be given, or that runs as it was given.
    private func obstacle(_ cause: String, to compile: SeenCompile, _ name: [UInt8], in directory: Path) -> MissRecord {
        var record = MissRecord(.miss, cause: cause)
        (record.source, record.directory, record.program) = (compile.label, Array(directory.bytes), name)
        return record
    }

    /// Shows why a command that has not run would be no hit.
    private func explain(_ record: MissRecord) throws(Failure) {
        let history = MissHistory(MissHistory(of: settings.directory).records + [record])
        let text = EarlierText(in: store)
        let explanation = Explanation(of: history.records.count - 1, in: history) { text.changes(in: $0, of: $1) }
        try show(explanation, of: record)
    }

    private func say(isHit: Bool) throws(Failure) -> ExitStatus {
        try Console.print(isJSON ? JSON.object([("kind", .string("hit"))]).document : "hit\n")
        return .success
    }

    private func show(_ explanation: Explanation, of record: MissRecord) throws(Failure) {
        guard !isJSON else {
            try Console.print(Self.json(explanation, of: record).document)
            return
        }
        var text = "\(Text.shown(record.source)): \(explanation.sentence)\n"
        for detail in explanation.details { text += "  \(detail)\n" }
        if let advice = explanation.advice { text += "  what helps: \(advice)\n" }
        try Console.print(text)
    }

    static func json(_ explanation: Explanation, of record: MissRecord) -> JSON {
        .object([
            ("kind", .string(explanation.kind)),
            ("subject", .string(explanation.subject)),
            ("sentence", .string(explanation.sentence)),
            ("details", .array(explanation.details.map { .string($0) })),
            ("advice", .string(explanation.advice ?? "")),
            ("cause", .string(record.cause)),
            ("outcome", .string(record.outcome.rawValue)),
            ("source", .string(Text.shown(record.source))),
            ("directory", .string(Text.shown(record.directory))),
            ("session", .string(record.session ?? "")),
            // Milliseconds since 1970; 0 for what has not happened.
            ("time_ms", .integer(record.time)),
        ])
    }
}
