internal import Files

/// The right to replace the document of a ``Snapshot``: its lock, held for the life of the value.
///
/// Dropped without ``publish(_:)`` it changes nothing. It may be sent to another task.
public struct SnapshotWriter<Document: SnapshotDocument>: ~Copyable {
    /// What was there when the lock was taken: to merge with, or to fall back on.
    public let previous: SnapshotReading<Document>
    private let snapshot: Snapshot<Document>
    private let lock: WriterLock
    /// Nanoseconds that a rename refused as busy may take.
    private let budget: Int64

    init(
        _ snapshot: Snapshot<Document>,
        _ lock: consuming WriterLock,
        previous: SnapshotReading<Document>,
        budget: Int64
    ) {
        (self.snapshot, self.previous, self.budget) = (snapshot, previous, budget)
        self.lock = lock
    }

    /// False once another process has taken the lock over, which ``publish(_:)`` finds out as well.
    public var isStillHeld: Bool { lock.isStillHeld }

    /// Puts `document` in the place of what is there: validated, whole, flushed to the disk, and then visible at once.
    ///
    /// Releases the lock in any case.
    public consuming func publish(_ document: Document) throws(SnapshotError) -> SnapshotCopy<Document> {
        let path = snapshot.path
        let bytes: [UInt8]
        let writtenAt = FileMark.now
        do {
            try document.validate()
            let body = try document.snapshotBytes()
            guard body.count <= SnapshotFormat.maximumBody else { throw SnapshotDefect.tooLarge }
            guard SnapshotFormat.isKind(Document.kind) else { throw SnapshotDefect.kind }
            // What nobody could read again replaces nothing.
            _ = try Document(snapshotBytes: body)
            bytes = SnapshotFormat.encode(kind: Document.kind, writtenAt: writtenAt, body: body)
        } catch {
            throw SnapshotError(.unfit, at: path, cause: error)
        }
        do throws(SystemError) {
            try Directory.make(path.parent)
            var entry = try TemporaryEntry(beside: path)
            try entry.file.write(bytes)
            guard lock.isStillHeld else { throw SystemError("", code: 0) }
            let (identity, isAtomic) = try entry.publish(replacing: snapshot.previousPath, within: budget)
            return SnapshotCopy(
                document: document,
                writtenAt: writtenAt,
                fileSize: bytes.count,
                warning: isAtomic
                    ? nil : "\(path.parent) cannot replace a file in one step, so \(path) was replaced in two",
                identity: FileMark(identity)
            )
        } catch {
            if error.code == 0 { throw SnapshotError(.lost, at: path) }
            throw SnapshotError(.system, at: path, underlying: error)
        }
    }

    /// Changes nothing and releases the lock.
    public consuming func giveUp() {}
}

extension SnapshotWriter: Sendable where Document: Sendable {}
