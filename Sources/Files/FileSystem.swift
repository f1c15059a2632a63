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

    /// True where identities of files on `device` prove nothing, because another machine stamps them.
    ///
    /// Local disks have a major number of their own; the anonymous devices of NFS and its like have 0, and so have btrfs,
    /// overlay and tmpfs, so that the file system itself has to be asked.
    package static func isForeign(_ device: UInt64, _ path: Path?) -> Bool {
        guard device >> 8 & 0xfff == 0 else { return false }
        return path.map { isForeign($0) } ?? true
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

    /// What the file system of `path` is called where its locks cannot be trusted to reach every process that uses it;
    /// nil where they can.
    ///
    /// Network file systems, those that a program provides, FAT, and what cannot be asked. Debug builds believe
    /// `LARDER_PRETEND_FILE_SYSTEM`.
    package static func withoutTrustedLocks(_ path: Path) -> String? {
        #if DEBUG
        if let name = Environment.text("LARDER_PRETEND_FILE_SYSTEM") { return name.isEmpty ? nil : name }
        #endif
        return switch path.withCString({ larder_file_system($0) }) {
        case 0x6969: "NFS"
        case 0x517B, 0xFE53_4D42, 0xFF53_4D42: "SMB"
        case 0x4D44, 0x2011_BAB0: "FAT"
        case 0x0102_1997: "9p"
        case 0x6573_5546: "FUSE"
        case 0x5346_414F: "AFS"
        case 0x00C3_6400: "Ceph"
        case 0x7375_7245: "Coda"
        case 0x0BD0_0BD0: "Lustre"
        case 0x4750_4653: "GPFS"
        case 0x7461_636F: "OCFS2"
        case 0x0116_1970: "GFS2"
        case 0x786F_4256: "vboxsf"
        case 0xBACB_ACBC: "vmhgfs"
        case -1: "an unknown file system"
        default: nil
        }
    }
}
