internal import Glibc

/// Which process it is, among all that were ever started on any machine.
///
/// A number alone says little: it is used again, and a container counts for itself. Boot and start time settle it.
package struct ProcessIdentity: Hashable, Sendable {
    package var id: Int32
    /// Ticks from boot to the start of the process.
    package var started: Int64
    /// The space in which `id` counts, an inode number; 0 when unknown.
    package var space: UInt64
    /// The kernel's name for the time since it was started; empty when unknown.
    package var boot: String
    package var host: String

    package init(id: Int32, started: Int64, space: UInt64, boot: String, host: String) {
        (self.id, self.started, self.space, self.boot, self.host) = (id, started, space, boot, host)
    }

    /// Ourselves.
    package static let current = ProcessIdentity(
        id: getpid(),
        started: state(of: getpid())?.started ?? 0,
        space: FileStatus.of("/proc/self/ns/pid" as Path)?.identity.inode ?? 0,
        boot: line("/proc/sys/kernel/random/boot_id"),
        host: hostName()
    )

    /// The words by which this process was called, at most 200 bytes, nothing in it that moves a cursor.
    package static let currentCommand: String = {
        let words = (try? SmallFile.read("/proc/self/cmdline", limit: 1 << 20)) ?? []
        let shown = words.prefix(200).map { $0 == 0 ? 0x20 : $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        return String(decoding: shown.last == 0x20 ? shown.dropLast() : shown[...], as: UTF8.self)
    }()

    /// What can be said about a process from here.
    package enum Life: Sendable { case alive, dead, unknown }

    /// True when it runs, or ran, under the same kernel as we do, since that was last started.
    package var isUnderOurKernel: Bool { !boot.isEmpty && boot == Self.current.boot }

    /// Whether the process still lives; `unknown` for one that we cannot see.
    package var life: Life {
        guard isUnderOurKernel, space != 0, space == Self.current.space, id > 0, started > 0 else { return .unknown }
        guard let now = Self.state(of: id) else { return kill(id, 0) != 0 && errno == ESRCH ? .dead : .unknown }
        if now.started != started { return .dead }
        // One that has ended and was not yet waited for is dead, unless it is only the first thread that has ended.
        guard now.hasEnded else { return .alive }
        return ((try? Directory.names(in: Path("/proc/\(id)/task")).count) ?? 0) > 1 ? .alive : .dead
    }

    /// True when there is no process `pid`, or only what is left of it until its parent asks.
    package static func hasEnded(_ pid: Int32) -> Bool { state(of: pid)?.hasEnded ?? true }

    /// True when somebody has stopped the process: by a signal, from its terminal, or to look into it.
    package static func isStopped(_ pid: Int32) -> Bool { state(of: pid)?.isStopped ?? false }

    /// The process that has `pid` for a child; nil when there is no such process.
    static func parent(of pid: Int32) -> Int32? { state(of: pid)?.parent }

    /// Fields 3, 4 and 22 of /proc/pid/stat; nil when there is no such process.
    private static func state(of pid: Int32) -> (hasEnded: Bool, isStopped: Bool, parent: Int32, started: Int64)? {
        guard let bytes = try? SmallFile.read(Path("/proc/\(pid)/stat")),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let started = Int64(String(decoding: fields[19], as: UTF8.self)),
            let parent = Int32(String(decoding: fields[1], as: UTF8.self)), let letter = fields[0].first
        else { return nil }
        let hasEnded = letter == UInt8(ascii: "Z") || letter == UInt8(ascii: "X")
        return (hasEnded, letter | 0x20 == UInt8(ascii: "t"), parent, started)
    }

    /// The processes that started this one, each as its number and its start in ticks, the nearest first; as far as they
    /// can be seen, and at most 32.
    package static var ancestors: [(id: Int32, started: Int64)] {
        var found: [(id: Int32, started: Int64)] = []
        var next = getppid()
        while next > 0, found.count < 32, let now = state(of: next) {
            found.append((next, now.started))
            next = now.parent
        }
        return found
    }

    private static func line(_ path: Path) -> String {
        let bytes = (try? SmallFile.read(path)) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
    }

    private static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: name.map { $0 <= 0x20 || $0 >= 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
