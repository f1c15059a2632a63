internal import CLinux
internal import Glibc

/// The file system that holds a path: its room, and what can be believed there.
package struct FileSystem: Sendable {
    /// Bytes in all; 0 where the file system does not say, as ramfs, and tmpfs without a limit.
    package let capacity: Int64
    /// Bytes that an unprivileged process may still use.
    package let free: Int64

    /// Files that may still be made; nil where there is no limit but the space.
    package let freeFiles: Int64?

    /// Whether it says how large it is.
    package var isMeasured: Bool { capacity > 0 }

    /// Asks the kernel about the file system of `path`.
    package static func of(_ path: Path) throws(SystemError) -> FileSystem {
        var information = statvfs()
        guard path.withCString({ statvfs($0, &information) }) == 0 else { throw SystemError("statvfs", at: path) }
        func bytes(_ blocks: fsblkcnt_t) -> Int64 {
            Int64(clamping: blocks.multiplied(saturating: fsblkcnt_t(information.f_frsize)))
        }
        return FileSystem(
            capacity: bytes(information.f_blocks),
            free: bytes(information.f_bavail),
            freeFiles: information.f_files == 0 ? nil : Int64(clamping: information.f_favail)
        )
    }

    /// What is known of a file system by its type.
    struct Kind {
        enum Class {
            /// Another machine, or a program, stamps the files and keeps the locks.
            case elsewhere
            /// An image: whoever made it stamped the files, and two images may have the same stamps.
            case image
            /// FAT, which has no time of change, and whose files move when it is repaired.
            case plain
        }
        let name: StaticString
        let type: Class
    }

    /// The file systems where not everything can be believed, by the magic numbers of statfs(2).
    static func kind(of magic: Int64) -> Kind? {
        switch magic {
        case 0x6969: Kind(name: "NFS", type: .elsewhere)
        case 0x517B, 0xFE53_4D42, 0xFF53_4D42: Kind(name: "SMB", type: .elsewhere)
        case 0x0102_1997: Kind(name: "9p", type: .elsewhere)
        case 0x6573_5546: Kind(name: "FUSE", type: .elsewhere)
        case 0x5346_414F, 0x6B41_4653: Kind(name: "AFS", type: .elsewhere)
        case 0x00C3_6400: Kind(name: "Ceph", type: .elsewhere)
        case 0x7375_7245: Kind(name: "Coda", type: .elsewhere)
        case 0x0BD0_0BD0: Kind(name: "Lustre", type: .elsewhere)
        case 0x4750_4653: Kind(name: "GPFS", type: .elsewhere)
        case 0x7461_636F: Kind(name: "OCFS2", type: .elsewhere)
        case 0x0116_1970: Kind(name: "GFS2", type: .elsewhere)
        case 0x1983_0326: Kind(name: "BeeGFS", type: .elsewhere)
        case 0x2003_0528: Kind(name: "OrangeFS", type: .elsewhere)
        case 0xAAD7_AAEA: Kind(name: "PanFS", type: .elsewhere)
        case 0xBEEF_DEAD: Kind(name: "StorNext", type: .elsewhere)
        case 0x786F_4256: Kind(name: "vboxsf", type: .elsewhere)
        case 0xBACB_ACBC: Kind(name: "vmhgfs", type: .elsewhere)
        case 0x7C7C_6673: Kind(name: "prl_fs", type: .elsewhere)
        case 0x7371_7368: Kind(name: "squashfs", type: .image)
        case 0xE0F5_E1E2: Kind(name: "erofs", type: .image)
        case 0x9660: Kind(name: "iso9660", type: .image)
        case 0x1501_3346: Kind(name: "UDF", type: .image)
        case 0x7275: Kind(name: "romfs", type: .image)
        case 0x28CD_3D45, 0x453D_CD28: Kind(name: "cramfs", type: .image)
        case 0x4D44, 0x2011_BAB0: Kind(name: "FAT", type: .plain)
        case -1: Kind(name: "an unknown file system", type: .elsewhere)
        default: nil
        }
    }

    /// True where another machine, or a program, has the files of `path`.
    package static func isElsewhere(_ path: Path) -> Bool { kind(of: facts(path).magic)?.type == .elsewhere }

    /// What the file system of `path` is called where its locks cannot be trusted to reach every process that uses it;
    /// nil where they can.
    ///
    /// Network file systems, those that a program provides, FAT, and what cannot be asked. Debug builds believe
    /// `LARDER_PRETEND_FILE_SYSTEM`.
    package static func withoutTrustedLocks(_ path: Path) -> String? {
        #if DEBUG
        if let name = Environment.text("LARDER_PRETEND_FILE_SYSTEM") { return name.isEmpty ? nil : name }
        #endif
        guard let kind = kind(of: facts(path).magic), kind.type != .image else { return nil }
        return kind.name.description
    }

    /// What identities of files on `device`, of which `path` is one, prove.
    fileprivate static func proof(_ device: UInt64, _ path: Path) -> IdentityTrust.Proof {
        let facts = facts(path)
        if kind(of: facts.magic) != nil { return .none }
        guard facts.isReadOnly else { return isMapped(device) ? .stamped : .all }
        // A loop or network block device: what is mounted read-only there is as good as an image.
        let major = device >> 8 & 0xfff
        return major == 7 || major == 43 ? .none : .stamped
    }

    /// True for a device of the device mapper, behind which another image may be put.
    private static func isMapped(_ device: UInt64) -> Bool {
        // The numbers of makedev(3).
        let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00)
        return FileStatus.of(Path("/sys/dev/block/\(major):\(minor)/dm")) != nil
    }

    static func facts(_ path: Path) -> (magic: Int64, isReadOnly: Bool) {
        var isReadOnly: CInt = 0
        let magic = path.withCString { larder_file_system($0, &isReadOnly) }
        return (magic, isReadOnly != 0)
    }
}

/// Whether the identities of files prove their content: asked of the file system once for each device.
///
/// For one piece of work. Devices get numbers that others had before, so nothing is remembered for longer. See
/// `docs/decisions/0020`.
package struct IdentityTrust: Sendable {
    enum Proof: Sendable {
        case none
        /// Where a kernel has stamped the change, which a whole second does not look like.
        case stamped
        case all
    }

    private var known: [(device: UInt64, proof: Proof)] = []

    package init() {}

    /// True where the file at `path` never has the same identity with another content, once it is settled.
    package mutating func provesContent(_ identity: FileIdentity, at path: Path) -> Bool {
        guard identity.isStampedOnChange else { return false }
        let proof: Proof
        if let known = known.first(where: { $0.device == identity.device }) {
            proof = known.proof
        } else {
            proof = FileSystem.proof(identity.device, path)
            known.append((identity.device, proof))
        }
        return proof == .all || proof == .stamped && !identity.isWholeSecond
    }
}

extension FileIdentity {
    /// True where the file at `path` never has this identity with another content, once it is settled.
    package func provesContent(at path: Path) -> Bool {
        var trust = IdentityTrust()
        return trust.provesContent(self, at: path)
    }
}
