package import Files
internal import LarderStore

/// The catalogue of a cache directory: any number of processes read it while one refreshes it.
package struct CatalogStore: Sendable {
    /// What is there.
    package enum Reading: Sendable {
        case absent
        /// Something is there that is no catalogue: as good as absent, and the next refresh replaces it.
        case unusable(reason: String)
        case present(Stored)
    }

    /// A catalogue, and when it was refreshed.
    package struct Stored: Sendable {
        package var catalog: Catalog
        /// In nanoseconds since 1970.
        package var refreshed: Int64
        /// On the disk.
        package var byteCount: Int64
    }

    /// How old a catalogue may be before a search refreshes it: 30 days, in nanoseconds.
    package static let freshness: Int64 = 30 * 86_400 * 1_000_000_000

    /// False for what is older than that, and for what comes from the future: then a clock was set.
    package static func isFresh(_ refreshed: Int64, now: Int64) -> Bool {
        refreshed <= now && now - refreshed <= freshness
    }

    package let path: Path
    private let lockPath: Path

    package init(in directory: Path) {
        path = directory.appending("snapshots/jdk")
        lockPath = directory.appending("locks/jdk.lock")
    }

    /// Reads the catalogue; takes no lock and waits for nobody.
    package func read() -> Reading {
        do throws(SystemError) {
            let file = try Descriptor(reading: path)
            let status = try file.status()
            let bytes = try file.readAll(expected: status.size, limit: 1 << 28)
            do throws(Catalog.Unreadable) {
                let catalog = try Catalog(decoding: bytes)
                return .present(Stored(catalog: catalog, refreshed: status.identity.modified, byteCount: status.identity.size))
            } catch { return .unusable(reason: error.description) }
        } catch {
            return error.isAbsence ? .absent : .unusable(reason: error.description)
        }
    }

    /// The catalogue, refreshed by `produce` unless it was refreshed at or after `moment`.
    ///
    /// One process does it at a time; who waited for it looks again, so that many at once fetch once.
    package func refresh<E: Error>(
        unlessSince moment: Int64,
        produce: (Catalog?) async throws(E) -> Catalog
    ) async throws -> (stored: Stored, isOurs: Bool) {
        guard let lock = try FileLock.wait(lockPath, seconds: 10) else { throw StoreError(.locked, at: path) }
        var known: Catalog?
        if case .present(let stored) = read() {
            if stored.refreshed >= moment { return (stored, false) }
            known = stored.catalog
        }
        let catalog = try await produce(known)
        try Directory.make(path.parent)
        let entry = try TemporaryEntry(beside: path)
        try entry.file.write(catalog.bytes)
        try entry.publish(.synced)
        lock.release()
        return (Stored(catalog: catalog, refreshed: Clock.wall, byteCount: Int64(catalog.bytes.count)), true)
    }

    /// Removes the catalogue; says whether there was one.
    package func clear() throws -> Bool {
        guard let lock = try FileLock.wait(lockPath, seconds: 10) else { throw StoreError(.locked, at: path) }
        if case .absent = read() {
            lock.release()
            return false
        }
        try Directory.removeFile(path)
        lock.release()
        return true
    }
}
