internal import Files
package import LarderStore
internal import Synchronization

/// What a process that brings manifests from other machines knows of the files of this one: which content has which identity.
///
/// A manifest that comes with identities of this machine is checked by looking at its files, not by reading them. The same
/// conditions hold as where a launcher learns an identity: it has settled, and the file system never gives it to another
/// content.
package final class LocalIdentities: Sendable {
    private let contents: KnownContent
    private let known = Mutex(Known())

    private struct Known {
        var digests: [FileIdentity: Digest] = [:]
        /// What was at each path at a time of the clock that only moves forward.
        var looks: [Word: (identity: FileIdentity, time: Int64)] = [:]
    }

    /// How long nobody looks at a file again, in nanoseconds.
    ///
    /// A build asks for the same headers all the time. Whoever uses the manifest does look, and reads what has another identity.
    private static let lookTime: Int64 = 1_000_000_000

    /// Nothing longer is read because another machine says so, in bytes.
    private static let longest: Int64 = 256 << 20
    /// Some 100 bytes each; all at once go when there are more.
    private static let limit = 100_000

    package init(for store: EntryStore) { contents = KnownContent(in: store.directory, isReadOnly: false) }

    /// The identity of the file at `path` where it holds what `digest` says and always will under that identity; else nil.
    func identity(of path: Word, holding digest: Digest, size: Int64) -> FileIdentity? {
        let now = Clock.monotonic
        let seen = known.withLock { known -> (FileIdentity, Digest)? in
            guard let look = known.looks[path], now - look.time < Self.lookTime,
                let digest = known.digests[look.identity]
            else { return nil }
            return (look.identity, digest)
        }
        guard let (identity, content) = seen ?? look(at: path, size: size, now) else { return nil }
        return content == digest ? identity : nil
    }

    private func look(at path: Word, size: Int64, _ now: Int64) -> (FileIdentity, Digest)? {
        guard size <= Self.longest, let status = FileStatus.of(Path(bytes: path)), status.kind == .regular,
            status.identity.size == size
        else {
            return nil
        }
        let digest = known.withLock { $0.digests[status.identity] } ?? content(of: Path(bytes: path), status.identity)
        guard let digest else { return nil }
        known.withLock { known in
            if known.digests.count >= Self.limit || known.looks.count >= Self.limit { known = Known() }
            known.digests[status.identity] = digest
            known.looks[path] = (status.identity, now)
        }
        return (status.identity, digest)
    }

    /// What the file of this identity holds now, and always will; nil where that cannot be told.
    private func content(of path: Path, _ identity: FileIdentity) -> Digest? {
        let before = Clock.stamp
        guard let answer = contents.digest(of: path), answer.identity == identity, identity.isSettled(before: before),
            identity.provesContent(at: path)
        else { return nil }
        return answer.digest
    }
}
