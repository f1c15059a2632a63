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
    private let digests = Mutex<[FileIdentity: Digest]>([:])

    /// Nothing longer is read because another machine says so, in bytes.
    private static let longest: Int64 = 256 << 20
    /// Some 100 bytes each; all at once go when there are more.
    private static let limit = 100_000

    package init(for store: EntryStore) { contents = KnownContent(in: store.directory, isReadOnly: false) }

    /// The identity of the file at `path` where it holds what `digest` says and always will under that identity; else nil.
    func identity(of path: Word, holding digest: Digest, size: Int64) -> FileIdentity? {
        guard let status = FileStatus.of(Path(bytes: path)), status.kind == .regular, status.identity.size == size
        else {
            return nil
        }
        if let known = digests.withLock({ $0[status.identity] }) { return known == digest ? status.identity : nil }
        let before = Clock.stamp
        guard let answer = contents.digest(of: Path(bytes: path)), answer.identity.isSettled(before: before),
            answer.identity.provesContent(at: Path(bytes: path))
        else { return nil }
        digests.withLock { digests in
            if digests.count >= Self.limit { digests = [:] }
            digests[answer.identity] = answer.digest
        }
        return answer.digest == digest ? answer.identity : nil
    }
}
