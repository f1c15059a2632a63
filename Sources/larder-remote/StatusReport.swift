internal import Files
internal import LarderStore
internal import RemoteStore
internal import RemoteTiers
internal import Synchronization
internal import Terminal

/// `remote.json` in the cache directory: what is known of each tier, for `larder remote status`.
///
/// Written once a second at most, whole or not at all.
final class StatusReport: Sendable {
    static let name = "remote.json"
    private static let interval = Duration.seconds(1)
    private let path: Path
    private let reports: @Sendable () -> [RemoteCache.Report]
    /// Whether a task waits to write.
    private let isDue = Mutex(false)

    /// - Parameter reports: says what is known now.
    init(in directory: Path, of reports: @escaping @Sendable () -> [RemoteCache.Report]) {
        path = directory.appending(Self.name)
        self.reports = reports
    }

    /// Something has happened: it is written within a second.
    func note() {
        let isFirst = isDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        guard isFirst else { return }
        Task {
            try? await Task.sleep(for: Self.interval)
            isDue.withLock { $0 = false }
            write()
        }
    }

    func write() {
        let document = Self.json(reports()).document
        do throws(SystemError) {
            let file = try TemporaryEntry(beside: path)
            try file.file.write(Array(document.utf8))
            try file.replace()
        } catch {
            // Who asks is told what was written before.
        }
    }

    static func json(_ reports: [RemoteCache.Report]) -> JSON {
        let now = Clock.monotonic
        return .object([
            ("written", .integer(Clock.wall / 1_000_000)),
            ("process", .integer(Int64(CurrentProcess.id))),
            ("tiers", .array(reports.map { json($0, at: now) })),
        ])
    }

    private static func json(_ report: RemoteCache.Report, at now: Int64) -> JSON {
        let (health, counts) = (report.health, report.health.counts)
        let rest = max(0, health.restsUntil - now) / 1_000_000
        return .object([
            ("address", .string(report.address.display)),
            ("reads", .boolean(report.address.reads)),
            ("writes", .boolean(report.address.writes)),
            ("hits", .integer(counts.hits)),
            ("misses", .integer(counts.misses)),
            ("sent", .integer(counts.writes)),
            ("errors", .integer(counts.failures)),
            ("rejected", .counts(counts.rejected)),
            ("bytes_read", .integer(counts.bytesRead)),
            ("bytes_sent", .integer(counts.bytesWritten)),
            ("p50_microseconds", .integer((health.latency(at: 0.5) ?? 0) / 1000)),
            ("p99_microseconds", .integer((health.latency(at: 0.99) ?? 0) / 1000)),
            ("rests", .integer(counts.rests)),
            ("resting_until", .integer(rest == 0 ? 0 : Clock.wall / 1_000_000 + rest)),
            ("last_error", .string(health.lastFailure ?? "")),
        ])
    }
}
