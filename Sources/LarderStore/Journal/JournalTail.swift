internal import Files

/// What is written into a journal from now on.
///
/// Not safe to use from several threads at once.
package struct JournalTail {
    private let journal: Journal
    private var file: SharedDescriptor?
    private var offset = 0

    /// Begins behind what is there.
    package init(of journal: Journal) {
        self.journal = journal
        file = Self.open(journal.current)
        offset = (try? file?.descriptor.status().size) ?? 0
    }

    /// The events that have come since the last call.
    package mutating func events() -> [Event] {
        var events = read()
        // Renamed to a segment, or new: what comes now comes into another file.
        let known = try? file?.descriptor.status().identity.inode
        guard FileStatus.ofLink(journal.current)?.identity.inode != known else { return events }
        events += read()
        for path in segments(behind: known) + [journal.current] {
            guard let next = Self.open(path) else { continue }
            (file, offset) = (next, 0)
            events += read()
        }
        return events
    }

    /// The segments that were begun after the file with this inode had been renamed to one; none where it is not known.
    private func segments(behind inode: UInt64?) -> [Path] {
        let paths = journal.segmentNames().map { journal.directory.appending($0) }
        guard let inode, let index = paths.firstIndex(where: { FileStatus.ofLink($0)?.identity.inode == inode }) else {
            return []
        }
        return Array(paths[(index + 1)...])
    }

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
