internal import CommandCache
internal import CompilerCache
package import LarderStore

/// An entry on its way to another machine: its parts, decoded.
package struct PortableEntry: Sendable {
    package var key: EntryKey
    /// See ``EntryKind``.
    package var kind: UInt8
    package var parts: [EntryStore.Part]

    package init(key: EntryKey, kind: UInt8, parts: [EntryStore.Part]) {
        (self.key, self.kind, self.parts) = (key, kind, parts)
    }

    /// The result that `store` keeps under `key`; nil where there is none, or it is not for other machines.
    package init?(_ key: EntryKey, from store: EntryStore) {
        guard case .hit(let entry) = store.open(key), Self.isResult(entry.kind) else { return nil }
        self.key = key
        kind = entry.kind
        guard let parts = store.value(for: key).parts else { return nil }
        self.parts = parts
    }

    /// What leads to results of commands and is kept in `store` under `key`; nil where that is something else.
    init?(index key: EntryKey, from store: EntryStore) {
        guard case .hit(let entry) = store.open(key), CommandIndex.isKind(entry.kind),
            let parts = store.value(for: key).parts
        else { return nil }
        (self.key, kind, self.parts) = (key, entry.kind, parts)
    }

    /// True for what a compiler or a command gave: besides what leads there, nothing that a store holds is for other machines.
    package static func isResult(_ kind: UInt8) -> Bool {
        [EntryKind.object, .outputs, .commandResult].contains { $0.rawValue == kind }
    }

    /// The bytes of all parts together.
    package var size: Int { parts.reduce(0) { $0 + $1.bytes.count } }
}

extension PortableEntry {
    /// What the compile took whose result this is; 0 for anything else.
    var nanosecondsSaved: Int64 {
        let microseconds =
            kind == EntryKind.commandResult.rawValue
            ? ResultFormat.microseconds(in: parts) : ResultDuration.microseconds(in: parts, kind: kind)
        let (time, isTooLong) = microseconds.multipliedReportingOverflow(by: 1000)
        // It comes from elsewhere: nobody waits for a compile of more than a day.
        return isTooLong || time < 0 ? 0 : min(time, 86_400_000_000_000)
    }
}
