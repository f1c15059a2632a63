internal import Files

/// The compiler that a command runs, with everything that belongs to it.
struct RustcToolchain: Sendable {
    /// Where the compiler's own crates and libraries are.
    let systemRoot: Word
    /// What all of its results depend on.
    private(set) var reading = DriverReading()

    /// - Parameter command: `rustc`, `clippy-driver` or rustup's program under such a name.
    init(of command: CompileCommand, _ rustc: RustcCommand) throws(Recorder.Refusal) {
        guard let real = Directory.realPath(command.compiler) else { throw .unknownToolchain }
        var program = Word(real.bytes)
        if let root = Self.systemRoot(around: real) {
            systemRoot = root
        } else {
            systemRoot = try Self.root(chosenBy: command, real, rustc)
            let name = Word(command.name.lastComponent)
            guard let chosen = Directory.realPath(Path(bytes: systemRoot + Word("/bin/") + name)) else {
                throw .unknownToolchain
            }
            reading.files += [program, systemRoot + Word("/bin/") + name]
            noteChoice(in: command.directory)
            program = Word(chosen.bytes)
        }
        reading.files += [Word(command.compiler.bytes), program]
        try noteLibraries(of: program)
        for root in Set([systemRoot, rustc.systemRoot ?? systemRoot]).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try noteCrates(in: root + Word("/lib/rustlib"))
        }
    }

    /// The directory that has a compiler in `bin` and its crates in `lib/rustlib`.
    private static func systemRoot(around program: Path) -> Word? {
        guard ElfFile.isElf(program) else { return nil }
        let name = Word(program.name)
        guard name.hasPrefix("rustc") || name.hasPrefix("clippy-driver") else { return nil }
        let root = program.parent.parent
        guard FileStatus.of(root.appending("lib/rustlib"))?.kind == .directory else { return nil }
        return Word(root.bytes)
    }

    // MARK: - rustup

    /// What rustup's program would run, which it says itself.
    private static func root(chosenBy command: CompileCommand, _ real: Path, _ rustc: RustcCommand)
        throws(Recorder.Refusal) -> Word
    {
        // Whatever else stands in front of a compiler may do anything.
        guard Word(real.name).hasPrefix("rustup") else { throw .unknownToolchain }
        let choice = command.arguments.first.map { $0.first == UInt8(ascii: "+") ? [$0] : [] } ?? []
        guard
            let (ending, streams) = try? Child.ask(
                command.compiler,
                arguments: [command.name] + choice + [Word("--print"), Word("sysroot")]
            ), ending == .exited(0), let line = streams.output.split(separator: 10).first,
            line.first == UInt8(ascii: "/")
        else { throw .unknownToolchain }
        return Word(line)
    }

    /// What rustup looks at when it chooses a toolchain.
    private mutating func noteChoice(in directory: Path) {
        reading.variables += ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "HOME"].map { Word($0.utf8) }
        let home = Environment.value("RUSTUP_HOME") ?? Environment.value("HOME").map { $0 + Word("/.rustup") }
        if let home { note(home + Word("/settings.toml")) }
        note(Word("/etc/rustup/settings.toml"))
        var place = directory
        while true {
            note(Word(place.appending("rust-toolchain").bytes))
            note(Word(place.appending("rust-toolchain.toml").bytes))
            if place.parent == place { return }
            place = place.parent
        }
    }

    /// The file counts by its content, or by its absence.
    private mutating func note(_ path: Word) {
        if FileStatus.of(Path(bytes: path)) == nil { reading.absent.append(path) } else { reading.files.append(path) }
    }

    // MARK: - Files

    private mutating func noteLibraries(of program: Word) throws(Recorder.Refusal) {
        let count = reading.files.count
        try reading.addLibraries(of: program)
        guard reading.files.count > count else { throw .unknownToolchain }
    }

    /// The crates and objects that come with the compiler, for each target, and which there are.
    private mutating func noteCrates(in directory: Word) throws(Recorder.Refusal) {
        reading.listings.append(directory)
        for target in try names(in: directory) {
            let place = directory + Word("/") + target
            guard FileStatus.of(Path(bytes: place))?.kind == .directory else { continue }
            for part in ["lib", "lib/self-contained", "codegen-backends"] {
                let part = place + Word("/") + Word(part.utf8)
                guard FileStatus.of(Path(bytes: part))?.kind == .directory else { continue }
                reading.listings.append(part)
                for name in try names(in: part) {
                    let path = part + Word("/") + name
                    if FileStatus.of(Path(bytes: path))?.kind == .regular { reading.files.append(path) }
                }
            }
            note(place + Word("/target.json"))
        }
    }

    private func names(in directory: Word) throws(Recorder.Refusal) -> [Word] {
        guard let names = try? Directory.names(in: Path(bytes: directory)) else { throw .inputUnreadable }
        return names.map { Word($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
