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
    func walk(entry: (Listing) -> Bool, other: (Path) -> Void) {
        for first in Self.fanOut(of: entriesPath) {
            let firstPath = entriesPath.appending(bytes: first)
            for second in Self.fanOut(of: firstPath) {
                let directory = firstPath.appending(bytes: second)
                for name in (try? Directory.names(in: directory)) ?? [] {
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

    private static func fanOut(of directory: Path) -> [ArraySlice<UInt8>] {
        ((try? Directory.names(in: directory)) ?? []).filter { $0.count == 2 }
    }
}
