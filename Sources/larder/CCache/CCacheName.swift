internal import Files

/// Whether this program was called by the name `ccache`, or under a compiler's name by a link that leads over it.
enum CCacheName {
    static func isMeant(by name: [UInt8]) -> Bool { ("ccache" as StaticString).isWord(name[...]) }

    /// True for `gcc -> ccache -> larder`.
    ///
    /// One look where the link leads to the launcher at once.
    static func isOnTheWay() -> Bool {
        guard var path = CurrentProcess.programPath else { return false }
        for _ in 0..<8 {
            guard let target = Directory.target(ofLink: path) else { return false }
            if isMeant(by: Array(target.name)) { return true }
            if ("larder" as StaticString).isWord(target.name) { return false }
            path = target.resolved(in: path.parent)
        }
        return false
    }
}
