extension Settings {
    /// How the store is to behave under these settings.
    ///
    /// One statvfs(2) where the limit is a share of the file system, otherwise no system call.
    package var storeOptions: EntryStore.Options {
        var options = EntryStore.Options()
        options.maximumSize = maximumBytes
        options.isReadOnly = isReadOnly
        return options
    }
}
