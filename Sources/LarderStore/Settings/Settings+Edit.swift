package import Files

extension Settings {
    /// Why `larder.conf` could not be changed.
    package enum EditError: Error {
        /// The value, or the file as it stands.
        case invalid(SettingsError)
        /// The lock was not to be had.
        case busy(LockError)
        case system(SystemError)
    }

    /// Sets `key` to `value` in the `larder.conf` of `directory`, or removes it there where `value` is empty.
    ///
    /// The change is atomic and keeps comments and all other lines; two processes that edit at once both succeed.
    /// A symbolic link stays one: the file that it leads to is changed.
    package static func edit(
        _ key: SettingKey,
        to value: [UInt8],
        in directory: Path,
        trustsOwner: Bool = Settings.trustsOwner(),
        lock options: WriterLock.Options = WriterLock.Options()
    ) throws(EditError) {
        let value = Array(AssignmentLines.trimmed(value[...]))
        do throws(SettingsError) {
            try check(key, value, in: directory)
            try CacheDirectory.check(directory, trustsOwner: trustsOwner)
            try CacheDirectory.checkContent(of: directory)
        } catch {
            throw .invalid(error)
        }
        do throws(SystemError) { try Directory.make(directory) } catch { throw .system(error) }

        let lock: WriterLock
        do throws(LockError) {
            lock = try WriterLock.acquire(LockName(known: "config"), in: directory, options: options)
        } catch {
            if error.code == .system, let underlying = error.underlying { throw .system(underlying) }
            throw .busy(error)
        }

        let file: SettingsFile
        do throws(SettingsError) { file = try SettingsFile(in: directory) } catch { throw .invalid(error) }
        do throws(SystemError) {
            let destination = Directory.realPath(file.path) ?? file.path
            let mode = FileStatus.of(destination).map { $0.mode & 0o777 } ?? 0o600
            let entry = try TemporaryEntry(beside: destination, mode: mode)
            try entry.file.write(file.content(setting: key, to: value))
            try entry.publish(.synced)
        } catch { throw .system(error) }
        lock.release()
    }

    /// Says whether `value` may stand for `key` in the file; an empty one, which removes the setting, always may.
    package static func check(_ key: SettingKey, _ value: [UInt8], in directory: Path) throws(SettingsError) {
        let path = directory.appending("larder.conf")
        guard key != .directory else { throw .misplacedDirectory(in: path) }
        guard key != .trustOwner else { throw .misplacedTrust(in: path) }
        guard !value.isEmpty else { return }
        let isOneLine = !value.contains { $0 == UInt8(ascii: "\n") || $0 == 0 }
        guard isOneLine, parses(value[...], for: key), isFitForFile(value[...], key) else {
            throw .invalid(key, value, from: .builtin)
        }
    }

    private static func parses(_ text: ArraySlice<UInt8>, for key: SettingKey) -> Bool {
        switch key {
        case .directory: absolutePath(text) != nil
        case .baseDirectory: BaseDirectories(parsing: text, in: nil) != nil
        case .maximumSize: SizeLimit(parsing: text) != nil
        case .disable, .readOnly, .recache, .strict, .singleFlight, .cacheLink, .trustOwner, .hardLinks:
            boolean(text) != nil
        case .log: true
        case .compression: compression(text) != nil
        case .lockTimeout, .daemonIdle: LockTimeout.nanoseconds(parsing: text) != nil
        case .daemon: isAuto(text) != nil
        case .lockMode: lockMode(text) != nil
        case .jdkMirrorURL, .jdkFoojayURL: webSource(text) != nil
        case .namespace: text.count <= longestNamespace
        case .extraInputs: PathList.paths(of: text, in: nil) != nil
        case .prefixCommand, .ignoreOptions: words(text) != nil
        case .timeMacros: isIgnore(text) != nil
        case .remote: remote(text).map(hasKnownAttributes) ?? false
        case .remoteWrite: remoteWrite(text) != nil
        case .remoteTrust: publicKeys(text) != nil
        case .remoteKey: absolutePath(text) != nil
        case .verifyHits: share(text) != nil
        case .metrics: MetricsAddress.Choice(parsing: text) != nil
        case .namespaceSizes: NamespaceSizes(parsing: text) != nil
        }
    }
}
