internal import Files

extension EntryStore {
    /// How much the entries take, from the shared sums; counted by walking where those are missing or impossible.
    public func usage() -> Usage { UsageCounters.read(in: directory) ?? countedUsage() }

    private func countedUsage() -> Usage {
        var usage = Usage(entries: 0, bytes: 0)
        forEachEntry { listing in
            usage.entries += 1
            usage.bytes = usage.bytes.adding(saturating: listing.allocated)
            return true
        }
        return usage
    }

    /// Bytes that the entries may take on the disk; the default where the file system cannot be asked.
    public var maximumSize: Int64 { maximumSize(on: try? FileSystem.of(directory)) }

    func maximumSize(on fileSystem: FileSystem?) -> Int64 {
        let gibibyte: Int64 = 1 << 30
        let share = (fileSystem?.capacity ?? 0) / 20
        return options.maximumSize ?? min(max(share, 5 * gibibyte), 100 * gibibyte)
    }

    func freeSpaceFloor(on fileSystem: FileSystem) -> Int64 {
        options.freeSpaceFloor ?? min(1 << 30, fileSystem.capacity / 20)
    }

    /// Makes sure of the directory and its format, and asks about the file system that holds it.
    func prepare() throws(StoreError) -> FileSystem {
        if try !StoreFormat.isPresent(in: directory) { try StoreFormat.write(in: directory) }
        do throws(SystemError) {
            return try FileSystem.of(directory)
        } catch {
            throw StoreError(error, at: directory)
        }
    }

    /// Sees to it that `length` more bytes leave the free-space floor standing, by eviction if need be.
    func makeRoom(for length: Int64, on fileSystem: FileSystem) throws(StoreError) {
        // One that does not say how full it is may have room: whoever writes finds out.
        guard fileSystem.isMeasured else { return }
        let floor = freeSpaceFloor(on: fileSystem)
        let wanted = floor.adding(saturating: length)
        let missing = wanted.subtracting(saturating: fileSystem.free)
        guard missing > 0 else { return }
        evict(freeing: missing, maximumSize: maximumSize(on: fileSystem))
        let free = (try? FileSystem.of(directory))?.free ?? 0
        guard free >= wanted else {
            throw StoreError(
                .noSpace,
                at: directory,
                detail: "\(free >> 20) MiB free, \(floor >> 20) MiB are kept free"
            )
        }
    }

    /// Adds a publication to the sums, and evicts when they are beyond the budget or make no sense.
    func account(for publication: Publication, on fileSystem: FileSystem) {
        guard let counters = try? UsageCounters(in: directory) else { return }
        let added = publication.allocated - (publication.replaced ?? 0)
        let more: Int64 = publication.replaced == nil ? 1 : 0
        guard let sum = counters.add(bytes: added, entries: more) else { return }
        let maximum = maximumSize(on: fileSystem)
        // Only whoever adds to nothing needs to ask whether the sums are new.
        let isFresh = sum.bytes == added && !counters.isCounted
        let isBeyond = fileSystem.isMeasured && sum.bytes > fileSystem.capacity
        let isAbsurd = sum.bytes < 0 || sum.entries < 0 || isBeyond
        let isNamespaceFull = namespaceExceeds(adding: added, entries: more, on: fileSystem)
        if sum.bytes > maximum || isFresh || isAbsurd || isNamespaceFull { evict(freeing: 0, maximumSize: maximum) }
    }

    /// Takes an entry that was removed out of the sums.
    func account(forRemoved allocated: Int64) {
        guard let counters = try? UsageCounters(in: directory) else { return }
        _ = counters.add(bytes: -allocated, entries: -1)
    }
}
