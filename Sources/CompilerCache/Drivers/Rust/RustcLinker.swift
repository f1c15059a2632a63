internal import Files

/// The linker behind a compile that makes a program or a shared library.
///
/// The linker itself lists what it reads; what it would rather have taken, had it been there, follows from where it
/// searches.
struct RustcLinker {
    /// The word that makes the linker write its list.
    static func argument(listing list: Path) -> [Word] {
        [Word("-C"), Word("link-arg=-Wl,--dependency-file=") + Word(list.bytes)]
    }

    private(set) var reading = DriverReading()

    init(of command: RustcCommand, _ toolchain: RustcToolchain, list: Path) throws(Recorder.Refusal) {
        guard let text = try? RegularFile.bytes(of: list), let files = DependencyFile.dependencies(in: text)
        else { throw .linkerUnknown }
        // Objects that rustc has made for this link are gone again.
        var inputs: [Word] = []
        for file in files {
            if FileStatus.of(Path(bytes: file)) != nil {
                inputs.append(file)
            } else if !Self.isTemporary(file) {
                throw .inputUnreadable
            }
        }
        reading.files += inputs
        let names: [StaticString] = [
            "PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "LD_RUN_PATH", "LDEMULATION", "LDFLAGS",
            "COLLECT_NO_DEMANGLE", "SOURCE_DATE_EPOCH", "GCC_SPECS",
        ]
        reading.variables += names.map { Word($0) }
        let driver = try noteDriver(command.linker ?? Word("cc"), toolchain)
        try notePrograms(driver, toolchain, command)
        noteRivals(of: inputs, in: searched(by: driver, command))
    }

    private static func isTemporary(_ path: Word) -> Bool {
        // What it makes of the crate itself, and of what is only for this link.
        path.hasSuffix(".rcgu.o") || path.hasSuffix(".rcgu.rmeta") || path.firstIndex(of: Word("/rustc")) != nil
    }

    // MARK: - Programs

