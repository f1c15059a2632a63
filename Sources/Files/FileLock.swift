internal import Glibc

/// An exclusive advisory lock on a file, held for the life of the value and released by the kernel with it.
///
/// The file is zero bytes long and stays where it is: that it exists says nothing about who holds it.
package struct FileLock: ~Copyable {
    private let file: Descriptor

    /// Takes the lock at `path` if nobody holds it; nil when somebody does.
    package static func attempt(_ path: Path) throws(SystemError) -> FileLock? {
        try Directory.make(path.parent)
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        while flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw SystemError("flock", at: path) }
        }
        return FileLock(file: file)
    }

    /// Takes the lock at `path`, waiting up to `seconds` for whoever holds it; nil when they did not let go.
    package static func wait(_ path: Path, seconds: Double) throws(SystemError) -> FileLock? {
        let deadline = Clock.monotonic + Int64(seconds * 1e9)
        var pause: Int64 = 1_000_000
        while true {
            if let lock = try attempt(path) { return lock }
            let rest = deadline - Clock.monotonic
            if rest <= 0 { return nil }
            var sleep = timespec(tv_sec: 0, tv_nsec: Int(min(pause, rest)))
            nanosleep(&sleep, nil)
            pause = min(pause * 2, 100_000_000)
        }
    }

    private init(file: consuming Descriptor) { self.file = file }

    /// Releases the lock now.
    package consuming func release() {}
}
