extension Directory {
    /// Removes what is at `path` and everything below it, as far as that is possible; symbolic links are removed,
    /// not followed.
    package static func removeTree(_ path: Path) {
        if FileStatus.ofLink(path)?.kind == .directory {
            for name in (try? names(in: path)) ?? [] { removeTree(path.appending(bytes: name)) }
            removeIfEmpty(path)
        } else {
            try? removeFile(path)
        }
    }
}
