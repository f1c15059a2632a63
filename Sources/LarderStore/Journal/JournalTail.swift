internal import Files

/// What is written into a journal from now on.
///
/// Not safe to use from several threads at once.
package struct JournalTail {
    private let journal: Journal
    private var file: SharedDescriptor?
    private var offset = 0

    /// The inodes of the files that were read, or that were there before.
    private var known: Set<UInt64> = []

    /// Begins behind what is there.
    package init(of journal: Journal) {
        self.journal = journal
        file = Self.open(journal.current)
        offset = (try? file?.descriptor.status().size) ?? 0
        for path in journal.segmentNames().map({ journal.directory.appending($0) }) + [journal.current] {
            if let inode = Self.inode(of: path) { known.insert(inode) }
        }
    }

    /// The events that have come since the last call.
    package mutating func events() -> [Event] {
        var events = read()
        let current = Self.inode(of: journal.current)
        guard current != (try? file?.descriptor.status().identity.inode) else { return events }
        // Renamed to a segment, or new: what comes now comes into other files.
        events += read()
        for path in journal.segmentNames().map({ journal.directory.appending($0) }) + [journal.current] {
            guard let next = Self.open(path), let inode = try? next.descriptor.status().identity.inode,
                known.insert(inode).inserted
            else { continue }
            (file, offset) = (next, 0)
            events += read()
        }
        return events
    }

    private static func inode(of path: Path) -> UInt64? { FileStatus.ofLink(path)?.identity.inode }

    private static func open(_ path: Path) -> SharedDescriptor? {
        do throws(SystemError) { return SharedDescriptor(try Descriptor(reading: path)) } catch { return nil }
    }

    private mutating func read() -> [Event] {
        guard let file, let size = try? file.descriptor.status().size, size > offset,
            let bytes = try? file.descriptor.bytes(at: offset, count: min(size - offset, 1 << 24))
        else { return [] }
        var events: [Event] = []
        var scratch = Statistics()
        offset += scratch.add(lines: bytes) { events.append($0) }
        return events
    }
}
