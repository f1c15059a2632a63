internal import Files

extension EntryStore {
    /// Publishes the parts under `key`, whole or not at all, in place of what was there; returns the bytes that
    /// the entry takes on the disk.
    ///
    /// Evicts what was used least recently when the store has grown beyond its budget. Whatever is thrown, the
    /// store is as it was: for a cache that costs time only, and the caller goes on.
    @discardableResult
    public func publish(_ key: EntryKey, kind: UInt8 = 0, parts: [NewPart]) throws(StoreError) -> Int64 {
        guard !options.isReadOnly else { throw StoreError(.readOnly, at: directory) }
        let parts = withNamespace(parts)
        let hasBlocks = parts.contains { $0.length >= EntryHeader.largeLength }
        let headerLength = try checkedHeaderLength(of: parts, hasBlocks)
        let fileSystem = try prepare()
        try makeRoom(for: parts.reduce(0) { $0 &+ Int64($1.length) }, on: fileSystem)
        var attempts = 0
        while true {
            do throws(StoreError) {
                let written = try write(key, kind, parts, headerLength, hasBlocks)
                account(for: written, on: fileSystem)
                return written.allocated
            } catch {
                // A directory of the fan-out that somebody removed under us (`clear` does): make it again.
                attempts += 1
                guard attempts < 3, error.underlying?.isAbsence == true else { throw error }
            }
        }
    }

    /// The parts of `key`, from the store or else from `compute`, whose result is published for the next time.
    ///
    /// Processes that miss at the same time all compute, and all get their own result. That publishing failed is
    /// not an error: there is a result.
    public func value<E: Error>(
        for key: EntryKey,
        kind: UInt8 = 0,
        orCompute compute: () throws(E) -> [Part]
    ) throws(E) -> [Part] {
        if case .hit(let parts) = value(for: key) { return parts }
        return try published(compute(), under: key, kind: kind)
    }

    /// The parts, and what can be done to have them found the next time.
    func published(_ parts: [Part], under key: EntryKey, kind: UInt8) -> [Part] {
        _ = try? publish(key, kind: kind, parts: parts.map { NewPart($0.name, .bytes($0.bytes)) })
        return parts
    }

    /// Brings entries to the disk that were published without that; one that has gone is no error.
    package func flush(_ keys: [EntryKey]) {
        guard !Flushing.isOff else { return }
        for key in keys {
            guard let file = try? Descriptor(reading: path(of: key)) else { continue }
            try? file.flush()
        }
    }

    /// What a publication changed on the disk.
    struct Publication {
        /// Bytes of the new entry.
        var allocated: Int64
        /// Bytes of the one that it replaced, if it did.
        var replaced: Int64?
    }

    private func checkedHeaderLength(of parts: [NewPart], _ hasBlocks: Bool) throws(StoreError) -> Int {
        var rest = options.decodedLimit
        for part in parts {
            guard part.length >= 0, part.length <= rest else {
                let limit = "\(options.decodedLimit >> 20) MiB are the limit"
                throw StoreError(.tooLarge, detail: "\(part.name) has \(part.length) bytes, \(limit)")
            }
            rest -= part.length
        }
        guard let length = EntryHeader.length(names: parts.lazy.map(\.name.utf8.count), hasBlocks: hasBlocks) else {
            throw StoreError(.tooLarge, detail: "its \(parts.count) parts have too long names")
        }
        return length
    }

    private func write(
        _ key: EntryKey,
        _ kind: UInt8,
        _ parts: [NewPart],
        _ headerLength: Int,
        _ hasBlocks: Bool
    ) throws(StoreError) -> Publication {
        let destination = path(of: key)
        let temporary = try temporaryEntry(beside: destination)
        var writer = EntryWriter(
            headerLength: headerLength,
            block: hasBlocks ? SharedBlocks.block(of: temporary.file) : 1,
            isSharing: options.sharesBlocks || options.durability != .none,
            level: options.compressionLevel
        )
        for part in parts { try writer.add(part, to: temporary.file) }
        try writer.finish(key: key, kind: kind, in: temporary.file)
        do throws(SystemError) {
            let allocated = try temporary.file.status().allocated
            let replaced = FileStatus.ofLink(destination)
            if options.durability == .none, replaced?.kind == .regular {
                try temporary.replace()
            } else {
                try temporary.publish(options.durability)
            }
            return Publication(allocated: allocated, replaced: replaced?.allocated)
        } catch {
            throw StoreError(error, at: destination)
        }
    }

    /// Most often the directory is there, so it is made only when that turns out to be wrong; again where whoever evicts has
    /// removed it, still empty.
    private func temporaryEntry(beside destination: Path) throws(StoreError) -> TemporaryEntry {
        var attempts = 0
        while true {
            do throws(SystemError) {
                return try TemporaryEntry(beside: destination)
            } catch {
                attempts += 1
                guard error.isAbsence, attempts < 8 else { throw StoreError(error, at: destination) }
                do throws(SystemError) { try Directory.make(destination.parent) } catch  where !error.isAbsence {
                    throw StoreError(error, at: destination)
                } catch {}
            }
        }
    }
}
