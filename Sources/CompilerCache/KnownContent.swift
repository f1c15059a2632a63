internal import Files
internal import LarderStore

/// Digests of large files, remembered in the store under the files' identities: a compiler's library of 150 MB, or what a
/// compile has made and many others read, is read once.
struct KnownContent {
    let store: EntryStore
    let isReadOnly: Bool

    /// Shorter files are read faster than an entry is.
    private static let worthwhile: Int64 = 1 << 18
    private static let part = "digest"

    /// The digest of the file at `path`, and the identity that it had before and after; nil where it is no plain file, cannot
    /// be read, or is being changed.
    func digest(of path: Word) -> (identity: FileIdentity, digest: Digest)? {
        guard let file = try? Descriptor(opening: Path(bytes: path), openForReading), let status = try? file.status(),
            status.kind == .regular || status.isNullDevice
        else { return nil }
        let identity = status.identity
        let isLarge = identity.size >= Self.worthwhile
        let key = Self.key(of: identity)
        if isLarge, case .hit(let parts) = store.value(for: key), let known = parts.first,
            let digest = Digest(bytes: known.bytes)
        {
            return (identity, digest)
        }
        let now = Clock.stamp
        guard let digest = try? Digest.ofFile(file), let after = try? file.status(), after.identity == identity else {
            return nil
        }
        // An identity that a later write could have, too, proves nothing; nor does one that another machine gives.
        if isLarge, !isReadOnly, identity.isSettled(before: now), !isForeign(identity, path) {
            let parts = [NewPart(Self.part, .bytes(digest.bytes), codec: .stored)]
            _ = try? store.publish(key, kind: EntryKind.content, parts: parts)
        }
        return (identity, digest)
    }

    private func isForeign(_ identity: FileIdentity, _ path: Word) -> Bool {
        identity.device >> 8 & 0xfff == 0 && FileSystem.isForeign(Path(bytes: path))
    }

    private static func key(of identity: FileIdentity) -> EntryKey {
        var key = KeyBuilder(domain: "content-1")
        key.add("device", Int64(truncatingIfNeeded: identity.device))
        key.add("inode", Int64(truncatingIfNeeded: identity.inode))
        key.add("size", identity.size)
        key.add("modified", identity.modified)
        key.add("changed", identity.changed)
        return key.finish()
    }
}
