internal import LarderStore

/// Where catalogues come from.
package protocol CatalogSource: Sendable {
    /// One word, as ``Catalog/Origin`` has it.
    var name: String { get }
    var address: WebAddress { get }

    /// Fetches a catalogue, narrowed to `scope` if the source can do that.
    ///
    /// Parts of `known` that the server says are unchanged are taken from there. Either everything comes or nothing:
    /// a catalogue that lacks what could not be fetched would look like a good one.
    ///
    /// - Returns: nil when `known` is what would come.
    func fetch(
        scope: Platform?,
        known: Catalog?,
        with fetcher: HTTPFetcher,
        report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(FetchError) -> Catalog?
}

extension CatalogSource {
    /// The parts at `urls` in that order, a few at a time, each read by `read`; whether one of them changed, too.
    ///
    /// `read` gets a document and the place of its URL.
    func parts(
        _ urls: [String],
        known: Catalog?,
        with fetcher: HTTPFetcher,
        report: @escaping @Sendable (RefreshEvent) -> Void,
        read: @escaping @Sendable ([UInt8], Int) throws(JSONReader.Failure) -> [JDKPackage]
    ) async throws(FetchError) -> (parts: [CatalogDraft.Part], haveChanged: Bool) {
        typealias Piece = (index: Int, part: CatalogDraft.Part, hasChanged: Bool)
        let fetch: @Sendable (Int) async -> Result<Piece, FetchError> = { index in
            let old = known.flatMap { CatalogDraft.Part(of: $0, from: urls[index]) }
            do throws(FetchError) {
                let answer = try await fetcher.get(urls[index], unlessUnchangedSince: old?.usableValidators)
                switch (answer, old) {
                case (.unchanged, let old?): return .success((index, old, false))
                case (.unchanged, nil):
                    throw .unusable(urls[index], "the server says that it is as before, which we do not have")
                case (.document(let bytes, let validators), _):
                    do throws(JSONReader.Failure) {
                        let packages = try read(bytes, index)
                        let part = CatalogDraft.Part(url: urls[index], validators: validators, packages: packages)
                        return .success((index, part, true))
                    } catch { throw .unusable(urls[index], error) }
                }
            } catch { return .failure(error) }
        }
        let outcome: Result<[Piece], FetchError> = await withTaskGroup(of: Result<Piece, FetchError>.self) { group in
            // As many connections as a browser has to one host.
            var waiting = urls.indices.makeIterator()
            for _ in 0..<6 { if let index = waiting.next() { group.addTask { await fetch(index) } } }
            var pieces: [Piece] = []
            while let result = await group.next() {
                switch result {
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                case .success(let piece): pieces.append(piece)
                }
                report(.fetched(pieces.count, of: urls.count))
                if let index = waiting.next() { group.addTask { await fetch(index) } }
            }
            return .success(pieces)
        }
        let pieces = try outcome.get().sorted { $0.index < $1.index }
        return (pieces.map(\.part), pieces.contains(where: \.hasChanged))
    }
}

extension CatalogDraft.Part {
    /// The validators to ask with; nil where the server gave none.
    var usableValidators: Catalog.Validators? { validators.isEmpty ? nil : validators }
}
