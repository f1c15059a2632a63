package import Files

/// Digests of files, remembered in the cache under the files' identities: a compiler's library of 150 MB, or what a
/// compile has made and many others read, is read once.
package struct KnownContent: Sendable {
    private let table: DigestTable
    private let isReadOnly: Bool

    /// Shorter files are read about as fast as they are found in the table.
    private static let worthwhile: Int64 = 1 << 15

    /// - Parameter directory: the cache's.
    package init(in directory: Path, isReadOnly: Bool) {
        table = DigestTable(in: directory)
        self.isReadOnly = isReadOnly
    }

    /// What a file holds.
    package struct Answer: Sendable {
        /// The file's identity, before and after it was read.
        package var identity: FileIdentity
        package var digest: Digest
        /// True where the next one who asks need not read the file.
        package var isRemembered: Bool
    }

    /// What the file at `path` holds; nil where it is no plain file, cannot be read, or is being changed.
    ///
    /// - Parameter isRegular: true where the caller has just seen that it is a plain file.
    package func digest(of path: Path, isRegular: Bool = false) -> Answer? {
        guard let file = try? RegularFile(at: path, isRegular: isRegular) else { return nil }
        let identity = file.status.identity
        let isLarge = identity.size >= Self.worthwhile
        if isLarge, identity.isStampedOnChange, let digest = table.digest(of: identity) {
            return Answer(identity: identity, digest: digest, isRemembered: true)
        }
        let now = Clock.stamp
        guard let digest = try? Digest.ofFile(file), file.isUnchanged else { return nil }
        // An identity that a later write could have, too, proves nothing; nor does one that another machine gives.
        let isRemembered =
            isLarge && !isReadOnly && identity.isSettled(before: now)
            && identity.provesContent(at: path)
        if isRemembered { table.remember(digest, of: identity) }
        return Answer(identity: identity, digest: digest, isRemembered: isRemembered)
    }
    // MARK: - Entries

    /// True where the entry of `key`, in the file of this identity, was verified.
    func isVerified(_ identity: FileIdentity, as key: EntryKey) -> Bool {
        identity.isStampedOnChange && table.digest(of: Self.entry(identity)) == key.digest
    }

    /// Remembers that the entry of `key` at `path`, which had this identity all the time, was verified since `moment`.
    func rememberVerified(_ identity: FileIdentity, as key: EntryKey, at path: Path, since moment: Int64) {
        guard !isReadOnly, identity.isSettled(before: moment), identity.provesContent(at: path) else { return }
        table.remember(key.digest, of: Self.entry(identity))
    }

    // MARK: - Linked outputs

    var linkedOutputs: LinkedOutputs { LinkedOutputs(directory: table.directory, contents: self) }

    /// True where a linked output that holds `content`, in the file of this identity, was given out so.
    func isGivenOut(_ identity: FileIdentity, as content: Digest) -> Bool {
        table.digest(of: Self.linked(identity)) == content
    }

    /// Remembers as what a linked output is given out.
    func rememberGivenOut(_ identity: FileIdentity, as content: Digest) {
        table.remember(content, of: Self.linked(identity))
    }

    /// The name of a linked output in the table: its last change is moved by every name that it is given.
    private static func linked(_ identity: FileIdentity) -> FileIdentity {
        var name = entry(identity)
        name.changed = identity.modified
        return name
    }

    /// The name of a verified entry in the table: no file's, as a number of a device has 32 bits.
    private static func entry(_ identity: FileIdentity) -> FileIdentity {
        var name = identity
        name.device = ~identity.device
        return name
    }
}

extension EntryStore {
    /// What is known of files' contents in this store's directory.
    package var contents: KnownContent { KnownContent(in: directory, isReadOnly: options.isReadOnly) }
}
