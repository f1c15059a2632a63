internal import Files

/// An output that lies beside its destination, complete, and gets its name in one step; gone where it does not.
final class StagedOutput {
    /// Which of the result's outputs it is.
    let number: Int
    private let destination: Path
    private let path: Path
    private let isDirectory: Bool
    private var isPublished = false
    /// Directories whose permissions are set once nothing more is put into them.
    private var directories: [(path: Path, mode: UInt32)] = []

    /// Begins an output that looks like `node`; what it holds comes by ``add(_:_:)``.
    init(_ node: OutputTree.Node, at places: [Path]) throws(SystemError) {
        number = node.output
        destination = places[number]
        path = TemporaryEntry.name(beside: destination)
        isDirectory = node.kind == .directory
    }

    /// Makes what `node` says, with the bytes that `fill` writes where it is a file.
    func add(
        _ node: OutputTree.Node,
        _ fill: (borrowing Descriptor) throws(SystemError) -> Void
    ) throws(SystemError) {
        var place = path
        for name in node.names { place = place.appending(bytes: name) }
        switch node.kind {
        case .absent: break
        case .link: try Directory.makeLink(place, to: Path(bytes: node.target))
        case .directory:
            try Directory.makeNew(place)
            directories.append((place, node.mode))
        case .file:
            let file = try Descriptor(creating: place)
            try fill(file)
            try file.setPermissions(node.mode)
        }
    }

    /// True where a file with the same bytes is in its place.
    var isThere: Bool {
        guard !isDirectory, let here = FileStatus.ofLink(destination), here.kind == .regular,
            here.size == FileStatus.ofLink(path)?.size, let bytes = try? RegularFile.bytes(of: path)
        else { return false }
        return (try? RegularFile.bytes(of: destination)) == bytes
    }

    /// Gives it its name, in place of what has it.
    func publish() throws(SystemError) {
        // From the inside out: a directory that may not be written is not written any more.
        for directory in directories.reversed() {
            let inherited = try FileStatus.at(directory.path).mode & 0o2000
            guard Directory.setPermissions(directory.mode | inherited, of: directory.path) else {
                throw SystemError("chmod", at: directory.path)
            }
        }
        CrashPoint.reach("staged")
        if FileStatus.ofLink(destination) == nil {
            try Directory.rename(path, to: destination)
        } else if Directory.exchange(path, destination) {
            remove()
        } else if isDirectory {
            let aside = TemporaryEntry.name(beside: destination)
            try Directory.rename(destination, to: aside)
            do throws(SystemError) {
                try Directory.rename(path, to: destination)
            } catch {
                try? Directory.rename(aside, to: destination)
                throw error
            }
            Self.removeTree(aside)
        } else {
            try Directory.rename(path, to: destination)
        }
        isPublished = true
        CrashPoint.reach("replayed")
    }

    private func remove() { if isDirectory { Self.removeTree(path) } else { try? Directory.removeFile(path) } }

    /// Removes a tree that may hold directories which nobody may write.
    private static func removeTree(_ path: Path) {
        if FileStatus.ofLink(path)?.kind == .directory {
            Directory.setPermissions(0o700, of: path)
            for name in (try? Directory.names(in: path)) ?? [] { removeTree(path.appending(bytes: name)) }
        }
        Directory.removeTree(path)
    }

    deinit { if !isPublished { remove() } }
}
