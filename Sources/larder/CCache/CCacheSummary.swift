internal import Files

/// What `ccache -s` shows: lines `Title: part / whole (percent)`, which scripts search for.
struct CCacheSummary {
    let counters: CCacheCounters
    /// 0, 1 or 2: how often `-v` was said.
    let verbosity: Int
    /// Titles and texts that come first where more is shown.
    let places: [(title: String, text: String)]
    let size: Int64
    let limit: CCacheSize

    private enum Row {
        case text(String, String)
        /// Title, part, whole, share.
        case count(String, String, String, String)
    }

    var description: String {
        var rows: [Row] = verbosity > 0 ? places.map { .text($0.title + ":", $0.text) } : []
        calls(&rows)
        lookups(&rows)
        storage(&rows)
        return Self.aligned(rows)
    }

    private func calls(_ rows: inout [Row]) {
        let hits = counters["direct_cache_hit"] + counters["preprocessed_cache_hit"]
        let cacheable = hits + counters["cache_miss"]
        let (uncacheable, errors) = (counters.sum(.uncacheable), counters.sum(.error))
        let all = cacheable + uncacheable + errors
        guard all > 0 || verbosity > 1 else { return }
        rows.append(count("Cacheable calls:", cacheable, of: all))
        rows.append(count("  Hits:", hits, of: cacheable))
        rows.append(count("    Direct:", counters["direct_cache_hit"], of: hits))
        rows.append(count("    Preprocessed:", counters["preprocessed_cache_hit"], of: hits))
        rows.append(count("  Misses:", counters["cache_miss"], of: cacheable))
        if uncacheable > 0 || verbosity > 1 {
            rows.append(count("Uncacheable calls:", uncacheable, of: all))
            addParts(.uncacheable, of: uncacheable, &rows)
        }
        if errors > 0 || verbosity > 1 {
            rows.append(count("Errors:", errors, of: all))
            addParts(.error, of: errors, &rows)
        }
    }

    private func addParts(_ group: CCacheCounters.Group, of whole: Int64, _ rows: inout [Row]) {
        guard verbosity > 0 else { return }
        for counter in CCacheCounters.all.filter({ $0.group == group }).sorted(by: { $0.title < $1.title })
        where counters[counter.name] > 0 || verbosity > 1 {
            rows.append(count("  \(counter.title):", counters[counter.name], of: whole))
        }
    }

    private func lookups(_ rows: inout [Row]) {
        let (found, missed) = (counters["direct_cache_hit"], counters["direct_cache_miss"])
        guard verbosity > 0, found + missed > 0 || verbosity > 1 else { return }
        rows.append(.text("Successful lookups:", ""))
        rows.append(count("  Direct:", found, of: found + missed))
        rows.append(count("  Preprocessed:", 0, of: 0))
    }

    private func storage(_ rows: inout [Row]) {
        let unit: Int64 = limit.isDecimal ? 1_000_000_000 : 1 << 30
        let title = "  Cache size (\(limit.isDecimal ? "GB" : "GiB")):"
        let tenths = CCacheSize.tenths(of: size, unit)
        rows.append(.text("Local storage:", ""))
        if limit.bytes > 0 {
            let share = "(\(Self.percent(size, of: limit.bytes)))"
            rows.append(.count(title, tenths, CCacheSize.tenths(of: limit.bytes, unit), share))
        } else {
            rows.append(.count(title, tenths, "", ""))
        }
        if verbosity > 0 { rows.append(count("  Files:", counters["files_in_cache"], of: 0)) }
        if counters["cleanups_performed"] > 0 || verbosity > 1 {
            rows.append(count("  Cleanups:", counters["cleanups_performed"], of: 0))
        }
        let (hits, misses) = (counters["local_storage_hit"], counters["local_storage_miss"])
        if hits + misses > 0 || verbosity > 0 {
            rows.append(count("  Hits:", hits, of: hits + misses))
            rows.append(count("  Misses:", misses, of: hits + misses))
        }
    }

    private func count(_ title: String, _ part: Int64, of whole: Int64) -> Row {
        guard whole > 0 else { return .count(title, "\(part)", "", "") }
        return .count(title, "\(part)", "\(whole)", "(\(Self.percent(part, of: whole)))")
    }

    /// `66.67%`, ` 0.00%`, `100.0%`: always as wide.
    private static func percent(_ part: Int64, of whole: Int64) -> String {
        let hundredths = Int64(min(Double(part) / Double(whole) * 10_000, 1e15).rounded())
        if hundredths >= 10_000 { return "\(hundredths / 100).\(hundredths % 100 / 10)%" }
        let fraction = hundredths % 100
        return (hundredths < 1000 ? " " : "") + "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
    }

    private static func aligned(_ rows: [Row]) -> String {
        var (title, part, whole) = (0, 0, 0)
        for row in rows {
            switch row {
            case .text(let name, let text): if !text.isEmpty { title = max(title, name.count) }
            case .count(let name, let first, let second, _):
                (title, part, whole) = (max(title, name.count), max(part, first.count), max(whole, second.count))
            }
        }
        func padding(_ width: Int, _ text: String) -> String {
            String(repeating: " ", count: max(0, width - text.count))
        }
        return rows.map { row in
            switch row {
            case .text(let name, let text): text.isEmpty ? name : name + padding(title, name) + " " + text
            case .count(let name, let first, let second, let share):
                name + padding(title, name) + " " + padding(part, first) + first
                    + (second.isEmpty ? "" : " / " + padding(whole, second) + second + " " + share)
            }
        }.map { $0 + "\n" }.joined()
    }
}
