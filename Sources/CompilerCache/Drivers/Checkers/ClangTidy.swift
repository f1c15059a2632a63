internal import Files
internal import LarderStore

/// clang-tidy on one source: nothing is made, what it says is kept, with its exit status.
///
/// Which options its clang gets is up to a compilation database, and which checks it runs to files called `.clang-tidy` above
/// every file that it reads. What its clang did it is asked for, by a call without checks.
struct ClangTidy: Driver {
    let request: DriverRequest
    private let command: CompileCommand
    private let line: ClangTidyLine

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        self.command = command
        line = try ClangTidyLine(command.arguments)
        let environment = try CompileEnvironment(in: command.directory)
        request = DriverRequest(
            dialect: "clang-tidy-2",
            command: command,
            label: line.source,
            words: [.text(Word(StandardStream.areJoined ? "one stream" : "two streams"))]
                + command.arguments.map { .text($0) },
            variables: environment.keyed.map { .text($0) } + [.text(environment.logicalDirectory)],
            presentation: environment.presentation,
            inputs: [line.source],
            // It ends with 1 where a warning is an error, or an error one.
            keptStatuses: [0, 1],
            keepsStreamOrder: true
        )
    }

    private static let list: StaticString = "/read.d"

    func arguments(scratch: Path) -> [Word] {
        line.own + [Word("--extra-arg=-Wp,-MD,") + Word(scratch.bytes) + Word(Self.list)] + line.rest
    }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        // It is missing where a header was.
        guard let list = try? RegularFile.bytes(of: Path(bytes: run.scratch.bytes + Word(Self.list)), limit: 16 << 20),
            let files = DependencyFile.dependencies(in: list)
        else { throw .dependenciesUnknown }
        // The call that says it all: one check, one that asks nothing of the preprocessor.
        let question = line.withoutChecks + [Word("--checks=-*,llvm-twine-local"), Word("--extra-arg=-v")] + line.rest
        guard let (_, streams) = try? Child.ask(command.compiler, arguments: [command.name] + question),
            let invocation = ClangInvocation(saidIn: streams.error, in: command.directory)
        else { throw .searchPathUnknown }
        var reading = try ClangReading(command: command, invocation: invocation).reading(of: files, after: run)
        reading.files += line.inputs
        if !line.isFixed { try addDatabase(to: &reading) }
        addSettings(above: [invocation.source] + files, invocation, to: &reading)
        let settings = reading.files.filter { $0.hasSuffix("/.clang-tidy") } + line.inputs
        let texts = command.arguments + settings.compactMap { try? RegularFile.bytes(of: Path(bytes: $0)) }
        if texts.contains(where: Self.namesFile) { throw .dependenciesUnknown }
        return reading
    }

    /// True where an option of the analyzer's may name a file that a check reads.
    private static func namesFile(_ settings: [UInt8]) -> Bool {
        let names: [StaticString] = [":Config", "model-path"]
        return settings.firstIndex(of: Word("clang-analyzer-")) != nil
            && names.contains { settings.firstIndex(of: Word($0)) != nil }
    }

    /// Adds the database that is found, and those that would be found first.
    private func addDatabase(to reading: inout DriverReading) throws(Recorder.Refusal) {
        let source = Path(bytes: line.source).resolved(in: command.directory)
        let start = line.buildDirectory.map { Path(bytes: $0).resolved(in: command.directory) } ?? source.parent
        for directory in Self.directories(from: Word(start.bytes)) {
            // Words for every file below: another language, which nobody here reads.
            guard !reading.note(directory + Word("compile_flags.txt")) else { throw .compilationDatabase }
            let path = directory + Word("compile_commands.json")
            guard reading.note(path) else { continue }
            // A command may name a file with more words.
            guard let text = try? RegularFile.bytes(of: Path(bytes: path)), text.firstIndex(of: Word(" @")) == nil,
                text.firstIndex(of: Word("\"@")) == nil
            else { throw .compilationDatabase }
            return
        }
        throw .compilationDatabase
    }

    /// Adds the settings above every file, there or not: checks ask for those of headers, too.
    private func addSettings(above files: [Word], _ invocation: ClangInvocation, to reading: inout DriverReading) {
        var seen: Set<Word> = []
        for file in files {
            let name = invocation.path(file)
            let whole = name.first == UInt8(ascii: "/") ? name : invocation.directory + [UInt8(ascii: "/")] + name
            guard let slash = whole.lastIndex(of: UInt8(ascii: "/")) else { continue }
            for directory in Self.directories(from: Word(whole[..<slash])) {
                guard seen.insert(directory).inserted else { break }
                reading.note(directory + Word(".clang-tidy"))
            }
        }
    }

    /// `path` and all above it, each with a slash at its end, by taking one name after the other away.
    private static func directories(from path: Word) -> [Word] {
        var found: [Word] = []
        var path = path
        while true {
            found.append(path.last == UInt8(ascii: "/") ? path : path + [UInt8(ascii: "/")])
            guard let slash = path.lastIndex(of: UInt8(ascii: "/")), path.count > 1 else { return found }
            path = slash == 0 ? Word("/") : Word(path[..<slash])
        }
    }
}
