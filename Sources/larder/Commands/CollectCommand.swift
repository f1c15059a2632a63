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
            """,
        options: [
            json,
            Option(name: "max-size", value: "SIZE", summary: "Shrink the cache as if max_size were this, once"),
            lockTimeout,
        ],
        run: runCollect
    )

    private static func runCollect(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        let store = arguments.store(settings)
        arguments.settle(settings)
        var (removed, leftovers) = (Usage(entries: 0, bytes: 0), 0)
        if FileStatus.of(settings.directory) != nil {
            do throws(StoreError) {
                let report = try store.collectGarbage(lock: arguments.lockOptions(settings))
                (removed, leftovers) = (report.removed, report.leftovers)
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

    private static func described(_ usage: Usage) -> String {
        "\(Text.count(Int64(usage.entries), "entry", "entries")), \(Text.size(usage.bytes))"
    }
}
