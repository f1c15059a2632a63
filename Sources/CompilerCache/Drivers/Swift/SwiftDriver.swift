internal import Files
internal import LarderStore
internal import Trace

/// swiftc, which compiles a whole module in one call.
///
/// The words of the command line and the output map say what is made. What was read the compiler says in rules for make,
/// system headers included where it is asked; where it looked in vain is worked out in ``SwiftSearch``.
struct SwiftDriver: Driver {
    let request: DriverRequest
    private let invocation: SwiftInvocation
    private let made: SwiftOutputs
    private let expanded: [Word]
    /// Files whose words or text are in the key, with what was read there.
    private let quoted: [(path: Word, bytes: [UInt8])]
    private let toolchain: SwiftToolchain
    /// True where macros of somebody else's run, in processes of their own.
    private let startsMacros: Bool

    /// True for the name of the compiler driver.
    static func claims(_ command: CompileCommand) -> Bool { command.name.lastComponent.elementsEqual("swiftc".utf8) }

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        expanded = try ResponseFile.expand(command.arguments, in: command.directory)
        invocation = try SwiftInvocation(expanded)
        if invocation.indexStore != nil {
            // The index is no output that could be given again: its files are called by what is in them. Who needs none asks
            // for none; `larder swift` says so here where SwiftPM insists.
            guard IndexStore.isSkipped else { throw .indexStore }
        }
        guard let toolchain = SwiftToolchain(of: command) else { throw .unrecognisedCompiler }
        self.toolchain = toolchain
        let isForeign = { (plugin: Word) in toolchain.isForeign(plugin: plugin, in: command.directory) }
        // Within the compiler nobody tells what a macro does from what the compiler does.
        guard !invocation.loadedPlugins.contains(where: isForeign) else { throw .plugin }
        startsMacros = invocation.startedPlugins.contains(where: isForeign)

        var quoted: [(path: Word, bytes: [UInt8])] = []
        func read(_ path: Word) throws(Bypass) -> [UInt8] {
            guard let bytes = try? RegularFile.bytes(of: Path(bytes: path), limit: 16 << 20) else {
                throw .responseFile
            }
            quoted.append((path, bytes))
            return bytes
        }
        for word in command.arguments where word.first == UInt8(ascii: "@") { _ = try read(Word(word.dropFirst())) }
        var map: SwiftOutputMap?
        if let path = invocation.outputMap {
            map = SwiftOutputMap(try read(path))
            if map == nil { throw .responseFile }
        }
        made = try SwiftOutputs(of: invocation, map: map)
        if let store = invocation.indexStore, invocation.isForTests {
            // The tests that SwiftPM finds in the index must be those of this compile.
            guard !IndexStore.hasUnits(of: made.files, in: store) else { throw .indexStore }
        }

        var words = invocation.words
        for map in invocation.moduleMaps {
            let text = try read(map)
            words.append(.text(Word("module map")))
            words.append(.path(map))
            // A text that says where the checkout is must not be a key that depends on it.
            words.append(.path(text))
        }
        self.quoted = quoted

