internal import Files
internal import LarderStore

/// What files held before a run that may get other names while it goes on, or lose them: that changes a time of theirs and
/// nothing else.
///
/// rustc gives metadata two names in an incremental build, and cargo does so with libraries that are just made.
struct LinkedInputs {
    /// By device and inode.
    private var known: [[UInt64]: KnownContent.Answer] = [:]

    /// In nanoseconds: a file that was changed longer ago than this is thought to keep its one name.
    private static let young: Int64 = 60_000_000_000

    /// Looks at those of `paths` that have several names, or are young.
    init(_ paths: [Word], _ contents: KnownContent) {
        for path in paths {
            let path = Path(bytes: path)
            guard let status = FileStatus.of(path),
                status.links > 1 || Clock.wall.subtracting(saturating: status.identity.changed) < Self.young,
                let answer = contents.digest(of: path)
            else { continue }
            known[Self.number(answer.identity)] = answer
        }
    }

    /// True where the file is what it was before the run, but for the number of its names.
    func hold(_ content: KnownContent.Answer) -> Bool {
        guard let before = known[Self.number(content.identity)] else { return false }
        return before.digest == content.digest && before.identity.size == content.identity.size
            && before.identity.modified == content.identity.modified
    }

    private static func number(_ identity: FileIdentity) -> [UInt64] { [identity.device, identity.inode] }
}
