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
    private static let interval: Int64 = 1_000_000_000
    private let path: Path
    private let lastTime = Mutex<Int64>(0)

    init(in directory: Path) { path = directory.appending(Self.name) }

    /// Writes unless that was done a moment ago.
    func note(_ reports: [RemoteCache.Report]) {
        let isDue = lastTime.withLock { last in
            let now = Clock.monotonic
            guard now - last >= Self.interval else { return false }
            last = now
            return true
        }
        if isDue { write(reports) }
    }

    func write(_ reports: [RemoteCache.Report]) {
        let document = Self.json(reports).document
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
