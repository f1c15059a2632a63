internal import CLinux
internal import Glibc

/// Opening for one purpose, and reading at a position: what the layers above need without knowing open(2)'s flags.
extension Descriptor {
    /// Opens `path` for reading.
    ///
    /// A FIFO that somebody left there does not block: nothing but a regular file is
    /// ever expected, and whoever opens looks at the kind.
    package init(reading path: Path) throws(SystemError) {
        try self.init(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    }

    /// Opens `path` for reading, and waits where it is a pipe that somebody is about to write to.
    package init(awaiting path: Path) throws(SystemError) { try self.init(opening: path, O_RDONLY | O_NOCTTY) }

    /// Waits until there is something to read, or the end; false when somebody wants to stop.
    package func waitToRead(unless cancellation: Cancellation?) -> Bool {
        while true {
            if cancellation?.isCancelled == true { return false }
            var watched = [
                pollfd(fd: raw, events: Int16(POLLIN), revents: 0),
                pollfd(fd: cancellation?.event ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&watched, 2, 1000)
            // Where the system cannot wait the read does.
            if ready > 0 && watched[0].revents != 0 || ready < 0 && errno != EINTR { return true }
        }
    }

    /// Makes a file (0600) at `path` and opens it for writing; one that is there is an error.
    package init(creating path: Path) throws(SystemError) {
        try self.init(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    }

    /// Opens the directory at `path`, to be entered or passed on.
    package init(directory path: Path) throws(SystemError) { try self.init(opening: path, O_RDONLY | O_DIRECTORY) }

    /// A path that leads to this very directory for as long as it is open here, whatever becomes of its name.
    package var pathOfDirectory: Path { Path("/proc/self/fd/\(raw)") }

    /// True when the directory that is open has been removed.
    package var isRemovedDirectory: Bool {
        // Some file systems count no names of directories; the kernel notes a removal in the name that it shows.
        if let status = try? status(), status.links == 0 { return true }
        return Directory.target(ofLink: pathOfDirectory)?.bytes.reversed().starts(with: " (deleted)".utf8.reversed())
            ?? true
    }

    /// Opens `path` itself for reading; a symbolic link there is an error.
    package init(readingItself path: Path) throws(SystemError) {
        try self.init(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    }

    /// Opens `path` for writing behind its end, and makes it (0600) when it is missing.
    package init(appendingTo path: Path) throws(SystemError) {
        try self.init(opening: path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK, mode: 0o600)
    }

    /// Opens `path` for reading and writing in place, and makes it (0600) when it is missing.
    package init(openingForUpdate path: Path) throws(SystemError) {
        try self.init(opening: path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, mode: 0o600)
    }

    /// Fills `buffer` from `offset` bytes behind the start and leaves the position alone; returns fewer bytes
    /// only at the end of the file.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try Self.read(raw, at: offset, into: buffer)
    }

    /// The same for a descriptor that somebody else owns.
    package static func read(
        _ raw: CInt,
        at offset: Int,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let count = pread(raw, base + filled, buffer.count - filled, off_t(offset) + off_t(filled))
            if count == 0 { break }
            if count < 0 {
                guard errno == EINTR else { throw SystemError("pread") }
                continue
            }
            filled += count
        }
        return filled
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    package func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
            do throws(SystemError) {
                filled = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all of `bytes` at `offset` and leaves the position alone.
    package func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(raw, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("pwrite") }
            written += count
        }
    }

    /// True when some process has this file open for writing, as far as the file system tells.
    package var isBeingWritten: Bool { larder_is_being_written(raw) == 1 }

    /// Gives the file these permissions, whatever the umask says.
    package func setPermissions(_ mode: UInt32) throws(SystemError) {
        guard fchmod(raw, mode) == 0 else { throw SystemError("fchmod") }
    }

    /// Sets access and modification time, in nanoseconds since 1970; nil stands for what the file system takes for now.
    package func setTimes(to moment: Int64?) throws(SystemError) {
        let times = moment.map { moment in
            let time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
            return [time, time]
        }
        guard futimens(raw, times) == 0 else { throw SystemError("futimens") }
    }

    /// Hands the bytes to the kernel in one write(2), which for a file opened for appending keeps them together;
    /// says whether it took them all.
    package func writeOnce(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            while true {
                let count = Glibc.write(raw, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                return count == buffer.count
            }
        }
    }
}

extension SystemError {
    /// True when the disk, or the user's share of it, is full.
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    /// True when nobody reads what was written.
    package var isUnread: Bool { code == EPIPE }

    /// True when a signal that asks this process to end was the reason.
    package var isInterruption: Bool { code == EINTR }

    /// What ends a read that somebody wants to stop.
    package static var interrupted: SystemError { SystemError("read", code: EINTR) }

    /// What a file is that has more bytes than are taken.
    package static var tooLong: SystemError { SystemError("read", code: EFBIG) }

    /// True when something has the name already.
    package var isPresence: Bool { code == EEXIST }

    /// True when the user may not do this here: permissions, or a file system mounted read-only.
    package var isRefusal: Bool { code == EACCES || code == EPERM || code == EROFS }
}
