internal import Files
internal import LarderStore
internal import Wire

/// Asks remote caches, by way of the daemon, for what is not in this one.
enum RemoteLookup {
    /// Has the daemon bring what remote caches have, and looks again; true where that gave a result.
    ///
    /// Processes that ask for the same thing at once wait for one answer.
    ///
    /// - Parameters:
    ///   - absence: what the last look has found.
    ///   - look: looks into the cache; nil where it has given a result.
    static func bring(
        _ manifest: EntryKey,
        after absence: Manifest.Absence,
        _ settings: Settings,
        look: () -> Manifest.Absence?
    ) -> Bool {
        guard !settings.remote.isEmpty, settings.usesDaemon, !settings.recache,
            let daemon = Flight.daemon(settings)
        else { return false }
        var (absence, isKnown) = (absence, false)
        while true {
            // Only what is absent: a result that cannot be given, because of its output say, is there.
            let isWanted = absence.reason == "result_absent" || absence.result == nil
            guard isWanted, absence.result != nil || !isKnown, !Interruption.hasCome else { return false }
            if absence.result == nil { isKnown = true }
            guard daemon.fetch(absence.result ?? manifest, from: settings.remoteAccess) else { return false }
            guard let still = look() else { return true }
            // What has come is not what was asked for, or has gone again.
            if absence.result != nil, still.result == absence.result { return false }
            absence = still
        }
    }
}
