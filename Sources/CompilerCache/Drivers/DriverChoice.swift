internal import LarderStore

/// Which programs are taken as a whole, by their names.
enum DriverChoice {
    /// Gives or makes what the command asks for, and ends; returns where no dialect of this kind knows the program.
    static func perform(_ command: CompileCommand, _ settings: Settings, _ fallback: Fallback) throws(Bypass) {
        try choose(for: command, settings) { DriverCompilation(driver: $0, settings: settings).perform(fallback) }
    }

    /// Hands the command's driver to `perform`, once; returns without where no dialect of this kind knows the program.
    ///
    /// Every compile passes here: an optional driver as the answer would have the runtime build a type for it.
    static func choose(
        for command: CompileCommand,
        _ settings: Settings,
        _ perform: (any Driver) -> Void
    ) throws(Bypass) {
        let name = Word(command.name.lastComponent)
        if name.equals("rustc") || name.equals("clippy-driver") {
            return perform(try RustcDriver(reading: command, settings))
        }
        if SwiftDriver.claims(command) { return perform(try SwiftDriver(reading: command, settings)) }
        let plain = ToolNames.withoutVersion(name)
        if plain.equals("clang-tidy") { return perform(try ClangTidy(reading: command, settings)) }
        if plain.equals("include-what-you-use") || plain.equals("iwyu") {
            return perform(try IncludeWhatYouUse(reading: command, settings))
        }
        guard settings.cachesLinks else { return }
        if ToolNames.isArchiver(name) { return perform(try ArchiveDriver(reading: command, settings)) }
        let links = ToolNames.isLinker(name) ? true : try isLink(command)
        if links { perform(try LinkDriver(reading: command, settings)) }
    }

    /// True for a compiler's driver that is asked for something that may be a link.
    private static func isLink(_ command: CompileCommand) throws(Bypass) -> Bool {
        guard ToolNames.family(of: command) != nil else { return false }
        let words = try ResponseFile.expand(command.arguments, in: command.directory)
        let others: [StaticString] = [
            "-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "-emit-ast", "--precompile", "--analyze",
        ]
        return !words.contains { word in
            // A source is compiled first, or is all that there is.
            others.contains { word.equals($0) } || word.hasPrefix("-x")
                || word.first != UInt8(ascii: "-")
                    && (Language(source: word) != nil || word.hasSuffix(".s") || Language.isHeader(word))
        }
    }
}
