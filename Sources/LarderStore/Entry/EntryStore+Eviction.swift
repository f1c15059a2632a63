internal import Files

extension EntryStore {
    /// What a sweep did.
    public struct SweepReport: Hashable, Sendable {
        /// What was there before.
        public internal(set) var before = Usage(entries: 0, bytes: 0)
        /// What was removed.
        public internal(set) var removed = Usage(entries: 0, bytes: 0)
        /// Temporary files of dead processes that were removed.
        public internal(set) var leftovers = 0
    }

    static let sweepTarget: (numerator: Int64, denominator: Int64) = (4, 5)

    static let evictionLock = LockName(known: "evict")

    /// How to take the lock of the one who evicts.
    func lockOptions(_ timeout: LockTimeout, purpose: String) -> WriterLock.Options {
        var lock = WriterLock.Options()
        (lock.timeout, lock.mode, lock.purpose) = (timeout, options.lockMode, purpose)
        return lock
    }

    /// Evicts as ``collectGarbage(lock:)`` does unless somebody else is at it; never an error.
    @discardableResult
    func evict(freeing missing: Int64, maximumSize: Int64) -> SweepReport? {
        do throws(LockError) {
            let lockOptions = lockOptions(.once, purpose: "eviction")
            guard let lock = try WriterLock.attempt(Self.evictionLock, in: directory, options: lockOptions) else {
                return nil
            }
            return sweep(
                freeing: missing,
                maximumSize: maximumSize,
                on: try? FileSystem.of(directory),
                under: lock,
                removals: options.removalsPerSweep
            )
        } catch {
            return nil
        }
    }

    /// Brings the store within its budget, removes what dead processes left, and counts anew.
    ///
    /// Waits as long as `lock` says for another process that is doing the same, then throws `.locked`.
    @discardableResult
    public func collectGarbage(lock: WriterLock.Options? = nil) throws(StoreError) -> SweepReport {
        try collectGarbage(lock: lock, progress: { _, _ in })
    }

