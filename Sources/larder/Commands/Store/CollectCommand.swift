internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Brings the cache within its budget.
    static let collect = Command(
        name: "gc",
        summary: "Remove what is not used any more, now instead of later",
        discussion: """
            Brings the counts up to date, removes files that killed processes left behind (an hour later at the
            earliest), and when the cache is larger than max_size removes the entries that were not used for the
            longest time, down to four fifths of it. All of this also happens by itself.

            With --older-than, entries that were not used for so long go first, whatever the size of the cache. AGE is
            \(Age.accepted); 0s stands for every entry.

            With --keep-session, results that were not used since that session began go, so that what CI saves is what its
            build needs.

            --explain removes nothing. It shows what would go and why, and how many entries there are by their kind and
            by the time of their last use.
            """,
        options: [
            json,
            Option(
                name: "older-than",
                value: "AGE",
                summary: "Also remove what was not used for so long: 7d, 12h, 30m"
            ),
            Option(name: "keep-session", value: "ID", summary: "Also remove results that were not used since it began"),
            Option(name: "explain", summary: "Remove nothing: show what would go, and why"),
            Option(name: "max-size", value: "SIZE", summary: "Shrink the cache as if max_size were this, once"),
            lockTimeout,
        ],
        run: runCollect
    )

    private static func runCollect(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let age = try age(arguments)
        let settings = try arguments.settings()
        let store = arguments.store(settings)
        arguments.settle(settings)
        let session = try arguments.value(of: "keep-session").map { id throws(Failure) in
            try Session.uses(of: id, in: settings.directory)
        }
        guard session == nil || !arguments.has("explain") else {
            throw Failure(usage: "--explain and --keep-session do not go together", .collect)
        }
        if arguments.has("explain") {
            let report = CollectionReport(plan: store.plan(unusedSince: age?.moment), maximum: store.maximumSize)
            try Console.print(arguments.has("json") ? report.json.document : report.table)
            return .success
        }
        var (removed, leftovers) = (Usage(entries: 0, bytes: 0), 0)
        if FileStatus.of(settings.directory) != nil {
            do throws(StoreError) {
                let lock = arguments.lockOptions(settings)
                var bar = ProgressBar(title: "Evicting")
                defer { bar.remove() }
                if let age {
                    removed = try store.evict(unusedSince: age.moment, lock: lock) { bar.show($0, of: $1) }
                }
                if let session {
                    removed.add(try store.evictResults(unusedSince: session.moment, but: session.keys, lock: lock))
                }
                let report = try store.collectGarbage(lock: lock) { bar.show($0, of: $1) }
                removed.add(report.removed)
                leftovers = report.leftovers
            } catch {
                throw Failure(error)
            }
        }
        let usage = store.usage()
        guard arguments.has("json") else {
            try Console.print(
                TextTable.aligned([
                    ["Evicted", described(removed)],
                    ["Leftovers removed", "\(leftovers)"],
                    ["In the cache now", described(usage) + " of \(Text.size(store.maximumSize))"],
                ])
            )
            return .success
        }
        let document = JSON.object([
            ("evicted_entries", .integer(Int64(removed.entries))),
            ("evicted_bytes", .integer(removed.bytes)),
            ("leftovers_removed", .integer(Int64(leftovers))),
            ("entries", .integer(Int64(usage.entries))),
            ("bytes", .integer(usage.bytes)),
            ("max_bytes", .integer(store.maximumSize)),
        ])
        try Console.print(document.document)
        return .success
    }

    private static func age(_ arguments: Arguments) throws(Failure) -> Age? {
        guard let text = arguments.value(of: "older-than") else { return nil }
        if let age = Age(text) { return age }
        throw Failure(status: .usage, message: "'\(Text.shown(text))' is no age; it must be \(Age.accepted)")
    }

    private static func described(_ usage: Usage) -> String {
        "\(Text.count(Int64(usage.entries), "entry", "entries")), \(Text.size(usage.bytes))"
    }
}
