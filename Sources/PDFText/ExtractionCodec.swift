package import LarderStore

/// An ``Extraction`` on its way to an entry and back.
package enum ExtractionCodec {
    /// What the entry of `key` holds; nil where there is none, or none that reads as one.
    package static func load(_ key: EntryKey, from store: EntryStore) -> Extraction? {
        store.value(for: key).parts.flatMap { ExtractionFormat.decode($0) }
    }

    /// Publishes it.
    package static func save(_ extraction: Extraction, _ key: EntryKey, in store: EntryStore) throws(StoreError) {
        try store.publish(key, kind: EntryKind.extraction.rawValue, parts: ExtractionFormat.encode(extraction))
    }
}
