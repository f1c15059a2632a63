internal import Files
internal import LarderStore

/// The digest of a file, and an identity under which it will never have another content.
struct ProvenContent: Sendable {
    let digest: Digest
    let identity: FileIdentity

    /// Reads the file at `path`; nil where its identity proves nothing: it is too young, was changed meanwhile, or is
    /// none that can be read.
    static func read(_ path: Path) throws(SystemError) -> ProvenContent? {
        let file = try RegularFile(at: path)
        guard file.status.kind == .regular, file.status.identity.settles(), file.status.identity.provesContent(at: path)
        else { return nil }
        let digest = try Digest.ofFile(file)
        guard file.isUnchanged else { return nil }
        return ProvenContent(digest: digest, identity: file.status.identity)
    }
}

extension FileIdentity {
    /// True when no write from now on can leave this identity as it is; waits for the next tick of the kernel's clock
    /// where that is all that is missing.
    func settles() -> Bool {
        let youngest = max(modified, changed)
        let now = Clock.stamp
        // A tick takes at most 10 ms.
        if youngest >= now, youngest - now < 20_000_000 { _ = Clock.wait(untilStampPasses: youngest) }
        return isSettled(before: Clock.stamp)
    }
}
