/// Whether the way to a file was the same all the while a tool ran: a link or a directory on it that was replaced and put
/// back would have led the tool to another file.
package struct PathSteadiness {
    /// When the tool was started.
    package let moment: Int64
    private var known: [[UInt8]: Bool] = [:]

    package init(since moment: Int64) { self.moment = moment }

    package mutating func isSteady(_ path: [UInt8]) -> Bool {
        if let known = known[path] { return known }
        var isSteady = true
        if let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 {
            isSteady = self.isSteady(Array(path[..<slash]))
        }
        if isSteady, let status = FileStatus.ofLink(Path(bytes: path)) {
            let isOld = status.identity.isSettled(before: moment)
            isSteady =
                switch status.kind {
                case .symbolicLink:
                    isOld && (Directory.realPath(Path(bytes: path)).map { self.isSteady(Array($0.bytes)) } ?? true)
                // Whoever looks just when the kernel has stored one of the two times looks once more.
                case .directory:
                    isOld || Self.hasOnlyOtherEntries(status)
                        || FileStatus.ofLink(Path(bytes: path)).map(Self.hasOnlyOtherEntries) ?? true
                case .regular, .other: true
                }
        }
        known[path] = isSteady
        return isSteady
    }

    /// An entry that comes or goes changes both times of a directory; a directory that moves, only one.
    private static func hasOnlyOtherEntries(_ status: FileStatus) -> Bool {
        status.identity.changed == status.identity.modified
    }
}
