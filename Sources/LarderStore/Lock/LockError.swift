public import Files

/// Why a lock could not be taken; one sentence a person can act on.
public struct LockError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come, so switch with a default.
    public enum Code: String, Sendable {
        /// Nobody let go in time.
        case timedOut
        /// The wait was cancelled.
        case cancelled
        /// A system call failed: no permission, no room, no such place. Waiting would not have helped.
        case system
        /// The lock was held, and another took it over because this process showed no sign of life for too long.
        case lost
    }

    /// What kind of failure it is.
    public let code: Code
    /// The lock.
    public let name: LockName
    /// How long the wait was and for whom, where there was one.
    public let wait: LockWait?
    /// The system call behind it.
    public let underlying: SystemError?
    private let place: Path

    init(_ code: Code, _ place: LockPlace, wait: LockWait? = nil, underlying: SystemError? = nil) {
        (self.code, name, self.place) = (code, place.name, place.lock)
        (self.wait, self.underlying) = (wait, underlying)
    }

    /// What happened, where, and what to do about it.
    public var description: String {
        let holder = wait?.owner.map { "held by \($0)" } ?? "held by another process"
        let elapsed = LockTimeout.text(wait?.elapsed ?? 0)
        return switch code {
        case .timedOut where wait?.timeout.nanoseconds == 0:
            "the lock '\(name)' is \(holder); try again later, or allow some time to wait (\(hint))"
        case .timedOut:
            "the lock '\(name)' was not free within \(elapsed), it is \(holder) (\(hint))"
        case .cancelled: "the wait for the lock '\(name)', \(holder), was cancelled after \(elapsed)"
        case .system: "the lock '\(name)' cannot be taken: \(underlying.map { "\($0)" } ?? "\(place)")"
        case .lost:
            "the lock '\(name)' was lost while it was held: for too long this process gave no sign of life, and another took over"
        }
    }

    private var hint: String {
        "timeout: \(wait?.timeout.description ?? "0s"), from \(wait?.timeout.source ?? "the program"); "
            + "--lock-timeout or LARDER_LOCK_TIMEOUT changes it"
    }
}

extension StoreError {
    /// The failure to take a lock, as the store reports it.
    init(_ error: LockError, at directory: Path) {
        switch error.code {
        case .system:
            guard let underlying = error.underlying else {
                self.init(.io, at: directory)
                return
            }
            self.init(underlying, at: directory)
        default:
            self.init(.locked, at: directory, detail: error.wait?.owner.map { "held by \($0)" })
        }
    }
}
