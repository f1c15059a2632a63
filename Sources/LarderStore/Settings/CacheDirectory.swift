internal import Files

/// Whether a directory may be a cache of this user's: the rules for everybody who reads settings.
///
/// - What belongs to another user is neither read nor written unless `LARDER_TRUST_OWNER` says so: its owner could have any
///   object in it, and root would leave files there that the owner can neither read nor replace.
/// - Nothing is written beside files that are not ours.
enum CacheDirectory {
    /// Throws where `directory` is another user's, or would be; returns what it is now, nil where it is not there.
    ///
    /// One stat(2), on every hit.
    @discardableResult
    static func check(_ directory: Path, trustsOwner: Bool) throws(SettingsError) -> FileStatus? {
        let user = CurrentProcess.user
        guard let status = FileStatus.of(directory) else {
            if user == 0 { try checkParent(of: directory, trustsOwner: trustsOwner) }
            return nil
        }
        guard status.owner != user else { return status }
        guard trustsOwner else { throw .foreignOwner(of: directory, status.owner) }
        AdoptedDirectory.adopt(directory, as: status)
        return status
    }

    /// Root makes no directory in another user's home.
    ///
    /// What everybody may make files in, as `/tmp`, is nobody's home.
    private static func checkParent(of directory: Path, trustsOwner: Bool) throws(SettingsError) {
        var parent = directory
        while FileStatus.of(parent) == nil, parent.parent != parent { parent = parent.parent }
        guard let status = FileStatus.of(parent), status.owner != 0, !status.isForEverybody else { return }
        guard trustsOwner else { throw .foreignParent(of: directory, parent, status.owner) }
        AdoptedDirectory.adopt(directory, as: status)
    }

    /// Throws where `directory` holds files that are not ours and no cache.
    static func checkContent(of directory: Path) throws(SettingsError) {
        guard let name = StoreFormat.foreignName(in: directory) else { return }
        throw .foreignContent(of: directory, name)
    }
}
