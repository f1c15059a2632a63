internal import Files

/// Runs the compiler on a miss, as our child, so that its outputs are private until they are whole.
///
/// The object goes to a name beside its destination, because two processes may compile into one file at a time and
/// only whole results are kept. The compiler is also made to say what it read, in the same run: with the user's own
/// dependency options where they say everything, otherwise with more.
struct CompilerRun: ~Copyable {
    let request: CompileRequest
    let command: CompileCommand
    /// What the user's compiler would be told besides the command line.
    let extraArguments: [Word]
    /// Where clang takes its system's headers from, if that is not in the command line.
    let systemRoot: Word?
    /// What the user puts before a compiler that has to run.
    private let prefix: PrefixCommand?

    private let object: PrivateFile
    private let dependencies: PrivateFile
    private let trace: PrivateFile
    private let assemblerInputs: PrivateFile

    struct Outcome {
        var ending: Ending
        var streams: CapturedStreams
        /// Wall time of the compiler, in nanoseconds.
        var duration: Int64
    }

    init(
        _ request: CompileRequest,
        command: CompileCommand,
        extraArguments: [Word],
        systemRoot: Word? = nil,
        prefix: PrefixCommand? = nil
    ) {
        self.systemRoot = systemRoot
        self.prefix = prefix
        self.request = request
        self.command = command
        self.extraArguments = extraArguments
        let output = Path(bytes: request.output)
        object = PrivateFile(TemporaryEntry.name(beside: output))
        dependencies = PrivateFile(
            TemporaryEntry.name(
                beside: request.dependencies.map { Path(bytes: $0.file) } ?? output.appending(suffix: ".d")
            )
        )
        trace = PrivateFile(TemporaryEntry.name(beside: output.appending(suffix: ".h")))
        assemblerInputs = PrivateFile(TemporaryEntry.name(beside: output.appending(suffix: ".s")))
    }

    private var isPreprocessed: Bool { request.language == .preprocessedC || request.language == .preprocessedCxx }

    /// True where the dependency file that the user asked for leaves out system headers, so that we ask for more.
    private var tracesHeaders: Bool { request.dependencies?.scope == .user }

    /// What the compiler's list leaves out.
    ///
    /// gcc's debug information and its code for the linker list the options, `-H` among them, so it is not asked for more
    /// there. Nor where headers of the command line, and all that they include, would not be in its list.
    private var extent: FileList.Extent {
        guard tracesHeaders, request.family == .gcc else { return .all }
        let tracesAll = !request.hasDebugInformation && !request.isForLinkTime && request.forcedIncludes.isEmpty
        return tracesAll ? .traced : .user
    }

    /// True where the assembler is to say what it reads.
    ///
    /// With `-flto` it gets no code, and its options are noted in the object. What distributes compiles keeps those here that
    /// have this option.
    private var asksAssembler: Bool {
        request.family == .gcc && prefix == nil && (!request.isForLinkTime || request.language == .assembler)
    }

    /// True where the compiler is started by another program, perhaps elsewhere: nobody sees here what it does.
    var isPrefixed: Bool { prefix != nil }

    /// - Parameter environment: nil for our own.
    func run(_ sink: OutputSink, environment: [[UInt8]]? = nil) throws(SystemError) -> Outcome {
        let (program, words) = prefix?.started ?? (command.compiler, [command.name])
        // The user's own maps win over ours: the later one counts.
        var arguments = words + extraArguments + request.runArguments
        arguments += [Word("-o"), Word(object.path.bytes)]
        if !isPreprocessed { arguments += dependencyArguments }
        if asksAssembler {
            arguments.append(Word("-Wa,--MD,") + Word(assemblerInputs.path.bytes))
        }
        if tracesHeaders {
            switch request.family {
            case .gcc: if extent == .traced { arguments.append(Word("-H")) }
            case .clang:
                for word in [Word("-dependency-dot"), Word(trace.path.bytes)] { arguments += [Word("-Xclang"), word] }
            }
        }
        let relay = OutputRelay(
            isHeld: sink.held != nil || driverKnowsBetter,
            signs: signs,
            tracesHeaders: extent == .traced
        )
        sink.begin(relay)
        markDependencies()
        let object = (from: object.path, to: Path(bytes: request.output))
        let rule = request.dependencies.map { (from: dependencies.path, to: Path(bytes: $0.file)) }
        Crash.childSpoke(false, holdsWords: false)
        Crash.childMakes(rule.map { [$0, object] } ?? [object])
        // Nobody would remove what its parts write once it has ended, and we have.
        Child.endsOrphans(true)
        defer { Child.endsOrphans(false) }
        let start = Clock.monotonic
        let (ending, isWhole) = try Child.run(
            program,
            arguments: arguments,
            environment: environment,
            output: .captured,
            error: .captured,
            receiver: relay
        )
        let duration = Clock.monotonic - start
        relay.end()
        if extent == .traced { try? Self.write(relay.headers, to: trace.path) }
        var streams = relay.streams
        if !isWhole { streams.isWhole = false }
        return Outcome(ending: ending, streams: streams, duration: duration)
    }

