internal import CLinux
internal import Glibc

/// Directories: made, listed, removed.
package enum Directory {
    /// Makes `path` and what is missing above it, each with `mode`; one that exists already is fine.
    package static func make(_ path: Path, mode: UInt32 = 0o700) throws(SystemError) {
        if try makeOne(path, mode) { return }
        guard path.parent != path else { throw SystemError("mkdir", at: path) }
        try make(path.parent, mode: mode)
        guard try makeOne(path, mode) else { throw SystemError("mkdir", at: path) }
    }

    /// False where the directory above is missing.
    private static func makeOne(_ path: Path, _ mode: UInt32) throws(SystemError) -> Bool {
        if path.withCString({ mkdir($0, mode) }) == 0 {
            AdoptedDirectory.settle(path)
            return true
        }
        guard errno == EEXIST || errno == ENOENT else { throw SystemError("mkdir", at: path) }
        return errno == EEXIST
    }

    /// When the directory was made, in nanoseconds since 1970; 0 where that is not known.
    ///
    /// With device and inode it tells a directory from one that was removed before and whose number it has got.
    package static func birth(of path: Path) -> Int64 { path.withCString { larder_birth_time($0) } }

    /// The names in the directory, without `.` and `..`, in no order.
    package static func names(in path: Path) throws(SystemError) -> [ArraySlice<UInt8>] {
        let listing = try withListing(of: path) { Array($0) }
        return listing.split(separator: 0).filter { !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }

    /// As ``names(in:)``, with a letter before each name that says what has it, as far as readdir(3) does.
    package static func namesWithKinds(in path: Path) throws(SystemError) -> [ArraySlice<UInt8>] {
        let listing = try withListing(of: path, kinds: true) { Array($0) }
        return listing.split(separator: 0)
            .filter { !$0.dropFirst().elementsEqual(".".utf8) && !$0.dropFirst().elementsEqual("..".utf8) }
    }

    /// Calls `body` with the names in the directory, each ended by NUL, `.` and `..` among them.
    ///
    /// - Parameter kinds: true for a letter before each.
    package static func withListing<R>(
        of path: Path,
        kinds: Bool = false,
        _ body: (UnsafeRawBufferPointer) -> R
    ) throws(SystemError) -> R {
        var buffer: UnsafeMutablePointer<CChar>?
        var length = 0
        guard path.withCString({ larder_list($0, kinds ? 1 : 0, &buffer, &length) }) >= 0 else {
            throw SystemError("opendir", at: path)
        }
        defer { free(buffer) }
        return body(UnsafeRawBufferPointer(start: buffer, count: length))
    }

    /// Removes the file, or nothing: one that is gone already is not an error.
    package static func removeFile(_ path: Path) throws(SystemError) {
        guard path.withCString({ unlink($0) }) == 0 || errno == ENOENT else { throw SystemError("unlink", at: path) }
    }

    /// Flushes the names in the directory to the disk; a file system that cannot do that is left alone.
    package static func flush(_ path: Path) throws(SystemError) {
        let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        while fsync(directory.raw) != 0 {
            if errno == EINVAL || errno == EROFS { return }
            guard errno == EINTR else { throw SystemError("fsync", at: path) }
        }
    }

    /// Makes the directory `path`, for this user alone as yet; something that is there already is an error.
    package static func makeNew(_ path: Path) throws(SystemError) {
        guard path.withCString({ mkdir($0, 0o700) }) == 0 else { throw SystemError("mkdir", at: path) }
        AdoptedDirectory.settle(path)
    }

    /// Makes a symbolic link at `path`; something that is there already is an error.
    package static func makeLink(_ path: Path, to target: Path) throws(SystemError) {
        guard target.withCString({ target in path.withCString { symlink(target, $0) } }) == 0 else {
            throw SystemError("symlink", at: path)
        }
        AdoptedDirectory.settle(path)
    }

    /// Gives `first` the name `second` and the other way round, at once; says whether it did.
    package static func exchange(_ first: Path, _ second: Path) -> Bool {
        first.withCString { first in second.withCString { larder_exchange(first, $0) } } == 0
    }

    /// False where the loader finds no library that a compiler's programs need: see ld.so(8).
    package static func mayHoldLibrary(_ path: Path) -> Bool { path.withCString(larder_may_hold_library) != 0 }

    /// Removes the directory when it is empty; says whether it did.
    @discardableResult
    package static func removeIfEmpty(_ path: Path) -> Bool { path.withCString { rmdir($0) } == 0 }

    /// Renames `from` to `to`, replacing what is there.
    package static func rename(_ from: Path, to: Path) throws(SystemError) {
        let status = from.withCString { from in to.withCString { to in Glibc.rename(from, to) } }
        guard status == 0 else { throw SystemError("rename", at: to) }
    }

    /// Gives the file at `path` a second name, which nothing has yet.
    package static func link(_ path: Path, as name: Path) throws(SystemError) {
        let status = path.withCString { path in name.withCString { Glibc.link(path, $0) } }
        guard status == 0 else { throw SystemError("link", at: name) }
    }

    /// Gives `from` the name `to` unless something has that name; says whether it did.
    ///
    /// Atomic, also on NFS: by renameat2(2), else by link(2), which knows no way to replace. Fails with
    /// ``SystemError/isWithoutExclusiveNames`` where the file system has neither.
    package static func claim(_ to: Path, with from: Path) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try Fault.check("renameat2", at: to)
            let renamed = from.withCString { from in to.withCString { to in larder_rename_exclusively(from, to) } }
            guard renamed == 0 else { throw SystemError("renameat2", at: to) }
            return true
        } catch {
            if error.code == EEXIST { return false }
            guard error.code == EINVAL || error.code == ENOSYS || error.code == EOPNOTSUPP else { throw error }
        }
        let linked = from.withCString { from in to.withCString { to in Glibc.link(from, to) } }
        let failure = SystemError("link", at: to)
        // A server may have done it and lost its answer; asked again, it finds the name taken. Two names are proof.
        guard linked == 0 || FileStatus.ofLink(from)?.links == 2 else {
            if failure.code == EEXIST { return false }
            throw failure
        }
        try? removeFile(from)
        return true
    }

    /// Sets the permissions of a file as far as that is allowed; says whether it was.
    @discardableResult
    package static func setPermissions(_ mode: UInt32, of path: Path) -> Bool {
        path.withCString { chmod($0, mode) } == 0
    }

    /// Sets permissions and group of a file as far as that is allowed.
    package static func setPermissions(_ mode: UInt32, group: UInt32, of path: Path) {
        // A change of the group takes set-user-ID bits away, so it comes first.
        _ = path.withCString { lchown($0, .max, group) }
        setPermissions(mode, of: path)
    }

    /// The working directory as the kernel names it.
    package static func current() throws(SystemError) -> Path {
        let bytes = withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX) + 1, alignment: 1) { buffer -> [UInt8]? in
            let text = buffer.bindMemory(to: CChar.self)
            guard let base = text.baseAddress, getcwd(base, text.count) != nil else { return nil }
            return Array(UnsafeRawBufferPointer(start: base, count: strlen(base)))
        }
        guard let bytes else { throw SystemError("getcwd") }
        return Path(bytes: bytes)
    }

    /// Where the symbolic link at `path` points, or nil when it is none.
    package static func target(ofLink path: Path) -> Path? {
        // Most are short, and every hit reads one: memory that was never touched costs more than the call.
        let short = target(ofLink: path, upTo: 512)
        return short.map { $0.bytes.count == 512 ? target(ofLink: path, upTo: Int(PATH_MAX)) : $0 } ?? nil
    }

    private static func target(ofLink path: Path, upTo length: Int) -> Path? {
        let bytes = withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { buffer -> [UInt8]? in
            let text = buffer.bindMemory(to: CChar.self)
            guard let base = text.baseAddress else { return nil }
            let count = path.withCString { readlink($0, base, text.count) }
            return count < 0 ? nil : Array(buffer[..<count])
        }
        return bytes.map { Path(bytes: $0) }
    }

    /// The path with every symbolic link followed, or nil when something on the way is missing.
    package static func realPath(_ path: Path) -> Path? {
        guard let found = path.withCString({ realpath($0, nil) }) else { return nil }
        defer { free(found) }
        return Path(bytes: UnsafeRawBufferPointer(start: found, count: strlen(found)))
    }

    /// True when this process may write the file or directory at `path`.
    package static func isWritable(_ path: Path) -> Bool { path.withCString { access($0, W_OK) } == 0 }

    /// Sets access and modification time, in nanoseconds since 1970; says whether that worked.
    @discardableResult
    package static func setTimes(_ path: Path, to moment: Int64) -> Bool {
        let time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
        let times = [time, time]
        return path.withCString { utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW) } == 0
    }
}
