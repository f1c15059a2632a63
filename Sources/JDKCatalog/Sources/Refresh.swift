/// Asks sources in order until one gives a catalogue.
package struct Refresh: Sendable {
    package var sources: [any CatalogSource]
    package var options = HTTPFetcher.Options()

    package init(sources: [any CatalogSource]) { self.sources = sources }

    /// No source gave a catalogue.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// In the order of the sources.
        package let reasons: [(source: String, error: FetchError)]

        package var isCancelled: Bool { reasons.contains { $0.error.kind == .cancelled } }

        /// What is wrong with the environment, where that is why.
        package var misconfiguration: String? {
            reasons.first { $0.error.kind == .misconfigured }?.error.description
        }

        /// Without a full stop.
        package var description: String {
            if reasons.isEmpty { return "every source of JDK metadata is switched off" }
            return reasons.map { "\($0.source): \($0.error)" }.joined(separator: "; ")
        }
    }

    /// The catalogue of the first source that gives a usable one.
    ///
    /// `known` is what was fetched before: parts of it that did not change are not fetched again, and where all of it
    /// is as it was it is returned.
    package func run(
        known: Catalog?,
        scope: Platform?,
        report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(Failure) -> Catalog {
        var reasons: [(source: String, error: FetchError)] = []
        for (index, source) in sources.enumerated() {
            report(.asking(source: source.name, location: source.address.description))
            do throws(FetchError) {
                return try await ask(source, known, scope, report)
            } catch {
                reasons.append((source.name, error))
                if error.kind == .cancelled || error.kind == .misconfigured { break }
                // Of the last one the failure itself tells.
                if index < sources.count - 1 { report(.failed(source: source.name, reason: error.description)) }
            }
        }
        throw Failure(reasons: reasons)
    }

    private func ask(
        _ source: any CatalogSource,
        _ known: Catalog?,
        _ scope: Platform?,
        _ report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(FetchError) -> Catalog {
        // What came from elsewhere, or for another scope, has other parts.
        let known = known.flatMap { known in
            let isSame = known.origin.source == source.name && known.origin.location == source.address.description
            let isWide = known.origin.scope == "all"
            return isSame
                && (isWide ? scope == nil || source is FoojaySource : known.origin.scope == scope?.description)
                ? known : nil
        }
        let found = try await HTTPFetcher.with(source.address, options, report: report) {
            (fetcher) async throws(FetchError) in
            try await source.fetch(scope: scope, known: known, with: fetcher, report: report)
        }
        guard let catalog = found ?? known, catalog.count > 0 else {
            throw .unusable(source.address.description, "it offers no packages")
        }
        return catalog
    }
}
