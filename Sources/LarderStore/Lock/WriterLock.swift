public import Files

/// An exclusive lock on something that exists once, held for the life of the value.
///
/// One process at a time, and in it one value at a time. The lock ends with the value, with the process, however that
/// ends, and on a network file system at the latest ``LeaseTiming/expiry`` after the machine has gone. The files of a
/// lock are in `locks/` of the store; that they exist does not mean that it is held.
///
/// Taking it blocks the calling thread. A held lock may be sent to another thread or task and released there.
public struct WriterLock: ~Copyable, Sendable {
    /// How to take a lock.
    public struct Options: Sendable {
        /// How long to wait.
        public var timeout = LockTimeout.standard
        /// What to keep it with.
        public var mode = LockMode.auto
        /// What it is for, as others read it who wait.
        public var purpose = ""
        /// Ends the wait.
        public var cancellation: Cancellation?
        /// Hear of what happens.
        public var observers: [LockObserver] = []
        /// Nanoseconds between two ``LockEvent/waiting(_:)``; a millisecond at least.
        public var tick: Int64 = 1_000_000_000
        /// Signs of life.
        package var timing = LeaseTiming()

        /// The defaults.
        public init() {}
    }

    /// The name of the lock.
    public let name: LockName
    /// What keeps it.
    public let backend: LockBackend
    /// Nanoseconds that it took to get it.
    public let waited: Int64
    private let held: HeldLock

    init(_ wait: LockWait, _ held: consuming HeldLock) {
        (name, backend, waited) = (wait.name, wait.backend, wait.elapsed)
        self.held = held
    }

    /// Takes the lock `name` of the store in `store`, waiting as `options` say.
    public static func acquire(
        _ name: LockName,
        in store: Path,
        options: Options = Options()
    ) throws(LockError) -> WriterLock {
        var acquisition = LockAcquisition(LockPlace(name, in: store), options)
        return try acquisition.run()
    }

    /// Takes the lock if nobody has it; nil when somebody does.
    public static func attempt(
        _ name: LockName,
        in store: Path,
        options: Options = Options()
    ) throws(LockError) -> WriterLock? {
        var options = options
        options.timeout = .once
        do throws(LockError) {
            return try acquire(name, in: store, options: options)
        } catch {
            guard error.code == .timedOut else { throw error }
            return nil
        }
    }

    /// Takes the lock, runs `body` and releases it, whatever `body` does.
    public static func withLock<Result>(
        _ name: LockName,
        in store: Path,
        options: Options = Options(),
        _ body: (borrowing WriterLock) throws -> Result
    ) throws -> Result {
        let lock = try acquire(name, in: store, options: options)
        return try body(lock)
    }

    /// False once another process has taken the lock over, because ours gave no sign of life for too long: it was
    /// stopped, or the connection to a file server was gone.
    ///
    /// To be asked before what was done under the lock is made visible. Two system calls.
    public var isStillHeld: Bool { held.isOurs }

    /// Releases the lock now.
    public consuming func release() {}
}
