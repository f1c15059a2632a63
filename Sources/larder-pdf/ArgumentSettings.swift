internal import LarderStore
internal import Terminal

extension Arguments {
    /// The settings that hold for this command.
    func settings() throws(Failure) -> Settings {
        var flags: [SettingKey: [UInt8]] = [:]
        if let directory = try path(of: "dir") { flags[.directory] = Array(directory.bytes) }
        do throws(SettingsError) { return try Settings.load(flags: flags) } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }
}
