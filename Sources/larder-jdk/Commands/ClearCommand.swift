internal import ArgumentParser
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk clear`.
struct ClearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clear", abstract: "Remove the cached catalogue.")

    @OptionGroup var lock: LockOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try common.settings(lock)
        let lock = try self.lock.options(settings, isQuiet: false)
        let wasThere: Bool
        do throws(SnapshotError) {
            wasThere = try CatalogStore(in: settings.directory).clear(lock: lock)
        } catch { throw Failure(error) }
        try Console.print(wasThere ? "Removed the catalogue.\n" : "There is no catalogue to remove.\n")
    }
}