    /// - Parameter progress: hears how many entries of how many are gone.
    package func collectGarbage(
        lock: WriterLock.Options?,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws(StoreError) -> SweepReport {
        guard FileStatus.of(directory) != nil else { return SweepReport() }
        _ = try StoreFormat.isPresent(in: directory)
        return try withEvictionLock(lock ?? lockOptions(.standard, purpose: "eviction")) { (lock) throws(StoreError) in
            let fileSystem = try prepare()
            removeDebris(under: lock)
            // Whoever asks for it gets what is known this moment.
            Journal(at: directory).fold()
            let missing = missingSpace(on: fileSystem)
            var report = sweep(
                freeing: missing,
                maximumSize: maximumSize(on: fileSystem),
                on: fileSystem,
                under: lock,
                removals: .max,
                progress: progress
            )
            report.leftovers += sweepLeftoversBesideEntries(now: Clock.wall)
            report.leftovers += LockPlace.removeLeftovers(in: directory, mode: options.lockMode)
            return report
        }
    }

    /// Removes the temporary files of processes that are proven dead, one hour after they died at the earliest;
    /// returns how many.
    @discardableResult
    public func sweepLeftovers() -> Int { sweepLeftovers(now: Clock.wall) }

    package func sweepLeftovers(now: Int64) -> Int {
        guard !options.isReadOnly, StoreFormat.foreignName(in: directory) == nil else { return 0 }
        var count = sweepLeftoversBesideEntries(now: now)
        walk(entry: { _ in true }, other: { count += Self.removeIfDead($0, now: now) ? 1 : 0 })
        return count
    }

    /// The same for the files that exist once: format, sums of the journal, snapshots.
    private func sweepLeftoversBesideEntries(now: Int64) -> Int {
        var count = 0
        for place in [directory, directory.appending("journal"), directory.appending("snapshots")] {
            for name in (try? Directory.names(in: place)) ?? [] where Leftover.maker(ofTemporary: name) != nil {
                count += Self.removeIfDead(place.appending(bytes: name), now: now) ? 1 : 0
            }
        }
        return count
    }

    private static func removeIfDead(_ path: Path, now: Int64 = Clock.wall) -> Bool {
        guard Leftover.isDead(path, now: now) else { return false }
        return (try? Directory.removeFile(path)) != nil
    }

    func withEvictionLock<R>(
        _ lockOptions: WriterLock.Options,
        _ body: (borrowing WriterLock) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        guard !options.isReadOnly else { throw StoreError(.readOnly, at: directory) }
        let lock: WriterLock
        do throws(LockError) {
            lock = try WriterLock.acquire(Self.evictionLock, in: directory, options: lockOptions)
        } catch {
            throw StoreError(error, at: directory)
        }
        return try body(lock)
    }

    /// How many of `total` bytes a sweep is to remove.
    static func bytesToRemove(of total: Int64, missing: Int64, maximumSize: Int64) -> Int64 {
        let target = maximumSize / sweepTarget.denominator * sweepTarget.numerator
        // A twentieth more than is missing, or whoever publishes next would have to walk the tree again.
        return max(missing > 0 ? missing.adding(saturating: total / 20) : 0, total > maximumSize ? total - target : 0)
    }

    /// What the file system lacks of the space that is to stay free, in bytes.
    func missingSpace(on fileSystem: FileSystem) -> Int64 {
        guard fileSystem.isMeasured else { return 0 }
        return max(0, freeSpaceFloor(on: fileSystem).subtracting(saturating: fileSystem.free))
    }

    /// Removes what was used least recently.
    ///
    /// Down to four fifths of the budget when the entries exceed it, of a namespace's when its own do, and at least `missing`
    /// bytes where those are missing. One walk, at most `removals` removals; the sums are right afterwards.
    private func sweep(
        freeing missing: Int64,
        maximumSize: Int64,
        on fileSystem: FileSystem?,
        under lock: borrowing WriterLock,
        removals: Int,
        progress: (Int, Int) -> Void = { _, _ in }
    ) -> SweepReport {
        // The journal knows what was used since: bring that to the files first.
        let journal = Journal(at: directory)
        journal.foldUnlessRecent()

        var report = SweepReport()
        guard let counters = try? UsageCounters(in: directory) else { return report }
        let (sumsBefore, namespacesBefore) = (counters.sums, namespaceSums)
        var entries: [Listing] = []
        walk(
            entry: { listing in
                entries.append(listing)
                report.before.bytes = report.before.bytes.adding(saturating: listing.allocated)
                return true
            },
            other: { report.leftovers += Self.removeIfDead($0) ? 1 : 0 },
            empty: { Directory.removeIfEmpty($0) }
        )
        report.before.entries = entries.count

        entries.sort { $0.lastUsed < $1.lastUsed }
        let removal = removal(
            of: entries,
            freeing: missing,
            maximumSize: maximumSize,
            on: fileSystem,
            upTo: removals,
            progress
        )
        report.removed = removal.selection.removed
        contents.linkedOutputs.sweep()
        removeEmptyDirectories(
            of: entries.indices.lazy.filter { removal.selection.reasons[$0] != nil }.map { entries[$0].key }
        )
        let rest = Usage(
            entries: report.before.entries - report.removed.entries,
            bytes: report.before.bytes - report.removed.bytes
        )
        counters.correct(from: sumsBefore, to: rest)
        correctNamespaces(from: namespacesBefore, to: removal.namespaces)
        for (reason, cause) in [
            (CollectionPlan.Reason.namespace, "namespace"), (.budget, "budget"), (.freeSpace, "free_space"),
        ] {
            let count = removal.selection.reasons.count { $0 == reason }
            if count > 0 { journal.record(Event(.evict, cause: cause, count: count)) }
        }
        return report
    }

    /// Removes of `entries`, the least recently used first, what is beyond the bounds; says what the namespaces take then.
    private func removal(
        of entries: [Listing],
        freeing missing: Int64,
        maximumSize: Int64,
        on fileSystem: FileSystem?,
        upTo removals: Int,
        _ progress: (Int, Int) -> Void
    ) -> (selection: EntrySelection, namespaces: [[UInt8]: Usage]) {
        func remove(_ index: Int) -> Bool { (try? Directory.removeFile(path(of: entries[index].key))) != nil }
        var selection = EntrySelection(bytes: entries.map(\.allocated), removals: removals)
        let members = limitNamespaces(entries.map(\.key), on: fileSystem, in: &selection, if: remove)
        let missing = missing.subtracting(saturating: selection.removed.bytes)
        let wanted = Self.bytesToRemove(
            of: selection.kept(of: entries.indices),
            missing: missing,
            maximumSize: maximumSize
        )
        let reason = missing > 0 ? CollectionPlan.Reason.freeSpace : .budget
        var planned = selection
        planned.take(wanted, of: entries.indices, because: reason)
        let total = planned.removed.entries - selection.removed.entries
        var done = 0
        selection.take(wanted, of: entries.indices, because: reason) { index in
            progress(done, total)
            done += 1
            return remove(index)
        }
        let namespaces = members.mapValues { indices in
            let kept = indices.filter { selection.reasons[$0] == nil }
            return Usage(entries: kept.count, bytes: selection.kept(of: kept))
        }
        return (selection, namespaces)
    }
}
