public import Files

/// Keyed, immutable entries in a directory that many processes share.
///
/// Each entry is a file of one or more named parts, found by its key, published whole, and verified whenever it
/// is read. Readers take no lock and wait for nobody. Two processes that publish the same key both succeed, and
/// the last one's entry stays. A damaged entry is a miss that removes it.
///
/// Every call blocks until it is done. A value may be used from several threads at once.
///
///     <directory>/format                    what the rest is; checked before anything is written
///     <directory>/entries/ab/cd/<60 hex>    an entry; the fan-out is the first two bytes of its key
///     <directory>/linked/ab/cd/<60 hex>     a file that outputs are hard links to
///     <directory>/usage                     shared counters: allocated bytes, entries
///     <directory>/namespaces/               the same for each namespace that has a limit
///     <directory>/digests                   what large files held: a ``DigestTable`` of those who publish
///     <directory>/locks/evict.*             the ``WriterLock`` of whoever evicts or clears
///     <directory>/journal/                  the ``Journal``
public struct EntryStore: Sendable {
    /// What can be chosen about a store.
    public struct Options: Sendable {
        /// Bytes on disk that the entries may take; nil is 5 % of the file system, at least 5 GiB and at most 100.
        public var maximumSize: Int64?
        /// Bytes that stay free on the file system; nil is 5 % of it, at most 1 GiB.
        public var freeSpaceFloor: Int64?
        /// The longest entry: all its parts together, in bytes once decoded.
        ///
        /// What claims more is damaged.
        public var decodedLimit = 256 << 20
        /// How sure an entry has to survive a power failure.
        ///
        /// A torn one is a miss, so nothing is flushed.
        public var durability = Durability.none
        /// Nothing is written: no entry, no removal, no event.
        public var isReadOnly = false
        /// The level of zstd for parts that are compressed.
        public var compressionLevel: Int32 = 3
        /// What keeps the lock of whoever evicts or clears.
        public var lockMode = LockMode.auto
        /// The only user whose entries are believed; nil for any user's.
        package var owner: UInt32?
        /// Whose entries are published; empty for no namespace.
        package var namespace: [UInt8] = []
        /// What the entries of namespaces may take.
        package var namespaceSizes = NamespaceSizes()
        /// A large file that is published shares its blocks with the entry, where the file system can do that.
        ///
        /// The kernel first writes the file to the disk, so only a process for which nobody waits should set this.
        package var sharesBlocks = false
        /// Large outputs may be hard links to files of the cache.
        package var linksOutputs = false
        /// How many entries one sweep removes at most, so that nobody who publishes waits long.
        package var removalsPerSweep = 20_000

        /// The defaults.
        public init() {}
    }

    /// Where the store is.
    public let directory: Path
    let options: Options

    /// Names a store; nothing is looked at before the first use, and nothing made before the first publication.
    public init(at directory: Path, options: Options = .init()) {
        self.directory = directory
        self.options = options
    }

    /// One named part of an entry, in memory.
    public struct Part: Hashable, Sendable {
        /// What the part is called in its entry.
        public var name: String
        /// What it holds.
        public var bytes: [UInt8]

        /// Names some bytes.
        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Why there is nothing to return.
    public enum MissReason: String, Sendable {
        /// Nobody published it, or it was evicted.
        case absent
        /// It was damaged, and has been removed.
        case corrupt
        /// Another version of Larder wrote it.
        case version
        /// The system would not let us read it.
        case unreadable
    }

    /// What a look into the store gave.
    public enum Lookup: Sendable {
        /// The parts, in the order in which they were published, each verified.
        case hit([Part])
        /// Nothing, and why.
        case miss(MissReason)

        /// The parts of a hit; nil for a miss.
        public var parts: [Part]? {
            if case .hit(let parts) = self { parts } else { nil }
        }

        /// Why it is a miss; nil for a hit.
        public var reason: MissReason? {
            if case .miss(let reason) = self { reason } else { nil }
        }

        /// The bytes of the first part called `name`; nil for a miss, or where the entry has no such part.
        public func bytes(of name: String) -> [UInt8]? { parts?.first { $0.name == name }?.bytes }
    }

    /// The entry of `key` with all its parts decoded and verified.
    public func value(for key: EntryKey) -> Lookup {
        switch open(key) {
        case .miss(let reason):
            return .miss(reason)
        case .hit(let entry):
            return parts(of: entry, key)
        }
    }

    /// All parts of an entry that was opened, verified; a damaged one is removed.
    func parts(of entry: borrowing OpenEntry, _ key: EntryKey) -> Lookup {
        do throws(StoreError) {
            var parts: [Part] = []
            parts.reserveCapacity(entry.count)
            for index in 0..<entry.count {
                parts.append(Part(name: entry.name(index), bytes: try entry.bytes(index)))
            }
            return .hit(parts)
        } catch {
            guard error.code == .corrupt else { return .miss(.unreadable) }
            discard(key, ifStill: entry.identity)
            return .miss(.corrupt)
        }
    }

    /// An entry that was opened, or why not.
    package enum OpenLookup: ~Copyable {
        case hit(OpenEntry)
        case miss(MissReason)
    }

    /// Opens the entry of `key` and verifies its header: one open, one fstat, one read (two where the header is long).
    package func open(_ key: EntryKey) -> OpenLookup { open(key, at: path(of: key)) }

    /// The same with an entry that lies elsewhere.
    func open(_ key: EntryKey, at path: Path) -> OpenLookup {
        do throws(SystemError) {
            let file = try Descriptor(reading: path)
            let status = try file.status()
            guard status.kind == .regular else { return damaged(key, status.identity) }
            if let owner = options.owner, status.owner != owner { return .miss(.unreadable) }
            let isShort = status.size <= EntryHeader.maximumLength
            // Of a long file little, as all the rest of it is read into its place and not here.
            var head = try file.bytes(at: 0, count: isShort ? status.size : EntryHeader.usualLength)
            if let length = EntryHeader.declaredLength(head), length > head.count {
                head = try file.bytes(at: 0, count: length)
            }
            let header: EntryHeader
            do throws(EntryHeader.Defect) {
                header = try EntryHeader(
                    decoding: head,
                    fileSize: status.size,
                    key: key,
                    decodedLimit: options.decodedLimit
                )
            } catch {
                return error == .version ? .miss(.version) : damaged(key, status.identity)
            }
            return .hit(
                OpenEntry(
                    file: file,
                    identity: status.identity,
                    header: header,
                    head: head,
                    path: path,
                    key: key,
                    contents: contents,
                    linksOutputs: options.linksOutputs && !options.isReadOnly
                )
            )
        } catch {
            return .miss(error.isAbsence ? .absent : .unreadable)
        }
    }

    private func damaged(_ key: EntryKey, _ identity: FileIdentity) -> OpenLookup {
        discard(key, ifStill: identity)
        return .miss(.corrupt)
    }

    /// Where the entry of `key` is, or would be.
    package func path(of key: EntryKey) -> Path { Self.path(of: key, in: directory) }

    static func path(of key: EntryKey, in directory: Path, _ folder: StaticString = "/entries/") -> Path {
        var bytes = Array(directory.bytes)
        bytes.reserveCapacity(bytes.count + 80)
        folder.withUTF8Buffer { bytes += $0 }
        let start = bytes.count
        key.digest.appendHex(to: &bytes)
        // abcdef... becomes ab/cd/ef...
        bytes.insert(UInt8(ascii: "/"), at: start + 4)
        bytes.insert(UInt8(ascii: "/"), at: start + 2)
        return Path(bytes: bytes)
    }

    var entriesPath: Path { directory.appending("entries") }
}
