internal import Files
internal import LarderStore

/// What a tool on clang's libraries depended on, worked out as for a compile: the files that it read, the names that must
/// stay absent where it searched, and the program itself.
struct ClangReading {
    let command: CompileCommand
    let invocation: ClangInvocation

    /// - Parameter files: what the tool says it read, as it writes the names.
    func reading(of files: [Word], after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        guard !ToolchainProbe.isScript(command.compiler) else { throw .unknownTool }
        var request = CompileRequest(family: .clang)
        (request.source, request.language) = (invocation.source, invocation.language)
        request.words = invocation.words
        for (option, value) in zip(invocation.words, invocation.words.dropFirst())
        where option.equals("-include") || option.equals("-imacros") {
            request.forcedIncludes.append(invocation.path(value))
        }
        let context = CompileContext(
            roots: .none,
            dependencies: nil,
            command: command,
            environment: CompileEnvironment(keyed: [], presentation: [], epoch: nil, logicalDirectory: [])
        )
        let toolchain = Toolchain(
            family: .clang,
            isWrapper: false,
            files: [],
            absentFiles: ToolchainProbe.configurationNames(of: command),
            findsAssembler: false,
            digest: Digest.of([])
        )
        var recorder = Recorder(
            request: request,
            context: context,
            toolchain: toolchain,
            plan: nil,
            searchPath: invocation.searchPath,
            started: run.started,
            knownBefore: [:],
            memo: nil,
            namesBefore: NamesBefore(of: request),
            choices: Recorder.Choices()
        )
        try recorder.record(FileList(files: files.map(invocation.path), extent: .all))
        var reading = DriverReading()
        reading.files = [Word(command.compiler.bytes)]
        try reading.addLibraries(of: Word(command.compiler.bytes))
        if let compilers = invocation.compilers { reading.listings.append(compilers) }
        for file in recorder.recording.files {
            switch file.expectation {
            case .directory: reading.directories.append(file.path.text)
            // That one is there is all that counts; so it does with what is in it.
            default: reading.files.append(file.path.text)
            }
        }
        for directory in recorder.recording.directories {
            let path = directory.path.text
            let prefix = path.last == UInt8(ascii: "/") ? path : path + [UInt8(ascii: "/")]
            reading.absent += directory.absentNames.map { prefix + $0 }
        }
        return reading
    }
}

extension DriverReading {
    /// Notes that the content of `path` counts, or that nothing is there; true where something is.
    @discardableResult
    mutating func note(_ path: Word) -> Bool {
        let isThere = FileStatus.ofLink(Path(bytes: path)) != nil
        if isThere { files.append(path) } else { absent.append(path) }
        return isThere
    }
}
