internal import Files
internal import LarderStore

/// The project's own settings: that the place of a checkout does not count.
enum SettingsSetup {
    private static let name = ".larder.conf"

    static func add(to plan: inout SetupPlan, _ project: ProjectDirectory) throws(SetupProblem) {
        if let above = fileAbove(project) {
            plan.remark("\(above) holds for this directory, too, so no \(name) is written.")
            return
        }
        let file = try project.file(name)
        let content = file.content ?? []
        do throws(SettingsError) {
            let present = try SettingsFile(content, at: project.path.appending(name))
            if present.mentions(.baseDirectory) { return }
        } catch { throw SetupProblem(error.description) }
        let newline = content.contains(0x0D) ? "\r\n" : "\n"
        let lines = [
            "# Names in debug information and __FILE__ begin at the root of the worktree, so all worktrees share results.",
            "# A debugger finds the sources when it is started there. `larder config --help` says more.",
            "base_dir = auto",
        ]
        var after = content
        if let last = after.last, last != UInt8(ascii: "\n") { after += newline.utf8 }
        for line in lines { after += Array((line + newline).utf8) }
        plan.edit(file, to: after)
        plan.remark(
            "\(name) makes names in debug information and __FILE__ relative to the root of the worktree: a second worktree "
                + "then hits, and a debugger is started in that root."
        )
    }

    /// A file of settings between the project and the root of its repository.
    private static func fileAbove(_ project: ProjectDirectory) -> Path? {
        var directory = project.path
        while ![".git", ".hg", ".jj"].contains(where: { FileStatus.ofLink(directory.appending($0)) != nil }) {
            let parent = directory.parent
            // Outside a repository only the directory itself counts.
            if parent == directory { return nil }
            directory = parent
        }
        var next = project.path
        while next != directory {
            next = next.parent
            let file = next.appending(name)
            if FileStatus.of(file) != nil { return file }
        }
        return nil
    }
}
