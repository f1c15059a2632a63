internal import Files
internal import LarderStore

/// The programs that a compiler command really runs, and what they are made of.
///
/// gcc is a driver: what compiles is cc1 or cc1plus, what assembles is as. A compiler may be a script, or a link
/// to a program that picks the compiler by itself. All of them, and the libraries that they load, are inputs of every
/// result, held against the disk like headers. Finding them costs a few processes, so what was found is kept
/// in the store and looked at again whenever the compiler's file has another identity.
struct Toolchain: Sendable {
    struct File: Sendable {
        var path: Word
        var identity: FileIdentity
        var digest: Digest

        /// The file at `path` as it is known in the cache, or as it is read; nil where it is no plain file, or is being changed.
        ///
        /// gcc and g++, or clang for two languages, have most of theirs in common: 150 MB of libraries are read once.
        init?(at path: Word, _ contents: KnownContent) {
            guard let answer = contents.digest(of: Path(bytes: path)) else { return nil }
            self.init(path: path, identity: answer.identity, digest: answer.digest)
        }

        init(path: Word, identity: FileIdentity, digest: Digest) {
            self.path = path
            self.identity = identity
            self.digest = digest
        }
    }

    var family: Family
    /// True when the compiler is another program's front: what it runs may depend on anything.
    var isWrapper: Bool
    /// The driver first.
    var files: [File]
    /// Configuration files that are not there, but would be read: directory and name.
    var absentFiles: [(directory: Word, name: Word)]
    /// True when the driver leaves it to `PATH` which assembler runs.
    var findsAssembler: Bool
    /// Identifies all of the above.
    var digest: Digest

    /// Where emcc's clang finds the system's headers; nil for other compilers.
    var systemRoot: Word? {
        files.first { $0.path.lastComponent.elementsEqual(Word(EmscriptenInstallation.stampName)) }
            .map { Word($0.path.dropLast($0.path.lastComponent.count)) + Word("sysroot") }
    }

    /// True when headers may be included that no word of the command line names: by gcc's specs.
    var mayIncludeMore: Bool { files.contains { $0.path.lastComponent.elementsEqual("specs".utf8) } }
}

/// Finds out what a compiler is.
struct ToolchainProbe {
    let command: CompileCommand
    var front: Front?
    let language: Language
    let environment: CompileEnvironment

    /// Asks the compiler which programs it would run; nil when it is none that we know.
    ///
    /// - Parameter contents: what is known of their content.
    func run(_ contents: KnownContent) -> Toolchain? {
        // Another program may take the question for a compile, and remove what is in the place of its output.
        if front == nil, !Self.isDriver(command.compiler) {
            guard let file = Toolchain.File(at: Word(command.compiler.bytes), contents) else { return nil }
            return Toolchain(
                family: .gcc,
                isWrapper: true,
                files: [file],
                absentFiles: [],
                findsAssembler: false,
                digest: Self.digest(of: [file])
            )
        }
        // It is asked before emcc runs, which would fill its cache.
        let installation = front == .emscripten ? EmscriptenInstallation(of: command) : nil
        if front == .emscripten, installation == nil { return nil }
        guard
            let answer = CompilerQuery.ask(
                command,
                // emcc says only then which driver it runs.
                (front == .emscripten ? ["-v"] : [])
                    + ["-###", "-c", "-o", "/dev/null", "-x", language.option, "/dev/null"]
            ),
            let family = Self.family(in: answer)
        else { return nil }
        guard var plan = Plan(saidIn: answer, family, ourself: Directory.realPath(command.compiler)) else { return nil }
        guard !plan.programs.isEmpty, family == .clang || front == nil else { return nil }
        plan.absent += absentPrograms(plan.programs, target: plan.target)
        if let installation {
            plan.programs += installation.programs
            plan.files += installation.files
            plan.absent += installation.absentFiles
        } else if family == .clang {
            plan.absent += Self.configurationNames(of: command)
        }
        plan.programs.insert(Word(command.compiler.bytes), at: 0)
        var paths: [Word] = []
        for program in plan.programs where !paths.contains(program) {
            paths.append(program)
            guard let libraries = SharedLibraries.loaded(by: program, starts: true) else { return nil }
            for library in libraries where !paths.contains(library) { paths.append(library) }
        }
        plan.absent += SharedLibraries.rivals(of: paths)
        paths += plan.files.filter { name in
            !paths.contains(name) && FileStatus.of(Path(bytes: name))?.kind == .regular
        }
        var files: [Toolchain.File] = []
        for path in paths {
            guard let file = Toolchain.File(at: path, contents) else { return nil }
            files.append(file)
        }
        return Toolchain(
            family: family,
            isWrapper: installation == nil && !plan.runsOurself,
            files: files,
            absentFiles: plan.absent,
            findsAssembler: plan.findsAssembler,
            digest: Self.digest(of: files)
        )
    }

