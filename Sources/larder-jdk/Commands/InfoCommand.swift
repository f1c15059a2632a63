internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore

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
        case .present(let stored): try Console.print(json ? document(stored, store.path) : lines(stored, store.path))
        case .absent:
            try Console.print(
                json
                    ? JSONText.object([("cached", "false"), ("path", JSONText.string("\(store.path)"))]) + "\n"
                    : "No catalogue is cached; `larder jdk refresh` fetches one.\n"
            )
        case .unusable(let reason): throw Failure("\(store.path) cannot be used: \(reason); `larder jdk refresh` replaces it")
        }
    }

    private func lines(_ stored: CatalogStore.Stored, _ path: Path) -> String {
        let now = Clock.wall
        let isFresh = CatalogStore.isFresh(stored.refreshed, now: now)
        let catalog = stored.catalog
        return Console.table([
            ["Location", "\(path)"],
            ["Size", Console.size(stored.byteCount)],
            ["Refreshed", "\(Console.age(nanoseconds: now - stored.refreshed)) ago\(isFresh ? "" : ", which is too long")"],
            ["Source", "\(catalog.origin.source) (\(catalog.origin.location))"],
            ["Platforms", catalog.origin.scope],
            ["Distributions", "\(catalog.distributions.count)"],
            ["Packages", "\(catalog.count)"],
        ])
    }

    private func document(_ stored: CatalogStore.Stored, _ path: Path) -> String {
        let catalog = stored.catalog
        return JSONText.object([
            ("cached", "true"), ("path", JSONText.string("\(path)")), ("bytes", "\(stored.byteCount)"),
            ("refreshed", "\(stored.refreshed / 1_000_000_000)"),
            ("fresh", "\(CatalogStore.isFresh(stored.refreshed, now: Clock.wall))"),
            ("source", JSONText.string(catalog.origin.source)), ("location", JSONText.string(catalog.origin.location)),
            ("platforms", JSONText.string(catalog.origin.scope)), ("distributions", "\(catalog.distributions.count)"),
            ("packages", "\(catalog.count)"),
        ]) + "\n"
    }
}
