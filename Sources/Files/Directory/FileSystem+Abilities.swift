internal import CLinux
internal import Glibc

/// What the file system of a directory can do, tried with files that have no name and leave nothing behind.
extension FileSystem {
    /// Whether one file may share another one's blocks (FICLONE); nil where that cannot be tried.
    package static func clones(in directory: Path) -> Bool? { answer(larder_can_clone, directory) }

    /// Whether the kernel's locks keep a second one out (flock(2)); nil where that cannot be tried.
    package static func locks(in directory: Path) -> Bool? { answer(larder_can_lock, directory) }

    private static func answer(_ probe: (UnsafePointer<CChar>) -> CInt, _ directory: Path) -> Bool? {
        let answer = directory.withCString(probe)
        return answer < 0 ? nil : answer == 1
    }

    /// Whether an identity proves what the files in `directory` hold (see ``IdentityTrust``).
    package static func provesContent(in directory: Path) -> Bool {
        guard let identity = FileStatus.of(directory)?.identity else { return false }
        var trust = IdentityTrust()
        return trust.provesContent(identity, at: directory)
    }

    /// What the file system of `path` is called; its magic number where it is none of the usual ones.
    package static func name(of path: Path) -> String {
        let magic = facts(path).magic
        if let kind = kind(of: magic) { return kind.name.description }
        switch magic {
        case 0xEF53: return "ext4"
        case 0x5846_5342: return "XFS"
        case 0x9123_683E: return "btrfs"
        case 0xCA45_1A4E: return "bcachefs"
        case 0x2FC1_2FC1: return "ZFS"
        case 0xF2F5_2010: return "F2FS"
        case 0x0102_1994: return "tmpfs"
        case 0x8584_58F6: return "ramfs"
        case 0x794C_7630: return "overlayfs"
        default: return "0x" + String(magic, radix: 16)
        }
    }
}
