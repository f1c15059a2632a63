public import Files

/// Why a document was not published; one sentence a person can act on.
///
/// The one that was there before still is.
public struct SnapshotError: Error, CustomStringConvertible {
    /// What kind of failure it is; more may come, so switch with a default.
    public enum Code: String, Sendable {
        /// The lock was not to be had: see ``SnapshotError/lock``.
        case locked
        /// Whoever makes the document failed: see ``SnapshotError/cause``.
        case notMade
        /// The new document is not fit to replace anything.
        case unfit
        /// The file could not be written.
        case system
        /// The lock was taken over by another process before the document was ready.
        case lost
    }

    /// What kind of failure it is.
    public let code: Code
    /// The file.
    public let path: Path
    /// The failure to take the lock.
    public let lock: LockError?
    /// What the maker or the document's own check threw.
    public let cause: (any Error)?
    /// The system call behind it.
    public let underlying: SystemError?

    init(
        _ code: Code,
        at path: Path,
        lock: LockError? = nil,
        cause: (any Error)? = nil,
        underlying: SystemError? = nil
    ) {
        (self.code, self.path, self.lock, self.cause, self.underlying) = (code, path, lock, cause, underlying)
    }

    /// What happened, where, and what to do about it.
    public var description: String {
        switch code {
        case .locked: lock?.description ?? "\(path) is being refreshed by another process"
        case .notMade: cause.map { "\($0)" } ?? "a new \(path) could not be made"
        case .unfit: "the new document is not fit to replace \(path): \(cause.map { "\($0)" } ?? "it cannot be kept")"
        case .system: "\(path) cannot be written: \(underlying.map { "\($0)" } ?? "input or output failed")"
        case .lost: "\(path) was not written: another process took the lock over, for this one gave no sign of life"
        }
    }
}
