internal import Files
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// How a command comes by the catalogue.
struct CatalogAccess {
    let store: CatalogStore
    let refresh: Refresh
    let lock: WriterLock.Options
    var isOffline = false
    var isQuiet = false

    /// The catalogue for a command that reads: refreshed when it is missing or too old, and else as it is.
    ///
    /// One that was fetched for less than `platform` is fetched for that as well. An old one that cannot be refreshed is
    /// better than none, and says so.
    func current(for platform: Platform) async throws -> Catalog {
        let reading = store.read()
        if let copy = reading.copy {
            let isFit = copy.document.serves(platform.scope)
            if isOffline, !isFit {
                Console.complain(
                    "warning: the cached catalogue was fetched for \(copy.document.origin.scope) only, and --offline or "
                        + "LARDER_READONLY forbids to fetch more"
                )
            }
            if isOffline || (isFit && !copy.isOlder(than: CatalogStore.freshness)) { return copy.document }
        }
        if case .unusable(let defect) = reading {
            Console.complain("warning: the cached catalogue \(store.path) cannot be used, \(defect)")
        }
        guard !isOffline else {
            throw Failure(
                status: .unavailable,
                message: "no catalogue is cached, and --offline or LARDER_READONLY forbids to fetch one; "
                    + "run `larder jdk refresh` or `larder jdk import FILE`"
            )
        }
        do {
            // As wide as the last one was asked for; other sources than a mirror cannot be asked for less than all.
            let old = reading.copy?.document.origin
            let scope = old?.source == "mirror" ? platform.widened(by: old?.scope ?? "all") : platform.scope
            return try await refreshed(ifOlderThan: CatalogStore.freshness, scope: scope).copy.document
        } catch let unstored as Unstored {
            Console.complain("warning: \(unstored.failure.message); it is used but not kept")
            return unstored.catalog
        } catch let failure as Failure where ![.cancelled, .usage].contains(failure.status) {
            guard let old = reading.copy else { throw failure }
            Console.complain("warning: \(failure.message); using the catalogue of \(Text.age(old.age)) ago")
            return old.document
        }
    }

    /// A catalogue that was fetched and could not be kept.
    struct Unstored: Error {
        let catalog: Catalog
        let failure: Failure
    }

    /// The catalogue, fetched where it is older than `age` milliseconds, or in any case where that is nil; but not where
    /// another process has done it while we waited.
    func refreshed(
        ifOlderThan age: Int64?,
        scope: Platform?
    ) async throws -> (copy: SnapshotCopy<Catalog>, isOurs: Bool) {
        let progress = RefreshProgress(isQuiet: isQuiet)
        defer { progress.end() }
        var policy = RefreshPolicy(ifOlderThan: age)
        policy.lock = lock
        policy.lock.purpose = "fetching the JDK catalogue"
        do throws(CatalogStore.Failure) {
            let result = try await Interrupt.cancelling { [policy] () async throws(CatalogStore.Failure) in
                try await store.refresh(policy, by: refresh, scope: scope) { progress.show($0) }
            }
            if let warning = result.copy.warning { Console.complain("warning: \(warning)") }
            return result
        } catch {
            switch error {
            case .store(let error): throw Failure(error)
            case .unstored(let catalog, let error): throw Unstored(catalog: catalog, failure: Failure(error))
            case .sources(let error, _) where error.isCancelled:
                throw Failure(status: .cancelled, message: "the refresh was cancelled; the catalogue is as it was")
            case .sources(let error, let old):
                if let sentence = error.misconfiguration { throw Failure(status: .usage, message: sentence) }
                var failure = Failure(
                    status: old == nil ? .unavailable : .failure,
                    message: "no source gave a catalogue (\(error))"
                )
                failure.consequence =
                    old.map { "the catalogue of \(Clock.shown(milliseconds: $0.writtenAt)) stays" }
                    ?? "`larder jdk import FILE` takes one by hand"
                throw failure
            }
        }
    }
}

extension Failure {
    /// What the store says, under the status that fits.
    init(_ error: SnapshotError) {
        switch error.lock?.code {
        case .timedOut: self.init(status: .busy, message: error.description)
        case .cancelled: self.init(status: .cancelled, message: error.description)
        default: self.init(message: error.description)
        }
    }
}
