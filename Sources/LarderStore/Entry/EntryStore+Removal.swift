internal import Files

extension EntryStore {
    /// Removes the entries that were last used before `moment`, in nanoseconds since 1970; returns what they took.
    ///
    /// - Parameter progress: hears how many of how many are gone.
    package func evict(
        unusedSince moment: Int64,
        lock: WriterLock.Options? = nil,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> Usage {
        guard FileStatus.of(directory) != nil else { return Usage(entries: 0, bytes: 0) }
        let lock = lock ?? lockOptions(.standard, purpose: "eviction")
        return try withEvictionLock(lock) { (_) throws(StoreError) in
            _ = try prepare()
            // The journal knows what was used since: bring that to the files first.
            Journal(at: directory).fold()
            var old: [Listing] = []
            forEachEntry {
                if $0.lastUsed < moment { old.append($0) }
                return true
            }
            return removeAll(old.map(\.key), cause: "age", progress)
        }
    }

    /// Removes what compilers and commands gave and was last used before `moment`, and what led there; returns what they took.
    ///
    /// The entries of `kept` stay, and so does what is known of compilers, and what led to results of commands, of which the
    /// journal notes no use. Opens every entry, for its kind.
    package func evictResults(
        unusedSince moment: Int64,
        but kept: Set<EntryKey>,
        lock: WriterLock.Options? = nil
    ) throws(StoreError) -> Usage {
        let kinds: [EntryKind] = [.manifest, .object, .outputs, .commandResult]
        let unused = plan(unusedSince: nil).items.filter { item in
            item.lastUsed < moment && !kept.contains(item.key) && item.kind.map { kinds.contains($0) } ?? false
        }
        return try remove(unused.map(\.key), cause: "session", lock: lock)
    }

    /// Removes the entries of `keys`, those that are there; returns what they took.
    ///
    /// What is used while this runs goes, too. `cause` is what the journal counts them under.
    package func remove(
        _ keys: some Sequence<EntryKey>,
        cause: String,
        lock: WriterLock.Options? = nil
    ) throws(StoreError) -> Usage {
        guard FileStatus.of(directory) != nil else { return Usage(entries: 0, bytes: 0) }
        return try withEvictionLock(lock ?? lockOptions(.standard, purpose: "removal")) { (_) throws(StoreError) in
            _ = try prepare()
            return removeAll(Array(keys), cause: cause)
        }
    }

    private func removeAll(_ keys: [EntryKey], cause: String, _ progress: (Int, Int) -> Void = { _, _ in }) -> Usage {
        var removed = Usage(entries: 0, bytes: 0)
        for (number, key) in keys.enumerated() {
            progress(number, keys.count)
            guard let status = FileStatus.ofLink(path(of: key)), (try? remove(key)) != nil else { continue }
            removed.entries += 1
            removed.bytes = removed.bytes.adding(saturating: status.allocated)
        }
        removeEmptyDirectories(of: keys)
        if removed.entries > 0 {
            Journal(at: directory).record(Event(.evict, cause: cause, count: removed.entries))
        }
        return removed
    }
}
