internal import Files
internal import LarderStore
internal import Terminal

extension CCacheCommands {
    /// Everything that is counted, with what the cache holds now.
    private func counters(_ larder: Settings, _ store: EntryStore) -> CCacheCounters {
        let statistics = Journal(at: larder.directory).statistics()
        var counters = CCacheCounters(statistics)
        let usage = store.usage()
        counters["files_in_cache"] = Int64(usage.entries)
        counters["cache_size_kibibyte"] = usage.bytes / 1024
        counters["max_cache_size_kibibyte"] = limit(store).bytes / 1024
        counters["stats_zeroed_timestamp"] = (statistics.since ?? 0) / 1000
        counters["stats_updated_timestamp"] = statistics.since == nil ? 0 : Self.lastEvent(larder.directory)
        return counters
    }

    /// When something was counted last, in seconds since 1970.
    private static func lastEvent(_ directory: Path) -> Int64 {
        let files = ["journal/current", "journal/folded"].compactMap { FileStatus.of(directory.appending($0)) }
        return (files.map(\.identity.modified).max() ?? 0) / 1_000_000_000
    }

    /// The limit as the user says it; no bytes where there is none.
    private func limit(_ store: EntryStore) -> CCacheSize {
        if settings.holds(.maximumSize), let size = settings.configuration.maximumSize { return size }
        return CCacheSize(bytes: store.maximumSize)
    }

    func printStatistics() throws(Failure) {
        let format = options.value(of: "format").map { Text.shown($0) } ?? "tab"
        guard format == "tab" || format == "json" else { throw Failure(message: "unknown format \"\(format)\"") }
        let larder = try larder()
        let table = counters(larder, store(larder)).table
        if format == "json" {
            try Console.print(JSON.object(table.map { ($0.name, .integer($0.value)) }).document)
        } else {
            try Console.print(table.map { "\($0.name)\t\($0.value)\n" }.joined())
        }
    }

    func showStatistics() throws(Failure) {
        let larder = try larder()
        let store = store(larder)
        let counters = counters(larder, store)
        let verbosity = min(2, options.given.count { $0.name == "verbose" })
        func date(_ name: String) -> String {
            counters[name] > 0 ? Clock.shown(milliseconds: counters[name] * 1000) : "never"
        }
        var places = [
            (title: "Cache directory", text: Text.shown(larder.directory.bytes)),
            (title: "Config file", text: Text.shown(settings.configuration.path?.bytes ?? [])),
            (title: "System config file", text: CCacheConfiguration.systemPath.description),
            (title: "Stats updated", text: date("stats_updated_timestamp")),
        ]
        if verbosity > 1 { places.append((title: "Stats zeroed", text: date("stats_zeroed_timestamp"))) }
        let summary = CCacheSummary(
            counters: counters,
            verbosity: verbosity,
            places: places,
            size: store.usage().bytes,
            limit: limit(store)
        )
        try Console.print(summary.description)
        remark()
    }
}
