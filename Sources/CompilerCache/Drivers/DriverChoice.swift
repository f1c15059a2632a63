internal import LarderStore

/// Which programs are taken as a whole, by their names.
enum DriverChoice {
    /// The command as its dialect reads it; nil where no dialect of this kind knows the program.
    static func driver(for command: CompileCommand, _ settings: Settings) throws(Bypass) -> (any Driver)? {
        if SwiftDriver.claims(command) { return try SwiftDriver(reading: command, settings) }
        return nil
    }
}
