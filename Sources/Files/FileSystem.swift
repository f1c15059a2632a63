internal import CLinux
internal import Glibc

/// The file system that holds a path: its room, and whether its clock is ours.
package struct FileSystem: Sendable {
    /// Bytes in all.
    package let capacity: Int64
    /// Bytes that an unprivileged process may still use.
    package let free: Int64

    /// Asks the kernel about the file system of `path`.
    package static func of(_ path: Path) throws(SystemError) -> FileSystem {
        var information = statvfs()
        guard path.withCString({ statvfs($0, &information) }) == 0 else { throw SystemError("statvfs", at: path) }
        let block = Int64(information.f_frsize)
        return FileSystem(
            capacity: Int64(information.f_blocks) * block,
            free: Int64(information.f_bavail) * block
        )
    }

    /// True where another machine, or a program, stamps the files: then an identity proves nothing here.
    ///
    /// NFS, SMB, SMB2, CIFS, 9p, FUSE, AFS, Ceph: the magic numbers of statfs(2).
    package static func isForeign(_ path: Path) -> Bool {
        switch path.withCString({ larder_file_system($0) }) {
        case 0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x0102_1997, 0x6573_5546, 0x5346_414F, 0x00C3_6400, -1: true
        default: false
        }
    }
}
