package import Files
package import LarderStore

/// The compiler cache: a command line comes in, a compiler's outputs and exit status come out.
///
/// The steps of a hit: read the command line, make the key, find a result whose conditions hold, deliver it. The steps of a
/// miss: run the compiler, deliver its outputs, publish them with their conditions. A command line that we do not understand
/// is a bypass: this process becomes the compiler (exec).
package struct CompilerCache {
    let command: CompileCommand
    let settings: Settings
    private let store: EntryStore
    private let notes: DecisionNotes
    private let tracer: Tracer

    /// Takes a compile whose command line does not say what it reads or makes.
    ///
    /// Delivers its result, or runs the compiler traced,
    /// and returns how the compile has ended; nil where nothing was done and the compiler is to run as given.
    package typealias Tracer = @Sendable (SeenCompile, Settings) -> Ending?

    /// Runs `name` with `arguments` through the cache; does not return.
    ///
    /// - Parameters:
    ///   - ourself: this program's file, so that a link to it in `PATH` is not taken for a compiler; nil where files cannot
    ///     be looked at.
    ///   - isStandIn: true where the launcher itself was called by the compiler's name.
    ///   - tracer: what takes a compile that has to be seen.
    package static func run(
        name: [UInt8],
        arguments: [[UInt8]],
        ourself: FileIdentity?,
        isStandIn: Bool = false,
        tracer: @escaping Tracer
    ) -> Never {
        StandardStream.reportFailedWrites()
        let isKnown = ourself != nil || !isStandIn
        let finding: ProgramSearch.Finding = isKnown ? ProgramSearch.findCompiler(name, ourself: ourself) : .missing
        guard case .found(let compiler, let isShadowed) = finding else {
            // `larder larder gcc`: somebody has put us in front of us.
            if name.lastComponent.elementsEqual("larder".utf8), let next = arguments.first,
                let found = ProgramSearch.find(name), FileStatus.of(found)?.identity == ourself
            {
                run(name: next, arguments: Array(arguments.dropFirst()), ourself: ourself, tracer: tracer)
            }
            // A file that cannot be looked at may still be run. Only the kernel knows; but what it finds may be we.
            if !isStandIn, case .missing = finding { _ = Child.replace(searching: name, arguments: arguments) }
            refuse(name)
        }
        // A compiler looks for its own parts beside the first program of its name in `PATH`; where that is a link to us, it
        // has to be told where it is. Its messages show the last component only.
        let name = isShadowed ? Array(compiler.bytes) : name
        let isStandIn = isStandIn || isShadowed
        var fallback = Fallback(compiler: compiler, name: name, arguments: arguments, isStandIn: isStandIn)
        let index = Int(CommandLine.argc) - arguments.count - 1
        Crash.becomes(compiler, wordsFrom: index, isRenamed: isShadowed)
        CrashPoint.reach("started")
        let directory = try? Directory.current()
        let settings: Settings
        do throws(SettingsError) {
            settings = try Settings.load(in: directory, checksContent: false)
        } catch {
            DecisionNotes.refuse(error, name)
            fallback.run()
        }
        guard !settings.isDisabled else { fallback.run() }
        fallback.prefix = settings.prefixCommand
        guard let directory else {
            let notes = DecisionNotes(of: name, by: name, settings)
            if notes.mayWrite() { notes.note(.bypass, Bypass.noDirectory.rawValue) }
            fallback.run()
        }
        Crash.isCounted(in: settings.directory, log: settings.log)
        CrashPoint.reach("settings")
        let command = CompileCommand(
            name: name,
            compiler: compiler,
            arguments: arguments,
            directory: directory,
            isStandIn: isStandIn
        )
        CompilerCache(command, settings, tracer).compile(fallback)
    }

    /// Says why no program is run, as a shell would, and ends.
    private static func refuse(_ name: [UInt8]) -> Never {
        let shown = String(decoding: name, as: UTF8.self)
        if ProgramSearch.find(name) != nil {
            Message.write(
                "\(shown): every program of that name in PATH leads back to larder or to another cache; "
                    + "add the compiler's own directory to PATH, or give its path"
            )
            Child.exitNow(127)
        }
        let isThere = name.contains(UInt8(ascii: "/")) && FileStatus.of(Path(bytes: name)) != nil
        Message.write("\(shown): \(isThere ? "Permission denied" : "command not found")")
        Child.exitNow(isThere ? 126 : 127)
    }

    init(_ command: CompileCommand, _ settings: Settings, _ tracer: @escaping Tracer) {
        self.tracer = tracer
        self.command = command
        self.settings = settings
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
        notes = DecisionNotes(of: command.name, by: command.name, settings)
    }

    private func compile(_ fallback: Fallback) -> Never {
        let sink = OutputSink(isHeld: false)
        var isDriver = true
        do throws(Bypass) {
            guard StandardStream.areAllOpen else { throw .closedStream }
            try DriverChoice.perform(command, settings, fallback)
            isDriver = false
            let front = Front(named: Word(command.name.lastComponent))
            let environment = try CompileEnvironment(front: front, in: command.directory)
            let arguments: [Word]
            let request: CompileRequest
            do throws(Bypass) {
                (arguments, request) = try self.request(front, environment)
            } catch {
                guard error == .severalSources, front != .emscripten else { throw error }
                throw try compileEach(of: try CommandLineReader.separate(expandedArguments()), environment)
            }
            let compilation = try compilation(of: request, arguments, environment, sink)
            switch compilation.perform() {
            case .ended(let ending): Child.end(as: ending)
            case .asGiven: break
            case .wrapper: throw .wrapper
            }
        } catch {
            if notes.mayWrite() {
                let (compile, cause) = compileToSee(error, isDriver: isDriver)
                if let compile {
                    WayBack.note(command)
                    if let ending = tracer(compile, settings) { Child.end(as: ending) }
                    // It has counted that it did nothing.
                    fallback.run()
                }
                let word = isDriver ? [] : CommandLineReader.word(thatMeans: cause, in: command)
                notes.bypass(cause, about: word, command)
            }
        }
        fallback.run(after: sink.relay)
    }

    /// The compile that was refused for `cause`, where its trace may tell what its words leave open; else nil, and the cause that
    /// decides.
    ///
    /// - Parameter isDriver: whether it was a driver that refused it.
    func compileToSee(_ cause: Bypass, isDriver: Bool) -> (compile: SeenCompile?, cause: Bypass) {
        let links = settings.cachesLinks && cause.isSeenOfLinks && ToolNames.mayLink(command)
        guard !isDriver, settings.prefixCommand.isEmpty, links || cause.isSeen,
            command.arguments.contains(where: { $0.first != UInt8(ascii: "-") })
        else { return (nil, cause) }
        if let obstacle = SeenCompile.obstacle(in: command) { return (nil, obstacle) }
        return (SeenCompile(command, cause: cause), cause)
    }

    /// The words of the command, response files expanded, and what they ask for.
    func request(
        _ front: Front?,
        _ environment: CompileEnvironment
    ) throws(Bypass) -> (arguments: [Word], request: CompileRequest) {
        if front == .emscripten { return try EmscriptenCommand.read(command) }
        let arguments = try expandedArguments()
        return (arguments, try read(arguments, environment))
    }

    private func expandedArguments() throws(Bypass) -> [Word] {
        IndexStore.without(try ResponseFile.expand(command.arguments, in: command.directory))
    }

    /// Compiles sources one after the other and ends; or returns why the command is to be run as it was given.
    private func compileEach(of lines: [[Word]], _ environment: CompileEnvironment) throws(Bypass) -> Bypass {
        let sink = OutputSink(isHeld: true)
        var compilations: [Compilation] = []
        for line in lines {
            let request = try read(line, environment)
            compilations.append(try compilation(of: request, line, environment, sink))
        }
        if let obstacle = SeveralCompilations.obstacle(compilations.map(\.request)) { return obstacle }
        return SeveralCompilations(compilations: compilations, sink: sink).perform()
    }

    func compilation(
        of request: CompileRequest,
        _ arguments: [Word],
        _ environment: CompileEnvironment,
        _ sink: OutputSink
    ) throws(Bypass) -> Compilation {
        if request.dependencies?.file.equals("/dev/null") == true { throw .dependencyOption }
        // gcc gets our files in words in which a comma divides, and they lie beside the object.
        if request.family == .gcc, request.output.contains(UInt8(ascii: ",")) { throw .dependencyOption }
        // gcc's parts are given these names as words, and take one like this for that of a file with more words.
        let at = UInt8(ascii: "@")
        if request.family == .gcc, request.source.lastComponent.first == at || request.output.lastComponent.first == at
        {
            throw .responseFile
        }
        guard
            CompilerRun.canReplace(
                request.output,
                writesInPlace: false,
                keepsEmpty: request.family == .gcc,
                source: request.source
            ),
            request.dependencies.map({
                CompilerRun.canReplace($0.file, writesInPlace: true, source: request.source)
            }) ?? true
        else { throw .specialOutput }
        return Compilation(
            command: command,
            request: request,
            arguments: arguments,
            environment: environment,
            settings: settings,
            store: store,
            notes: DecisionNotes(of: request.source, by: command.name, settings),
            sink: sink,
            bases: bases(of: request, environment),
            extraInputs: settings.extraInputsState,
            check: DueCheck(settings)
        )
    }

    /// The base directories of a compile, the shortest first.
    ///
    /// Left out are directories for which the command has a prefix map of its own, and directories that do not occur in the command:
    /// the setting may list other checkouts.
    private func bases(of request: CompileRequest, _ environment: CompileEnvironment) -> [Word] {
        if settings.baseDirectories.isEmpty { return [] }
        let places = [Word(command.directory.bytes), environment.logicalDirectory].filter { !$0.isEmpty }
        let words = request.words + [request.source] + environment.keyed
        return settings.baseDirectories.paths(for: Path(bytes: request.source), in: command.directory)
            .map { Word($0.bytes) }
            .filter { base in
                places.contains { $0.starts(with: base) || base.starts(with: $0) }
                    || words.contains { $0.firstIndex(of: base) != nil }
            }
            .filter { base in
                !request.prefixMaps.contains { map in
                    map.old.starts(with: base) || base.starts(with: map.old)
                }
            }
    }

    /// Reads the command line by the compiler's dialect, which its name tells, or else the compiler itself.
    private func read(_ arguments: [Word], _ environment: CompileEnvironment) throws(Bypass) -> CompileRequest {
        if let tool = SeenTool(named: command.name) { throw tool.cause(of: arguments, in: command.directory) }
        if let family = ToolNames.family(of: command) {
            return try CommandLineReader.read(arguments, family: family, name: command.name)
        }
        // The two families' words differ little: what is no compile for one is none for the other. So a program that
        // is no compiler at all is not asked whether it is one.
        let request: CompileRequest
        do throws(Bypass) {
            request = try CommandLineReader.read(arguments, family: .gcc, name: command.name)
        } catch {
            if error == .noCompileStep || error == .linking { throw .notACompiler }
            throw error.isSeen && !ToolchainProbe.isDriver(command.compiler) ? .wrapper : error
        }
        let probe = ToolchainProbe(command: command, language: request.language, environment: environment)
        guard let toolchain = ToolchainRecord.load(probe, from: store, isReadOnly: settings.isReadOnly) else {
            throw .unrecognisedCompiler
        }
        if toolchain.isWrapper { throw .wrapper }
        return try CommandLineReader.read(arguments, family: toolchain.family, name: command.name)
    }

    /// Whether the name promises gcc or clang.
    package static func compilesToObject(_ name: [UInt8]) -> Bool {
        ToolNames.family(named: Word(name.lastComponent)) != nil
    }
}
