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
        let bytes: [UInt8]
        let validators: Catalog.Validators
        switch try await fetcher.get(url, unlessUnchangedSince: old?.usableValidators) {
        case .unchanged: return nil
        case .document(let found, let tags): (bytes, validators) = (found, tags)
        }
        let files: [MirrorMessages.File]
        do throws(JSONReader.Failure) { files = try MirrorMessages.index(bytes) } catch { throw .unusable(url, error) }
        let wanted = files.filter { file in scope.map { file.serves($0) } ?? true }
        guard !wanted.isEmpty else {
            throw .unusable(url, "it names no file\(scope.map { " for \($0)" } ?? "")")
        }
        let (parts, _) = try await self.parts(
            wanted.map { address.appending($0.path) },
            known: known,
            with: fetcher,
            report: report
        ) { (bytes, _) throws(JSONReader.Failure) in try MirrorMessages.packages(bytes) }

        let origin = Catalog.Origin(source: name, location: address.description, scope: scope?.description ?? "all")
        var draft = CatalogDraft(
            origin: origin,
            distributions: wanted.map { KnownDistributions.named($0.distribution) }
        )
        draft.distributions.removeAll { $0.name.isEmpty }
        draft.parts = [CatalogDraft.Part(url: url, validators: validators, packages: [])] + parts
        do throws(Catalog.Unreadable) { return try draft.finished() } catch { throw .unusable(url, error) }
    }
}
