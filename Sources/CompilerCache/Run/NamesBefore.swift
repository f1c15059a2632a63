internal import Files

/// What lay in the directories of a compile just before it.
///
/// gcc does not say what it was asked about: a header that answered a `__has_include` and has been removed by the time we
/// look leaves no trace but that its directory has changed. Where objects are written beside sources that is every
/// directory, so the names tell which of them have lost one.
///
/// Of each name only a hash is kept. Two names that share one are a needless miss.
struct NamesBefore: Sendable {
    /// A larger directory would cost more than it is worth: what is not in here is doubted when it has changed.
    private static let sizeLimit: Int64 = 1 << 18

    /// The hashes of each directory's names, sorted, by the path that leads there.
    private(set) var directories: [Word: [UInt32]] = [:]

    /// What each directory was that the command line adds to the search; nothing where nobody has looked.
    private(set) var searched: [UInt8] = []

    /// Nothing is known.
    init() {}

    /// What another process has seen.
    init(_ directories: [Word: [UInt32]], searched: [UInt8]) {
        (self.directories, self.searched) = (directories, searched)
    }

    /// Looks into the directories in which the source's own inclusions are searched.
    init(of request: CompileRequest) {
        searched = Self.searched(by: request)
        // clang names the files that it was asked about as if it had read them.
        guard request.family == .gcc else { return }
        let own = HeaderSearch.directory(of: request.source)
        for path in [Word("."), own.isEmpty ? Word(".") : own] + request.search.map({ HeaderSearch.trimmed($0.path) })
        where directories[path] == nil {
            guard let status = FileStatus.of(Path(bytes: path)), status.kind == .directory,
                status.identity.size <= Self.sizeLimit
            else { continue }
            directories[path] = try? Directory.withListing(of: Path(bytes: path)) { Self.hashes(in: $0) }.sorted()
        }
    }

    /// False when `name` may have been in the directory at `path`, as far as we know.
    func isWithout(_ name: Word, in path: Word) -> Bool {
        guard let known = directories[path] else { return false }
        let wanted = Self.hash(name)
        // The first that is not less.
        var (low, high) = (0, known.count)
        while low < high {
            let middle = (low + high) / 2
            if known[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low == known.count || known[low] != wanted
    }

    /// What each directory is now that the command line adds to the search: a directory, something else, or nothing.
    static func searched(by request: CompileRequest) -> [UInt8] {
        request.search.map { entry in
            guard let status = FileStatus.of(Path(bytes: entry.path)) else { return UInt8(ascii: "-") }
            return status.kind == .directory ? UInt8(ascii: "d") : UInt8(ascii: "f")
        }
    }

    private static func hashes(in listing: UnsafeRawBufferPointer) -> [UInt32] {
        var (hashes, start) = ([UInt32](), 0)
        for end in 0..<listing.count where listing[end] == 0 {
            hashes.append(hash(listing[start..<end]))
            start = end + 1
        }
        return hashes
    }

    /// FNV-1a.
    private static func hash(_ name: some Sequence<UInt8>) -> UInt32 {
        name.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}
