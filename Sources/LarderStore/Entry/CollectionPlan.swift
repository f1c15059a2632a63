internal import Files

/// What a collection would remove at this moment, and everything that it would keep.
package struct CollectionPlan: Sendable {
    /// Why an entry would go.
    package enum Reason: Sendable, CaseIterable {
        /// It was not used for as long as was asked for.
        case age
        /// Its namespace takes more than it may, and this one was used least recently in it.
        case namespace
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
        /// Empty for none.
        package let namespace: [UInt8]
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
        let aged = moment.map { moment in entries.prefix { $0.lastUsed < moment }.count } ?? 0

        let fileSystem = try? FileSystem.of(directory)
        var selection = EntrySelection(bytes: entries.map(\.listing.allocated), removals: .max)
        selection.take(.max, of: 0..<aged, because: .age)
        limitNamespaces(entries.map(\.listing.key), on: fileSystem, in: &selection)
        let missing = fileSystem.map { missingSpace(on: $0).subtracting(saturating: selection.removed.bytes) } ?? 0
        let wanted = Self.bytesToRemove(
            of: selection.kept(of: entries.indices),
            missing: missing,
            maximumSize: maximumSize(on: fileSystem)
        )
        selection.take(wanted, of: entries.indices, because: missing > 0 ? .freeSpace : .budget)

        // To look at a damaged entry is no reason to remove it.
        let reader = reader
        for (index, entry) in entries.enumerated() {
            let (kind, namespace, isReadable) = reader.content(of: entry.listing.key)
            plan.items.append(
                .init(
                    key: entry.listing.key,
                    kind: kind,
                    isReadable: isReadable,
                    namespace: namespace,
                    bytes: entry.listing.allocated,
                    lastUsed: entry.lastUsed,
                    reason: selection.reasons[index]
                )
            )
        }
        return plan
    }

    private func content(of key: EntryKey) -> (kind: EntryKind?, namespace: [UInt8], isReadable: Bool) {
        switch open(key) {
        case .miss: (nil, [], false)
        case .hit(let entry): (EntryKind(rawValue: entry.kind), Self.namespace(of: entry), true)
        }
    }
}
