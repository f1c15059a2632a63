internal import LarderStore

/// A mirror of the catalogue on a plain web server: `index.json`, and the files that it names.
package struct MirrorSource: CatalogSource {
    package let name = "mirror"
    package let address: WebAddress

    package init(_ address: WebAddress) { self.address = address }

    package func fetch(
        scope: Platform?,
        known: Catalog?,
        with fetcher: HTTPFetcher,
        report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(FetchError) -> Catalog? {
        let url = address.appending("index.json")
        let old = known.flatMap { CatalogDraft.Part(of: $0, from: url) }
        let urls: [String]
        var distributions: [Distribution]
        let index: CatalogDraft.Part
        var isIndexUnchanged = false
        switch (try await fetcher.get(url, unlessUnchangedSince: old?.usableValidators), known, old) {
        case (.unchanged, let known?, let old?):
            // The same files, which may have changed all the same.
            urls = known.parts.map(\.url).filter { $0 != url }
            (distributions, index, isIndexUnchanged) = (known.distributions, old, true)
        case (.unchanged, _, _):
            throw .unusable(url, "the server says that it is as before, which we do not have")
        case (.document(let bytes, let validators), _, _):
            let wanted = try Self.files(bytes, from: url, for: scope)
            urls = wanted.map { address.appending($0.path) }
            distributions = wanted.map { KnownDistributions.named($0.distribution) }
            index = CatalogDraft.Part(url: url, validators: validators, packages: [])
        }
        let (parts, haveChanged) = try await self.parts(
            urls,
            known: known,
            with: fetcher,
            report: report
        ) { (bytes, _) throws(JSONReader.Failure) in try MirrorMessages.packages(bytes) }

        if isIndexUnchanged, !haveChanged { return nil }
        let origin = Catalog.Origin(source: name, location: address.description, scope: scope?.description ?? "all")
        distributions.removeAll { $0.name.isEmpty }
        var draft = CatalogDraft(origin: origin, distributions: distributions)
        draft.parts = [index] + parts
        do throws(Catalog.Unreadable) { return try draft.finished() } catch { throw .unusable(url, error) }
    }

    /// What the index names for `scope`.
    private static func files(
        _ index: [UInt8],
        from url: String,
        for scope: Platform?
    ) throws(FetchError) -> [MirrorMessages.File] {
        let files: [MirrorMessages.File]
        do throws(JSONReader.Failure) { files = try MirrorMessages.index(index) } catch { throw .unusable(url, error) }
        let wanted = files.filter { file in scope.map { file.serves($0) } ?? true }
        guard !wanted.isEmpty else {
            throw .unusable(url, "it names no file\(scope.map { " for \($0)" } ?? "")")
        }
        return wanted
    }
}
