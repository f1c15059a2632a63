internal import Files
internal import Synchronization

/// Looks the same entries up again and again, and keeps what it has read in memory.
///
/// An ``EntryStore`` opens the entry's file at every lookup. A reader opens it once, keeps the file and the decoded
/// parts, and from then on asks the kernel one question: is this still the file of the entry, and unchanged? If so, it
/// checks the parts in memory against their checksums once more and returns them without a copy. So a reader gives
/// what the store would give, several times as fast:
///
/// - An entry that another process has replaced, removed or evicted is noticed at the next lookup. While `clear`
///   runs, entries that it has not reached yet may still be found.
/// - An entry whose file was written to is read again, and is then a miss if it is damaged.
/// - A miss is not remembered.
///
/// The reader holds an open descriptor for each entry that it keeps, and the disk space of an entry that was removed
/// until it notices. It drops what was used least recently. One reader may be used from several threads at once; no
/// thread waits for another one's reading.
public final class EntryReader: Sendable {
    /// The store that is read.
    public let store: EntryStore
    private let shelf: Mutex<Shelf>

    /// Makes a reader that has nothing in memory yet.
    ///
    /// - Parameters:
    ///   - store: The store to read.
    ///   - memoryLimit: Bytes of decoded parts to keep at most. A longer entry is read each time.
    ///   - entryLimit: Entries to keep at most, and so descriptors to hold open.
    public init(of store: EntryStore, memoryLimit: Int = 64 << 20, entryLimit: Int = 64) {
        self.store = store
        shelf = Mutex(Shelf(memoryLimit: memoryLimit, entryLimit: entryLimit))
    }

    /// The entry of `key` with all its parts decoded and verified, from memory where it is still the same.
    public func value(for key: EntryKey) -> EntryStore.Lookup {
        if let kept = shelf.withLock({ $0.find(key) }) {
            if kept.isCurrent, kept.isWhole { return .hit(kept.parts) }
            shelf.withLock { $0.remove(key, ifStill: kept) }
        }
        switch store.open(key) {
        case .miss(let reason):
            return .miss(reason)
        case .hit(let entry):
            let lookup = store.parts(of: entry, key)
            if case .hit(let parts) = lookup {
                let kept = KeptEntry(entry, parts)
                shelf.withLock { $0.put(kept, under: key) }
            }
            return lookup
        }
    }

    /// The parts of `key`, from memory, from the store or else from `compute`, whose result is published.
    ///
    /// As ``EntryStore/value(for:kind:orCompute:)``: whoever misses at the same time computes too, and that publishing
    /// failed is not an error.
    public func value<E: Error>(
        for key: EntryKey,
        kind: UInt8 = 0,
        orCompute compute: () throws(E) -> [EntryStore.Part]
    ) throws(E) -> [EntryStore.Part] {
        if case .hit(let parts) = value(for: key) { return parts }
        return try store.published(compute(), under: key, kind: kind)
    }

    /// Lets go of all memory and descriptors; the reader starts again from the store.
    public func forget() { shelf.withLock { $0.removeAll() } }
}

/// An entry in memory, and the file that it came from.
private final class KeptEntry: Sendable {
    let parts: [EntryStore.Part]
    /// Decoded bytes.
    let length: Int
    private let checksums: [Checksum]
    private let identity: FileIdentity
    private let file: Descriptor

    init(_ entry: consuming OpenEntry, _ parts: [EntryStore.Part]) {
        self.parts = parts
        length = parts.reduce(0) { $0 + $1.bytes.count }
        checksums = (0..<entry.count).map { entry.checksum($0) }
        identity = entry.identity
        file = entry.takeFile()
    }

    /// True while the file has its name and its content: neither was it replaced or removed, nor written to.
    var isCurrent: Bool {
        guard let status = try? file.status() else { return false }
        return status.links > 0 && status.identity == identity
    }

    /// True while memory holds what was published.
    var isWhole: Bool {
        for index in parts.indices {
            guard parts[index].bytes.withUnsafeBytes({ Checksum(of: $0) }) == checksums[index] else { return false }
        }
        return true
    }
}

/// What a reader keeps, within its limits.
private struct Shelf {
    private struct Place {
        var entry: KeptEntry
        /// The number of the lookup that used it last.
        var used: UInt64
    }

    let memoryLimit: Int
    let entryLimit: Int
    private var places: [EntryKey: Place] = [:]
    private var length = 0
    private var lookups: UInt64 = 0

    init(memoryLimit: Int, entryLimit: Int) {
        (self.memoryLimit, self.entryLimit) = (memoryLimit, entryLimit)
    }

    mutating func find(_ key: EntryKey) -> KeptEntry? {
        lookups &+= 1
        guard let index = places.index(forKey: key) else { return nil }
        places.values[index].used = lookups
        return places.values[index].entry
    }

    mutating func put(_ entry: KeptEntry, under key: EntryKey) {
        remove(key)
        guard entry.length <= memoryLimit, entryLimit > 0 else { return }
        // There are few, so looking at all of them costs less than keeping them in order.
        while places.count >= entryLimit || length > memoryLimit - entry.length,
            let oldest = places.min(by: { $0.value.used < $1.value.used })?.key
        {
            remove(oldest)
        }
        length += entry.length
        places[key] = Place(entry: entry, used: lookups)
    }

    mutating func remove(_ key: EntryKey, ifStill entry: KeptEntry) {
        if places[key]?.entry === entry { remove(key) }
    }

    mutating func removeAll() {
        places = [:]
        length = 0
    }

    private mutating func remove(_ key: EntryKey) {
        if let place = places.removeValue(forKey: key) { length -= place.entry.length }
    }
}
