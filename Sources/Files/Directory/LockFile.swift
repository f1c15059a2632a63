internal import Glibc

/// A file for locking that is open, and locked or not: the kernel's flock(2), which ends with the last descriptor.
///
/// The file is zero bytes long and stays where it is: that it exists says nothing about who holds it.
package struct LockFile: ~Copyable, Sendable {
    package enum Attempt: Sendable {
        case taken
        case busy
        /// Somebody has removed or replaced the file meanwhile; it has to be opened anew.
        case replaced
    }

    private let file: Descriptor
    private let path: Path

    /// Opens the file at `path`, and makes it (0600) and its directory where they are missing.
    package init(at path: Path) throws(SystemError) {
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        do throws(SystemError) {
            file = try Descriptor(opening: path, flags, mode: 0o600)
        } catch {
            guard error.code == ENOENT else { throw error }
            try Directory.make(path.parent)
            file = try Descriptor(opening: path, flags, mode: 0o600)
        }
        self.path = path
    }

    /// Whether somebody has the lock on the file at `path`, which is not made; nil where that cannot be told.
    ///
    /// For as long as it takes to ask, nobody gets the lock.
    package static func isTaken(at path: Path) -> Bool? {
        guard let file = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) else {
            return nil
        }
        while flock(file.raw, LOCK_SH | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return true }
            guard errno == EINTR else { return nil }
        }
        return false
    }

    /// Lends the open file, which carries the lock to whoever gets it from this process.
    package func withDescriptor<R>(_ body: (borrowing Descriptor) throws(SystemError) -> R) throws(SystemError) -> R {
        try body(file)
    }

    /// Lets go of the lock; the file stays open for another attempt.
    package func release() { _ = flock(file.raw, LOCK_UN) }

    /// Takes the exclusive lock unless another open file has it; does not wait.
    package func attempt() throws(SystemError) -> Attempt {
        while flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return .busy }
            guard errno == EINTR else { throw SystemError("flock", at: path) }
        }
        // Had the file been replaced, another could lock what has its name now.
        let (ours, theirs) = (try file.status().identity, FileStatus.ofLink(path)?.identity)
        return ours.inode == theirs?.inode && ours.device == theirs?.device ? .taken : .replaced
    }
}

extension SystemError {
    /// True when the file system has no locks of this kind to offer.
    package var isWithoutLocks: Bool {
        code == ENOLCK || code == EOPNOTSUPP || code == ENOSYS || code == EINVAL
    }

    /// True when the file server has forgotten the file that is open: opening it again helps.
    package var isStaleHandle: Bool { code == ESTALE }

    /// True when the file system cannot give a name to a file only if nobody has it.
    package var isWithoutExclusiveNames: Bool {
        call == "link" && (code == EPERM || code == EOPNOTSUPP || code == ENOSYS || code == EMLINK)
    }

    /// True when a rename was refused because somebody has the file in use, which passes.
    package var isBusy: Bool { code == EBUSY || code == ETXTBSY || code == EAGAIN }

    /// True when the file system cannot replace a file by a rename.
    package var isWithoutReplacement: Bool {
        code == EEXIST || code == EOPNOTSUPP || code == ENOSYS || code == EINVAL
    }
}
