internal import LarderStore
internal import Terminal

/// What `larder gc --explain` shows of a plan, as a table and as JSON.
struct CollectionReport {
    let plan: CollectionPlan
    /// Bytes that the entries may take.
    let maximum: Int64

    /// A part of the entries: how many there are, and how many of them would go.
    private struct Share {
        var all = Usage(entries: 0, bytes: 0)
        var removed = Usage(entries: 0, bytes: 0)

        mutating func add(_ item: CollectionPlan.Item) {
            Self.add(item, to: &all)
            if item.reason != nil { Self.add(item, to: &removed) }
        }

        static func add(_ item: CollectionPlan.Item, to usage: inout Usage) {
            usage.entries += 1
            usage.bytes = usage.bytes.addingReportingOverflow(item.bytes).partialValue
        }

        func row(_ title: String) -> [String] {
            [title, "\(all.entries)", Text.size(all.bytes), "\(removed.entries)", Text.size(removed.bytes)]
        }

        func json(_ name: String) -> JSON {
            .object([
                ("name", .string(name)),
                ("entries", .integer(Int64(all.entries))),
                ("bytes", .integer(all.bytes)),
                ("evicted_entries", .integer(Int64(removed.entries))),
                ("evicted_bytes", .integer(removed.bytes)),
            ])
        }
    }

    /// The ranges of the age histogram, each up to `limit` nanoseconds.
    private static let ranges: [(name: String, title: String, limit: Int64)] = [
        ("hour", "under an hour ago", 3_600_000_000_000),
        ("day", "under a day", 86_400_000_000_000),
        ("week", "under a week", 604_800_000_000_000),
        ("month", "under a month", 2_592_000_000_000_000),
        ("older", "older", .max),
    ]

    private static let reasons: [(reason: CollectionPlan.Reason, name: String, title: String)] = [
        (.age, "age", "  not used for so long"), (.namespace, "namespace", "  over the size of a namespace"),
        (.budget, "budget", "  over max_size"),
        (.freeSpace, "free_space", "  too little free space"),
    ]

    private func usage(where isIn: (CollectionPlan.Item) -> Bool) -> Usage {
        plan.items.reduce(into: Usage(entries: 0, bytes: 0)) { if isIn($1) { Share.add($1, to: &$0) } }
    }

    /// The kinds of entries that are there, the largest first.
    private var kinds: [(name: String, share: Share)] {
        var shares: [String: Share] = [:]
        for item in plan.items {
            // What no front end of ours has made belongs to a program that uses the store.
            shares[item.kind?.name ?? (item.isReadable ? "other" : "unreadable"), default: Share()].add(item)
        }
        return shares.sorted { ($1.value.all.bytes, $0.key) < ($0.value.all.bytes, $1.key) }
            .map { (name: $0.key, share: $0.value) }
    }

    /// The namespaces that have entries, the largest first.
    private var namespaces: [(name: String, share: Share)] {
        var shares: [[UInt8]: Share] = [:]
        for item in plan.items where !item.namespace.isEmpty { shares[item.namespace, default: Share()].add(item) }
        return shares.map { (name: Text.shown($0.key), share: $0.value) }
            .sorted { ($1.share.all.bytes, $0.name) < ($0.share.all.bytes, $1.name) }
    }

    private var histogram: [Share] {
        var shares = Self.ranges.map { _ in Share() }
        for item in plan.items {
            let (age, overflow) = plan.moment.subtractingReportingOverflow(item.lastUsed)
            let range = Self.ranges.firstIndex { !overflow && age < $0.limit } ?? Self.ranges.count - 1
            shares[range].add(item)
        }
        return shares
    }

    var table: String {
        func described(_ usage: Usage) -> String {
            "\(Text.count(Int64(usage.entries), "entry", "entries")), \(Text.size(usage.bytes))"
        }
        var rows = [["Would be evicted", described(usage { $0.reason != nil })]]
        for (reason, _, title) in Self.reasons {
            let part = usage { $0.reason == reason }
            if part.entries > 0 { rows.append([title, described(part)]) }
        }
        rows.append(["In the cache now", described(usage { _ in true }) + " of \(Text.size(maximum))"])
        func section(_ title: String, _ shares: [[String]]) -> String {
            "\n" + TextTable.aligned([[title, "entries", "size", "would go", ""]] + shares, right: [1, 2, 3, 4])
        }
        let ages = zip(Self.ranges, histogram).map { $1.row("  " + $0.title) }
        let kinds = kinds.map { kind in kind.share.row("  " + kind.name.split(separator: "_").joined(separator: " ")) }
        let namespaces = namespaces.map { $0.share.row("  " + $0.name) }
        return TextTable.aligned(rows) + section("By last use", ages) + (kinds.isEmpty ? "" : section("By kind", kinds))
            + (namespaces.isEmpty ? "" : section("By namespace", namespaces))
    }

    var json: JSON {
        let (removed, all) = (usage { $0.reason != nil }, usage { _ in true })
        return .object([
            ("evicted_entries", .integer(Int64(removed.entries))),
            ("evicted_bytes", .integer(removed.bytes)),
            (
                "evicted_by_reason",
                .object(
                    Self.reasons.map { reason, name, _ in
                        let part = usage { $0.reason == reason }
                        return (
                            name,
                            .object([("entries", .integer(Int64(part.entries))), ("bytes", .integer(part.bytes))])
                        )
                    }
                )
            ),
            ("entries", .integer(Int64(all.entries))),
            ("bytes", .integer(all.bytes)),
            ("max_bytes", .integer(maximum)),
            ("last_use", .array(zip(Self.ranges, histogram).map { $1.json($0.name) })),
            ("kinds", .array(kinds.map { $0.share.json($0.name) })),
            ("namespaces", .array(namespaces.map { $0.share.json($0.name) })),
        ])
    }
}
