internal import Files

extension Settings {
    /// How the store is to behave under these settings.
    ///
    /// One statvfs(2) where the limit is a share of the file system, otherwise no system call.
    package var storeOptions: EntryStore.Options {
        var options = EntryStore.Options()
        options.maximumSize = maximumBytes
        options.isReadOnly = isReadOnly
        options.lockMode = lockMode
        options.owner = acceptedOwner
        options.linksOutputs = linksOutputs
        (options.namespace, options.namespaceSizes) = (namespace, namespaceSizes)
        return options
    }

    /// The only user whose entries are taken; nil for any user's.
    package var acceptedOwner: UInt32? { trustsOwner ? nil : CurrentProcess.user }

    /// How to take a lock under these settings, with what happens written to the journal and the log.
    package var lockOptions: WriterLock.Options {
        var options = WriterLock.Options()
        options.timeout = lockTimeout
        options.mode = lockMode
        if !isReadOnly { options.observers.append(Journal(at: directory).lockObserver) }
        if let log { options.observers.append(LockLog.observer(log)) }
        return options
    }

    /// How long to wait for a lock, and who said so.
    package var lockTimeout: LockTimeout {
        let source = source(of: .lockTimeout)
        return LockTimeout(
            nanoseconds: lockNanoseconds,
            source: source == .flag ? "--lock-timeout" : source.description
        )
    }
}
