internal import Files
internal import LarderStore
internal import Terminal

/// What `ccache` does that compiles nothing.
struct CCacheCommands {
    let options: CCacheOptions
    private(set) var settings: CCacheSettings

    /// The version of ccache in whose way Larder answers: scripts ask whether something is there yet.
    static let version = "4.10.2"

    /// Does what the command line of this process says, and ends it as ccache would: with 0 or 1.
    static func main() -> Never {
        Program.main("ccache") { words throws(Failure) in
            do throws(Failure) {
                guard !words.isEmpty else {
                    StandardStream.error.write(CCacheHelp.text.utf8)
                    return .failure
                }
                var commands = CCacheCommands(try CCacheOptions(words))
                for given in commands.options.given { try commands.perform(given) }
                return .success
            } catch {
                throw Failure(message: "error: \(error.message)")
            }
        }
    }

    private init(_ options: CCacheOptions) {
        self.options = options
        settings = Self.settings(options)
    }

    private static func settings(_ options: CCacheOptions) -> CCacheSettings {
        let directory = options.value(of: "dir")
        let configuration = CCacheConfiguration(directory: directory, file: options.value(of: "config-path"))
        let settings = CCacheSettings(configuration: configuration)
        settings.apply(isExplicit: directory != nil)
        return settings
    }

    private mutating func perform(_ given: CCacheOptions.Given) throws(Failure) {
        switch given.name {
        case "cleanup": try clean()
        case "clear": try clear()
        case "evict-older-than": try evict(olderThan: given.value)
        case "evict-namespace": try evict(namespace: given.value)
        case "max-size": try setMaximumSize(given.value)
        case "max-files": try setMaximumFiles(given.value)
        case "set-config": try set(given.value)
        case "get-config": try get(given.value)
        case "show-config": try showConfiguration()
        case "show-stats": try showStatistics()
        case "print-stats": try printStatistics()
        case "zero-stats": try zero()
        case "show-compression": try showCompression()
        case "recompress": try recompress(given.value)
        case "help": try Console.print(CCacheHelp.text)
        case "version": try Console.print(CCacheHelp.version)
        case "print-version": try Console.print("\(Self.version)\n")
        case "show-log-stats", "print-log-stats":
            throw Failure(message: "no stats log has been configured, and Larder writes none; see 'larder session'")
        case "trim-dir", "checksum-file", "extract-result", "hash-file", "inspect":
            throw Failure(message: "Larder does not support --\(given.name)")
        // What the others ask for: how much to show, in which form, and where.
        default: break
        }
    }

    /// The settings that hold, and where the cache is.
    func larder() throws(Failure) -> Settings {
        do throws(SettingsError) { return try Settings.load() } catch { throw Failure(message: error.description) }
    }

    /// Reads the configuration again, after a change.
    mutating func reload() {
        settings.withdraw()
        settings = Self.settings(options)
    }

    /// Says once for a command what in the configuration does nothing.
    func remark() {
        if let remark = settings.remark { Console.complain("note: \(remark)", as: "ccache") }
    }
}