    private var dependencyArguments: [Word] {
        var arguments = [tracesHeaders ? Word("-MMD") : Word("-MD"), Word("-MF"), Word(dependencies.path.bytes)]
        guard let wanted = request.dependencies else { return arguments }
        for target in wanted.targets { arguments += [target.isQuoted ? Word("-MQ") : Word("-MT"), target.text] }
        if wanted.addsPhonyTargets { arguments.append(Word("-MP")) }
        return arguments
    }

    private static func write(_ headers: [Word], to path: Path) throws(SystemError) {
        let file = try Descriptor(opening: path, openForWriting)
        try file.write(Word(headers.joined(separator: [10])))
        try file.close()
    }

    // MARK: - What it left

    /// What compiler and assembler say that they read.
    struct Reading {
        /// As the compiler writes their names; nil where it did not say.
        var files: FileList?
        /// True where the assembler read what nothing else names.
        var assemblerReadMore = false
    }

    func reading() -> Reading {
        var files = filesRead()
        let inputs = assemblerInputs(besides: files?.files ?? [])
        guard inputs.isEmpty || areNamed(inputs) else { return Reading(files: files, assemblerReadMore: true) }
        // The assembler reads none of them, but nothing tells for sure.
        if !inputs.isEmpty { files?.inputs = inputs }
        return Reading(files: files)
    }

    private func filesRead() -> FileList? {
        if isPreprocessed { return FileList(files: [request.source], extent: .all) }
        guard var files = dependencyFile().flatMap({ DependencyFile.dependencies(in: $0) }) else { return nil }
        if tracesHeaders, extent != .user {
            guard let bytes = contents(of: trace.path) else { return nil }
            switch request.family {
            case .gcc: files += bytes.split(separator: 10).map { Word($0) }
            case .clang:
                guard let graph = InclusionGraph.files(in: bytes, systemRoot: systemRoot ?? Word("/")) else {
                    return nil
                }
                files += graph
            }
        }
        return FileList(files: files, extent: extent)
    }

    /// What the compile would read without precompiled headers: asked by a call that only preprocesses.
    func headersInText() -> [Word]? {
        let arguments = [command.name] + request.runArguments + [Word("-M"), Word("-MF"), Word(trace.path.bytes)]
        guard
            let (ending, _) = try? Child.ask(command.compiler, arguments: arguments), ending == .exited(0)
        else { return nil }
        return contents(of: trace.path).flatMap { DependencyFile.dependencies(in: $0) }
    }

    /// What the assembler says it read besides what the compiler made for it: `.incbin`, `.include`.
    ///
    /// Its list holds the file that the compiler made, and the source because the code names it.
    private func assemblerInputs(besides filesRead: [Word]) -> [Word] {
        guard asksAssembler, let bytes = contents(of: assemblerInputs.path),
            let files = DependencyFile.dependencies(in: bytes)
        else { return [] }
        let known = Set(filesRead)
        return files.filter { file in
            // It calls the source by its last component, which may be another file's name here. (A source that includes
            // that other one, in letters that its scan does not see, is not from this world.)
            guard !known.contains(file), file != Word(request.source.lastComponent),
                !file.isTemporaryOfGCC, let identity = FileStatus.of(Path(bytes: file))?.identity
            else { return false }
            // It calls the source by its last component, which may mean the same file from here.
            return FileStatus.of(Path(bytes: request.source))?.identity != identity
        }
    }

    /// True where the code of a preprocessed source names `files`, which the assembler then takes for files that it read.
    private func areNamed(_ files: [Word]) -> Bool {
        guard isPreprocessed, let text = contents(of: Path(bytes: request.source)) else { return false }
        let names = LineMarkers.names(in: text)
        return files.allSatisfy { names.contains($0) }
    }

    /// The dependency file as the compiler wrote it.
    func dependencyFile() -> [UInt8]? { contents(of: dependencies.path) }

    private func contents(of path: Path) -> [UInt8]? {
        try? RegularFile.bytes(of: path)
    }

    /// True when everything that was asked for is there.
    var hasOutputs: Bool {
        guard FileStatus.of(object.path)?.kind == .regular else { return false }
        guard request.dependencies != nil else { return true }
        // An empty one is ours.
        guard let made = FileStatus.of(dependencies.path), made.kind == .regular else { return false }
        return made.size > 0 || request.family == .gcc
    }

    func openObject() -> CompiledObject? { CompiledObject(object.path) }

    /// Removes what is left of the private files.
    consuming func remove() {}

    /// Gives the outputs of a compile that succeeded their names.
    func deliver() throws(SystemError) {
        if let wanted = request.dependencies {
            let file = Path(bytes: wanted.file)
            DependencyFile.keepPermissions(of: file, for: dependencies.path)
            try Directory.rename(dependencies.path, to: file)
        }
        try Directory.rename(object.path, to: Path(bytes: request.output))
    }

    /// True when a failed compile has to be run again as it was given, because what we added shows, or may be the cause.
    func mustRunAgain(after relay: OutputRelay?) -> Bool { relay?.hasSign == true || driverKnowsBetter }

