internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

/// The results that were different when they were made again: each is set aside, and the new one is in its place.
struct DifferingResults {
    private let directory: Path
    private let store: EntryStore

    init(_ settings: Settings) {
        directory = settings.directory
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
    }

    /// One result, and where the two differ.
    struct Item {
        let key: EntryKey
        let source: String
        let program: String
        let time: Int64
        /// Of the entry.
        let part: String
        let place: ObjectDifference?

        var text: String {
            let cause = place.map { ": \($0.sentence)" } ?? ""
            let name = part == "object" || Int(part) != nil ? "the object" : part
            var text = "\(source.isEmpty ? key.description : source): different in \(name)\(cause)\n"
            if let advice = place?.advice { text += "  a likely reason: \(advice)\n" }
            return text
        }

        var json: JSON {
            .object([
                ("result", .string(key.description)), ("source", .string(source)), ("program", .string(program)),
                ("time_ms", .integer(time)), ("part", .string(part)), ("section", .string(place?.section ?? "")),
                ("symbol", .string(place?.symbol ?? "")), ("reason", .string(place?.advice ?? "")),
            ])
        }
    }

    /// Those that were found from `moment` on, in nanoseconds since 1970.
    func all(since moment: Int64 = 0) -> [Item] {
        var items: [EntryKey: Item] = [:]
        var order: [EntryKey] = []
        let records = MissLog(at: directory).records()
        for (index, record) in records.enumerated() where record.outcome == .difference {
            guard record.time.multiplied(saturating: 1_000_000) >= moment - 1_000_000,
                let text = record.ingredients.first(where: { $0.label == "result" })?.value,
                let digest = Digest(hexBytes: text[...])
            else { continue }
            let key = EntryKey(digest: digest)
            let miss = records[..<index].last { $0.key == record.key && $0.outcome == .miss }
            if items[key] == nil { order.append(key) }
            let part = Text.shown(record.subject)
            items[key] = Item(
                key: key,
                source: Text.shown((miss ?? record).source),
                program: Text.shown(miss?.program ?? record.program),
                time: record.time,
                part: part,
                place: place(key, part)
            )
        }
        return order.compactMap { items[$0] }
    }

    /// Where the two objects differ; nil where one of them is gone or no object.
    private func place(_ key: EntryKey, _ part: String) -> ObjectDifference? {
        guard case .hit(let before) = SetAsideEntries(in: directory).open(key, like: store),
            case .hit(let now) = store.open(key),
            let first = before.index(of: part), let second = now.index(of: part),
            let one = try? before.bytes(first), let other = try? now.bytes(second)
        else { return nil }
        return ObjectDifference(between: one, and: other)
    }

    func show(isJSON: Bool) throws(Failure) -> ExitStatus {
        let items = all()
        if isJSON {
            try Console.print(JSON.object([("differences", .array(items.map(\.json)))]).document)
        } else {
            let none = "No result was different when it was made again.\n"
            try Console.print(items.isEmpty ? none : items.map(\.text).joined())
        }
        return items.isEmpty ? .success : .failure
    }
}
