/// How locks are kept; the raw values stand in `larder.conf`.
public enum LockMode: String, CaseIterable, Sendable {
    /// By the kernel, but by a lease where the file system's locks cannot be trusted.
    case auto
    /// By the kernel.
    case advisory
    /// By a lease.
    case lease
}

/// What keeps a lock that somebody holds; the raw values are on disk.
public enum LockBackend: String, Sendable {
    /// flock(2): the kernel releases it when the process ends, however it ends.
    case advisory
    /// A record that only one process can have, renewed while the holder lives.
    case lease
}

/// How a holder shows to those who cannot see its process that it lives.
package struct LeaseTiming: Hashable, Sendable {
    /// Nanoseconds between two signs of life.
    package var interval: Int64 = 2_000_000_000
    /// Nanoseconds without one after which a holder counts as dead.
    package var expiry: Int64 = 8_000_000_000

    package init() {}

    package init(interval: Int64, expiry: Int64) { (self.interval, self.expiry) = (interval, expiry) }
}
