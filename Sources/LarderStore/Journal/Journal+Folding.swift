internal import Files

extension Journal {
    /// Adds what was recorded to the sums, and tells the entries when they were last used; says whether it did.
    ///
    /// Does nothing while another process does it.
    @discardableResult
    package func fold() -> Bool {
        do {
            guard FileStatus.of(directory) != nil,
                let lock = try WriterLock.attempt(Self.lock, in: store, options: lockOptions(.once))
            else { return false }
            try fold(under: lock)
            return true
        } catch {
            return false
        }
    }

    /// Folds for a sweep, unless somebody did in the last 10 seconds.
    ///
    /// Where one sweep follows another, what happened since matters little, and a segment for each would matter
    /// more.
    func foldUnlessRecent() {
        let isRecent =
            FileStatus.of(folded).map { Clock.wall.subtracting(saturating: $0.identity.modified) < 10_000_000_000 }
            ?? false
        if !isRecent { fold() }
    }

    private func fold(under lock: borrowing WriterLock) throws(SystemError) {
        try rotate()
        var folded = FoldedJournal.read(at: self.folded)
        let names = segmentNames()
        folded.generation &+= 1
        folded.offsets = folded.offsets.filter { names.contains($0.key) }
        var lastUse: [EntryKey: Int64] = [:]
        for name in names {
            let offset = folded.offsets[name] ?? 0
            let bytes = Self.bytes(of: directory.appending(name), from: offset)
            let length = folded.statistics.add(lines: bytes) { Self.note($0, in: &lastUse) }
            folded.offsets[name] = offset.adding(saturating: length)
        }
        folded.statistics.limit()
        folded.note(size: UsageCounters.read(in: store)?.bytes, at: Clock.wall)
        try folded.publish(at: self.folded)
        touch(lastUse)
        // Only now, when the sums that hold them are in place. Their offsets go with the next fold.
        var length = 0
        for name in names.reversed() {
            length = length.adding(saturating: FileStatus.ofLink(directory.appending(name))?.size ?? 0)
            removeIfDone(name, folded: folded.offsets[name] ?? 0, isBeyondHistory: length > historyLength)
        }
    }

    /// When entries were used according to what is not folded yet, in nanoseconds since 1970; reads, and writes nothing.
    func usesSinceFold() -> [EntryKey: Int64] {
        let folded = FoldedJournal.read(at: self.folded)
        var (scratch, lastUse) = (Statistics(), [EntryKey: Int64]())
        for name in segmentNames() {
            let bytes = Self.bytes(of: directory.appending(name), from: folded.offsets[name] ?? 0)
            _ = scratch.add(lines: bytes) { Self.note($0, in: &lastUse) }
        }
        _ = scratch.add(lines: Self.bytes(of: current, from: 0)) { Self.note($0, in: &lastUse) }
        let now = Clock.wall
        return lastUse.mapValues { Self.moment(ofMilliseconds: $0, now: now) }
    }

    /// A hit and a publication use their entries.
    private static func note(_ event: Event, in lastUse: inout [EntryKey: Int64]) {
        guard event.kind == .hit || event.kind == .publish else { return }
        for key in [event.manifest, event.entry] {
            if let key { lastUse[key] = max(lastUse[key] ?? 0, event.time) }
        }
    }

    /// In nanoseconds: a line may claim any time, and nothing was used in the future.
    private static func moment(ofMilliseconds time: Int64, now: Int64) -> Int64 {
        min(time.multipliedReportingOverflow(by: 1_000_000).partialValue, now)
    }

    /// Moves the current file aside, so that the next event starts another.
    private func rotate() throws(SystemError) {
        guard let status = FileStatus.ofLink(current), status.size > 0 else { return }
        let random = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        do throws(SystemError) {
            try Directory.rename(current, to: directory.appending("segment.\(Clock.wall / 1_000_000).\(random)"))
        } catch {
            guard error.isAbsence else { throw error }
        }
    }

    /// Moves modification times forward to the last use, never back.
    private func touch(_ lastUse: [EntryKey: Int64]) {
        let now = Clock.wall
        for (key, milliseconds) in lastUse {
            let path = EntryStore.path(of: key, in: store)
            let moment = Self.moment(ofMilliseconds: milliseconds, now: now)
            guard moment > 0, let status = FileStatus.ofLink(path), status.identity.modified < moment else { continue }
            Directory.setTimes(path, to: moment)
        }
    }

    private func removeIfDone(_ name: String, folded offset: Int, isBeyondHistory: Bool) {
        let path = directory.appending(name)
        guard let status = FileStatus.ofLink(path),
            Clock.wall.subtracting(saturating: status.identity.modified)
                > (isBeyondHistory ? Self.segmentAge : Self.historyAge)
        else { return }
        // What stands behind the last complete line by then is a line that was cut off.
        guard status.size.subtracting(saturating: offset) < EventLine.maximumLength else { return }
        try? Directory.removeFile(path)
    }

    /// Forgets everything that was recorded.
    ///
    /// Throws `.foreign` where the store's directory holds other files and no cache.
    public func reset() throws(StoreError) {
        guard FileStatus.of(directory) != nil else { return }
        try StoreFormat.checkContent(of: store)
        let lock: WriterLock
        do throws(LockError) {
            lock = try WriterLock.acquire(Self.lock, in: store, options: lockOptions(.standard))
        } catch {
            throw StoreError(error, at: directory)
        }
        do throws(SystemError) {
            // The sums first: killed in between, some events remain, but none is counted without its segment.
            try Directory.removeFile(folded)
            try Directory.removeFile(current)
            for name in segmentNames() { try Directory.removeFile(directory.appending(name)) }
            lock.release()
        } catch {
            throw StoreError(error, at: directory)
        }
    }
}
