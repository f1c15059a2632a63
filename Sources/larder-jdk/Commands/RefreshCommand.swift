internal import ArgumentParser
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk refresh`.
struct RefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Fetch the catalogue, or what changed of it.",
        discussion: """
            A mirror sends what there is for this platform, or for all with --all-platforms; the foojay API always sends \
            everything. Processes that refresh at the same time fetch once. What cannot be fetched whole replaces nothing.
            """
    )

    @Flag(help: "Fetch only if the catalogue is older than 30 days.")
    var ifStale = false

    @Flag(help: "Fetch packages for every platform.")
    var allPlatforms = false

    @OptionGroup var fetch: FetchOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try common.settings(lock)
        let access = CatalogAccess(
            store: CatalogStore(in: settings.directory),
            refresh: try fetch.refresh(settings),
            lock: try lock.options(settings, isQuiet: fetch.quiet),
            isQuiet: fetch.quiet
        )
        let (copy, isOurs) = try await access.refreshed(
            ifOlderThan: ifStale ? CatalogStore.freshness : nil,
            scope: allPlatforms ? nil : Platform.host()
        )
        guard !fetch.quiet else { return }
        let catalog = copy.document
        let who = isOurs ? "from \(catalog.origin.source)" : "as it is (another refresh was first, or none is due)"
        try Console.print(
            "\(catalog.count) packages of \(catalog.distributions.count) distributions, \(who).\n"
        )
    }
}
