internal import CLinux
internal import Glibc

/// Blocks of the disk that two files have in common until one of them is written to: what XFS, btrfs and bcachefs call a reflink.
package enum SharedBlocks {
    /// The smallest block of such a file system, and what others are taken to have.
    private static let usual = 4096
    /// The largest one, that of XFS on machines with large pages.
    private static let largest = 1 << 16

    /// The block by which `file` can share with others of its file system: 4096 to 65536 bytes, a power of two.
    package static func block(of file: borrowing Descriptor) -> Int {
        guard let block = try? file.status().preferredBlock else { return usual }
        let isPower = block > 0 && block & (block - 1) == 0
        return isPower && (usual...largest).contains(block) ? block : usual
    }

    /// Makes `count` bytes of `source` from `start` bytes of `target` from `place`; says whether that was done.
    ///
    /// All three are multiples of a block, and `target` ends at `place` or before. It costs the same for any count, and no room.
    /// Where the file system cannot do so nothing has changed; after another failure `target` ends at `place` again.
    package static func share(
        _ count: Int,
        of source: CInt,
        from start: Int,
        with target: borrowing Descriptor,
        at place: Int
    ) -> Bool {
        if larder_share_blocks(source, Int64(start), Int64(count), target.raw, Int64(place)) == 0 { return true }
        let cannot = [EOPNOTSUPP, ENOTTY, EXDEV, EINVAL, ENOSYS]
        if !cannot.contains(errno) { try? target.truncate(to: place) }
        return false
    }
}
