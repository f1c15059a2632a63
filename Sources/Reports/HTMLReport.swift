internal import Files
package import LarderStore
internal import Terminal

/// A report as one page that needs nothing else: no network, no script.
package struct HTMLReport {
    private let record: BuildRecord
    private let cache: Path

    package init(_ record: BuildRecord, cache: Path) { (self.record, self.cache) = (record, cache) }

    package var document: String {
        let charts = Charts(record: record)
        var body = "<h1>Larder: \(HTML.escaped(title))</h1>\n<p>\(HTML.escaped(subtitle))</p>\n" + tiles
        body += section("Commands over time", charts.timeline.map { Charts.legend + $0 })
        body += section("Why there was no hit", reasons)
        body += section("The misses that took longest", slowest)
        body += section("Time of a hit", charts.histogram(record.hitLatencies, kind: "hit", label: "Times of hits"))
        body += section(
            "Time of a miss",
            charts.histogram(record.missDurations, kind: "miss", label: "Times of misses")
        )
        body += section("By compiler", programs)
        body += section("Hits and misses by hour, of the whole cache", charts.hours.map { Charts.legend + $0 })
        body += section("Size of the cache", charts.sizes)
        body += section("Remote caches", tiers)
        // What closes an element would end it early.
        let data = record.json.document.replacing("</", with: "<\\/")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Larder: \(HTML.escaped(title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            \(body)<footer>Larder \(Version.text). All figures stand in this page as JSON, in the element "data".</footer>
            <script type="application/json" id="data">
            \(data)</script>
            </body>
            </html>

            """
    }

    private var title: String { record.session.map { "session \($0)" } ?? "the cache" }

    private var subtitle: String {
        "Cache in \(Text.shown(cache.bytes)), \(Clock.shown(milliseconds: record.made))"
    }

    private func section(_ title: String, _ content: String?) -> String {
        guard let content else { return "" }
        return "<section>\n<h2>\(HTML.escaped(title))</h2>\n\(content)</section>\n"
    }

    private var tiles: String {
        let statistics = record.statistics
        let lookups = Int64(statistics.hits) &+ Int64(statistics.misses)
        let (saved, spent) = (statistics.savedMicroseconds, statistics.spentMicroseconds)
        let figures: [(String, String)] = [
            ("hits by count", Text.percent(Int64(statistics.hits), of: lookups) ?? "none yet"),
            ("hits by time", Text.percent(saved, of: saved &+ spent) ?? "none yet"),
            ("time saved", Text.duration(milliseconds: saved / 1000)),
            ("time spent on misses", Text.duration(milliseconds: spent / 1000)),
            ("hits", "\(statistics.hits)"), ("misses", "\(statistics.misses)"),
            ("bypasses", "\(statistics.bypasses)"), ("errors", "\(statistics.errors)"),
        ]
        let items = figures.map { "<div><b>\(HTML.escaped($0.1))</b>\(HTML.escaped($0.0))</div>\n" }
        return "<div class=\"tiles\">\n\(items.joined())</div>\n"
    }

    private var reasons: String? {
        guard !record.reasons.isEmpty else { return nil }
        return HTML.table(
            head: ["count", "reason", "example"],
            record.reasons.map { ["\($0.count)", $0.sentence, $0.example] },
            right: [0]
        )
    }

    private var slowest: String? {
        let misses = record.slowestMisses(limit: 20)
        guard !misses.isEmpty else { return nil }
        return HTML.table(
            head: ["time", "what", "compiler", "reason"],
            misses.map {
                [
                    Charts.duration(microseconds: $0.microseconds), $0.label, $0.program,
                    $0.cause.replacing("_", with: " "),
                ]
            },
            right: [0]
        )
    }

    private var programs: String? {
        let programs = Self.byProgram(record.events)
        guard !programs.isEmpty else { return nil }
        return HTML.table(
            head: ["compiler", "hits", "misses", "bypasses", "hit rate", "time saved"],
            programs.map { name, tally in
                [
                    name, "\(tally.hits)", "\(tally.misses)", "\(tally.bypasses)",
                    Text.percent(Int64(tally.hits), of: Int64(tally.lookups)) ?? "",
                    Text.duration(milliseconds: tally.savedMicroseconds / 1000),
                ]
            },
            right: [1, 2, 3, 4, 5]
        )
    }

    /// The sums of each compiler, the busiest first.
    static func byProgram(_ events: [Event]) -> [(name: String, tally: Tally)] {
        var tallies: [String: Tally] = [:]
        for event in events where !event.program.isEmpty { tallies[event.program, default: Tally()].add(event) }
        return tallies.sorted { ($1.value.lookups, $0.key) < ($0.value.lookups, $1.key) }
            .map { (name: $0.key, tally: $0.value) }
    }

    private var tiers: String? {
        guard let first = record.tiers.first else { return nil }
        return HTML.table(
            head: ["address"] + first.figures.map(\.name),
            record.tiers.map { [$0.address] + $0.figures.map(\.value) },
            right: Set(1...max(1, first.figures.count))
        )
    }

    /// Readable in the dark, in the light and on paper.
    private static let style = """

        :root { --text: #1b1f24; --faint: #59636e; --page: #ffffff; --line: #d1d9e0; --tile: #f6f8fa;
          --hit: #1a7f5a; --miss: #c4621a; --bypass: #8c959f; --curve: #0969da; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9198a1; --page: #0d1117; --line: #3d444d;
          --tile: #151b23; --hit: #3fb68b; --miss: #e58a4a; --bypass: #6e7681; --curve: #4493f8; } }
        @media print { :root { --text: #000; --faint: #444; --page: #fff; --line: #999; --tile: #fff; --hit: #1a7f5a;
          --miss: #c4621a; --bypass: #8c959f; --curve: #0969da; } section { break-inside: avoid; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 1040px;
          margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.5em; margin-bottom: 0; } h2 { font-size: 1.1em; margin: 2em 0 0.4em; }
        p, footer { color: var(--faint); margin: 0.3em 0; } footer { margin-top: 3em; }
        .tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.6em; margin-top: 1em; }
        .tiles div { background: var(--tile); border: 1px solid var(--line); border-radius: 6px; padding: 0.6em 0.8em;
          color: var(--faint); }
        .tiles b { display: block; font-size: 1.4em; color: var(--text); font-variant-numeric: tabular-nums; }
        @media (max-width: 640px) { .tiles { grid-template-columns: repeat(2, 1fr); } }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.25em 0.8em 0.25em 0;
          border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        th { color: var(--faint); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums;
          white-space: nowrap; }
        svg { width: 100%; height: auto; display: block; } svg text { font: 11px system-ui, sans-serif; fill: var(--faint); }
        rect.hit { fill: var(--hit); } rect.miss { fill: var(--miss); } rect.bypass { fill: var(--bypass); }
        .axis { stroke: var(--line); fill: none; } .curve { stroke: var(--curve); fill: none; stroke-width: 2; }
        .legend span::before { content: ""; display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.3em;
          border-radius: 2px; background: var(--bypass); } .legend .hit::before { background: var(--hit); }
        .legend .miss::before { background: var(--miss); }

        """
}
