internal import CLinux
internal import Glibc

/// The certainty that nobody writes into a file for a moment, from all processes on this machine; see fcntl(2), F_SETLEASE.
///
/// Whoever opens the file for writing meanwhile waits, so it has to be short.
package struct ReadLease: ~Copyable {
    private let raw: CInt

    /// Nil where somebody has `file` open for writing or holds such a lease as ours, and where the file system knows no leases.
    ///
    /// `file` is open for reading only, and stays open for as long as the lease is held.
    package init?(alone file: borrowing Descriptor) {
        guard flock(file.raw, LOCK_EX | LOCK_NB) == 0, larder_lease_for_reading(file.raw) == 1 else { return nil }
        raw = file.raw
    }

    /// False once somebody waits to write, or has waited too long for us.
    package var isHeld: Bool { larder_is_leased(raw) == 1 }

    deinit {
        larder_end_lease(raw)
        _ = flock(raw, LOCK_UN)
    }
}
