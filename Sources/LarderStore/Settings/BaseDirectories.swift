package import Files

/// The directories whose names may differ between checkouts of one project, as `base_dir` says.
package struct BaseDirectories: Hashable, Sendable {
    /// As the user lists them, absolute.
    package var paths: [Path] = []
    /// The root of the worktree of a compile is one of them (`auto`).
    package var isAutomatic = false

    /// No directory.
    package static let none = BaseDirectories()

    package var isEmpty: Bool { paths.isEmpty && !isAutomatic }

    private init() {}

    /// Reads `auto`, or paths with `:` between them; a relative path is taken from `directory`, or is refused where that is nil.
    init?(parsing text: ArraySlice<UInt8>, in directory: Path?) {
        if StaticString("auto").isSpelled(by: text) {
            isAutomatic = true
            return
        }
        guard let paths = PathList.paths(of: text, in: directory) else { return nil }
        self.paths = paths
    }

    /// The directories for `source`, which is compiled in `directory`; the shortest first.
    ///
    /// A name with a `=` is left out, because no compiler's option could take it.
    package func paths(for source: Path, in directory: Path) -> [Path] {
        var all = paths
        if isAutomatic {
            let around = Worktree.root(holding: directory)
            if let around { all.append(around) }
            // A dependency that the build has fetched may be a repository within, or the build may lie beside the sources.
            let source = source.resolved(in: directory)
            if !(around.map { Worktree.contains($0, source) } ?? false),
                let root = Worktree.root(holding: source.parent)
            {
                all.append(root)
            }
        }
        return all.filter { !$0.bytes.contains(UInt8(ascii: "=")) }.sorted { $0.bytes.count < $1.bytes.count }
    }
}

extension BaseDirectories: CustomStringConvertible {
    /// As `larder.conf` would have it.
    package var description: String { isAutomatic ? "auto" : PathList.text(of: paths) }
}
