internal import Files
internal import LarderStore
internal import Terminal

/// Whether the cache directory is there, ours, private, writable, and on a file system that keeps its promises.
struct DirectoryCheck {
    private let directory: Path
    /// Whether it is only to be read.
    private let isReadOnly: Bool

    init(_ directory: Path, isReadOnly: Bool) { (self.directory, self.isReadOnly) = (directory, isReadOnly) }

    private var shown: String { Text.shown(directory.bytes) }

    var findings: [Finding] {
        guard let status = FileStatus.of(directory) else { return absent }
        guard status.kind == .directory else {
            return [error("\(shown) is no directory", remedy: "set LARDER_DIR to another path, or remove the file")]
        }
        var findings: [Finding] = []
        if !isReadOnly, !Directory.isWritable(directory) {
            findings.append(error("\(shown) cannot be written", remedy: "chmod u+rwx \(shown), or set LARDER_DIR"))
        }
        if status.mode & 0o022 != 0 {
            findings.append(
                Finding(
                    .warning,
                    "directory",
                    "others may write into \(shown), and so put any result into your builds",
                    remedy: "chmod 700 \(shown)"
                )
            )
        }
        do throws(StoreError) { try EntryStore(at: directory).checkFormat() } catch {
            if error.code == .version { findings.append(self.error("\(error)", remedy: "larder clear --yes")) }
        }
        if let name = FileSystem.withoutTrustedLocks(directory) {
            findings.append(
                Finding(
                    .warning,
                    "file system",
                    "\(shown) is on \(name), whose locks and times are another machine's or none: each file is compared by content",
                    remedy: "set LARDER_DIR to a directory on a local disk"
                )
            )
        }
        if FileSystem.locks(in: directory) == false {
            findings.append(
                Finding(
                    .warning,
                    "file system",
                    "locks in \(shown) keep nobody out: two processes may do the same work",
                    remedy: "larder config set lock_mode lease"
                )
            )
        }
        return findings + future
    }

    private var absent: [Finding] {
        if FileStatus.ofLink(directory) != nil {
            return [
                error(
                    "\(shown) is a link that leads nowhere",
                    remedy: "rm \(shown), or make the directory that it names"
                )
            ]
        }
        var parent = directory.parent
        while FileStatus.of(parent) == nil, parent.parent != parent { parent = parent.parent }
        guard FileStatus.of(parent)?.kind != .directory || !Directory.isWritable(parent) else { return [] }
        return [
            error(
                "\(shown) is not there, and cannot be made in \(Text.shown(parent.bytes))",
                remedy: "set LARDER_DIR to a directory that you can make"
            )
        ]
    }

    /// Files of the cache that were written in the future: a clock was, or is, wrong.
    private var future: [Finding] {
        let margin: Int64 = 60_000_000_000
        for name in ["usage", "format", "journal/current", "journal/folded"] {
            let file = directory.appending(name)
            guard let status = FileStatus.ofLink(file), status.identity.modified > Clock.wall.adding(saturating: margin)
            else {
                continue
            }
            return [
                Finding(
                    .warning,
                    "clock",
                    "\(Text.shown(file.bytes)) is from the future: the clock is wrong now, or was",
                    remedy: "set the clock right, then: touch \(Text.shown(file.bytes))"
                )
            ]
        }
        return []
    }

    private func error(_ sentence: String, remedy: String) -> Finding {
        Finding(.error, "directory", sentence, remedy: remedy)
    }
}
