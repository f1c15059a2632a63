internal import CLinux
internal import Glibc

/// Standard input, read to its end before the program runs that it is meant for.
///
/// A regular file stays where it is: the program reads it itself. Of everything else a copy is kept in memory, and the
/// program gets that copy.
package enum GivenInput {
    /// What reading gave.
    package enum Outcome {
        /// Standard input is a file that may be read any number of times, from `offset` on, where its position is.
        case whole(offset: Int)
        /// It is longer than `limit`; the program gets all of it all the same.
        case tooLong
        /// Memory was too short to keep what was read, so that nobody can be given all of it any more.
        case lost(SystemError)
    }

    /// Reads at most `limit` bytes, and leaves standard input as if nobody had.
    package static func read(limit: Int) throws(SystemError) -> Outcome {
        var information = stat()
        guard fstat(STDIN_FILENO, &information) == 0 else { throw SystemError("fstat") }
        if information.st_mode & S_IFMT == S_IFREG {
            let offset = lseek(STDIN_FILENO, 0, SEEK_CUR)
            guard offset >= 0 else { throw SystemError("lseek") }
            return .whole(offset: Int(offset))
        }
        let copy = try Descriptor.inMemory()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var length = 0
        while length <= limit {
            let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            // A terminal or a pipe that fails is one that has ended, as for the program.
            if count <= 0 {
                guard lseek(copy.raw, 0, SEEK_SET) == 0, dup2(copy.raw, STDIN_FILENO) == STDIN_FILENO else {
                    return .lost(SystemError("dup2"))
                }
                return .whole(offset: 0)
            }
            length += count
            do throws(SystemError) {
                try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                return .lost(error)
            }
        }
        guard larder_feed_input(copy.raw) == 0 else { return .lost(SystemError("fork")) }
        return .tooLong
    }

    /// Leaves standard input, a file, where whoever reads all of it leaves it.
    package static func skip() { lseek(STDIN_FILENO, 0, SEEK_END) }

    /// Everything that is still to be read, but at most `limit` bytes.
    package static func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        let raw = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard raw >= 0 else { throw SystemError("fcntl") }
        return try Descriptor(owning: raw).readAll(expected: 1 << 16, limit: limit)
    }

    /// The status of what standard input is now.
    package static var status: FileStatus? {
        var information = stat()
        return fstat(STDIN_FILENO, &information) == 0 ? FileStatus(information) : nil
    }

    /// What standard input is; see ``InheritedDescriptors/kind(of:)``.
    package static var kind: UInt8 { InheritedDescriptors.kind(of: STDIN_FILENO) }

    /// Up to `buffer.count` bytes of standard input from `offset` on; its position stays.
    package static func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try Descriptor.read(STDIN_FILENO, at: offset, into: buffer)
    }
}
