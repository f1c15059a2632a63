internal import Files
internal import LarderStore

/// A link: by gcc or clang, which call a linker, or by a linker that is called itself.
///
/// What counts is what the linker is called with, every file that it says it has read, every place where a library might
/// be that it was not given the path of, and the programs.
struct LinkDriver: Driver {
    let request: DriverRequest
    private let plan: LinkPlan
    private let words: LinkWords
    private let isDriver: Bool
    private let environment: CompileEnvironment

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        environment = try CompileEnvironment(in: command.directory)
        // Writes an archive of all that is read.
        if Environment.value("LLD_REPRODUCE") != nil { throw .environment }
        let arguments = try ResponseFile.expand(command.arguments, in: command.directory)
        isDriver = !ToolNames.isLinker(command.name)
        if isDriver {
            try LinkCommandLine.check(arguments)
            if LinkTimeCode.isAsked(by: arguments) { throw .linkTimeCode }
            plan = try LinkPlan(of: command, arguments)
        } else {
            plan = LinkPlan(linker: command.compiler, arguments)
        }
        let programs = plan.programs()
        if let linker = programs.first, ToolNames.listsNothing(linker) { throw .unknownLinker }
        words = try LinkWords(Array(plan.words.dropFirst()))
        guard !words.output.isEmpty, !words.output.equals("-"), !words.inputs.contains(words.output) else {
            throw .specialOutput
        }
        var request = DriverRequest(dialect: "link-4", command: command, label: words.output)
        request.words = (arguments + [[]] + plan.ingredients + [[]] + programs).map { .text($0) }
        let others: [StaticString] = ["LD_RUN_PATH", "LDEMULATION", "GNUTARGET", "LLD_VERSION", "SOURCE_DATE_EPOCH"]
        request.variables = environment.keyed.map { .text($0) }
        for name in others {
            if let value = Environment.value(name) { request.variables.append(.text(Word(name) + Word("=") + value)) }
        }
        request.presentation = environment.presentation
        for input in words.inputs {
            guard let status = FileStatus.of(Path(bytes: input)), !status.isNullDevice else { continue }
            guard status.kind == .regular else { throw .specialInput }
            request.inputs.append(input)
        }
        request.outputs = [.init(path: words.output, keepsEmpty: true)]
        if let map = words.map { request.outputs.append(.init(path: map, isWrittenInPlace: true)) }
        if let file = words.dependencyFile {
            request.outputs.append(.init(path: file, content: .text, isWrittenInPlace: true))
        }
        self.request = request
    }

    private var linker: Linker? { plan.programs().first.flatMap { Linker(at: $0) } }

    /// Where the linker says what it has read: in the user's own file where there is to be one.
    private func list(in scratch: Path) -> Path {
        words.dependencyFile.map { Path(bytes: $0) } ?? scratch.appending("read")
    }

    func arguments(scratch: Path) -> [Word] {
        // One that does not know the option would fail.
        guard linker != nil, words.dependencyFile == nil else { return request.command.arguments }
        let option = Word("--dependency-file=") + Word(list(in: scratch).bytes)
        // First, where no option of the user's takes it for its value.
        return (isDriver ? [Word("-Xlinker"), option] : [option]) + request.command.arguments
    }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        guard let linker, let text = try? RegularFile.bytes(of: list(in: run.scratch), limit: 16 << 20),
            let listed = DependencyFile.dependencies(in: text)
        else { throw .dependenciesUnknown }
        guard !LinkTimeCode.isAsked(by: plan.words), !LinkTimeCode.isRead(listed) else { throw .linkTimeCode }
        let read = listed
        let variables = ["LD_RUN_PATH", "LD_LIBRARY_PATH"].compactMap { Environment.value(of: Array($0.utf8)) }
        let search = try LibrarySearch(words, read: read, linker: linker, variables: variables)
        var reading = DriverReading()
        reading.files = read + request.inputs + search.files
        reading.absent = search.absent + words.inputs.filter { FileStatus.ofLink(Path(bytes: $0)) == nil }
        reading.listings = search.listings
        for program in [Word(request.command.compiler.bytes)] + plan.programs() {
            reading.files.append(program)
            try reading.addLibraries(of: program)
        }
        for plugin in plugins { reading.files += [plugin] + SharedObject.libraries(ofPlugin: plugin) }
        return reading
    }

    /// What the linker loads, and what that is told to run.
    private var plugins: [Word] {
        plan.words.filter { $0.hasPrefix("-plugin-opt=/") }.map { Word($0.dropFirst(12)) }
            .filter { FileStatus.of(Path(bytes: $0))?.kind == .regular }
            + words.inputs.filter { $0.first == UInt8(ascii: "/") && $0.hasSuffix(".so") }
    }
}
