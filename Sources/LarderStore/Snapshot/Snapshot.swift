public import Files

/// One document that is expensive to make, kept in a file, read by anyone without a lock and refreshed by one process.
///
/// Readers validate length and checksum and never see a part. Whoever wants to refresh takes the writer lock, then looks
/// again: where another process has done it meanwhile, its document is taken and nothing is made. A new document is
/// published whole and flushed; one that is not fit never replaces a good one.
///
///     <store>/snapshots/<name>                 the document
///     <store>/snapshots/<name>.previous        the one before, for a moment, where a rename cannot replace
///     <store>/locks/<name>.lock                the ``WriterLock``
///
/// Every call blocks until it is done; a value may be used from several threads.
public struct Snapshot<Document: SnapshotDocument>: Sendable {
    /// Its name, which is the lock's as well.
    public let name: LockName
    /// The file.
    public let path: Path
    let store: Path

    /// Names the document `name` of the store in `store`; nothing is looked at yet.
    public init(_ name: LockName, in store: Path) {
        (self.name, self.store) = (name, store)
        path = store.appending("snapshots").appending(name.description)
    }

    var previousPath: Path { path.appending(suffix: ".previous") }

    // MARK: - Reading

    /// The document as it is now; takes no lock and waits for nobody.
    public func read() -> SnapshotReading<Document> {
        let reading = read(path)
        if case .present = reading { return reading }
        // Only where the file system cannot replace a file, and only if somebody died in between.
        let previous = read(previousPath)
        return previous.copy == nil ? reading : previous
    }

    private func read(_ path: Path) -> SnapshotReading<Document> {
        for _ in 0..<3 {
            do throws(SystemError) {
                let file = try Descriptor(reading: path)
                let status = try file.status()
                guard status.kind == .regular else { return .unusable(.foreign) }
                guard status.size <= SnapshotFormat.maximumBody + SnapshotFormat.maximumHead else {
                    return .unusable(.tooLarge)
                }
                let bytes = try file.bytes(at: 0, count: status.size)
                return decode(bytes, status.identity)
            } catch {
                if error.isStaleHandle { continue }
                return error.isAbsence ? .absent : .unusable(.unreadable)
            }
        }
        return .unusable(.unreadable)
    }

    private func decode(_ bytes: [UInt8], _ identity: FileIdentity) -> SnapshotReading<Document> {
        do throws(SnapshotDefect) {
            let (writtenAt, body) = try SnapshotFormat.decode(bytes, kind: Document.kind)
            guard let document = try? Document(snapshotBytes: Array(body)) else { return .unusable(.undecodable) }
            return .present(
                SnapshotCopy(
                    document: document,
                    writtenAt: writtenAt,
                    fileSize: bytes.count,
                    warning: nil,
                    identity: FileMark(identity)
                )
            )
        } catch {
            return .unusable(error)
        }
    }

    // MARK: - Clearing

    /// Removes the document, under the lock; says whether there was one.
    @discardableResult
    public func clear(lock options: WriterLock.Options = .init()) throws(SnapshotError) -> Bool {
        guard FileStatus.of(store) != nil else { return false }
        let lock = try lock(options, doing: "clear")
        let was = FileStatus.ofLink(path) != nil || FileStatus.ofLink(previousPath) != nil
        do throws(SystemError) {
            // The older one first: killed in between, nothing comes back.
            try Directory.removeFile(previousPath)
            try Directory.removeFile(path)
        } catch {
            throw SnapshotError(.system, at: path, underlying: error)
        }
        lock.release()
        return was
    }

    func lock(_ options: WriterLock.Options, doing purpose: String) throws(SnapshotError) -> WriterLock {
        var options = options
        if options.purpose.isEmpty { options.purpose = "\(purpose) of \(name)" }
        do throws(LockError) {
            return try WriterLock.acquire(name, in: store, options: options)
        } catch {
            throw SnapshotError(.locked, at: path, lock: error)
        }
    }
}

extension FileMark {
    init(_ identity: FileIdentity) {
        (device, inode, changed) = (identity.device, identity.inode, identity.changed)
    }
}
