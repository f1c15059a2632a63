internal import Files

/// The shared libraries of a program.
enum SharedLibraries {
    /// Those that the loader would map for `program`, as the loader itself says; none for a script or a static program.
    ///
    /// Nil where nobody can be asked, because the loader is none that is known: the program is not run to find out.
    static func loaded(by program: Word) -> [Word]? {
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
        guard status == 0 else { return [] }
        return ProgramFile.libraries(in: streams.output).map { Word($0.bytes) }
    }
}
