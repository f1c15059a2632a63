internal import Files

extension EntryStore {
    /// An entry as the file system shows it; its content is not looked at.
    public struct Listing: Sendable {
        /// What it is found by.
        public let key: EntryKey
        /// Bytes in the file.
        public let length: Int64
        /// Bytes on the disk.
        public let allocated: Int64
        /// When it was last known to be used, in nanoseconds since 1970: the journal carries hits over from time to
        /// time.
        public let lastUsed: Int64
    }

    /// Calls `body` with every entry, in no order, until it says false.
    ///
    /// Others may publish and evict meanwhile; what they touch may be seen or not.
    public func forEachEntry(_ body: (Listing) -> Bool) { walk(entry: body, other: { _ in }) }

    /// Goes through all files of the store once: entries, and files with other names.
    ///
    /// - Parameter empty: hears of directories that hold nothing.
    func walk(entry: (Listing) -> Bool, other: (Path) -> Void, empty: (Path) -> Void = { _ in }) {
        for first in Self.fanOut(of: entriesPath) {
            let firstPath = entriesPath.appending(bytes: first)
            let fanOut = Self.fanOut(of: firstPath)
            defer { if fanOut.isEmpty { empty(firstPath) } }
            for second in fanOut {
                let directory = firstPath.appending(bytes: second)
                let names = (try? Directory.names(in: directory)) ?? []
                defer { if names.isEmpty { empty(directory) } }
                for name in names {
                    let path = directory.appending(bytes: name)
                    guard let digest = Digest(hexBytes: first + second + name) else {
                        other(path)
                        continue
                    }
                    guard let status = FileStatus.ofLink(path) else { continue }
                    let listing = Listing(
                        key: EntryKey(digest: digest),
                        length: status.identity.size,
                        allocated: status.allocated,
                        lastUsed: status.identity.modified
                    )
                    guard entry(listing) else { return }
                }
            }
        }
    }

    /// Removes the directories in which `keys` would be, those that hold nothing.
    ///
    /// Each takes a block of the disk that no count shows. Whoever publishes makes them again.
    func removeEmptyDirectories(of keys: some Sequence<EntryKey>) {
        var above: Set<Path> = []
        for directory in Set(keys.map { path(of: $0).parent }) where Directory.removeIfEmpty(directory) {
            above.insert(directory.parent)
        }
        for directory in above { Directory.removeIfEmpty(directory) }
    }

    static func fanOut(of directory: Path) -> [ArraySlice<UInt8>] {
        ((try? Directory.names(in: directory)) ?? []).filter { $0.count == 2 }
    }
}
