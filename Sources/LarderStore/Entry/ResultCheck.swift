package import Files

/// A result that is made a second time, to see whether what is kept is what is made.
///
/// It holds the entry of the first time open while the second one takes its place.
package struct ResultCheck: ~Copyable {
    private let key: EntryKey
    private let earlier: OpenEntry

    /// What the second time showed.
    package enum Verdict: Equatable, Sendable {
        /// The results are the same.
        case same
        /// They differ, first in the part of this name; the first one is set aside.
        case different(part: String)
        /// Something that it depends on has changed meanwhile, so that there is nothing to compare.
        case incomparable
    }

    /// Nil where nothing is kept under `key`.
    package init?(of key: EntryKey, in store: EntryStore) {
        guard case .hit(let entry) = store.open(key) else { return nil }
        self.key = key
        earlier = entry
    }

    /// Compares with what has been published under `result` since.
    ///
    /// - Parameters:
    ///   - ignored: the parts that may differ from time to time, such as how long the making took.
    ///   - lasting: what has to be the same of a part that is not the same as a whole.
    package consuming func verdict(
        of result: EntryKey,
        in store: EntryStore,
        ignoring ignored: Set<String> = [],
        lasting: (_ name: String, _ bytes: [UInt8]) -> [UInt8] = { $1 }
    ) -> Verdict {
        guard result == key, case .hit(let entry) = store.open(key), entry.identity != earlier.identity else {
            return .incomparable
        }
        guard let part = Self.difference(earlier, entry, ignored, lasting) else { return .same }
        SetAsideEntries(in: store.directory).add(earlier, key)
        return .different(part: part)
    }

    private static func difference(
        _ one: borrowing OpenEntry,
        _ other: borrowing OpenEntry,
        _ ignored: Set<String>,
        _ lasting: (String, [UInt8]) -> [UInt8]
    ) -> String? {
        let names = one.partNames.filter { !ignored.contains($0) }
        if let more = other.partNames.first(where: { !ignored.contains($0) && !names.contains($0) }) { return more }
        for name in names {
            guard let index = one.index(of: name), let twin = other.index(of: name) else { return name }
            if one.trueLength(index) == other.trueLength(twin), one.checksum(index) == other.checksum(twin) {
                continue
            }
            guard let first = try? one.bytes(index), let second = try? other.bytes(twin),
                lasting(name, first) == lasting(name, second)
            else { return name }
        }
        return nil
    }
}

/// Entries that turned out to be different when they were made again, kept so that somebody may look at them.
///
///     <store>/differing/<key>
package struct SetAsideEntries: Sendable {
    private let directory: Path
    /// The oldest of more are removed.
    private static let limit = 16

    /// Those of the store in `store`.
    package init(in store: Path) { directory = store.appending("differing") }

    /// Where the entry of `key` is set aside, or would be.
    package func path(of key: EntryKey) -> Path { directory.appending(key.description) }

    /// The keys of all of them, the one that was set aside last first.
    package var keys: [EntryKey] {
        let names = (try? Directory.names(in: directory)) ?? []
        let dated = names.compactMap { name -> (EntryKey, Int64)? in
            guard let digest = Digest(hexBytes: name[...]),
                let status = FileStatus.ofLink(directory.appending(bytes: name))
            else { return nil }
            return (EntryKey(digest: digest), status.identity.modified)
        }
        return dated.sorted { $0.1 > $1.1 }.map(\.0)
    }

    /// The entry of `key` that is set aside, as the store reads entries.
    package func open(_ key: EntryKey, like store: EntryStore) -> EntryStore.OpenLookup {
        store.open(key, at: path(of: key))
    }

    /// Sets an entry aside; where that cannot be, it is lost.
    func add(_ entry: borrowing OpenEntry, _ key: EntryKey) {
        do throws(SystemError) {
            try Directory.make(directory)
            let copy = try TemporaryEntry(beside: path(of: key))
            try entry.copyFile(to: copy.file)
            try copy.publish()
        } catch {
            return
        }
        for key in keys.dropFirst(Self.limit) { try? Directory.removeFile(path(of: key)) }
    }

    /// Removes all of them.
    package func clear() {
        for key in keys { try? Directory.removeFile(path(of: key)) }
        Directory.removeIfEmpty(directory)
    }
}
