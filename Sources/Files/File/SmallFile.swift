internal import Glibc

/// Files that are read whole because they are small: settings, markers, records.
package enum SmallFile {
    /// The content of the file at `path` in three system calls where it is shorter than 4 KiB.
    ///
    /// Fails with EFBIG where there are more than `limit` bytes, and with EPERM where the file is not the `owner`'s.
    package static func read(_ path: Path, limit: Int = 1 << 20, ownedBy owner: UInt32? = nil) throws(SystemError)
        -> [UInt8]
    {
        // A pipe that stands in the place of the file must not hold us up.
        let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        if let owner, try file.status().owner != owner { throw SystemError("read", at: path, code: EPERM) }
        let room = 4096
        var failure: SystemError?
        var bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            // A regular file gives all it has: fewer bytes than asked for are the end of it.
            do throws(SystemError) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw SystemError(failure.call, at: path, code: failure.code) }
        if bytes.count == room { bytes += try file.readAll(expected: room, limit: max(limit, room)) }
        guard bytes.count <= limit else { throw SystemError("read", at: path, code: EFBIG) }
        return bytes
    }

    /// Makes a new file of `bytes` that only the user may read; for private directories, where nobody looks on.
    package static func write(_ bytes: [UInt8], to path: Path) throws(SystemError) {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        try file.write(bytes)
        try file.close()
    }
}
