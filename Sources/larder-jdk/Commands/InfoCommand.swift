internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk info`.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show what is cached, how old it is and where it came from."
    )

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let store = CatalogStore(in: try common.settings().directory)
        switch store.read() {
        case .present(let copy): try Console.print(json ? document(copy, store.path) : lines(copy, store.path))
        case .absent:
            try Console.print(
                json
                    ? JSONText.object([("cached", "false"), ("path", JSONText.string("\(store.path)"))]) + "\n"
                    : "No catalogue is cached; `larder jdk refresh` fetches one.\n"
            )
        case .unusable(let defect):
            throw Failure(message: "\(store.path) cannot be used, \(defect); `larder jdk refresh` replaces it")
        }
    }

    private func lines(_ copy: SnapshotCopy<Catalog>, _ path: Path) -> String {
        let isFresh = !copy.isOlder(than: CatalogStore.freshness)
        let catalog = copy.document
        return TextTable.aligned([
            ["Location", "\(path)"],
            ["Size", Text.download(Int64(copy.fileSize))],
            ["Refreshed", "\(Text.age(copy.age)) ago\(isFresh ? "" : ", which is too long")"],
            ["Source", "\(catalog.origin.source) (\(catalog.origin.location))"],
            ["Platforms", catalog.origin.scope],
            ["Distributions", "\(catalog.distributions.count)"],
            ["Packages", "\(catalog.count)"],
        ])
    }

    private func document(_ copy: SnapshotCopy<Catalog>, _ path: Path) -> String {
        let catalog = copy.document
        return JSONText.object([
            ("cached", "true"), ("path", JSONText.string("\(path)")), ("bytes", "\(copy.fileSize)"),
            ("refreshed", "\(copy.writtenAt / 1000)"),
            ("fresh", "\(!copy.isOlder(than: CatalogStore.freshness))"),
            ("source", JSONText.string(catalog.origin.source)), ("location", JSONText.string(catalog.origin.location)),
            ("platforms", JSONText.string(catalog.origin.scope)), ("distributions", "\(catalog.distributions.count)"),
            ("packages", "\(catalog.count)"),
        ]) + "\n"
    }
}
