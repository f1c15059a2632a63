internal import Files
internal import LarderStore
internal import Terminal
internal import Wire

extension CCacheCommands {
    func clean() throws(Failure) {
        let settings = try larder()
        let store = store(settings)
        guard FileStatus.of(settings.directory) != nil else { return try print(removed: Usage(entries: 0, bytes: 0)) }
        let removed: Usage
        do throws(StoreError) { removed = try store.collectGarbage(lock: settings.lockOptions).removed } catch {
            throw Failure(error)
        }
        try print(removed: removed)
    }

    /// Removes every entry; counts stay, as ccache's do.
    func clear() throws(Failure) {
        let settings = try larder()
        let store = store(settings)
        guard Command.looksLikeCache(settings.directory) else {
            let place = Text.shown(settings.directory.bytes)
            throw Failure(message: "\(place) does not look like a cache, so nothing was removed")
        }
        do throws(StoreError) { try store.clear(lock: settings.lockOptions) } catch { throw Failure(error) }
        try Console.print("Cleared cache\n")
    }

    /// Removes what was not used for as long as `age` says.
    func evict(olderThan text: [UInt8]) throws(Failure) {
        guard let age = Age(text) else {
            throw Failure(message: "invalid age \"\(Text.shown(text))\": it must be \(Age.accepted)")
        }
        let settings = try larder()
        let store = store(settings)
        let removed: Usage
        do throws(StoreError) {
            removed = try store.evict(unusedSince: age.moment, lock: settings.lockOptions)
        } catch {
            throw Failure(error)
        }
        try print(removed: removed)
    }

    /// Removes what belongs to a namespace.
    func evict(namespace: [UInt8]) throws(Failure) {
        guard !namespace.isEmpty else { throw Failure(message: "--evict-namespace needs the name of a namespace") }
        let settings = try larder()
        let store = store(settings)
        let removed: Usage
        do throws(StoreError) {
            removed = try store.remove(store.entries(of: namespace), cause: "purge", lock: settings.lockOptions)
        } catch {
            throw Failure(error)
        }
        try print(removed: removed)
    }

    /// Begins to count anew.
    func zero() throws(Failure) {
        let settings = try larder()
        _ = store(settings)
        let journal = Journal(at: settings.directory)
        // When entries were last used is not to be forgotten with the counts.
        journal.fold()
        do throws(StoreError) { try journal.reset() } catch { throw Failure(error) }
        try Console.print("Statistics zeroed\n")
    }

    func showCompression() throws(Failure) {
        let settings = try larder()
        let usage = store(settings).usage()
        var options = settings.storeOptions
        // To look at entries is no reason to remove any.
        options.isReadOnly = true
        let report: EntryStore.VerifyReport
        do throws(StoreError) { report = try EntryStore(at: settings.directory, options: options).verify() } catch {
            throw Failure(error)
        }
        let (kept, original) = (report.storedBytes, report.trueBytes)
        let share = Text.percent(kept, of: original) ?? "100.0 %"
        let ratio = kept > 0 ? CCacheSize.tenths(of: original, kept) : "1.0"
        try Console.print(
            TextTable.aligned([
                ["Total data:", Text.size(usage.bytes)],
                ["Compressed data:", "\(Text.size(kept)) (\(share) of original size)"],
                ["  Original size:", Text.size(original)],
                ["  Compression ratio:", "\(ratio) x"],
            ])
        )
    }

    func recompress(_ level: [UInt8]) throws(Failure) {
        let isLevel = CCacheKey.compressionLevel.fault(of: level[...]) == nil
        guard isLevel || level == Array("uncompressed".utf8) else {
            throw Failure(message: "invalid integer: \"\(Text.shown(level))\"")
        }
        Console.complain(
            "note: Larder keeps entries as they were stored; the option 'compression' counts for new ones",
            as: "ccache"
        )
    }

    /// The store, once everything that the daemon has taken over is in it.
    func store(_ settings: Settings) -> EntryStore {
        _ = DaemonClient.of(settings.directory)?.drain(upTo: 5_000_000_000)
        return EntryStore(at: settings.directory, options: settings.storeOptions)
    }

    private func print(removed: Usage) throws(Failure) {
        try Console.print("Removed data:  \(Text.size(removed.bytes))\nRemoved files: \(removed.entries)\n")
    }
}
