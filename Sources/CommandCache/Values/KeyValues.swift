internal import Files
package import LarderStore

/// Values that scripts keep under names of their own, in namespaces.
///
/// They are entries like all others: published whole, verified at every read, and evicted when the cache has to shrink and
/// nobody has used them for long.
///
///     entry ::= "name" "value"                          parts
///     name  ::= version:u32 namespace key               each length:u32 byte*; what a list is made of
///
/// History: 1, the first.
package struct KeyValues: Sendable {
    private static let version: UInt32 = 1
    /// Bytes in a value: with its name it has to fit into an entry.
    package static let valueLimit = 255 << 20
    /// Bytes in a key.
    package static let keyLimit = 1024

    private let store: EntryStore
    private let journal: Journal
    private let isReadOnly: Bool
    private let recache: Bool
    private let namespace: [UInt8]

    /// What a namespace must be, to follow "it must be".
    package static let accepted = "1 to 64 letters, digits, dots, hyphens and underscores, the first one no dot"

    /// The values of a namespace; nil where it is no name for one.
    package init?(_ namespace: [UInt8], settings: Settings) {
        guard (1...64).contains(namespace.count), namespace.first != UInt8(ascii: "."),
            namespace.allSatisfy(Self.isFit)
        else { return nil }
        self.namespace = namespace
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
        journal = Journal(at: settings.directory)
        (isReadOnly, recache) = (settings.isReadOnly, settings.recache || settings.isDisabled)
    }

    private static func isFit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func entryKey(_ key: [UInt8]) -> EntryKey {
        var builder = KeyBuilder(domain: "kv-1")
        builder.add("namespace", namespace)
        builder.add("key", key)
        return builder.finish()
    }

    /// The value of `key`, or why there is none.
    package func get(_ key: [UInt8]) -> EntryStore.Lookup {
        let entry = entryKey(key)
        let lookup: EntryStore.Lookup = recache ? .miss(.absent) : store.value(for: entry)
        note(lookup.reason.map { _ in .miss } ?? .hit, lookup.reason?.rawValue ?? "", entry)
        return lookup
    }

    /// Keeps `value` under `key`, at once and whole, in place of another.
    package func put(_ value: [UInt8], under key: [UInt8]) throws(StoreError) {
        let entry = entryKey(key)
        let parts = [
            NewPart("name", .bytes(name(key)), codec: .stored), NewPart("value", .bytes(value), codec: .stored),
        ]
        try store.publish(entry, kind: EntryKind.keyValue.rawValue, parts: parts)
        note(.publish, "", entry)
    }

    /// Removes the value of `key`; says whether there was one.
    package func delete(_ key: [UInt8]) throws(StoreError) -> Bool {
        let entry = entryKey(key)
        guard !isReadOnly else { throw StoreError(.readOnly, at: store.directory) }
        guard case .hit = store.open(entry) else { return false }
        try store.remove(entry)
        return true
    }

    /// All keys, in the order of their bytes.
    ///
    /// Looks at the head of every entry of the cache: there is no second list that could say otherwise.
    package func keys() -> [[UInt8]] {
        var found: [[UInt8]] = []
        store.forEachEntry { listing in
            if case .hit(let entry) = store.open(listing.key), entry.kind == EntryKind.keyValue.rawValue,
                let bytes = try? entry.bytes(0), let key = key(of: bytes), entryKey(key) == listing.key
            {
                found.append(key)
            }
            return true
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    package func name(_ key: [UInt8]) -> [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.text(namespace)
        out.text(key)
        return out.bytes
    }

    /// The key in the part `name`, where it is of this namespace.
    private func key(of bytes: [UInt8]) -> [UInt8]? {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == Self.version, reader.text() == namespace, let key = reader.text(),
            reader.isAtEnd
        else { return nil }
        return key
    }

    private func note(_ kind: Event.Kind, _ cause: String, _ entry: EntryKey) {
        guard !isReadOnly else { return }
        journal.record(
            Event(
                kind,
                cause: cause.isEmpty ? "kv" : "kv_" + cause,
                entry: entry,
                session: Environment.text("LARDER_SESSION"),
                label: String(decoding: namespace, as: UTF8.self)
            )
        )
    }
}
