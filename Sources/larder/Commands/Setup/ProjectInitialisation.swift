internal import Files
internal import ProjectSetup
internal import Terminal

/// What `larder init` does and says.
struct ProjectInitialisation {
    let directory: Path
    let isJSON: Bool

    // MARK: - The three ways

    /// Shows what would be written.
    func preview() throws(Failure) -> ExitStatus {
        let plan = try plan()
        if isJSON {
            try Console.print(document(plan, state: "preview").document)
        } else {
            try Console.print(description(plan))
            for edit in plan.edits { try Console.print("\n".utf8 + Self.shown(edit.difference)) }
            if let last = conclusion(plan) { try Console.print("\n\(last)\n") }
        }
        return try complaining(plan)
    }

    /// Writes it.
    func apply() throws(Failure) -> ExitStatus {
        let plan = try plan()
        // All or nothing: what is wrong with one file is no reason to leave a project half set up.
        if !plan.problems.isEmpty {
            if isJSON { try Console.print(document(plan, state: "refused").document) }
            _ = try complaining(plan)
            if !plan.edits.isEmpty { Console.complain("nothing is written until that is mended") }
            return .failure
        }
        try failing { () throws(SetupProblem) in try SetupChange(in: directory).apply(plan) }
        if isJSON {
            try Console.print(document(plan, state: "applied").document)
            return .success
        }
        var text = description(plan) + "\n"
        for edit in plan.edits { text += (edit.before == nil ? "made     " : "changed  ") + edit.name + "\n" }
        if plan.edits.isEmpty {
            text +=
                SetupChange.isRecorded(in: directory)
                ? "Everything is set up already.\n" : "Nothing has to be written.\n"
        } else {
            text += "\nTo take this back: larder init --undo\(operand)\n"
        }
        try Console.print(text)
        return .success
    }

    /// Takes it back.
    func undo() throws(Failure) -> ExitStatus {
        let undone = try failing { () throws(SetupProblem) in try SetupChange(in: directory).undo() }
        let isComplete = undone.kept.isEmpty && undone.problems.isEmpty
        if isJSON {
            let document = JSON.object([
                ("state", .string(isComplete ? "undone" : "incomplete")),
                ("restored", .array(undone.restored.map { .string($0) })),
                ("removed", .array(undone.removed.map { .string($0) })),
                (
                    "kept",
                    .array(
                        undone.kept.map { file in
                            .object([
                                ("path", .string(file.path.description)),
                                ("lines", .string(String(decoding: file.lines, as: UTF8.self))),
                            ])
                        }
                    )
                ),
            ])
            try Console.print(document.document)
        } else {
            var text = ""
            for name in undone.restored { text += "restored  \(name)\n" }
            for name in undone.removed { text += "removed   \(name)\n" }
            if (undone.restored + undone.removed).contains("CMakeUserPresets.json") {
                text += "Build directories keep their launcher until they are configured anew.\n"
            }
            if undone.isNothing { text = "Nothing is to be taken back.\n" }
            try Console.print(text)
        }
        for file in undone.kept {
            Console.complain(
                "\(file.path) was edited since, so it is left as it is; these lines were put there, take them out by hand:"
            )
            if !isJSON { StandardStream.error.write(Self.indented(file.lines)) }
        }
        for problem in undone.problems { Console.complain(problem.description) }
        return isComplete ? .success : .failure
    }

    // MARK: - Looking

    private func plan() throws(Failure) -> SetupPlan {
        let tools = Self.tools()
        let plan = try failing { () throws(SetupProblem) in try SetupPlan(for: directory, tools: tools) }
        if plan.systems.isEmpty, plan.problems.isEmpty {
            throw Failure(
                message: "\(plan.directory) has none of \(SetupPlan.marks); name the directory with the sources, "
                    + "or see 'larder --help' for other ways"
            )
        }
        if !tools.hasLarder {
            Console.complain("warning: larder is not in PATH, where builds look for it")
        }
        return plan
    }

    private static func tools() -> BuildTools {
        var version: BuildTools.Version?
        if let cmake = Executable.find(Array("cmake".utf8)),
            let (ending, streams) = try? Child.ask(cmake, arguments: [Array("cmake".utf8), Array("--version".utf8)]),
            ending == .exited(0)
        {
            version = BuildTools.Version(said: streams.output.prefix(80))
        }
        Interruption.mayEndUs()
        let programs = BuildTools.wanted.filter { Executable.find(Array($0.utf8)) != nil }
        return BuildTools(cmake: version, programs: Set(programs))
    }

    private func failing<R>(_ body: () throws(SetupProblem) -> R) throws(Failure) -> R {
        do throws(SetupProblem) { return try body() } catch { throw Failure(message: error.description) }
    }

    private func complaining(_ plan: SetupPlan) throws(Failure) -> ExitStatus {
        for problem in plan.problems { Console.complain(problem.description) }
        return plan.problems.isEmpty ? .success : .failure
    }

    // MARK: - Saying

    private func description(_ plan: SetupPlan) -> String {
        var text = directory == "." ? "" : "In \(plan.directory):\n"
        for system in plan.systems {
            text += (text.isEmpty ? "" : "\n") + "\(system.title) (\(system.marks.joined(separator: ", ")))\n"
            for command in system.commands { text += "    \(command)\n" }
            for note in system.notes { text += "  \(note)\n" }
        }
        if !plan.notes.isEmpty { text += "\n" }
        for note in plan.notes { text += note + "\n" }
        return String(decoding: Self.shown(Array(text.utf8)), as: UTF8.self)
    }

    private func conclusion(_ plan: SetupPlan) -> String? {
        if !plan.edits.isEmpty {
            return "Nothing is written yet. To write this: larder init --apply\(operand)"
        }
        return SetupChange.isRecorded(in: directory)
            ? "Everything is set up; to take it back: larder init --undo\(operand)" : nil
    }

    /// The directory as it stands behind a command.
    private var operand: String { directory == "." ? "" : " " + ShellWord.quoted(directory.description) }

    private func document(_ plan: SetupPlan, state: String) -> JSON {
        let systems = plan.systems.map { system in
            JSON.object([
                ("kind", .string(system.kind)), ("marks", .array(system.marks.map { .string($0) })),
                ("commands", .array(system.commands.map { .string($0) })),
                ("notes", .array(system.notes.map { .string($0) })),
            ])
        }
        let files = plan.edits.map { edit in
            JSON.object([
                ("name", .string(edit.name)), ("is_new", .boolean(edit.before == nil)),
                ("diff", .string(String(decoding: edit.difference, as: UTF8.self))),
            ])
        }
        return .object([
            ("directory", .string(plan.directory.description)), ("state", .string(state)), ("systems", .array(systems)),
            ("files", .array(files)), ("notes", .array(plan.notes.map { .string($0) })),
            ("problems", .array(plan.problems.map { .string($0.description) })),
        ])
    }

    /// The bytes as they are, or on a terminal without what would move its cursor.
    private static func shown(_ bytes: [UInt8]) -> [UInt8] {
        guard StandardStream.output.isTerminal else { return bytes }
        return bytes.map { ($0 < 0x20 && $0 != 0x0A && $0 != 0x09) || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
    }

    private static func indented(_ lines: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            text += Array("    ".utf8) + Array(Text.shown(line).utf8) + [UInt8(ascii: "\n")]
        }
        return text
    }
}
