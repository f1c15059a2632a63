internal import Files
internal import LarderStore
internal import Terminal

extension Arguments {
    /// What the options of this command line set.
    var settingFlags: [SettingKey: [UInt8]] {
        get throws(Failure) {
            var flags: [SettingKey: [UInt8]] = [:]
            if let directory = try path(of: "dir") { flags[.directory] = Array(directory.bytes) }
            if let given = value(of: "lock-timeout") {
                guard !given.isEmpty else {
                    throw Failure(status: .usage, message: "option '--lock-timeout' needs a time")
                }
                flags[.lockTimeout] = given
            }
            if let given = value(of: "max-size") { flags[.maximumSize] = given }
            return flags
        }
    }

    /// The settings that hold for this command, with a warning for each line in a file of settings that counts for nothing,
    /// unless standard error belongs to somebody else.
    func settings(isQuiet: Bool = false, checksContent: Bool = true) throws(Failure) -> Settings {
        let flags = try settingFlags
        do throws(SettingsError) {
            let settings = try Settings.load(
                flags: flags,
                in: try? Directory.current(),
                checksContent: checksContent
            )
            for line in settings.ignoredLines where !isQuiet {
                let why = line.isUnknown ? "is no setting" : "a project's file may not set"
                Console.complain(
                    "warning: line \(line.number) of \(line.path) sets \"\(Text.shown(line.key.utf8))\", which \(why); "
                        + "it is ignored"
                )
            }
            return settings
        } catch {
            throw Failure(status: .usage, message: error.description, isStrict: error.isStrict)
        }
    }

    /// Where the cache is, even when another setting is wrong.
    func directory() throws(Failure) -> Path {
        let flags = try settingFlags
        do throws(SettingsError) {
            return try Settings.directory(flags: flags)
        } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }

    /// The store that these settings describe.
    func store(_ settings: Settings) -> EntryStore {
        EntryStore(at: settings.directory, options: settings.storeOptions)
    }
}
