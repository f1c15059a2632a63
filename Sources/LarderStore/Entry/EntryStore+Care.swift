package import Files

extension EntryStore {
    /// Removes the entry of `key`, or nothing when there is none.
    ///
    /// Throws `.foreign` where the directory holds other files and no cache.
    public func remove(_ key: EntryKey) throws(StoreError) {
        guard !options.isReadOnly else { throw StoreError(.readOnly, at: directory) }
        try StoreFormat.checkContent(of: directory)
        let path = path(of: key)
        guard let status = FileStatus.ofLink(path) else { return }
        do throws(SystemError) {
            // Nobody but a damaged disk, or a test, puts a directory there.
            if status.kind == .directory { Directory.removeTree(path) }
            try Directory.removeFile(path)
        } catch {
            throw StoreError(error, at: path)
        }
        account(forRemoved: status.allocated)
    }

    /// Removes the entry of `key` because it is damaged.
    package func discard(_ key: EntryKey) { discard(key, ifStill: nil) }

    /// Removes the entry of `key`, unless somebody has replaced the file `identity` meanwhile.
    package func discard(_ key: EntryKey, ifStill identity: FileIdentity?) {
        guard !options.isReadOnly else { return }
        if let identity {
            guard let now = FileStatus.ofLink(path(of: key))?.identity, now.inode == identity.inode,
                now.device == identity.device
            else { return }
        }
        try? remove(key)
    }

    // MARK: - Clearing

    /// Removes every entry, in whatever format the directory is, and makes it an empty store of this version.
    ///
    /// The journal is not touched: see ``Journal/reset()``. Throws `.foreign` where the directory holds other files and no cache.
    public func clear(lock: WriterLock.Options? = nil) throws(StoreError) {
        guard !options.isReadOnly else { throw StoreError(.readOnly, at: directory) }
        guard FileStatus.of(directory) != nil else { return }
        try StoreFormat.checkContent(of: directory)
        try withEvictionLock(lock ?? lockOptions(.standard, purpose: "clear")) { (lock) throws(StoreError) in
            // Out of sight at once, then removed at leisure: a reader finds all of it or nothing.
            let aside = TemporaryEntry.name(beside: directory.appending("entries"))
            do throws(SystemError) {
                try Directory.rename(entriesPath, to: aside)
            } catch {
                guard error.isAbsence else { throw StoreError(error, at: entriesPath) }
            }
            if let counters = try? UsageCounters(in: directory) {
                let before = counters.sums
                counters.correct(from: before, to: Usage(entries: 0, bytes: 0))
            }
            Directory.removeTree(Self.namespacesPath(in: directory))
            contents.linkedOutputs.clear()
            try? Directory.removeFile(DigestTable.path(in: directory))
            // Before the marker: on a full disk there is no room for one until the entries are gone.
            removeDebris(under: lock)
            try StoreFormat.write(in: directory)
        }
    }

    /// Removes what a `clear` has put aside, this one or one that was killed: only the holder of the lock does that.
    func removeDebris(under lock: borrowing WriterLock) {
        for name in (try? Directory.names(in: directory)) ?? [] where name.starts(with: "entries.tmp.".utf8) {
            Directory.removeTree(directory.appending(bytes: name))
        }
    }

    // MARK: - Verifying

    /// What ``verify(progress:)`` found.
    public struct VerifyReport: Hashable, Sendable {
        /// Entries that were read.
        public internal(set) var entries = 0
        /// Entries that were damaged; they are gone unless the store is read-only.
        public internal(set) var damaged: [EntryKey] = []
        /// Entries of which outputs are hard links that somebody has written to; they are given as copies from now on.
        public internal(set) var writtenTo: [EntryKey] = []
        /// Entries of another version of Larder, left alone.
        public internal(set) var otherVersions = 0
        /// Entries that the system would not let us read.
        public internal(set) var unreadable = 0
        /// Bytes of all parts as they are kept.
        public internal(set) var storedBytes: Int64 = 0
        /// Bytes of all parts once decoded.
        public internal(set) var trueBytes: Int64 = 0
        /// True when `progress` put an end to it.
        public internal(set) var isCancelled = false
    }

    /// Reads every entry whole, verifies it and removes what is damaged.
    ///
    /// `progress` hears how many entries are done out of how many, and says whether to go on.
    @discardableResult
    public func verify(progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }) throws(StoreError)
        -> VerifyReport
    {
        var report = VerifyReport()
        guard FileStatus.of(directory) != nil else { return report }
        _ = try StoreFormat.isPresent(in: directory)
        var keys: [EntryKey] = []
        forEachEntry {
            keys.append($0.key)
            return true
        }
        for key in keys {
            verify(key, into: &report)
            guard progress(report.entries, keys.count) else {
                report.isCancelled = true
                return report
            }
        }
        report.writtenTo = contents.linkedOutputs.verify(in: self)
        return report
    }

    private func verify(_ key: EntryKey, into report: inout VerifyReport) {
        switch open(key) {
        case .miss(.absent):
            // Evicted since we listed it.
            return
        case .miss(.corrupt):
            report.damaged.append(key)
        case .miss(.version):
            report.otherVersions += 1
        case .miss(.unreadable):
            report.unreadable += 1
        case .hit(let entry):
            do throws(StoreError) {
                for index in 0..<entry.count {
                    try entry.check(index)
                    report.storedBytes += Int64(entry.storedLength(index))
                    report.trueBytes += Int64(entry.trueLength(index))
                }
            } catch {
                if error.code == .corrupt {
                    discard(key, ifStill: entry.identity)
                    report.damaged.append(key)
                } else {
                    report.unreadable += 1
                }
            }
        }
        report.entries += 1
    }
}
