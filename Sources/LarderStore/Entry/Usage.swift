internal import Files

/// How much a store holds.
public struct Usage: Hashable, Sendable {
    /// Entries.
    public var entries: Int
    /// Bytes that they take on the disk: allocated blocks, not lengths.
    public var bytes: Int64

    package init(entries: Int, bytes: Int64) {
        self.entries = entries
        self.bytes = bytes
    }

    package mutating func add(_ other: Usage) {
        entries += other.entries
        bytes = bytes.adding(saturating: other.bytes)
    }
}

/// The shared sums of a store: what every publication adds to, so that none has to walk the tree.
///
///     usage ::= bytes entries counted any*    each an i64 in the byte order of the machine; what is not there is 0
///
/// `counted` is 1 once somebody has walked the tree: a file that was just made, while entries were already there,
/// is 0 and asks for that. The sums are a hint that every sweep puts right. (Versions before this one made 4096 bytes of it.)
struct UsageCounters: ~Copyable {
    private let counters: SharedCounters

    private enum Index {
        static let bytes = 0
        static let entries = 1
        static let counted = 2
    }

    static func path(in directory: Path) -> Path { directory.appending("usage") }

    /// Opens the file, and makes it anew where something else has its name.
    init(in directory: Path) throws(SystemError) {
        let path = Self.path(in: directory)
        do throws(SystemError) { try self.init(at: path) } catch {
            guard let kind = FileStatus.ofLink(path)?.kind, kind != .regular else { throw error }
            if kind == .directory { Directory.removeTree(path) } else { try Directory.removeFile(path) }
            try self.init(at: path)
        }
    }

    init(at path: Path) throws(SystemError) { counters = try SharedCounters(at: path) }

    /// Adds to both sums and returns them; nil where the file cannot be read or written.
    func add(bytes: Int64, entries: Int64) -> Usage? {
        guard let sums = counters.add([bytes, entries]) else { return nil }
        return Usage(entries: Int(sums[Index.entries]), bytes: sums[Index.bytes])
    }

    /// Both sums as they stand, however little sense they make.
    var sums: Usage {
        let sums = counters.values() ?? [0, 0, 0]
        return Usage(entries: Int(sums[Index.entries]), bytes: sums[Index.bytes])
    }

    /// True once the sums include what was there before the file.
    var isCounted: Bool { counters.values()?[Index.counted] == 1 }

    /// Replaces `before`, the sums as the walk began, by what the walk found; additions meanwhile are kept.
    func correct(from before: Usage, to found: Usage) {
        counters.add([found.bytes &- before.bytes, Int64(found.entries &- before.entries)])
        counters.set(Index.counted, to: 1)
    }

    /// Both sums as they stand, read without making the file; nil when they say nothing that can be true.
    static func read(in directory: Path) -> Usage? {
        guard let file = try? Descriptor(reading: path(in: directory)),
            let bytes = try? file.bytes(at: 0, count: 24), bytes.count == 24
        else { return nil }
        let sums = bytes.withUnsafeBytes { memory in
            (0..<3).map { memory.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self) }
        }
        guard sums[0] >= 0, sums[1] >= 0, sums[2] == 1 else { return nil }
        return Usage(entries: Int(sums[1]), bytes: sums[0])
    }
}
