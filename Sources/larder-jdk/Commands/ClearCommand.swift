internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore

/// `larder jdk clear`.
struct ClearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clear", abstract: "Remove the cached catalogue.")

    @OptionGroup var lock: LockOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let store = CatalogStore(in: try common.settings().directory)
        do {
            let wasThere = try store.clear()
            try Console.print(wasThere ? "Removed the catalogue.\n" : "There is no catalogue to remove.\n")
        } catch let error as StoreError {
            throw Failure(error.code == .locked ? Status.busy : Status.failure, error.description)
        } catch let error as SystemError {
            throw Failure("the catalogue cannot be removed: \(error)")
        }
    }
}
