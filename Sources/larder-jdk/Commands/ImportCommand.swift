internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore

/// `larder jdk import`.
struct ImportCommand: AsyncParsableCommand {
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

    func run() async throws {
        let store = CatalogStore(in: try common.settings().directory)
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(Path(file), limit: Self.largest) } catch {
            throw Failure("the file cannot be imported: \(error)")
        }
        let catalog: Catalog
        do { catalog = try ImportedDocument.catalog(bytes, named: file) } catch {
            throw Failure("\(file) cannot be imported: \(error)")
        }
        do {
            _ = try await store.refresh(unlessSince: .max) { (_) async throws(Failure) in catalog }
        } catch let error as StoreError {
            throw Failure(error.code == .locked ? Status.busy : Status.failure, error.description)
        } catch let error as SystemError {
            throw Failure("the catalogue cannot be stored: \(error)")
        }
        try Console.print("Imported \(catalog.count) packages of \(catalog.distributions.count) distributions.\n")
    }
}
