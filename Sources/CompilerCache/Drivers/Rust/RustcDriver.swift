internal import Files
internal import LarderStore
internal import Trace

/// rustc, and clippy's driver, which is rustc with more lints.
struct RustcDriver: Driver {
    let request: DriverRequest
    private let command: RustcCommand
    private let isClippy: Bool

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        let isClippy = Word(command.name.lastComponent).equals("clippy-driver")
        // Behind cargo's back a workspace's wrapper gets the path of the compiler that it stands for; rustup takes a word that
        // names a toolchain.
        let leading = command.arguments.prefix(1).filter { first in
            first.first == UInt8(ascii: "+") || isClippy && Word(first.lastComponent).equals("rustc")
        }
        let rustc = try RustcCommand(reading: Array(command.arguments.dropFirst(leading.count)), command)
        let environment = try RustcEnvironment(isClippy: isClippy)
        self.command = rustc
        self.isClippy = isClippy
        var request = DriverRequest(dialect: "rustc 3", command: command, label: rustc.label)
        request.words = leading.map { .path($0) } + rustc.words
        if rustc.isForThisProcessor {
            request.words += Processor.features.map { .text(Word(String($0).utf8)) }
        }
        request.variables = environment.keyed
        request.presentation = environment.presentation + rustc.presentation
        request.roots = rustc.roots(in: command.directory)
        request.inputs = [rustc.source]
        // `global_asm!` has an assembler that reads files.
        request.seenProgram = isClippy ? "clippy-driver" : "rustc"
        request.outputs = rustc.outputs
        // Should the linker refuse, its command line is shown, with the word that we add.
        request.passesStreamsOn = !rustc.links
        self.request = request
    }

    // MARK: - Running

    private static let linkerList = "link.d"
    private static let sessions = "sessions"

    func arguments(scratch: Path) -> [Word] {
        if command.incremental != nil,
            let file = try? Descriptor(opening: scratch.appending(Self.sessions), openForWriting)
        {
            try? file.write(IncrementalState.text(of: command))
        }
        guard command.links else { return request.command.arguments }
        return request.command.arguments + RustcLinker.argument(listing: scratch.appending(Self.linkerList))
    }

    /// In an incremental build.
    var linkedInputs: [Word] { command.incremental == nil ? [] : RustcCrates.filesNear(command) }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        if command.incremental != nil {
            guard let before = Self.contents(of: run.scratch.appending(Self.sessions)),
                IncrementalState.isNew(from: before, to: IncrementalState.text(of: command))
            else { throw .incrementalState }
        }
        // A type whose name is too long for a message is written to a file of its own.
        if run.streams.error.firstIndex(of: Word(".long-type-")) != nil { throw .sideOutput }
        let dependencies = try dependencies(scratch: run.scratch)
        var reading = DriverReading()
        reading.files = dependencies.files + command.files
        reading.variables = dependencies.variables
        reading.absent = dependencies.rivals(besides: command.source)
        try noteNativeLibraries(dependencies, &reading)
        let crates = try RustcCrates(of: command, sources: dependencies.files.filter { $0.hasSuffix(".rs") })
        reading.files += crates.files
        reading.listings += crates.listings
        reading.variables += crates.variables
        let toolchain = try RustcToolchain(of: request.command, command)
        reading.add(toolchain.reading)
        if isClippy { try ClippyConfiguration.note(in: &reading, dependencies, command) }
        if command.links {
            reading.add(try RustcLinker(of: command, toolchain, list: run.scratch.appending(Self.linkerList)).reading)
        }
        (reading.isSeen, reading.isDoubtful) = (crates.hasMacros, crates.mayReadFiles)
        (reading.startsPrograms, reading.ownDirectories) = (command.links, [toolchain.systemRoot])
        reading.isPlaceBound = knowsPlace(dependencies, crates)
        reading.saysOnlyPaths = Self.areNotifications(run.streams)
        return reading
    }

    /// A crate or library that was opened where such files are searched, and that the reading does not know, was found in a way that
    /// nobody follows here.
    func unnamed(_ opened: Set<Word>, in reading: DriverReading) throws(Recorder.Refusal) -> Set<Word> {
        var realPlaces: [Path: Path] = [:]
        func real(_ path: Word) -> Word {
            let path = Path(bytes: path).resolved(in: request.command.directory)
            if realPlaces[path.parent] == nil {
                realPlaces[path.parent] = Directory.realPath(path.parent) ?? path.parent
            }
            return Word((realPlaces[path.parent] ?? path.parent).appending(bytes: Array(path.name)).bytes)
        }
        func places(_ directories: [Word]) -> Set<Word> {
            Set(directories.map { Word(Path(bytes: real($0 + Word("/x"))).parent.bytes) })
        }
        let known = Set((reading.files + command.outputs.map(\.path)).map(real))
        let searched = places(command.searchPaths.filter { $0.kind != .dependency }.map(\.path))
        let near = command.externs.compactMap(\.path) + command.outputs.map(\.path)
        let dependencies = places(
            command.searchPaths.filter { $0.kind == .dependency }.map(\.path)
                + near.map { Word(Path(bytes: $0).resolved(in: request.command.directory).parent.bytes) }
        )
        var unnamed: Set<Word> = []
        for path in opened {
            let file = real(path)
            let (name, place) = (Word(file.lastComponent), Word(Path(bytes: file).parent.bytes))
            if known.contains(file) || FileStatus.of(Path(bytes: path))?.kind != .regular { continue }
            let isCrate = RustcCrates.isCrate(name)
            // What is read of a library is its metadata, which lies beside it.
            if name.hasSuffix(".rlib"), known.contains(Word(file.dropLast(4)) + Word("rmeta")) { continue }
            if searched.contains(place), name.hasSuffix(".a") || name.hasSuffix(".lib") { throw .nativeLibrary }
            guard isCrate else {
                if !name.hasSuffix(".d") || !dependencies.contains(place) { unnamed.insert(path) }
                continue
            }
            // It looks into crates that another process is just making, to see whether they are the ones that it wants.
            let isOther = dependencies.contains(place) && !searched.contains(place) && RustcCrates.mark(of: name) != nil
            if !isOther { throw .opaqueCrate }
        }
        return unnamed
    }

    func add(_ accesses: Accesses, _ opened: FilesOpened, to reading: inout DriverReading) throws(Recorder.Refusal) {
        try MacroAccesses(accesses, opened, of: command, in: request.command).add(to: &reading, request.roots)
    }

    /// The user's dependency file, or else one that the same command is asked for.
    private func dependencies(scratch: Path) throws(Recorder.Refusal) -> RustcDependencies {
        let path: Path
        if let file = command.dependencyFile {
            path = Path(bytes: file)
        } else {
            path = scratch.appending("inputs.d")
            let words = [request.command.name] + command.question(writing: Word(path.bytes), request.command.arguments)
            guard
                let (ending, _) = try? Child.ask(request.command.compiler, arguments: words), ending == .exited(0)
            else { throw .dependenciesUnknown }
        }
        guard let text = Self.contents(of: path), let dependencies = RustcDependencies(text) else {
            throw .dependenciesUnknown
        }
        return dependencies
    }

    /// Libraries that are packed into what is made, found as rustc finds them.
    private func noteNativeLibraries(_ dependencies: RustcDependencies, _ reading: inout DriverReading)
        throws(Recorder.Refusal)
    {
        let directories = command.searchPaths.filter { $0.kind == .native || $0.kind == .all }.map(\.path)
        for library in command.staticLibraries {
            let names =
                library.isVerbatim
                ? [library.name] : [Word("lib") + library.name + Word(".a"), library.name + Word(".lib")]
            var isFound = false
            for directory in directories where !isFound {
                for name in names where !isFound {
                    let path = directory + Word("/") + name
                    isFound = FileStatus.of(Path(bytes: path)) != nil
                    if isFound { reading.files.append(path) } else { reading.absent.append(path) }
                }
            }
            // Else it comes from the compiler's own directory, all of which counts.
        }
        guard !directories.isEmpty else { return }
        // A source may ask for a library by itself; which one it finds there is not said.
        for source in dependencies.files where source.hasSuffix(".rs") {
            guard let text = Self.contents(of: Path(bytes: source)) else { throw .inputUnreadable }
            if RustcText.names(in: text).contains(Word("link")), text.firstIndex(of: Word("\"static\"")) != nil {
                throw .nativeLibrary
            }
        }
    }

    /// True where something in the output may have been made of a path of the checkout, and not be found there: its length, say.
    private func knowsPlace(_ dependencies: RustcDependencies, _ crates: RustcCrates) -> Bool {
        let roots = request.roots
        guard !roots.paths.isEmpty else { return false }
        if command.hasListings { return true }
        func isWithin(_ text: Word) -> Bool { roots.paths.contains { text.firstIndex(of: $0) != nil } }
        if dependencies.files.contains(where: { $0.first == UInt8(ascii: "/") && isWithin($0) }) { return true }
        if dependencies.variables.contains(where: { Environment.value(of: $0).map(isWithin) ?? false }) { return true }
        guard crates.hasEnvironment else { return false }
        return request.variables.contains { word in
            if case .path(let variable) = word { !variable.hasPrefix("LD_") && isWithin(variable) } else { false }
        }
    }

    /// True where rustc has said nothing but which files it has made, in lines of JSON, for cargo.
    private static func areNotifications(_ streams: CapturedStreams) -> Bool {
        guard streams.output.isEmpty else { return false }
        return streams.error.split(separator: 10).allSatisfy { line in
            let line = Word(line)
            return line.hasPrefix("{\"$message_type\":\"artifact\",") || line.hasPrefix("{\"artifact\":")
        }
    }

    private static func contents(of path: Path) -> [UInt8]? {
        try? RegularFile.bytes(of: path)
    }
}

extension RustcCommand {
    /// The command with its outputs replaced by a dependency file: nothing is compiled.
    func question(writing file: Word, _ arguments: [Word]) -> [Word] {
        var words: [Word] = []
        var isValue = false
        for word in arguments {
            if isValue {
                isValue = false
                continue
            }
            if word.equals("-o") || word.equals("--emit") || word.equals("--out-dir") {
                isValue = true
            } else if !(word.hasPrefix("-o") || word.hasPrefix("--emit=") || word.hasPrefix("--out-dir=")) {
                words.append(word)
            }
        }
        return words + [Word("--emit=dep-info=") + file]
    }
}

extension DriverReading {
    /// Adds what another part of the command depends on.
    mutating func add(_ other: DriverReading) {
        files += other.files
        variables += other.variables
        listings += other.listings
        absent += other.absent
    }
}
