internal import Glibc

/// The kernel's lock on a directory itself: no file is made for it, and it ends with its holder.
///
/// Where the file system has no such locks there is none.
package struct DirectoryLock: ~Copyable {
    private let directory: Descriptor

    /// Waits until nobody else has it.
    package init(on path: Path) throws(SystemError) {
        let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        try Self.wait(for: directory, path)
        self.directory = directory
    }

    private static func wait(for directory: borrowing Descriptor, _ path: Path) throws(SystemError) {
        while flock(directory.raw, LOCK_EX) != 0 {
            let error = SystemError("flock", at: path)
            if error.isWithoutLocks || error.code == EBADF { return }
            guard error.code == EINTR else { throw error }
            Interruption.endIfItHasCome()
        }
    }
}
