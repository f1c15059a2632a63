internal import CommandCache
internal import CompilerCache
internal import LarderStore

/// What goes from a cache to other machines, and what is taken from them.
struct Exchange: Sendable {
    let store: EntryStore
    private let files: LocalIdentities

    init(for store: EntryStore) {
        self.store = store
        files = LocalIdentities(for: store)
    }

    /// The result as an entry, and what leads to it: a manifest, the names on which a command depends, or the result itself; nil
    /// where one of them is not here, or not for others.
    func entries(_ manifest: EntryKey, _ result: EntryKey) -> (manifest: PortableEntry, result: PortableEntry)? {
        guard let entry = PortableEntry(result, from: store) else { return nil }
        if manifest == result { return (entry, entry) }
        if let index = PortableEntry(index: manifest, from: store) { return (index, entry) }
        guard let portable = PortableManifest(manifest, from: store) else { return nil }
        let part = EntryStore.Part(name: "manifest", bytes: portable.bytes)
        return (PortableEntry(key: manifest, kind: EntryKind.manifest.rawValue, parts: [part]), entry)
    }

    /// Whether the result is here, and the manifest leads to it.
    func has(_ manifest: EntryKey, _ result: EntryKey) -> Bool {
        guard case .hit = store.open(result) else { return false }
        if manifest == result || PortableEntry(index: manifest, from: store) != nil { return true }
        return PortableManifest(manifest, from: store)?.results.contains(result) == true
    }

    /// What became of a value that has come.
    enum Keeping {
        /// It is in the cache, and speaks of these results.
        case kept(Set<EntryKey>)
        /// There is nothing in it for this cache.
        case useless
        /// It could not be stored.
        case failed
    }

    /// Keeps what has come under `key`.
    func keep(_ value: PortableValue, _ key: EntryKey) -> Keeping {
        guard let first = value.entries.first else { return .useless }
        do throws(StoreError) {
            if PortableEntry.isResult(first.kind) {
                try publish(first)
                return .kept([first.key])
            }
            if CommandIndex.isKind(first.kind), let part = first.parts.first {
                // The key of a result is made of its conditions, so it is found only where they hold.
                let results = value.entries.dropFirst().filter { $0.kind == EntryKind.commandResult.rawValue }
                for entry in results { try publish(entry) }
                let isTaken = try CommandIndex.merge(part.bytes, kind: first.kind, into: store, under: key)
                return isTaken ? .kept(Set(results.map(\.key))) : .useless
            }
            guard first.kind == EntryKind.manifest.rawValue, let part = first.parts.first,
                let manifest = PortableManifest(decoding: part.bytes, of: key)
            else { return .useless }
            let known = Set(manifest.results)
            for entry in value.entries.dropFirst() where PortableEntry.isResult(entry.kind) && known.contains(entry.key)
            {
                try publish(entry)
            }
            // Last: it says that there are results.
            try manifest.merge(into: store, under: key, files)
            return .kept(known)
        } catch {
            return .failed
        }
    }

    private func publish(_ entry: PortableEntry) throws(StoreError) {
        // What is here is as good, and may be in use.
        if case .hit = store.open(entry.key) { return }
        try store.publish(
            entry.key,
            kind: entry.kind,
            parts: entry.parts.map { NewPart($0.name, .bytes($0.bytes), codec: .stored) }
        )
    }
}
