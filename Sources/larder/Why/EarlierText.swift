internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

/// The lines of a file that have changed since a result was made, where git still knows the text of then.
struct EarlierText {
    private let store: EntryStore
    private let git: Path?

    /// How many of the file's commits are looked at, and how many lines are shown.
    private static let (commitLimit, lineLimit) = (20, 8)

    init(in store: EntryStore) {
        self.store = store
        git = Executable.find(Array("git".utf8))
    }

    /// Lines that begin with `-` and `+`; none where git does not know the file, or not the text.
    func changes(in path: [UInt8], of record: MissRecord) -> [String] {
        guard let git, let key = record.key, !path.isEmpty else { return [] }
        let file = record.path(path)
        let digests = CompilerCache.digests(of: file, under: key, in: store)
        guard !digests.isEmpty else { return [] }
        func output(_ arguments: [String]) -> [UInt8]? {
            let words = ["git", "-C", Text.shown(file.parent.bytes), "--no-pager"] + arguments
            guard
                let (ending, streams) = try? Child.run(
                    git,
                    arguments: words.map { Array($0.utf8) },
                    output: .captured,
                    error: .captured
                ), ending == .exited(0), streams.isWhole
            else { return nil }
            return streams.output
        }
        let name = Text.shown(file.name)
        guard let commits = output(["log", "-n", "\(Self.commitLimit)", "--format=%H", "--", name]) else { return [] }
        for commit in commits.split(separator: UInt8(ascii: "\n")) {
            let commit = Text.shown(commit)
            guard let text = output(["show", "--no-textconv", "\(commit):./\(name)"]), digests.contains(Digest.of(text))
            else {
                continue
            }
            let difference =
                output(["diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U0", commit, "--", name]) ?? []
            let lines = difference.split(separator: UInt8(ascii: "\n")).filter { line in
                (line.first == UInt8(ascii: "+") || line.first == UInt8(ascii: "-"))
                    && !line.starts(with: "+++".utf8) && !line.starts(with: "---".utf8)
            }
            // As it was then: the text that has come back is no change.
            guard !lines.isEmpty else { continue }
            return lines.prefix(Self.lineLimit).map { Text.shown($0.prefix(200)) }
                + (lines.count > Self.lineLimit ? ["and \(lines.count - Self.lineLimit) more lines"] : [])
        }
        return []
    }
}
