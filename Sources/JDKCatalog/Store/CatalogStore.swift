package import Files
package import LarderStore

extension Catalog: SnapshotDocument {
    package static let kind = "jdk-catalogue-1"

    package init(snapshotBytes bytes: [UInt8]) throws { try self.init(decoding: bytes) }

    package func snapshotBytes() throws -> [UInt8] { bytes }

    /// An empty catalogue replaces nothing.
    package func validate() throws {
        guard count > 0 else { throw Unreadable(description: "it holds no packages") }
    }
}

/// The catalogue of a cache directory: any number of processes read it while one refreshes it.
package struct CatalogStore: Sendable {
    /// How old a catalogue may be before a search refreshes it: 30 days, in milliseconds.
    package static let freshness: Int64 = 30 * 86_400_000

    private let snapshot: Snapshot<Catalog>

    package init(in directory: Path) {
        snapshot = Snapshot("jdk-catalogue", in: directory)
    }

    /// The file.
    package var path: Path { snapshot.path }

    /// Reads the catalogue; takes no lock and waits for nobody.
    package func read() -> SnapshotReading<Catalog> { snapshot.read() }

    /// Why a refresh gave nothing.
    package enum Failure: Error {
        /// The store's side: a lock, a file, a catalogue that is not fit.
        case store(SnapshotError)
        /// The catalogue came and could not be kept: whoever only wants to read has it all the same.
        case unstored(Catalog, SnapshotError)
        /// The sources' side; an older catalogue, if there is one that can be read.
        case sources(Refresh.Failure, old: SnapshotCopy<Catalog>?)
    }

    /// The catalogue, made anew by `refresh` where `policy` asks for it and no other process does it.
    ///
    /// One process fetches at a time, under the lock, and says so in its record; whoever waited for it looks again, so
    /// that many at once fetch once. What `policy` says of keeping an old one is left to the caller.
    package func refresh(
        _ policy: RefreshPolicy,
        by refresh: Refresh,
        scope: Platform?,
        report: @escaping @Sendable (RefreshEvent) -> Void
    ) async throws(Failure) -> (copy: SnapshotCopy<Catalog>, isOurs: Bool) {
        let start: RefreshStart<Catalog>
        do throws(SnapshotError) {
            // One that another process has fetched for less is not what was asked for.
            start = try snapshot.beginRefresh(policy) { $0.serves(scope) }
        } catch { throw .store(error) }
        switch consume start {
        case .current(let copy): return (copy, false)
        case .stale(let copy): return (copy, false)
        case .writer(let writer):
            let old = writer.previous.copy
            let catalog: Catalog
            do throws(Refresh.Failure) {
                catalog = try await refresh.run(known: old?.document, scope: scope, report: report)
            } catch { throw .sources(error, old: old) }
            do throws(SnapshotError) {
                return (try writer.publish(catalog), true)
            } catch { throw .unstored(catalog, error) }
        }
    }

    /// Puts `catalog` in the place of the one that is there.
    package func replace(
        by catalog: Catalog,
        lock: WriterLock.Options
    ) throws(SnapshotError) -> SnapshotCopy<Catalog> {
        var policy = RefreshPolicy()
        policy.lock = lock
        while true {
            // Somebody else's refresh while we waited does not make ours superfluous.
            if case .writer(let writer) = try snapshot.beginRefresh(policy) { return try writer.publish(catalog) }
        }
    }

    /// Removes the catalogue; says whether there was one.
    package func clear(lock: WriterLock.Options) throws(SnapshotError) -> Bool { try snapshot.clear(lock: lock) }
}
