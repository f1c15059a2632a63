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
        if isNamed(name, "clang-tidy") { return perform(try ClangTidy(reading: command, settings)) }
        if isNamed(name, "include-what-you-use") || isNamed(name, "iwyu") {
            return perform(try IncludeWhatYouUse(reading: command, settings))
        }
        guard settings.cachesLinks else { return }
        if ToolNames.isArchiver(name) { return perform(try ArchiveDriver(reading: command, settings)) }
        let links = ToolNames.isLinker(name) ? true : try isLink(command)
        if links { perform(try LinkDriver(reading: command, settings)) }
    }

    /// True for `program` and for `program-14`.
    private static func isNamed(_ name: Word, _ program: StaticString) -> Bool {
        guard name.hasPrefix(program) else { return false }
        let rest = name.dropFirst(program.utf8CodeUnitCount)
        return rest.isEmpty
            || rest.first == UInt8(ascii: "-") && rest.count > 1
                && rest.dropFirst().allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// True for a compiler's driver that is asked for something that may be a link.
    private static func isLink(_ command: CompileCommand) throws(Bypass) -> Bool {
        guard ToolNames.family(of: command) != nil else { return false }
        let words = try ResponseFile.expand(command.arguments, in: command.directory)
        let others: [StaticString] = ["-c", "-S", "-E", "-M", "-MM", "-fsyntax-only"]
        return !words.contains { word in others.contains { word.equals($0) } }
    }
}
