internal import Glibc

/// The temporary file of a process that died before it could publish or remove it.
package enum Leftover {
    /// How old a temporary must be before anyone thinks of removing it, in nanoseconds: 1 hour.
    package static let age: Int64 = 3_600_000_000_000

    /// The process that made the temporary file called `name`, or nil when the name is not one of ours.
    package static func maker(ofTemporary name: some BidirectionalCollection<UInt8>) -> Int32? {
        // <destination>.tmp.<pid>.<random>
        let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 3].elementsEqual("tmp".utf8),
            let pid = Int32(String(decoding: parts[parts.count - 2], as: UTF8.self)), pid > 0
        else { return nil }
        return pid
    }

    /// True when `path` is a temporary older than ``age`` whose maker is proven dead.
    ///
    /// A process that was started after the file was last written cannot be its maker, so a recycled number does
    /// not protect a leftover for ever.
    package static func isDead(_ path: Path, now: Int64 = Clock.wall) -> Bool {
        guard let maker = maker(ofTemporary: path.name), let status = FileStatus.ofLink(path) else { return false }
        let written = max(status.identity.modified, status.identity.changed)
        guard now.subtracting(saturating: written) > age else { return false }
        if kill(maker, 0) != 0 { return errno == ESRCH }
        guard let started = startTime(of: maker) else { return false }
        return started > written
    }

    /// When process `pid` was started, in nanoseconds since 1970: field 22 of /proc/pid/stat counts ticks since boot.
    private static func startTime(of pid: Int32) -> Int64? {
        guard let file = try? Descriptor(opening: Path("/proc/\(pid)/stat"), O_RDONLY),
            let bytes = try? file.readAll(expected: 512, limit: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = Int64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        let booted = Clock.wall.subtracting(saturating: Clock.nanoseconds(uptime))
        let tick = 1_000_000_000 / Int64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        return booted.adding(saturating: ticks.multiplied(saturating: tick))
    }
}
