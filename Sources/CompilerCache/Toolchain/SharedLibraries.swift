internal import Files

/// The shared libraries of a program.
enum SharedLibraries {
    /// Those that the loader would map for `program`, as the loader itself says; none for a script or a static program.
    ///
    /// Nil where nobody can be asked, because the loader is none that is known: the program is not run to find out.
    ///
    /// - Parameter starts: true for a program that runs in each compile, so that nothing is known of one which does not start now.
    static func loaded(by program: Word, starts: Bool = false) -> [Word]? {
        let path = Path(bytes: program)
        guard ElfFile.isElf(path) else { return [] }
        guard let file = ProgramFile(at: path) else { return nil }
        guard let loader = file.loader else { return [] }
        guard let question = file.question(about: path) else { return nil }
        var variables: [Word] = []
        for name in ["LD_LIBRARY_PATH", "LD_PRELOAD"] as [StaticString] {
            if let value = Environment.value(name) { variables.append(Word(name) + Word("=") + value) }
        }
        guard let (ending, streams) = try? Child.ask(loader, arguments: question, environment: variables),
            case .exited(let status) = ending
        else { return nil }
        // Where a library is missing the program does not start.
        guard status == 0 else { return starts ? nil : [] }
        return ProgramFile.libraries(in: streams.output).map { Word($0.bytes) }
    }

    /// The places in which the loader would find another one of `libraries` first: names that are not in the directories of
    /// `LD_LIBRARY_PATH` which come before the library's own.
    static func rivals(of libraries: [Word]) -> [(directory: Word, name: Word)] {
        guard let value = Environment.value("LD_LIBRARY_PATH"), !value.isEmpty else { return [] }
        var found: [(directory: Word, name: Word)] = []
        for directory in LoaderPath.directories(of: LoaderPath.meaning(of: value)) {
            let path = Path(bytes: directory)
            // Where the loader looks first for the processor's own ones.
            let names =
                libraries.map { Word($0.lastComponent) } + ["glibc-hwcaps", "tls", "x86_64"].map { Word($0.utf8) }
            for name in Set(names) where FileStatus.ofLink(path.appending(bytes: name)) == nil {
                found.append((directory, name))
            }
        }
        return found
    }
}
