internal import Glibc
internal import Synchronization

/// A directory of another user's in which root works with that user's leave: what is made there becomes the user's.
///
/// Else root would leave files there that the user can neither read nor replace. Nothing is adopted unless somebody asks for
/// it, and what is below no adopted directory is made as ever.
package enum AdoptedDirectory {
    private struct Adopted: Sendable {
        var path: [UInt8]
        var user: UInt32
        var group: UInt32
    }

    private static let adopted = Mutex<Adopted?>(nil)

    /// Gives what this process makes at or below `path` from now on to the owner of what is at `model`.
    ///
    /// That is `path` itself, or the directory below which it is to be made, with all between them. Only root can do so.
    package static func adopt(_ path: Path, as model: FileStatus) {
        guard CurrentProcess.user == 0 else { return }
        let new = Adopted(path: Array(path.bytes), user: model.owner, group: model.group)
        adopted.withLock { $0 = new }
    }

    /// Gives a file that was just made at `path` to whom it belongs.
    static func settle(_ path: Path, _ file: CInt? = nil) {
        guard let owner = owner(of: path) else { return }
        if let file {
            _ = fchown(file, owner.user, owner.group)
        } else {
            _ = path.withCString { lchown($0, owner.user, owner.group) }
        }
    }

    /// Who is to own what is made at `path`; nil where that is whoever makes it.
    static func owner(of path: Path) -> (user: UInt32, group: UInt32)? {
        guard let adopted = adopted.withLock({ $0 }) else { return nil }
        // The daemon's name for a directory that it holds open, which is its cache.
        let isHeld = path.bytes.starts(with: "/proc/self/fd/".utf8)
        guard isHeld || isAtOrBelow(path.bytes, adopted.path[...]) || isAtOrBelow(adopted.path[...], path.bytes) else {
            return nil
        }
        return (adopted.user, adopted.group)
    }

    private static func isAtOrBelow(_ path: ArraySlice<UInt8>, _ directory: ArraySlice<UInt8>) -> Bool {
        path.starts(with: directory)
            && (path.count == directory.count || path[path.startIndex + directory.count] == UInt8(ascii: "/"))
    }
}
