internal import Files

/// The shared libraries of a program.
enum SharedLibraries {
    /// Those that the loader would map for `program`, as the loader itself says.
    ///
    /// A static program has no loader and would simply run, so it is never asked.
    static func loaded(by program: Word) -> [Word] {
        ToolchainProbe.libraries(of: program)
    }
}
