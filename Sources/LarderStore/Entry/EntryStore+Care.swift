internal import Files

extension EntryStore {
    /// Removes the entry of `key` because it is damaged.
    package func discard(_ key: EntryKey) { discard(key, ifStill: nil) }

    /// Removes the entry of `key`, unless somebody has replaced the file `identity` meanwhile.
    func discard(_ key: EntryKey, ifStill identity: FileIdentity?) {
        guard !options.isReadOnly else { return }
        let path = path(of: key)
        guard let status = FileStatus.ofLink(path) else { return }
        if let identity, identity.inode != status.identity.inode || identity.device != status.identity.device { return }
        try? Directory.removeFile(path)
    }
}
