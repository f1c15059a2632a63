internal import Files
internal import JDKCatalog
internal import LarderStore

/// How a command comes by the catalogue.
struct CatalogAccess {
    let store: CatalogStore
    let refresh: Refresh
    var isOffline = false
    var isQuiet = false

    /// The catalogue for a command that reads: refreshed when it is missing or too old, and else as it is.
    ///
    /// An old one that cannot be refreshed is better than none, and says so.
    func current() async throws -> CatalogStore.Stored {
        let reading = store.read()
        let now = Clock.wall
        switch reading {
        case .present(let stored) where isOffline || CatalogStore.isFresh(stored.refreshed, now: now): return stored
        case .present(let stored):
            do {
                return try await refreshed(unlessSince: now - CatalogStore.freshness, scope: Self.scope(of: stored)).stored
            } catch let failure as Failure where failure.status != Status.cancelled {
                Console.complain(
                    "warning: \(failure.message); using the catalogue of \(Console.age(nanoseconds: now - stored.refreshed)) ago"
                )
                return stored
            }
        case .absent, .unusable:
            if case .unusable(let reason) = reading { Console.complain("warning: the cached catalogue is unusable (\(reason))") }
            guard !isOffline else {
                throw Failure(
                    Status.unavailable,
                    "there is no cached catalogue, and --offline forbids to fetch one; run `larder jdk refresh` or "
                        + "`larder jdk import FILE`"
                )
            }
            return try await refreshed(unlessSince: now - CatalogStore.freshness, scope: Platform.host()).stored
        }
    }

    /// The catalogue, fetched unless another process did that at or after `moment`.
    func refreshed(
        unlessSince moment: Int64,
        scope: Platform?
    ) async throws -> (stored: CatalogStore.Stored, isOurs: Bool) {
        let progress = RefreshProgress(isQuiet: isQuiet)
        defer { progress.end() }
        do {
            return try await store.refresh(unlessSince: moment) { (known) async throws(Refresh.Failure) in
                try await refresh.run(known: known, scope: scope) { progress.show($0) }
            }
        } catch let failure as Refresh.Failure {
            progress.end()
            guard !failure.isCancelled else { throw Failure(Status.cancelled, "the refresh was cancelled") }
            throw Failure(Status.unavailable, "no source gave a catalogue (\(failure))")
        } catch let error as StoreError {
            throw Failure(error.code == .locked ? Status.busy : Status.failure, error.description)
        } catch let error as SystemError {
            throw Failure("the catalogue cannot be stored: \(error)")
        }
    }

    /// The platform that a catalogue was narrowed to; nil for all.
    private static func scope(of stored: CatalogStore.Stored) -> Platform? {
        stored.catalog.origin.scope == "all" && stored.catalog.origin.source == "mirror" ? nil : Platform.host()
    }
}
