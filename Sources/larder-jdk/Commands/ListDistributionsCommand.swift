internal import ArgumentParser
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk list-distributions`.
struct ListDistributionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-distributions",
        abstract: "List the distributions and how many packages they have for this platform.",
        discussion: "Before the first refresh these are the names that Larder knows by itself, without packages."
    )

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var platform: PlatformOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let store = CatalogStore(in: try common.settings().directory)
        var distributions = KnownDistributions.all
        var counts: [String: Int]?
        if let catalog = store.read().copy?.document {
            distributions = catalog.distributions
            counts = catalog.counts(for: platform.platform)
        } else {
            Console.complain(
                "no catalogue is cached; these are the names that Larder knows by itself, `larder jdk refresh` fetches packages"
            )
        }
        guard !json else {
            let items = distributions.map { item in
                JSONText.object([
                    ("name", JSONText.string(item.name)), ("display_name", JSONText.string(item.displayName)),
                    ("synonyms", "[" + item.synonyms.map(JSONText.string).joined(separator: ", ") + "]"),
                    ("packages", counts.map { "\($0[item.name] ?? 0)" }), ("builtin", "\(counts == nil)"),
                ])
            }
            try Console.print(JSONText.array(items) + "\n")
            return
        }
        var rows = [["Name", "Distribution"] + (counts == nil ? [] : ["Packages"])]
        for item in distributions {
            rows.append([item.name, item.displayName] + (counts.map { ["\($0[item.name] ?? 0)"] } ?? []))
        }
        try Console.print(TextTable.aligned(rows, right: [2]))
    }
}
