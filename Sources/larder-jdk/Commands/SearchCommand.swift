internal import ArgumentParser
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// `larder jdk search`.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find packages.",
        discussion: """
            QUERY is a version (21, 17.0.9, latest), a distribution (corretto) or both (corretto@21), with jre@ before it \
            for a JRE and +fx behind it for JavaFX. A version covers what begins with it: 21 finds 21.0.5. Packages are \
            those for this platform; a distribution is also found under its other names.
            """
    )

    @Argument(help: ArgumentHelp("What to look for.", valueName: "query"))
    var query: String

    @Flag(exclusivity: .exclusive)
    var style = Style.standard

    @Flag(help: "Only releases with long term support.")
    var ltsOnly = false

    @Flag(exclusivity: .exclusive)
    var field = Field.automatic

    @Flag(help: "Use the catalogue as it is, however old, and ask no source.")
    var offline = false

    @OptionGroup var platform: PlatformOptions
    @OptionGroup var fetch: FetchOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var common: CommonOptions

    enum Style: String, EnumerableFlag {
        case standard, compact, detailed, json

        static func name(for value: Style) -> NameSpecification {
            value == .standard ? .customLong("table") : .customLong(value.rawValue)
        }

        static func help(for value: Style) -> ArgumentHelp? {
            switch value {
            case .standard: "One line a version (the default)."
            case .compact: "Distribution, version and support only."
            case .detailed: "One line a package, with all there is to tell."
            case .json: "Print JSON."
            }
        }
    }

    enum Field: String, EnumerableFlag {
        case automatic, java, distribution

        static func name(for value: Field) -> NameSpecification {
            switch value {
            case .automatic: .customLong("any-version")
            case .java: .customLong("java-version")
            case .distribution: .customLong("distribution-version")
            }
        }

        static func help(for value: Field) -> ArgumentHelp? {
            switch value {
            case .automatic: "Take the version for the one that it looks like (the default)."
            case .java: "Take the version for one of Java."
            case .distribution: "Take the version for the distribution's own, and show those."
            }
        }
    }

    func run() async throws {
        let parsed: SearchQuery
        do { parsed = try SearchQuery(query) } catch { throw Failure(status: .usage, message: error.description) }
        var search = Search(parsed, on: platform.platform)
        search.onlyLongTerm = ltsOnly
        search.field =
            switch field {
            case .automatic: .automatic
            case .java: .java
            case .distribution: .distribution
            }
        let settings = try common.settings(lock)
        let access = CatalogAccess(
            store: CatalogStore(in: settings.directory),
            refresh: try fetch.refresh(settings),
            lock: try lock.options(settings, isQuiet: fetch.quiet, readsOnly: true),
            isOffline: offline || settings.isReadOnly,
            isQuiet: fetch.quiet
        )
        let catalog = try await access.current(for: platform.platform)
        let matches = search.matches(in: catalog)
        if matches.isEmpty, !fetch.quiet {
            Console.complain(EmptyResult.explanation(of: search, in: catalog, query: query))
        }
        try Console.print(SearchOutput(matches: matches, usesOwnVersion: field == .distribution).text(style))
    }
}

/// Why a search found nothing, as far as that can be told.
enum EmptyResult {
    /// One sentence or two, without a full stop.
    static func explanation(of search: Search, in catalog: Catalog, query: String) -> String {
        let place = search.platform.description
        let nothing = "nothing fits \"\(query)\"" + (place.isEmpty ? "" : " on \(place)")
        if let name = search.query.distribution, search.distribution(in: catalog) == nil {
            return "\(nothing): there is no distribution called \"\(name)\"; `larder jdk list-distributions` names them"
        }
        if !catalog.serves(search.platform.scope) {
            return "\(nothing): the catalogue was fetched for \(catalog.origin.scope) only; "
                + "`larder jdk refresh --all-platforms` fetches all"
        }
        var wide = search
        wide.platform = Platform(operatingSystem: "", architecture: "", libC: "")
        if !wide.matches(in: catalog).isEmpty {
            return "\(nothing), but something does for other platforms; see --all-platforms"
        }
        if search.onlyLongTerm { return "\(nothing) with long term support; try without --lts-only" }
        return "\(nothing); a shorter version covers more, and `larder jdk refresh` fetches what is new"
    }
}
