internal import Files

extension EntryStore {
    /// Removes the entries that were last used before `moment`, in nanoseconds since 1970; returns what they took.
    package func evict(unusedSince moment: Int64, lock: WriterLock.Options? = nil) throws(StoreError) -> Usage {
        guard FileStatus.of(directory) != nil else { return Usage(entries: 0, bytes: 0) }
        let lock = lock ?? lockOptions(.standard, purpose: "eviction")
        return try withEvictionLock(lock) { (_) throws(StoreError) in
            _ = try prepare()
            // The journal knows what was used since: bring that to the files first.
            let journal = Journal(at: directory)
            journal.fold()
            var old: [Listing] = []
            forEachEntry {
                if $0.lastUsed < moment { old.append($0) }
                return true
            }
            var removed = Usage(entries: 0, bytes: 0)
            for listing in old where (try? remove(listing.key)) != nil {
                removed.entries += 1
                removed.bytes = removed.bytes.adding(saturating: listing.allocated)
            }
            if removed.entries > 0 { journal.record(Event(.evict, cause: "age", count: removed.entries)) }
            return removed
        }
    }
}
