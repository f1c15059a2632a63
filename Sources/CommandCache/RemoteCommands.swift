internal import Files
package import LarderStore
internal import Wire

/// Results of commands in remote caches, which are asked, by way of the daemon, for what is not in this one.
extension CommandCache {
    /// So many of the results that would fit are asked for.
    private static let questionLimit = 4
    /// The cause under which a result that came from there is counted.
    static let remoteCause = "remote"

    /// Has the daemon bring what leads to results, and then the results that would fit; returns how the command has ended where
    /// that gave one.
    ///
    /// - Parameters:
    ///   - index: the entry whose sets of names lead to results; nil where the command alone does.
    ///   - miss: what the last look has found.
    ///   - look: looks into the cache.
    func bring(
        _ index: EntryKey?,
        after miss: CommandLookup.Miss,
        look: () throws(Refusal) -> (Ending?, CommandLookup.Miss)
    ) throws(Refusal) -> Ending? {
        // Only what is absent: a result that cannot be given, or is to be made again, is here.
        guard !settings.remote.isEmpty, settings.usesDaemon, !settings.recache, miss.checked == nil, miss.isAbsent,
            !Interruption.hasCome, let daemon = DaemonClient.startedIfNeedBe(for: settings)
        else { return nil }
        var wanted = miss.wanted
        if let index, daemon.fetch(index, from: settings.remoteAccess) {
            let (ending, still) = try look()
            if let ending { return ending }
            wanted = still.wanted
        }
        for key in wanted.prefix(Self.questionLimit) where !Interruption.hasCome {
            guard daemon.fetch(key, from: settings.remoteAccess) else { continue }
            let (ending, _) = try look()
            if let ending { return ending }
        }
        return nil
    }

    /// Has the daemon send a result, and what leads to it, to remote caches, when there is time.
    ///
    /// - Parameter index: the result itself where nothing leads to it but the command.
    func offer(_ result: EntryKey, by index: EntryKey) {
        let remote = settings.sentTo
        guard settings.usesDaemon, !remote.isNone else { return }
        DaemonClient.startedIfNeedBe(for: settings)?.offer(manifest: index, result: result, to: remote)
    }
}

/// What leads to the results of commands, on its way from one cache to another.
package enum CommandIndex {
    /// Whether an entry of this kind names what results depend on.
    package static func isKind(_ kind: UInt8) -> Bool {
        kind == EntryKind.traces.rawValue || kind == EntryKind.dependencies.rawValue
    }

    /// Adds the sets of names in `bytes`, which another cache has under `key`, to those that `store` has.
    ///
    /// False where they are none that we accept. The sets that are known here stay in front.
    package static func merge(_ bytes: [UInt8], kind: UInt8, into store: EntryStore, under key: EntryKey)
        throws(StoreError) -> Bool
    {
        let here = store.value(for: key).parts?.first?.bytes
        let (name, merged): (String, [UInt8])
        if kind == EntryKind.traces.rawValue {
            guard let there = TraceSets(decoding: bytes) else { return false }
            var sets = there
            for set in (here.flatMap { TraceSets(decoding: $0) } ?? TraceSets()).sets.reversed() { sets.add(set) }
            (name, merged) = ("traces", sets.encoded)
        } else {
            guard kind == EntryKind.dependencies.rawValue, let there = DependencySets(decoding: bytes) else {
                return false
            }
            var sets = there
            for set in (here.flatMap { DependencySets(decoding: $0) } ?? DependencySets()).sets.reversed() {
                sets.add(set)
            }
            guard sets.isBounded else { return false }
            (name, merged) = ("dependencies", sets.encoded)
        }
        guard merged != here else { return true }
        try store.publish(key, kind: kind, parts: [NewPart(name, .bytes(merged), codec: .stored)])
        return true
    }
}
