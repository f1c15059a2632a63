package import Files

/// The latest misses, refusals and bypasses of a cache, by name.
///
/// To record is to append one line with one write, as in the ``Journal``. A file that has grown to its bound becomes the one
/// before, in whose place it comes: the two together are never much longer than twice the bound.
///
///     <store>/journal/misses              the latest lines
///     <store>/journal/misses.before       those before them
///
/// Both have mode 0600, for they hold paths and words of commands.
package struct MissLog: Sendable {
    private let directory: Path
    private let bound: Int

    /// The log of the store in `store`; nothing is looked at before the first use.
    package init(at store: Path) { self.init(at: store, bound: 16 << 20) }

    /// - Parameter bound: how long a file may become, in bytes.
    package init(at store: Path, bound: Int) {
        directory = store.appending("journal")
        self.bound = bound
    }

    private var current: Path { directory.appending("misses") }
    private var before: Path { directory.appending("misses.before") }

    /// Writes the record down.
    ///
    /// Waits for nobody and never fails: a record that cannot be written is lost.
    package func record(_ record: MissRecord) {
        var record = record
        record.time = Clock.wall / 1_000_000
        let line = MissLine.encode(record)
        do throws(SystemError) {
            do throws(SystemError) {
                try append(line)
            } catch {
                guard error.isAbsence else { return }
                try Directory.make(directory)
                try append(line)
            }
        } catch {
            return
        }
    }

    private func append(_ line: [UInt8]) throws(SystemError) {
        let file = try Descriptor(appendingTo: current)
        _ = file.writeOnce(line)
        let status = try file.status()
        // Unless somebody else has just done it.
        guard status.size > bound, FileStatus.of(current)?.identity.inode == status.identity.inode else { return }
        try Directory.rename(current, to: before)
    }

    /// Forgets all records.
    package func clear() {
        for path in [current, before] { try? Directory.removeFile(path) }
    }

    /// All records, the oldest first.
    package func records() -> [MissRecord] { read(before) + read(current) }

    private func read(_ path: Path) -> [MissRecord] {
        // A file that somebody has made longer is none of ours.
        guard let bytes = try? SmallFile.read(path, limit: 2 * bound + MissLine.maximumLength) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { MissLine.decode($0) }
    }
}
