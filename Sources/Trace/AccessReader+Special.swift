internal import Files

/// Names that are no files: devices, and what the kernel tells.
extension AccessReader {
    /// Devices and what the kernel tells: true where that does not count.
    mutating func isSpecial(_ name: [UInt8], _ note: Note) throws(Doubt) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        if text.hasPrefix("/dev/") {
            if ["/dev/null", "/dev/zero", "/dev/full"].contains(text) { return true }
            if ["/dev/tty", "/dev/stdout", "/dev/stderr", "/dev/ptmx"].contains(text) || text.hasPrefix("/dev/pts/") {
                return true
            }
            if text.hasPrefix("/dev/fd/") {
                try refuseForeignDescriptor(name, note)
                return true
            }
            if text.hasSuffix("random") {
                try count(note, name, .readsRandom)
                return true
            }
            if text.hasPrefix("/dev/shm/") { return false }
            throw Doubt(.readsDevice, name)
        }
        guard text.hasPrefix("/proc/") || text.hasPrefix("/sys/") else { return false }
        if text.contains("/fd/") { try refuseForeignDescriptor(name, note) }
        let usual = [
            "/proc/self", "/proc/thread-self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/filesystems",
            "/proc/mounts",
            "/proc/version", "/proc/sys/kernel/", "/proc/sys/vm/", "/sys/devices/system/", "/sys/fs/cgroup",
            "/sys/kernel/mm/",
            "/sys/fs/selinux", "/proc/\(note.process)",
        ]
        if text == "/proc/sys/kernel/hostname" || text == "/proc/sys/kernel/osrelease" { accesses.asksHost = true }
        if text.hasPrefix("/proc/sys/kernel/random/") { throw Doubt(.readsRandom, name) }
        guard usual.contains(where: text.hasPrefix) else { throw Doubt(.readsSystem, name) }
        return true
    }

    /// Refuses what another process has opened, and nobody reads twice: standard input, and whatever a compiler reads that way.
    ///
    /// Scripts
    /// make pipes for their own commands.
    func refuseForeignDescriptor(_ name: [UInt8], _ note: Note) throws(Doubt) {
        guard !OpenKind(note.more).writes, !isJobserver(name, note) else { return }
        let isInput = name.suffix(2) == Array("/0".utf8)[...]
        if isInput || KnownPrograms.ignoreTimes(tree.program(of: note.process)) { throw Doubt(.readsDevice, name) }
    }

    /// True for the pipe by which make or cargo tells rustc how many threads it may have.
    private func isJobserver(_ name: [UInt8], _ note: Note) -> Bool {
        let program = Path(bytes: tree.program(of: note.process)).name
        guard ["rustc", "clippy-driver"].contains(where: { program.elementsEqual($0.utf8) }) else { return false }
        let number = Array(Path(bytes: name).name)
        return ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"].contains { variable in
            // --jobserver-auth=R,W
            let value = Environment.value(of: Array(variable.utf8)) ?? []
            return value.split(whereSeparator: { $0 == UInt8(ascii: " ") }).contains { word in
                word.starts(with: "--jobserver-".utf8)
                    && word.split(whereSeparator: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ",") })
                        .contains { $0.elementsEqual(number) }
            }
        }
    }

    /// True for a name that leads out of the kernel's own again: what a process has opened, or where it stands.
    func isThroughProcess(_ name: [UInt8]) -> Bool {
        guard name.starts(with: "/proc/".utf8) || name.starts(with: "/dev/fd/".utf8) else { return false }
        let parts = PathNames.tidy(name).split(separator: UInt8(ascii: "/"))
        for (index, part) in parts.enumerated().dropFirst() {
            if part.elementsEqual("cwd".utf8) || part.elementsEqual("root".utf8) { return true }
            if part.elementsEqual("fd".utf8), index + 2 < parts.count { return true }
        }
        return false
    }
}
