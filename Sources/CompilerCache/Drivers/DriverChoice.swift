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
    }
}
