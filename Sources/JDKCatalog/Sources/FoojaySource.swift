internal import LarderStore

/// The foojay Disco API: https://github.com/foojayio/discoapi.
///
/// Every distribution is asked for by itself: answers stay small, progress can be seen, and what did not change need
/// not come again. Whatever the scope is, packages for all platforms come.
package struct FoojaySource: CatalogSource {
    package let name = "foojay"
    package let address: WebAddress

    package init(_ address: WebAddress) { self.address = address }

    package func fetch(
        scope: Platform?,
        known: Catalog?,
        with fetcher: HTTPFetcher,
        report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(FetchError) -> Catalog? {
        let url = address.appending("v3.0/distributions")
        let old = known.flatMap { CatalogDraft.Part(of: $0, from: url) }
        let distributions: [Distribution]
        var list = CatalogDraft.Part(url: url, packages: [])
        var haveNamesChanged = true
        switch try await fetcher.get(url, unlessUnchangedSince: old?.usableValidators) {
        case .unchanged: (distributions, haveNamesChanged) = (known?.distributions ?? [], false)
        case .document(let bytes, let validators):
            do throws(JSONReader.Failure) {
                distributions = try FoojayMessages.distributions(bytes)
            } catch { throw .unusable(url, error) }
            list.validators = validators
        }
        if !haveNamesChanged, let old { list = old }
        guard !distributions.isEmpty else { throw .unusable(url, "it names no distribution") }

        let names = distributions.map(\.name)
        let (parts, haveChanged) = try await self.parts(
            names.map { packages(of: $0) },
            known: known,
            with: fetcher,
            report: report
        ) { (bytes, index) throws(JSONReader.Failure) in
            // A server that does not know the filter sends the packages of all; each is taken once.
            try FoojayMessages.packages(bytes).filter { $0.distribution == names[index] }
        }
        guard haveNamesChanged || haveChanged else { return nil }
        var draft = CatalogDraft(
            origin: Catalog.Origin(source: name, location: address.description),
            distributions: distributions
        )
        draft.parts = [list] + parts
        do throws(Catalog.Unreadable) { return try draft.finished() } catch { throw .unusable(url, error) }
    }

    /// Archives only: an installer cannot be unpacked beside others.
    ///
    /// The API's own description calls the filter `distro`, the clients in use `distribution`; it takes both.
    private func packages(of distribution: String) -> String {
        let word = WebAddress.escaped(distribution)
        return address.appending(
            "v3.0/packages?distro=\(word)&distribution=\(word)&archive_type=tar.gz&archive_type=tgz&archive_type=zip"
        )
    }
}
