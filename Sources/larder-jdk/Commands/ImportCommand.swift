internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take a catalogue from a file.",
        discussion: "FILE is \(ImportedDocument.accepted). It replaces the cached catalogue."
    )

    @Argument(help: ArgumentHelp("The document.", valueName: "file"))
    var file: String

    @OptionGroup var lock: LockOptions
    @OptionGroup var common: CommonOptions

    /// In bytes: no such document is as large.
    private static let largest = 256 << 20

    func run() throws {
        let settings = try common.settings(lock)
        let bytes: [UInt8]
        do throws(SystemError) {
            // It may be a pipe: `larder jdk import <(zcat catalogue.gz)`.
            bytes = try Descriptor(awaiting: Path(file)).readAll(expected: 1 << 20, limit: Self.largest + 1)
            guard bytes.count <= Self.largest else { throw .tooLong }
        } catch {
            throw Failure(message: "the file cannot be imported: \(error)")
        }
        let catalog: Catalog
        do { catalog = try ImportedDocument.catalog(bytes, named: file) } catch {
            throw Failure(message: "\(file) cannot be imported: \(error)")
        }
        let lock = try self.lock.options(settings, isQuiet: false)
        do throws(SnapshotError) {
            _ = try CatalogStore(in: settings.directory).replace(by: catalog, lock: lock)
        } catch { throw Failure(error) }
        try Console.print("Imported \(catalog.count) packages of \(catalog.distributions.count) distributions.\n")
    }
}
