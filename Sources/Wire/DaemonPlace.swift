package import Files

/// Where the daemon of a cache directory is found.
///
///     $XDG_RUNTIME_DIR/larder/<device>-<inode>-<birth>/      or else
///     /tmp/larder-<user>/<device>-<inode>-<birth>/           0700
///       lock                   had by the daemon for as long as it lives, and by nobody else for long
///       socket                 0600
///
/// Not in the cache: that may be copied, mounted read-only and taken away, and what is in it are plain files. Device, inode
/// and time of birth, in hexadecimal digits, are those of the cache directory, so that all of its names lead to one daemon.
/// The time is there because file systems give the number of a removed directory to the next one, which would meet the other
/// one's daemon until that has seen that its cache is gone; it is 0 where the file system does not tell.
package struct DaemonPlace: Sendable {
    package let directory: Path

    private init(_ directory: Path) { self.directory = directory }

    package var socket: Path { directory.appending("socket") }
    package var lock: Path { directory.appending("lock") }

    /// The place for the cache in `cache`; nil while that does not exist, and where there is no directory that only this
    /// user can write to.
    package static func of(_ cache: Path) -> DaemonPlace? {
        guard let identity = FileStatus.of(cache)?.identity, let base else { return nil }
        let numbers = [identity.device, identity.inode, UInt64(bitPattern: Directory.birth(of: cache))]
        return DaemonPlace(base.appending(numbers.map { String($0, radix: 16) }.joined(separator: "-")))
    }

    private static var base: Path? {
        if let runtime = Environment.value("XDG_RUNTIME_DIR"), runtime.first == UInt8(ascii: "/") {
            let path = Path(bytes: runtime)
            if FileStatus.ofLink(path)?.isPrivate == true { return path.appending("larder") }
        }
        let path = Path("/tmp/larder-\(CurrentProcess.user)")
        // What is there already has to be ours: anyone may make it first.
        if let status = FileStatus.ofLink(path), !status.isPrivate { return nil }
        return path
    }

    /// Removes the places beside this one whose daemons were killed: their caches may be gone, and nobody else comes by.
    package func removeDeadNeighbours() {
        guard let names = try? Directory.names(in: directory.parent) else { return }
        for name in names where !name.elementsEqual(directory.name) {
            let neighbour = DaemonPlace(directory.parent.appending(bytes: Array(name)))
            // Only what looks like a place: no lock is made where none is.
            guard FileStatus.ofLink(neighbour.lock)?.kind == .regular, let lock = try? LockFile(at: neighbour.lock),
                case .taken? = try? lock.attempt()
            else { continue }
            neighbour.remove()
        }
    }

    /// Removes what a daemon leaves, which has the lock still.
    package func remove() {
        try? Directory.removeFile(socket)
        try? Directory.removeFile(lock)
        Directory.removeIfEmpty(directory)
    }
}
