internal import Files

/// A link to a program, which is never missing while it is made anew.
enum ProgramLink {
    /// Makes the link at `path`, at once in the place of another one; one that is right already stays.
    static func make(_ path: Path, to target: Path) throws(SystemError) {
        if Directory.target(ofLink: path) == target { return }
        let new = TemporaryEntry.name(beside: path)
        try Directory.makeLink(new, to: target)
        try Directory.rename(new, to: path)
    }
}
