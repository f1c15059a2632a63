internal import CLinux
internal import Glibc

/// A file that some text names: a source, a header, a list, a library, a program.
///
/// A name may lead to anything: a FIFO whose writer would take us for the reader that it waits for, a device that acts
/// when it is opened, a sparse file of terabytes. So the file is looked at first, opened only where it is a regular one,
/// looked at again because it may be another one by then, and read up to a bound. The device that is always empty counts
/// as an empty file.
package struct RegularFile: ~Copyable, Sendable {
    package let descriptor: Descriptor
    /// As it was when it was opened.
    package let status: FileStatus

    /// The longest file that is read into memory, in bytes: there are precompiled headers of some hundred megabytes.
    package static let longestText = 1 << 30
    /// The longest file of which a digest is made, in bytes: some ten seconds of work.
    package static let longest = 4 << 30

    /// Opens the file at `path`, symbolic links followed; anything but a regular file is an error and stays unopened.
    ///
    /// - Parameter isRegular: true where the caller has just seen that it is a regular file.
    package init(at path: Path, isRegular: Bool = false) throws(SystemError) {
        if !isRegular, !Self.isTaken(try FileStatus.at(path)) { throw SystemError("open", at: path, code: EINVAL) }
        let descriptor = try Descriptor(opening: path, openForReading)
        let status = try descriptor.status()
        guard Self.isTaken(status) else { throw SystemError("open", at: path, code: EINVAL) }
        self.descriptor = descriptor
        self.status = status
    }

    /// True where something is at `path` that is none of these files: it may be one that can be read only once.
    package static func isSpecial(_ path: Path) -> Bool { FileStatus.of(path).map { !isTaken($0) } ?? false }

    private static func isTaken(_ status: FileStatus) -> Bool { status.kind == .regular || status.isNullDevice }

    /// All that the file holds; one of more than `limit` bytes is an error.
    package func bytes(limit: Int = longestText) throws(SystemError) -> [UInt8] {
        guard status.size <= limit else { throw .tooLong }
        let bytes = try descriptor.readAll(expected: status.size, limit: limit + 1)
        guard bytes.count <= limit else { throw .tooLong }
        return bytes
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    package func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        try descriptor.bytes(at: offset, count: count)
    }

    /// True while the file is the one that was opened.
    package var isUnchanged: Bool { (try? descriptor.status())?.identity == status.identity }

    /// All that the file at `path` holds; see ``init(at:isRegular:)`` and ``bytes(limit:)``.
    package static func bytes(of path: Path, limit: Int = longestText) throws(SystemError) -> [UInt8] {
        try RegularFile(at: path).bytes(limit: limit)
    }

    /// The first `count` bytes of the file at `path`; fewer where it is shorter.
    package static func head(of path: Path, count: Int) throws(SystemError) -> [UInt8] {
        try RegularFile(at: path).bytes(at: 0, count: count)
    }
}
