internal import Files

/// When to refresh, and for whom to wait.
public struct RefreshPolicy: Sendable {
    /// Milliseconds after which a document is to be replaced; nil for any document but one that another process
    /// publishes while we wait.
    public var maximumAge: Int64?
    /// While another process refreshes, take the document that there is, however old, instead of waiting.
    public var servesStale = false
    /// Where the document cannot be made but an older one can be read, take that: see ``Refreshed/kept(_:because:)``.
    public var keepsOldOnFailure = true
    /// How to take the lock.
    public var lock = WriterLock.Options()

    /// Replaces a document that is older than `maximumAge` milliseconds; nil replaces any.
    public init(ifOlderThan maximumAge: Int64? = nil) { self.maximumAge = maximumAge }
}

/// What a refresh came to.
public enum Refreshed<Document> {
    /// The document was young enough, or another process has refreshed it.
    case current(SnapshotCopy<Document>)
    /// It is too old, and another process is about to replace it.
    case stale(SnapshotCopy<Document>)
    /// We have published a new one.
    case published(SnapshotCopy<Document>)
    /// A new one could not be made or kept, so the old one stays; worth a warning.
    case kept(SnapshotCopy<Document>, because: SnapshotError)

    /// The document, whoever made it and whenever.
    public var copy: SnapshotCopy<Document> {
        switch self {
        case .current(let copy), .stale(let copy), .published(let copy), .kept(let copy, _): copy
        }
    }
}

/// Where a refresh starts: nothing to do, or the right to do it.
public enum RefreshStart<Document: SnapshotDocument>: ~Copyable {
    /// Young enough, or refreshed by another process while we waited.
    case current(SnapshotCopy<Document>)
    /// Too old, and another process is about to replace it.
    case stale(SnapshotCopy<Document>)
    /// It is ours to make the document.
    case writer(SnapshotWriter<Document>)
}

extension Snapshot {
    /// Takes the lock, unless the document is young enough, before or after the wait.
    ///
    /// For those who do something asynchronous before they publish; ``refresh(_:produce:)`` is for the others. While
    /// the writer lives the lock is held: say in `policy.lock.purpose` what takes so long.
    ///
    /// - Parameter isFit: whether a document is one that was asked for; one that is not is replaced however young it is,
    ///   also where another process has just published it.
    public func beginRefresh(
        _ policy: RefreshPolicy,
        where isFit: (Document) -> Bool = { _ in true }
    ) throws(SnapshotError) -> RefreshStart<Document> {
        let before = read().copy
        if let before, isYoung(before, policy), isFit(before.document) { return .current(before) }
        var options = policy.lock
        if policy.servesStale, before != nil { options.timeout = .once }
        let lock: WriterLock
        do throws(SnapshotError) {
            lock = try self.lock(options, doing: "refresh")
        } catch {
            if policy.servesStale, let before, error.lock?.code == .timedOut { return .stale(before) }
            throw error
        }
        // Another process may have done it: between our look and the lock, or while we waited.
        let reading = read()
        if let now = reading.copy, now.identity != before?.identity || isYoung(now, policy), isFit(now.document) {
            return .current(now)
        }
        return .writer(SnapshotWriter(self, lock, previous: reading, budget: options.timeout.nanoseconds))
    }

    private func isYoung(_ copy: SnapshotCopy<Document>, _ policy: RefreshPolicy) -> Bool {
        policy.maximumAge.map { !copy.isOlder(than: $0) } ?? false
    }

    /// Makes and publishes a new document where `policy` asks for one and no other process does it.
    ///
    /// `produce` runs under the lock. What it throws is the cause of a ``SnapshotError`` with the code `notMade`, or of
    /// ``Refreshed/kept(_:because:)`` where the old document can still be read.
    public func refresh(
        _ policy: RefreshPolicy = RefreshPolicy(),
        produce: () throws -> Document
    ) throws(SnapshotError) -> Refreshed<Document> {
        switch try beginRefresh(policy) {
        case .current(let copy): return .current(copy)
        case .stale(let copy): return .stale(copy)
        case .writer(let writer):
            let old = writer.previous.copy
            do throws(SnapshotError) {
                let document: Document
                do {
                    document = try produce()
                } catch {
                    throw SnapshotError(.notMade, at: path, cause: error)
                }
                return .published(try writer.publish(document))
            } catch {
                guard policy.keepsOldOnFailure, let old else { throw error }
                return .kept(old, because: error)
            }
        }
    }
}