    /// What a compiler says it would run.
    private struct Plan {
        var programs: [Word] = []
        var files: [Word] = []
        var absent: [(directory: Word, name: Word)] = []
        var findsAssembler = false
        var runsOurself = false
        var target: Word?

        /// Nil where it names a program that is not found.
        init?(saidIn answer: [UInt8], _ family: Family, ourself: Path?) {
            for line in answer.split(separator: 10) {
                let line = Word(line)
                if line.hasPrefix("COLLECT_GCC=") {
                    guard let driver = ProgramSearch.find(Word(line[Word("COLLECT_GCC=").count...])) else { continue }
                    if Directory.realPath(driver) == ourself {
                        runsOurself = true
                    } else {
                        programs.append(Word(driver.bytes))
                    }
                } else if line.hasPrefix("Configuration file: ") {
                    files.append(Word(line[Word("Configuration file: ").count...]))
                } else if line.hasPrefix("Reading specs from ") {
                    files.append(Word(line[Word("Reading specs from ").count...]))
                } else if line.hasPrefix("Target: ") {
                    target = target ?? line
                } else if line.first == 32, let program = firstWord(of: line) {
                    guard let path = ProgramSearch.find(program) else { return nil }
                    if !program.contains(UInt8(ascii: "/")) {
                        guard program.equals("as") else { return nil }
                        findsAssembler = true
                    }
                    if family == .clang, Directory.realPath(path) == ourself { runsOurself = true }
                    if family == .gcc, path.name.starts(with: "cc1".utf8) {
                        absent.append((Word(path.parent.bytes), Word("specs")))
                    }
                    programs.append(Word(path.bytes))
                }
            }
        }
    }

    /// What would be run or read instead if it were in a directory of `COMPILER_PATH` or `LIBRARY_PATH`, there or below the
    /// target's name.
    private func absentPrograms(_ programs: [Word], target: Word?) -> [(directory: Word, name: Word)] {
        // gcc searches headers in `include` there.
        let names = programs.map { Word($0.lastComponent) } + ["as", "include", "include-fixed"].map { Word($0.utf8) }
        let target = target.map { Word($0[("Target: " as StaticString).utf8CodeUnitCount...]) }
        let below = [target].compactMap { $0 }
        let programs = environment.compilerPath.flatMap { path in (names + below).map { (path, $0) } }
        let specs = environment.libraryPath.flatMap { path in ([Word("specs")] + below).map { (path, $0) } }
        return (programs + specs).filter { FileStatus.of(Path(bytes: $0.0).appending(bytes: $0.1)) == nil }
    }

    static func digest(of files: [Toolchain.File]) -> Digest {
        var key = KeyBuilder(domain: "toolchain")
        for file in files {
            key.add("path", file.path)
            key.add("digest", file.digest.bytes)
        }
        return key.finish().digest
    }

    private static func family(in answer: [UInt8]) -> Family? {
        if answer.firstIndex(of: Word("clang version ")) != nil { return .clang }
        if answer.firstIndex(of: Word("\ngcc version ")) != nil || answer.hasPrefix("gcc version ") { return .gcc }
        return nil
    }

    /// The first word of a command that `-###` shows; both compilers quote where they must.
    private static func firstWord(of line: Word) -> Word? {
        var text = line[...].drop { $0 == 32 }
        if text.first == UInt8(ascii: "\"") {
            text = text.dropFirst()
            guard let end = text.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            return Word(text[..<end])
        }
        // A note in parentheses, as clang gives for work in its own process.
        guard let first = text.first, first != UInt8(ascii: "(") else { return nil }
        return Word(text.prefix { $0 != 32 })
    }

    /// Where clang would look for a configuration file beside itself, under the names it derives from its own.
    static func configurationNames(of command: CompileCommand) -> [(directory: Word, name: Word)] {
        var names = [Word("clang.cfg"), Word("clang++.cfg"), Word(command.name.lastComponent) + Word(".cfg")]
        if let real = Directory.realPath(command.compiler) { names.append(Word(real.name) + Word(".cfg")) }
        var directories = [Word(command.compiler.parent.bytes)]
        if let real = Directory.realPath(command.compiler) { directories.append(Word(real.parent.bytes)) }
        return directories.flatMap { directory in names.map { (directory, $0) } }
            .filter { FileStatus.of(Path(bytes: $0.directory).appending(bytes: $0.name)) == nil }
    }

    /// True for a driver of gcc's or clang's, which holds the name of a variable, or of a part, that such a driver needs.
    static func isDriver(_ path: Path) -> Bool {
        guard ElfFile.isElf(path) else { return false }
        // Nothing that stands in front of a compiler is that large.
        guard let bytes = try? RegularFile.bytes(of: path, limit: 64 << 20) else { return true }
        return bytes.firstIndex(of: Word("COLLECT_GCC")) != nil || bytes.firstIndex(of: Word("cc1")) != nil
    }

    static func isScript(_ path: Path) -> Bool {
        !ElfFile.isElf(path)
    }
}
