package import LarderStore
package import Wire

/// What a cache has counted and holds, for Prometheus.
package struct CacheMetrics {
    private let statistics: Statistics
    private let usage: Usage
    private let maximum: Int64

    /// - Parameter maximum: bytes that the entries may take.
    package init(_ statistics: Statistics, usage: Usage, maximum: Int64) {
        (self.statistics, self.usage, self.maximum) = (statistics, usage, maximum)
    }

    /// What the daemon does at the moment.
    package struct DaemonLevels {
        let kept: Int64
        let notKept: Int64
        let pending: Int64
        let flights: Int64
        let waiting: Int64
        let connections: Int64
        let residentBytes: Int64
        let sending: Int64
        let unsent: Int64

        /// What a daemon says of itself.
        package init(_ status: DaemonStatus) {
            (kept, notKept, pending) = (status.published, status.dropped, status.pending)
            (flights, waiting, connections) = (status.flights, status.waiting, status.connections)
            (residentBytes, sending, unsent) = (status.residentBytes, status.sending, status.unsent)
        }
    }

    /// - Parameter daemon: nil where none runs.
    package func text(daemon: DaemonLevels?) -> String {
        var text = PrometheusText()
        text.add("larder_info", .gauge, "The version that reports", [.init(1, ("version", Version.text))])
        addCounts(to: &text)
        addPrograms(to: &text)
        text.add("larder_entries", .gauge, "Entries in the cache", [.init(Int64(usage.entries))])
        text.add("larder_bytes", .gauge, "Bytes that the entries take on the disk", [.init(usage.bytes)])
        text.add("larder_max_bytes", .gauge, "Bytes that the entries may take", [.init(maximum)])
        if let daemon { add(daemon, to: &text) }
        return text.text
    }

    private func addCounts(to text: inout PrometheusText) {
        let kinds: [(kind: Event.Kind, name: String, help: String)] = [
            (.hit, "larder_hits_total", "Results that came from the cache"),
            (.miss, "larder_misses_total", "Results that had to be made"),
            (.bypass, "larder_bypasses_total", "Commands that ran as they were given"),
            (.error, "larder_errors_total", "Failures of the cache"),
            (.evict, "larder_evictions_total", "Entries that were removed"),
        ]
        for (kind, name, help) in kinds {
            let causes = statistics.causes(of: kind)
            let named = causes.values.reduce(0, &+)
            let unnamed = Int64(statistics.counts[kind] ?? 0) &- named
            var samples = [PrometheusText.Sample(unnamed, ("cause", ""))]
            samples += causes.sorted { $0.key < $1.key }.map { .init($0.value, ("cause", $0.key)) }
            text.add(name, .counter, help, samples)
        }
        text.add(
            "larder_saved_seconds_total",
            .counter,
            "Time that hits have saved",
            [.init(microseconds: statistics.savedMicroseconds)]
        )
        text.add(
            "larder_spent_seconds_total",
            .counter,
            "Time that misses have taken",
            [.init(microseconds: statistics.spentMicroseconds)]
        )
    }

    private func addPrograms(to text: inout PrometheusText) {
        let programs = statistics.programs.sorted { $0.key < $1.key }
        func samples(_ count: KeyPath<Tally, Int>) -> [PrometheusText.Sample] {
            programs.map { .init(Int64($0.value[keyPath: count]), ("program", $0.key)) }
        }
        text.add("larder_program_hits_total", .counter, "Hits of one compiler or tool", samples(\.hits))
        text.add("larder_program_misses_total", .counter, "Misses of one compiler or tool", samples(\.misses))
        text.add("larder_program_bypasses_total", .counter, "Bypasses of one compiler or tool", samples(\.bypasses))
    }

    private func add(_ daemon: DaemonLevels, to text: inout PrometheusText) {
        text.add("larder_daemon_kept_total", .counter, "Results that the daemon has stored", [.init(daemon.kept)])
        text.add(
            "larder_daemon_not_kept_total",
            .counter,
            "Results that the daemon was given and has not stored",
            [.init(daemon.notKept)]
        )
        text.add("larder_daemon_pending", .gauge, "Results that the daemon still has to store", [.init(daemon.pending)])
        text.add(
            "larder_daemon_compiles",
            .gauge,
            "Compiles under way that others may wait for",
            [.init(daemon.flights)]
        )
        text.add("larder_daemon_waiting", .gauge, "Processes that wait for such a compile", [.init(daemon.waiting)])
        text.add("larder_daemon_connections", .gauge, "Processes that are connected", [.init(daemon.connections)])
        text.add("larder_daemon_sending", .gauge, "Results on their way to remote caches", [.init(daemon.sending)])
        text.add(
            "larder_daemon_unsent_total",
            .counter,
            "Results that were too many to be sent",
            [.init(daemon.unsent)]
        )
        text.add("larder_daemon_resident_bytes", .gauge, "Memory of the daemon", [.init(daemon.residentBytes)])
    }
}
