package import Files

/// A checkout of a repository: a worktree of git, hg or jj.
package enum Worktree {
    /// The root of the worktree that `directory` lies in or is, nil where it lies in none.
    ///
    /// A submodule of git belongs to the worktree around it. One or three looks at each directory upwards.
    package static func root(holding directory: Path) -> Path? {
        var here = directory
        while true {
            if isRoot(here) { return here }
            guard let parent = parent(of: here) else { return nil }
            here = parent
        }
    }

    /// The directory above `directory` in which something of a project may be; nil above the root and above the user's home,
    /// where a name that is not there may have homes mounted.
    static func parent(of directory: Path) -> Path? {
        let parent = directory.parent
        guard parent != directory, parent.isAbsolute else { return nil }
        if let home = Environment.value("HOME"), home.count > 1, directory.bytes.elementsEqual(home) { return nil }
        return parent
    }

    /// True where `path` is `root` or lies below it.
    static func contains(_ root: Path, _ path: Path) -> Bool {
        let (root, path) = (root.bytes, path.bytes)
        guard path.starts(with: root) else { return false }
        return path.count == root.count || root.last == UInt8(ascii: "/")
            || path[path.startIndex + root.count] == UInt8(ascii: "/")
    }

    private static func isRoot(_ directory: Path) -> Bool {
        let git = directory.appending(".git")
        if let status = FileStatus.of(git) { return status.kind == .directory || !isSubmodule(git) }
        return [".jj", ".hg"].contains { FileStatus.of(directory.appending($0))?.kind == .directory }
    }

    /// True for the file that a submodule has in the place of a directory; that of a linked worktree leads elsewhere.
    private static func isSubmodule(_ file: Path) -> Bool {
        guard let text = try? SmallFile.read(file, limit: 4096), text.starts(with: "gitdir:".utf8) else { return false }
        let parts = text.split(separator: UInt8(ascii: "/"))
        let last = parts.last {
            StaticString("modules").isSpelled(by: $0) || StaticString("worktrees").isSpelled(by: $0)
        }
        return last.map { StaticString("modules").isSpelled(by: $0) } ?? false
    }
}
