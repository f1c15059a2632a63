package import Files

/// Files of the cache that outputs of the user's are hard links to: for those who have chosen `hard_links`.
///
///     <directory>/linked/ab/cd/<60 hex>     what an output of the entry of that key is a link to; empty where all are copies
///
/// Only one output at a time is a link to the file; while this output exists, further outputs are copies. Output and file are the same file, so nobody
/// may write to the output. Its mode is read-only, which does not stop root. Before the file is linked again, its identity (size and
/// modification time) is compared with the identity in ``DigestTable`` from the last time. A later write cannot leave that
/// modification time. A file that was written to is replaced by an empty one, and outputs of this entry are copies from then on.
///
/// The time of the last change says nothing here: each name that is given or taken moves it. So whoever writes to the file and
/// then sets its time back is not noticed, except by `larder verify`.
struct LinkedOutputs: Sendable {
    /// The cache directory.
    let directory: Path
    let contents: KnownContent

    func path(of key: EntryKey) -> Path { EntryStore.path(of: key, in: directory, "/linked/") }

    /// The file of `key` under a new name beside `destination`, as new as if it had been written now.
    ///
    /// Nil where there is none, it does not hold `size` bytes as it should, or somebody has it open for writing.
    ///
    /// - Parameter content: what the entry holds now, which may have been made again since.
    func give(_ key: EntryKey, _ content: Digest, size: Int, beside destination: Path) -> TemporaryEntry? {
        let path = path(of: key)
        guard let file = try? Descriptor(opening: path, openForReading), let lease = ReadLease(alone: file),
            let status = try? file.status(), status.kind == .regular, status.size > 0
        else { return nil }
        let permissions = status.mode & 0o7777
        guard status.size == size, permissions & 0o222 == 0, contents.isGivenOut(status.identity, as: content) else {
            giveNoMore(key)
            return nil
        }
        guard permissions == 0o444 & ~CurrentProcess.fileModeMask, status.owner == CurrentProcess.user,
            isAlone(status, but: destination), let given = note(file, as: content), lease.isHeld
        else { return nil }
        _ = consume lease
        guard let output = try? TemporaryEntry(linking: path, file, beside: destination),
            FileStatus.ofLink(output.path)?.identity.inode == given.inode
        else { return nil }
        return output
    }

    /// Makes `output`, which holds what it should and is not known to anybody yet, the file of `key`, if there is none.
    func keep(_ output: borrowing TemporaryEntry, as key: EntryKey, _ content: Digest) {
        let path = path(of: key)
        // Where another machine gives files their times these say nothing.
        guard let status = try? output.file.status(), status.identity.provesContent(at: output.path) else { return }
        var attempts = 0
        while true {
            do throws(SystemError) {
                try Directory.link(output.path, as: path)
                try output.file.setPermissions(status.mode & 0o444)
                _ = note(output.file, as: content)
                return
            } catch {
                attempts += 1
                guard error.isAbsence, attempts < 3, (try? Directory.make(path.parent)) != nil else { return }
            }
        }
    }

    /// True where no output has the file, or the one alone that is to be replaced.
    ///
    /// Whatever happens to the file happens to each output that has it, and a new time would hide that a source is newer.
    private func isAlone(_ status: FileStatus, but destination: Path) -> Bool {
        if status.links == 1 { return true }
        guard status.links == 2, let old = FileStatus.ofLink(destination)?.identity else { return false }
        return old.inode == status.identity.inode && old.device == status.identity.device
    }