    /// True where only the driver itself can settle a failure: clang's removes what a link names, or the link.
    private var driverKnowsBetter: Bool {
        request.family == .clang && FileStatus.ofLink(Path(bytes: request.output))?.kind == .symbolicLink
    }

    /// What shows in the words of a compile that may fail because of us.
    private var signs: [OutputRelay.Sign] {
        [object.path, dependencies.path, trace.path, assemblerInputs.path].map { .init(Word($0.name)) } + [
            // The driver of gcc removes the object then, which is under another name.
            .init("Assembler messages"),
            .init("No space left"), .init("Disk quota"), .init("IO failure"), .init("Read-only file"),
            .init("File too large"), .init("Permission denied"),
            // Our options came on top of a command line that was just short enough.
            .init("Argument list too long"),
            // Our names are longer than the user's.
            .init("File name too long"),
        ]
            // Where the driver itself refuses, no compiler has run that would have removed outputs.
            + (request.family == .clang ? [.init(": error: ", inLineOf: "clang")] : [])
    }

    /// Puts an empty dependency file where clang writes its own, if the user has an old one.
    ///
    /// clang removes the old one when a compile fails, but not where it fails before it has begun (an option, a precompiled header
    /// that does not fit): then ours is still there.
    private func markDependencies() {
        guard request.family == .clang, let wanted = request.dependencies,
            FileStatus.ofLink(Path(bytes: wanted.file))?.kind == .regular
        else { return }
        try? Self.write([], to: dependencies.path)
    }

    /// Leaves after a failed compile what the compiler itself would have left.
    func settleFailure() {
        if let wanted = request.dependencies {
            let file = Path(bytes: wanted.file)
            let made = FileStatus.of(dependencies.path)
            if let made, made.size > 0 || request.family == .gcc {
                DependencyFile.keepPermissions(of: file, for: dependencies.path)
                _ = try? Directory.rename(dependencies.path, to: file)
            } else if made == nil, request.family == .clang, FileStatus.ofLink(file)?.kind == .regular {
                _ = try? Directory.removeFile(file)
            }
        }
        // clang's driver removes the object of a failed compile, also one that an earlier compile had made.
        let output = Path(bytes: request.output)
        if request.family == .clang, FileStatus.ofLink(output)?.kind == .regular {
            _ = try? Directory.removeFile(output)
        }
    }

    /// The user's own files in the way of private outputs: one that is not a plain file is the compiler's business.
    ///
    /// - Parameters:
    ///   - writesInPlace: the compiler would write into the file, so that all its names would show the result.
    ///   - keepsEmpty: gas writes into an empty object, whatever its links and permissions, and replaces any other.
    ///   - source: gcc refuses to write over it.
    static func canReplace(_ path: Word, writesInPlace: Bool, keepsEmpty: Bool = false, source: Word) -> Bool {
        let isNamedAlike = path.lastComponent == source.lastComponent
        let path = Path(bytes: path)
        guard let status = FileStatus.ofLink(path) else { return true }
        if writesInPlace, status.kind != .regular || status.links > 1 { return false }
        let mayBeSource = isNamedAlike || status.kind == .symbolicLink || status.links > 1
        if mayBeSource, FileStatus.of(Path(bytes: source))?.identity == FileStatus.of(path)?.identity { return false }
        let target = status.kind == .symbolicLink ? FileStatus.of(path) : status
        if keepsEmpty, status.kind != .directory, target?.size == 0 { return false }
        switch status.kind {
        case .regular: return Directory.isWritable(path)
        // Some compilers make the file that a dangling link names, others replace the link.
        case .symbolicLink: return target?.kind == .regular
        case .directory, .other: return false
        }
    }
}

/// A file of ours beside the user's, gone with this value.
private struct PrivateFile: ~Copyable {
    let path: Path
    private let mark: Crash.Temporary

    init(_ path: Path) {
        self.path = path
        mark = Crash.Temporary(path)
    }

    deinit { try? Directory.removeFile(path) }
}

/// The graph of inclusions that clang writes with `-dependency-dot`: every header, the system's too.
enum InclusionGraph {
    /// The files in the graph; nil where one has a name that the graph's language changes.
    ///
    /// clang takes its system root, which is the root directory by default, from the front of each path. A name that
    /// means a file both from there and as it is stands for both.
    static func files(in graph: [UInt8], systemRoot: Word) -> [Word]? {
        let mark = Word("label=\"")
        var files: [Word] = []
        var position = 0
        while let found = graph.firstIndex(of: mark, from: position) {
            let start = found + mark.count
            guard let end = graph[start...].firstIndex(of: UInt8(ascii: "\"")),
                !graph[start..<end].contains(UInt8(ascii: "\\"))
            else { return nil }
            let name = Word(graph[start..<end])
            let isWhole = name.first == UInt8(ascii: "/")
            let below = systemRoot + (isWhole || systemRoot.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name
            let meanings = isWhole && systemRoot.count == 1 ? [name] : [name, below]
            let existing = meanings.filter { FileStatus.of(Path(bytes: $0)) != nil }
            if existing.isEmpty { return nil }
            files += existing
            position = end
        }
        return files
    }
}
