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

    /// True for what a compiler gave: nothing else that a store holds is for other machines.
    package static func isResult(_ kind: UInt8) -> Bool {
        kind == EntryKind.object.rawValue || kind == EntryKind.outputs.rawValue
    }

    /// The bytes of all parts together.
    package var size: Int { parts.reduce(0) { $0 + $1.bytes.count } }
}

extension PortableEntry {
    /// What the compile took whose result this is; 0 for anything else.
    var nanosecondsSaved: Int64 {
        let (time, isTooLong) = ResultDuration.microseconds(in: parts, kind: kind).multipliedReportingOverflow(by: 1000)
        // It comes from elsewhere: nobody waits for a compile of more than a day.
        return isTooLong || time < 0 ? 0 : min(time, 86_400_000_000_000)
    }
}
