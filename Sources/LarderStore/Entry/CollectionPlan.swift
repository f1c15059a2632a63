internal import Files

/// What a collection would remove at this moment, and everything that it would keep.
package struct CollectionPlan: Sendable {
    /// Why an entry would go.
    package enum Reason: Sendable, CaseIterable {
        /// It was not used for as long as was asked for.
        case age
        /// The entries exceed the budget, and this one was used least recently.
        case budget
        /// The file system has too little free space, and this one was used least recently.
        case freeSpace
    }

    /// An entry as the plan sees it.
    package struct Item: Sendable {
        package let key: EntryKey
        /// Nil for an entry of a program that is none of ours.
        package let kind: EntryKind?
        /// False for what a lookup would not take: it is damaged, of another version, or may not be read.
        package let isReadable: Bool
        /// Bytes on the disk.
        package let bytes: Int64
        /// In nanoseconds since 1970, what the journal knows included.
        package let lastUsed: Int64
        /// Nil for what stays.
        package let reason: Reason?
    }

    /// The least recently used first.
    package fileprivate(set) var items: [Item] = []
    /// When the plan was made, in nanoseconds since 1970.
    package let moment: Int64
}

extension EntryStore {
    /// What ``evict(unusedSince:lock:)``, where `moment` is given, and then ``collectGarbage(lock:)`` would remove now.
    ///
    /// Takes no lock, writes nothing and removes nothing, damaged entries included. Opens every entry, for its kind.
    ///
    /// - Parameter moment: in nanoseconds since 1970; nil where age is no reason.
    package func plan(unusedSince moment: Int64?) -> CollectionPlan {
        var plan = CollectionPlan(moment: Clock.wall)
        let uses = Journal(at: directory).usesSinceFold()
        var entries: [(listing: Listing, lastUsed: Int64)] = []
        forEachEntry { listing in
            entries.append((listing, max(listing.lastUsed, uses[listing.key] ?? 0)))
            return true
        }
        entries.sort { $0.lastUsed < $1.lastUsed }
        func sum(_ entries: some Sequence<(listing: Listing, lastUsed: Int64)>) -> Int64 {
            entries.reduce(0) { $0.adding(saturating: $1.listing.allocated) }
        }
        let aged = moment.map { moment in entries.prefix { $0.lastUsed < moment }.count } ?? 0
        let agedBytes = sum(entries[..<aged])

        let fileSystem = try? FileSystem.of(directory)
        let missing = fileSystem.map { missingSpace(on: $0).subtracting(saturating: agedBytes) } ?? 0
        let reason = missing > 0 ? CollectionPlan.Reason.freeSpace : .budget
        let maximum = maximumSize(on: fileSystem)
        let wanted = Self.bytesToRemove(of: sum(entries[aged...]), missing: missing, maximumSize: maximum)

        // To look at a damaged entry is no reason to remove it.
        var options = options
        options.isReadOnly = true
        let reader = EntryStore(at: directory, options: options)
        var (removed, rest) = (Int64(0), options.removalsPerSweep)
        for (index, entry) in entries.enumerated() {
            var why = index < aged ? CollectionPlan.Reason.age : nil
            if why == nil, removed < wanted, rest > 0 {
                removed = removed.adding(saturating: entry.listing.allocated)
                rest -= 1
                why = reason
            }
            let (kind, isReadable) = reader.kind(of: entry.listing.key)
            plan.items.append(
                .init(
                    key: entry.listing.key,
                    kind: kind,
                    isReadable: isReadable,
                    bytes: entry.listing.allocated,
                    lastUsed: entry.lastUsed,
                    reason: why
                )
            )
        }
        return plan
    }

    private func kind(of key: EntryKey) -> (kind: EntryKind?, isReadable: Bool) {
        switch open(key) {
        case .miss: (nil, false)
        case .hit(let entry): (EntryKind(rawValue: entry.kind), true)
        }
    }
}
