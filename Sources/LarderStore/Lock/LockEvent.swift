/// What a process knows of its wait for a lock.
public struct LockWait: Hashable, Sendable {
    /// The lock.
    public let name: LockName
    /// What keeps it.
    public let backend: LockBackend
    /// Who holds it; nil where that cannot be told.
    public let owner: LockOwner?
    /// How long it waits at most.
    public let timeout: LockTimeout
    /// Nanoseconds since it began to wait, by a clock that only moves forward.
    public let elapsed: Int64

    /// Nanoseconds until it gives up; nil when it never does.
    public var remaining: Int64? {
        timeout.nanoseconds == .max ? nil : max(0, timeout.nanoseconds - elapsed)
    }
}

/// What happens on the way to a lock, for those who tell a person or write it down.
public enum LockEvent: Hashable, Sendable {
    /// A lease is used because the kernel's locks cannot be trusted here, and why.
    case fallback(LockName, because: String)
    /// Somebody has the lock; the wait begins.
    case contended(LockWait)
    /// The wait goes on; once in each ``WriterLock/Options/tick``.
    case waiting(LockWait)
    /// A holder was dead, and the lock that it left is taken over.
    case succeeded(LockName, LockOwner?)
    /// The lock is ours; `isContended` when somebody else had it at first.
    case acquired(LockWait, isContended: Bool)
    /// Nobody let go in time.
    case timedOut(LockWait)
    /// The wait was to end.
    case cancelled(LockWait)
}

/// Hears of each event, in the thread that takes the lock: what it does, the wait does not do meanwhile.
public typealias LockObserver = @Sendable (LockEvent) -> Void