    /// Where rustc finds the linker: in directories of its own, then in `PATH`.
    ///
    /// A link to this launcher there runs the next one in `PATH`.
    private mutating func noteDriver(_ name: Word, _ toolchain: RustcToolchain) throws(Recorder.Refusal) -> Word {
        let known = [Word("cc"), Word("gcc"), Word("clang"), Word("g++"), Word("c++")]
        guard known.contains(where: { Word(name.lastComponent).firstIndex(of: $0) != nil }) else {
            throw .linkerUnknown
        }
        if name.contains(UInt8(ascii: "/")) {
            guard isLauncher(name) else { return name }
            reading.files.append(name)
        }
        let name = Word(name.lastComponent)
        let path = Environment.value("PATH") ?? []
        for directory in path.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            let program = Word(directory.isEmpty ? Word(".")[...] : directory) + Word("/") + name
            guard let status = FileStatus.of(Path(bytes: program)) else {
                reading.absent.append(program)
                continue
            }
            guard status.kind == .regular, status.mode & 0o111 != 0 else { continue }
            guard isLauncher(program) else { return program }
            reading.files.append(program)
        }
        throw .linkerUnknown
    }

    private func isLauncher(_ program: Word) -> Bool {
        Directory.realPath(Path(bytes: program)).flatMap { ProgramFile(at: $0) }?.isLarder ?? false
    }

    /// The driver, the linkers that it may start, and their libraries.
    private mutating func notePrograms(_ driver: Word, _ toolchain: RustcToolchain, _ command: RustcCommand)
        throws(Recorder.Refusal)
    {
        // A cache under a linker's name says nothing of the linker behind it.
        guard let real = Directory.realPath(Path(bytes: driver)), let program = ProgramFile(at: real),
            !program.isLarder, !ProgramSearch.isCache(Word(real.name))
        else { throw .linkerUnknown }
        var programs = [driver]
        var names = [Word("collect2"), Word("ld")]
        names += ["bfd", "lld", "gold", "mold"].map { Word("ld.") + Word($0.utf8) }
        for argument in command.linkArguments where argument.hasPrefix("-fuse-ld=") {
            names.append(Word("ld.") + Word(argument[9...]))
        }
        for name in names {
            guard let answer = Self.ask(driver, Word("-print-prog-name=") + name), let path = Self.program(answer)
            else {
                continue
            }
            programs.append(path)
        }
        for option in ["-print-file-name=liblto_plugin.so", "-print-file-name=specs"] {
            guard let answer = Self.ask(driver, Word(option.utf8)), answer.first == UInt8(ascii: "/") else { continue }
            reading.files.append(answer)
        }
        programs += Self.programs(in: toolchain.systemRoot + Word("/lib/rustlib"))
        reading.files += programs
        for program in programs { try reading.addLibraries(of: program) }
    }

    /// What the driver says: a path, or a name that it would search in `PATH`.
    private static func program(_ answer: Word) -> Word? {
        if answer.first == UInt8(ascii: "/") { return FileStatus.of(Path(bytes: answer)) == nil ? nil : answer }
        return ProgramSearch.find(answer).map { Word($0.bytes) }
    }

    /// The linkers that come with the compiler, which it has the driver use.
    private static func programs(in directory: Word) -> [Word] {
        var found: [Word] = []
        for target in (try? Directory.names(in: Path(bytes: directory))) ?? [] {
            for part in ["/bin", "/bin/gcc-ld", "/bin/self-contained"] {
                let place = directory + Word("/") + target + Word(part.utf8)
                for name in (try? Directory.names(in: Path(bytes: place))) ?? [] {
                    let path = place + Word("/") + name
                    if FileStatus.of(Path(bytes: path))?.kind == .regular { found.append(path) }
                }
            }
        }
        return found
    }

    private static func ask(_ driver: Word, _ question: Word) -> Word? {
        guard let (ending, streams) = try? Child.ask(Path(bytes: driver), arguments: [driver, question]),
            ending == .exited(0)
        else { return nil }
        return streams.output.split(separator: 10).first.map { Word($0) }
    }

    // MARK: - Where it searches

    /// The directories in which libraries and start files are searched.
    private func searched(by driver: Word, _ command: RustcCommand) -> [Word] {
        var directories = command.searchPaths.filter { $0.kind == .native || $0.kind == .all }.map(\.path)
        var isDirectory = false
        for word in command.linkArguments.flatMap(Self.words) {
            if isDirectory {
                directories.append(word)
            } else if word.hasPrefix("-L"), word.count > 2 {
                directories.append(Word(word[2...]))
            } else if let name = Self.longNames.first(where: { word.hasPrefix($0) }) {
                directories.append(Word(word[name.utf8CodeUnitCount...]))
            }
            isDirectory =
                !isDirectory && (word.equals("-L") || word.equals("--library-path") || word.equals("-library-path"))
        }
        guard
            let (ending, streams) = try? Child.ask(
                Path(bytes: driver),
                arguments: [driver, Word("-print-search-dirs")]
            ),
            ending == .exited(0)
        else { return directories }
        for line in streams.output.split(separator: 10) {
            let line = Word(line)
            guard line.hasPrefix("libraries: =") else { continue }
            directories += line[12...].split(separator: UInt8(ascii: ":")).map { Word($0) }
        }
        return directories.filter { !$0.isEmpty }
    }

    private static let longNames: [StaticString] = ["--library-path=", "-library-path="]

    /// The linker's own words in a word to its driver, or that one.
    private static func words(in argument: Word) -> [Word] {
        guard argument.hasPrefix("-Wl,") else { return argument.equals("-Xlinker") ? [] : [argument] }
        return argument.dropFirst(4).split(separator: UInt8(ascii: ",")).map { Word($0) }
    }

    /// What stands in none of the directories under a name that was searched must stay absent: it could come first.
    private mutating func noteRivals(of inputs: [Word], in directories: [Word]) {
        var names: Set<Word> = []
        for input in inputs {
            let name = Word(input.lastComponent)
            if name.hasSuffix(".rlib") { continue }
            names.insert(name)
            guard name.hasPrefix("lib") else { continue }
            // "libc.so.6" stands for no search of its own, but "libc.so" does.
            let stem = Word(name[..<(name.firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex)])
            names.formUnion([stem + Word(".so"), stem + Word(".a")])
        }
        for directory in Set(directories) {
            for name in names {
                let path = directory.last == UInt8(ascii: "/") ? directory + name : directory + Word("/") + name
                switch FileStatus.of(Path(bytes: path))?.kind {
                case nil: reading.absent.append(path)
                // It was passed over, and may be what is looked for one day.
                case .regular: reading.files.append(path)
                default: break
                }
            }
        }
    }
}
