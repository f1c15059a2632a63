internal import Files
internal import LarderStore
internal import Terminal

extension Arguments {
    /// The settings that hold for this command.
    func settings() throws(Failure) -> Settings {
        var flags: [SettingKey: [UInt8]] = [:]
        if let given = value(of: "dir") { flags[.directory] = Array(try absolute(given, "--dir").bytes) }
        do throws(SettingsError) { return try Settings.load(flags: flags) } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }

    /// The path that an option names, seen from the root.
    func absolute(_ given: [UInt8], _ option: String) throws(Failure) -> Path {
        let path = Path(bytes: given)
        guard !path.isEmpty else { throw Failure(status: .usage, message: "option '\(option)' needs a directory") }
        do throws(SystemError) { return path.isAbsolute ? path : path.resolved(in: try Directory.current()) } catch {
            throw Failure(message: "\(error)")
        }
    }
}
