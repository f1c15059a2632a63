internal import Glibc

/// What makes two looks at a path the same file with the same content, as far as the kernel tells.
///
/// Equal identities mean unchanged content, provided that the file was not so young when it was recorded that a
/// later write could carry the same time stamp; ``isSettled(before:)`` decides that. The change time is part of
/// the identity because a program can set the modification time back, but not that one.
package struct FileIdentity: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    package var size: Int64
    /// Nanoseconds since 1970; the largest or smallest number there is for a time that is beyond them.
    package var modified: Int64
    /// The same.
    package var changed: Int64

    package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// False where the time of the last change may be made up: it is a whole second, on a device that images are on.
    ///
    /// A kernel stamps a change with its clock, of which it keeps the nanoseconds. Those who make images write a fixed time
    /// into them, in seconds, and another image may have the same time, size and number for another content. Loop and
    /// network block devices (7, 43) hold images, and what has no device of its own (0), such as an overlay, may lie on them.
    package var isStampedOnChange: Bool {
        if !isWholeSecond { return true }
        let major = device >> 8 & 0xfff
        return major != 0 && major != 7 && major != 43
    }

    /// True where no clock of a kernel is likely to have given the time of the last change.
    var isWholeSecond: Bool { changed % 1_000_000_000 == 0 }

    /// True when no write after `moment` can leave this identity as it is.
    ///
    /// File systems stamp with the kernel's coarse clock, so a stamp that is older than a coarse reading belongs
    /// to an earlier write. A stamp without a part below the second comes from a file system that counts in
    /// seconds (FAT in two), and has to be older by that much. A time of modification that is still to come was set by hand, and any
    /// write leaves an earlier one. A time beyond those that we can tell apart never is.
    package func isSettled(before moment: Int64) -> Bool {
        guard min(modified, changed) > .min, max(modified, changed) < .max else { return false }
        let latest = isWholeSecond ? moment - 2_000_000_000 : moment
        return changed < latest && (modified < latest || modified > Clock.stamp.adding(saturating: 2_000_000_000))
    }

    /// True when the last change was made since `moment`, give or take a second.
    ///
    /// Where a file that was made since then says otherwise, the clock that stamps files is behind ours, or was set back meanwhile:
    /// what was written beside it would look older than `moment`, too.
    package func isStamped(since moment: Int64) -> Bool {
        moment.subtracting(saturating: changed) < (isWholeSecond ? 3_000_000_000 : 1_000_000_000)
    }
}

/// Kind, permissions and identity of a file.
package struct FileStatus: Sendable {
    package enum Kind: Sendable { case regular, directory, symbolicLink, other }

    package let identity: FileIdentity
    package let mode: UInt32
    package let owner: UInt32
    package let group: UInt32
    package let links: Int
    /// Bytes that the file occupies on the disk, which is what a budget is about.
    package let allocated: Int64
    /// Bytes that the file system likes to read and write at once.
    package let preferredBlock: Int
    /// True for the device that is always empty: `/dev/null`, whatever its name.
    package let isNullDevice: Bool

    init(_ information: stat) {
        identity = FileIdentity(
            device: UInt64(information.st_dev),
            inode: UInt64(information.st_ino),
            size: Int64(information.st_size),
            modified: Clock.nanoseconds(information.st_mtim),
            changed: Clock.nanoseconds(information.st_ctim)
        )
        mode = information.st_mode
        (owner, group) = (information.st_uid, information.st_gid)
        links = Int(information.st_nlink)
        allocated = Int64(information.st_blocks).multiplied(saturating: 512)
        preferredBlock = Int(information.st_blksize)
        // Major and minor number 1 and 3: null(4).
        isNullDevice = information.st_mode & S_IFMT == S_IFCHR && information.st_rdev == 0x103
    }

    package var size: Int { Int(identity.size) }

    /// True where others than the owner may make, remove and rename files in this directory.
    package var isOpenToOthers: Bool { mode & 0o022 != 0 }

    /// True for a directory in which everybody may make files and nobody may touch those of others, as `/tmp` is.
    package var isForEverybody: Bool { mode & S_ISVTX != 0 && mode & 0o002 != 0 }

    /// True for a directory of this user's to which nobody else has access.
    package var isPrivate: Bool { kind == .directory && owner == geteuid() && mode & 0o077 == 0 }

    package var kind: Kind {
        switch mode & S_IFMT {
        case S_IFREG: .regular
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink
        default: .other
        }
    }

    /// Looks at what `path` leads to, symbolic links followed; nil when that fails for any reason.
    package static func of(_ path: UnsafePointer<CChar>) -> FileStatus? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        return FileStatus(information)
    }

    /// Looks at what `path` leads to, symbolic links followed; nil when that fails for any reason.
    package static func of(_ path: Path) -> FileStatus? { path.withCString { of($0) } }

    /// Looks at `path` itself, also where it is a symbolic link; nil when that fails for any reason.
    package static func ofLink(_ path: Path) -> FileStatus? {
        var information = stat()
        guard path.withCString({ lstat($0, &information) }) == 0 else { return nil }
        return FileStatus(information)
    }

    /// True where nothing has the name, not even a link that leads nowhere; false also where that must not be looked at.
    package static func isAbsent(_ path: Path) -> Bool {
        ofLink(path) == nil && (errno == ENOENT || errno == ENOTDIR)
    }

    /// As ``isAbsent(_:)``, and nothing on the way is a file: programs tell the two apart.
    package static func isAbsentFromDirectory(_ path: Path) -> Bool { failure(of: path) == ENOENT }

    /// Why nothing can be said of `path`, its last link not followed; 0 where something can.
    package static func failure(of path: Path) -> Int32 { ofLink(path) == nil ? errno : 0 }

    /// True where permissions alone tell that this process may read it.
    package var isReadableByItsMode: Bool {
        let user = CurrentProcess.user
        return user == 0 || user == owner && mode & 0o400 != 0 || user != owner && mode & 0o044 == 0o044
    }

    /// Whether this process may read what has this status at `path`, which it asks the kernel only in doubt.
    package func isReadable(at path: Path) -> Bool {
        isReadableByItsMode || path.withCString { access($0, R_OK) } == 0
    }

    /// Looks at `path`, symbolic links followed, and says why it could not.
    package static func at(_ path: Path) throws(SystemError) -> FileStatus {
        guard let status = of(path) else { throw SystemError("stat", at: path) }
        return status
    }
}