        let environment = try SwiftEnvironment(in: command.directory, namesModuleCache: invocation.moduleCache == nil)
        var request = DriverRequest(
            dialect: "swiftc-3",
            command: command,
            label: invocation.moduleName ?? invocation.sources[0]
        )
        request.words = words
        request.variables = environment.keyed.map { .path($0) }
        request.presentation = environment.presentation
        request.roots = Self.roots(of: invocation)
        request.inputs = invocation.sources
        request.outputs = made.files
        request.removed = made.buildRecords
        if startsMacros {
            request.seenProgram = "swift-frontend"
            request.ownPrograms = ["swiftc", "swift-driver", "swift-frontend", "swift-autolink-extract"]
        }
        self.request = request
    }

    /// The directories that the user maps to something else, where none of their names could be written in another way.
    private static func roots(of command: SwiftInvocation) -> CheckoutRoots {
        var roots = CheckoutRoots.none
        for map in command.maps {
            // Rules for make and JSON escape other bytes, so that a search for the name would not find it there.
            guard map.old.first == UInt8(ascii: "/"), map.old.allSatisfy(CheckoutRoots.isPlain) else { return .none }
            roots.cover(map)
        }
        return roots
    }

    // MARK: - Run

    func arguments(scratch: Path) -> [Word] {
        var arguments = request.command.arguments
        if var map = made.map {
            map.replace(SwiftOutputs.scratch, with: Word(scratch.bytes) + [UInt8(ascii: "/")])
            let path = scratch.appending("map.json")
            // What cannot be written is not read either: the compiler says so, and nothing is kept.
            try? SmallFile.write(map.text, to: path)
            arguments += [Word("-output-file-map"), Word(path.bytes)]
        }
        if !invocation.saysDependencies { arguments.append(Word("-emit-dependencies")) }
        return arguments + [Word("-Xfrontend"), Word("-track-system-dependencies")]
    }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        try checkQuotedFiles(since: run.started)
        let messages = SwiftMessages(run.streams, areMessages: invocation.saysMessages)
        try checkOutputs(of: messages)
        defer { takeSystemFilesOut() }
        let read = try filesRead(by: run)

        if invocation.indexStore != nil {
            // Where there may be tests that are found by the index, the index belongs to the result.
            let mayHaveTests = read.contains { $0.firstIndex(of: Word("/XCTest.swiftmodule")) != nil }
            guard !mayHaveTests else { throw .indexStore }
        }

        var search = SwiftSearch(invocation, toolchain, read: read, quoted: Set(quoted.map(\.path)))
        try search.follow(in: request.command.directory)
        var reading = DriverReading()
        reading.files = search.files
        reading.listings = search.listings
        reading.absent = search.absent
        try toolchain.addFiles(to: &reading)
        (reading.isSeen, reading.isDoubtful) = (startsMacros, startsMacros)
        // Whether an output was written or found to be the same already, the compiler has made it.
        reading.takesOldOutputs = true
        if messages.isSilent {
            // Its messages are about processes that there will be none of.
            if invocation.saysMessages { reading.streams = CapturedStreams() }
        } else {
            if invocation.saysMessages { reading.isPlaceBound = true }
            if messages.showsInterface { throw .dependenciesUnknown }
            reading.files += messages.sourcesShown
        }
        try SwiftModuleCache(invocation.moduleCache).check(
            headers: read.filter { $0.hasSuffix(".h") || $0.hasSuffix(".modulemap") },
            toolchain
        )
        return reading
    }

    /// Leaves in the user's rules for make what the compiler writes there unasked: no headers and maps of the system's.
    private func takeSystemFilesOut() {
        guard invocation.saysDependencies else { return }
        func isDropped(_ path: Word) -> Bool {
            let name = Word(path.lastComponent)
            let isHeader =
                [".h", ".modulemap", ".apinotes"].contains { name.hasSuffix($0) } || !name.contains(UInt8(ascii: "."))
            return isHeader && toolchain.owns(path)
        }
        for path in made.dependencyFiles where !path.starts(with: SwiftOutputs.scratch) {
            let path = Path(bytes: path)
            guard let text = try? RegularFile.bytes(of: path, limit: 64 << 20),
                let entry = try? TemporaryEntry(beside: path, mode: 0o666),
                (try? entry.file.write(DependencyFile.without(isDropped, text))) != nil
            else { continue }
            try? entry.replace()
        }
    }

    /// What the compiler opens it says itself.
    func unnamed(_ opened: Set<Word>, in reading: DriverReading) -> Set<Word> { [] }

    /// Adds what macros did in their processes.
    func add(_ accesses: Accesses, _ opened: FilesOpened, to reading: inout DriverReading) throws(Recorder.Refusal) {
        guard reading.add(accesses) else { throw .macroReadsFiles }
        reading.isPlaceBound = true
    }

    /// What is in the key must be what the compiler read.
    private func checkQuotedFiles(since started: Int64) throws(Recorder.Refusal) {
        for (path, bytes) in quoted {
            guard let status = FileStatus.of(Path(bytes: path)), status.identity.isSettled(before: started),
                let now = try? RegularFile.bytes(of: Path(bytes: path), limit: 16 << 20), now == bytes
            else { throw .inputTooYoung }
        }
        let words = try? ResponseFile.expand(request.command.arguments, in: request.command.directory)
        guard words == expanded else { throw .inputTooYoung }
    }

    /// Where the compiler says what it makes, nothing of it may be unknown.
    private func checkOutputs(of messages: SwiftMessages) throws(Recorder.Refusal) {
        let known = Set(request.outputs.map(\.path) + request.removed)
        for path in messages.outputs where !known.contains(path) {
            guard FileStatus.ofLink(Path(bytes: path)) == nil else { throw .outputChanged }
        }
    }

    /// Everything that the processes of a full run have read.
    private func filesRead(by run: DriverRun) throws(Recorder.Refusal) -> [Word] {
        var files: Set<Word> = []
        for path in made.dependencyFiles {
            let path =
                path.starts(with: SwiftOutputs.scratch)
                ? Word(run.scratch.bytes) + [UInt8(ascii: "/")] + path.dropFirst(SwiftOutputs.scratch.count) : path
            guard let status = FileStatus.of(Path(bytes: path)),
                let text = try? RegularFile.bytes(of: Path(bytes: path), limit: 64 << 20),
                let names = DependencyFile.dependencies(in: text)
            else { throw .dependenciesUnknown }
            // What an incremental run has passed over it has not written anew.
            guard !status.identity.isSettled(before: run.started) else { throw .incremental }
            files.formUnion(names)
        }
        guard invocation.sources.allSatisfy({ files.contains($0) }) else { throw .dependenciesUnknown }
        let own = Set(request.outputs.map(\.path))
        let cache = SwiftModuleCache(invocation.moduleCache).prefix
        return files.filter { file in
            // What the compiler has made of other inputs, in this run or an earlier one, is no input.
            !own.contains(file) && !(cache.map { file.starts(with: $0) } ?? false)
        }
    }
}

extension SwiftOutputMap {
    /// Puts `new` in the place of the beginning `old` of every path.
    mutating func replace(_ old: Word, with new: Word) {
        for (source, outputs) in files {
            for (kind, path) in outputs where Word(path.utf8).starts(with: old) {
                set(new + Word(Word(path.utf8).dropFirst(old.count)), kind, of: Word(source.utf8))
            }
        }
    }
}
