internal import Files

/// A project's `.larder.conf`, which holds for whatever is compiled below it.
enum ProjectSettings {
    static let name = ".larder.conf"

    /// The settings that hold in `directory`: those of the nearest file upwards, but not beyond the root of the repository, nor
    /// beyond the user's home.
    ///
    /// A file of somebody else's does not count, unless he is root or trusted: it could have two results taken for one.
    /// Costs one stat(2) for each directory upwards where there is no file.
    static func load(for directory: Path, trustsOwner: Bool) throws(SettingsError) -> SettingsFile {
        let none = SettingsFile(missing: directory.appending(name), scope: .project)
        var here = directory
        while true {
            let file = here.appending(name)
            if let status = FileStatus.of(file) {
                guard status.kind == .regular, trustsOwner || [0, CurrentProcess.user].contains(status.owner),
                    isWithinRepository(here, of: directory)
                else { return none }
                let bytes: [UInt8]
                do { bytes = try SmallFile.read(file) } catch { throw .unreadable(error) }
                return try SettingsFile(bytes, at: file, scope: .project)
            }
            guard let parent = Worktree.parent(of: here) else { return none }
            here = parent
        }
    }

    private static func isWithinRepository(_ place: Path, of directory: Path) -> Bool {
        Worktree.root(holding: directory).map { Worktree.contains($0, place) } ?? true
    }
}
