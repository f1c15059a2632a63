internal import LarderStore

/// Which programs are taken as a whole, by their names.
enum DriverChoice {
    /// The command as its dialect reads it; nil where no dialect of this kind knows the program.
    static func driver(for command: CompileCommand, _ settings: Settings) throws(Bypass) -> (any Driver)? {
        let name = Word(command.name.lastComponent)
        if isNamed(name, "clang-tidy") { return try ClangTidy(reading: command, settings) }
        if isNamed(name, "include-what-you-use") || isNamed(name, "iwyu") {
            return try IncludeWhatYouUse(reading: command, settings)
        }
        return nil
    }

    /// True for `program` and for `program-14`.
    private static func isNamed(_ name: Word, _ program: StaticString) -> Bool {
        guard name.hasPrefix(program) else { return false }
        let rest = name.dropFirst(program.utf8CodeUnitCount)
        return rest.isEmpty
            || rest.first == UInt8(ascii: "-") && rest.count > 1
                && rest.dropFirst().allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    }
}