    /// Makes the file as new as if it had been written now, and notes that it is given out so; nil where that cannot be.
    ///
    /// No later write may leave that time. Since Linux 6.13 a file system gives a file that somebody has looked at a finer time at the next
    /// change, which is ahead of the clock's ticks. Elsewhere it is a nanosecond less than what the file system takes for now.
    private func note(_ file: borrowing Descriptor, as content: Digest) -> FileIdentity? {
        do throws(SystemError) {
            try file.setTimes(to: nil)
            _ = try file.status()
            try file.setTimes(to: nil)
            var identity = try file.status().identity
            let isFine = identity.modified > Clock.stamp
            if !isFine { identity.modified -= 1 }
            contents.rememberGivenOut(identity, as: content)
            if !isFine { try file.setTimes(to: identity.modified) }
            let now = try file.status().identity
            return now.modified == identity.modified ? now : nil
        } catch {
            return nil
        }
    }

    /// Outputs of `key` are copies from now on.
    private func giveNoMore(_ key: EntryKey) {
        let path = path(of: key)
        try? Directory.removeFile(path)
        _ = try? Descriptor(creating: path)
    }

    // MARK: - Care

    /// Removes the files that no output is a link to any more, and those without an entry.
    func sweep() {
        let entries = EntryStore(at: directory)
        for file in files {
            let isUnused = file.status.links == 1 && file.status.size > 0
            if isUnused || FileStatus.ofLink(entries.path(of: file.key)) == nil {
                try? Directory.removeFile(file.path)
                Directory.removeIfEmpty(file.path.parent)
            }
        }
    }

    /// Removes all of them; outputs stay.
    func clear() { Directory.removeTree(directory.appending("linked")) }

    /// Reads all of them, and gives those no more that do not hold what the entry has; returns the keys of those that a hit would
    /// have given.
    func verify(in store: EntryStore) -> [EntryKey] {
        files.compactMap { file in
            guard file.status.size > 0, case .hit(let entry) = store.open(file.key), let index = entry.largePart,
                (try? Descriptor(reading: file.path))?.checksum(size: entry.storedLength(index))
                    != entry.checksum(index)
            else { return nil }
            let isGiven = contents.isGivenOut(file.status.identity, as: entry.content(index))
            if !store.options.isReadOnly { giveNoMore(file.key) }
            return isGiven ? file.key : nil
        }
    }

    private var files: [(key: EntryKey, path: Path, status: FileStatus)] {
        let root = directory.appending("linked")
        var files: [(key: EntryKey, path: Path, status: FileStatus)] = []
        for first in EntryStore.fanOut(of: root) {
            for second in EntryStore.fanOut(of: root.appending(bytes: first)) {
                let directory = root.appending(bytes: first).appending(bytes: second)
                for name in (try? Directory.names(in: directory)) ?? [] {
                    let path = directory.appending(bytes: name)
                    guard let digest = Digest(hexBytes: first + second + name), let status = FileStatus.ofLink(path)
                    else {
                        continue
                    }
                    files.append((EntryKey(digest: digest), path, status))
                }
            }
        }
        return files
    }
}

extension OpenEntry {
    /// The first part that is large enough for a link.
    fileprivate var largePart: Int? { (0..<count).first { storedLength($0) >= EntryHeader.largeLength } }

    /// What the table knows the file of part `index` by: key and checksum, as the same result may have been made again.
    fileprivate func content(_ index: Int) -> Digest {
        let sum = checksum(index)
        var bytes = Array(key.digest.bytes.prefix(16))
        for half in [sum.low, sum.high] { withUnsafeBytes(of: half.littleEndian) { bytes.append(contentsOf: $0) } }
        return Digest(bytes: bytes) ?? key.digest
    }

    /// Part `index` as a hard link beside `destination`; nil where it has to be copied.
    package func link(_ index: Int, beside destination: Path) -> TemporaryEntry? {
        guard let linked = linkedOutputs(index) else { return nil }
        return linked.give(key, content(index), size: storedLength(index), beside: destination)
    }

    /// Lets later outputs of part `index` be hard links to this one, which is a copy that nobody knows yet.
    ///
    /// It can only be read from then on.
    package func keepForLinks(_ index: Int, _ output: borrowing TemporaryEntry) {
        linkedOutputs(index)?.keep(output, as: key, content(index))
    }
}
