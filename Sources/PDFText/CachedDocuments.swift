internal import Files
package import LarderStore

/// What the cache holds of PDF files, and nobody else's entries.
package struct CachedDocuments {
    private let store: EntryStore

    package init(in store: EntryStore) { self.store = store }

    /// What there is.
    package struct Summary: Sendable {
        /// Extractions; what only says how to find them does not count.
        package var documents = 0
        /// Bytes on the disk, of all entries.
        package var bytes: Int64 = 0
        /// Bytes of the extractions as they are stored, and once decoded.
        package var storedBytes: Int64 = 0
        package var trueBytes: Int64 = 0
        package var byForm: [Request.Form: Int] = [:]
        /// Milliseconds since the extraction.
        package var newest: Int64?
        package var oldest: Int64?
        /// How many are younger than an hour, a day, a week, thirty days, and older.
        package var ages = [0, 0, 0, 0, 0]
    }

    package static let ageLimits: [Int64] = [3_600_000, 86_400_000, 604_800_000, 2_592_000_000]

    package func summary(now: Int64 = Clock.wall / 1_000_000) -> Summary {
        var summary = Summary()
        forEach { entry in
            summary.bytes = summary.bytes.adding(saturating: entry.listing.allocated)
            guard let about = entry.about else { return }
            summary.documents += 1
            summary.storedBytes += entry.stored
            summary.trueBytes += entry.decoded
            summary.byForm[about.form, default: 0] += 1
            let age = max(0, now - about.extractedAt)
            summary.newest = min(summary.newest ?? age, age)
            summary.oldest = max(summary.oldest ?? age, age)
            summary.ages[Self.ageLimits.firstIndex { age < $0 } ?? Self.ageLimits.count] += 1
        }
        return summary
    }

    /// Which extractions to remove.
    package enum Choice: Sendable {
        case all
        /// Those older than so many milliseconds.
        case older(than: Int64)
        /// Those that this version of poppler made.
        case version(String)
        /// Those that an older version made.
        case versions(before: String)
    }

    /// Removes what is chosen; returns how many extractions, and how many bytes on the disk.
    ///
    /// What only says how to find them goes along when all are removed, and by its last use when age decides.
    package func remove(_ choice: Choice, now: Int64 = Clock.wall / 1_000_000) throws(StoreError) -> Usage {
        var removed = Usage(entries: 0, bytes: 0)
        var chosen: [(EntryKey, Int64, Bool)] = []
        forEach { entry in
            let isChosen: Bool =
                switch choice {
                case .all: true
                case .older(let age): now - (entry.about?.extractedAt ?? entry.listing.lastUsed / 1_000_000) > age
                case .version(let version): entry.about?.poppler == version
                case .versions(let version): entry.about?.poppler.map { Self.isVersion($0, before: version) } ?? false
                }
            if isChosen { chosen.append((entry.listing.key, entry.listing.allocated, entry.about != nil)) }
        }
        for (key, bytes, isDocument) in chosen {
            try store.remove(key)
            removed.bytes = removed.bytes.adding(saturating: bytes)
            if isDocument { removed.entries += 1 }
        }
        return removed
    }

    /// Compares versions number by number.
    static func isVersion(_ left: String, before right: String) -> Bool {
        func numbers(_ version: String) -> [Int] { version.split { !$0.isNumber }.map { Int($0) ?? 0 } }
        return numbers(left).lexicographicallyPrecedes(numbers(right))
    }

    private struct Found {
        let listing: EntryStore.Listing
        /// Nil for what is no extraction.
        let about: Extraction?
        let stored: Int64
        let decoded: Int64
    }

    private static let kinds: Set<EntryKind> = [.documentDigest, .documentTool, .extraction]

    private func forEach(_ body: (Found) -> Void) {
        store.forEachEntry { listing in
            switch store.open(listing.key) {
            case .miss: break
            case .hit(let entry):
                guard let kind = EntryKind(rawValue: entry.kind), Self.kinds.contains(kind) else { return true }
                var (about, stored, decoded): (Extraction?, Int64, Int64) = (nil, 0, 0)
                if kind == .extraction, let index = entry.index(of: ExtractionFormat.about) {
                    about = (try? entry.bytes(index)).flatMap { ExtractionFormat.decode(about: $0) }
                    for part in 0..<entry.count {
                        stored += Int64(entry.storedLength(part))
                        decoded += Int64(entry.trueLength(part))
                    }
                }
                body(Found(listing: listing, about: about, stored: stored, decoded: decoded))
            }
            return true
        }
    }
}
