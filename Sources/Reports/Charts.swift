internal import Files
internal import LarderStore
internal import Terminal

/// The pictures of a report.
struct Charts {
    let record: BuildRecord
    private static let width = 960
    private static let margin = 56.0
    /// A page stays below a megabyte with so many commands drawn.
    private static let timelineLimit = 4000

    /// What the pictures' colours mean.
    static let legend = """
        <p class="legend"><span class="hit">hit</span> <span class="miss">miss</span> \
        <span class="bypass">bypass</span></p>

        """

    // MARK: - Timeline

    /// Every command as a bar, those that ran at once below each other; nil where there is none.
    var timeline: String? {
        let timeline = Timeline(of: record.events, limit: Self.timelineLimit)
        guard !timeline.spans.isEmpty else { return nil }
        let range = timeline.range
        let length = Double(range.upperBound - range.lowerBound)
        let row = timeline.lanes > 32 ? 6.0 : 14.0
        let bottom = Double(timeline.lanes) * row
        let inner = Double(Self.width) - 2 * Self.margin
        func x(_ time: Int64) -> Double { Self.margin + Double(time - range.lowerBound) / length * inner }
        var content = axis(from: 0, to: Int64(length), bottom: bottom) { Self.duration(microseconds: $0) }
        for span in timeline.spans {
            let (start, end) = (x(span.start), x(span.end))
            content += SVG.rectangle(
                start,
                Double(span.lane) * row + 1,
                max(end - start, 0.6),
                row - 2,
                kind: span.event.kind.rawValue,
                title: title(of: span)
            )
        }
        let omitted =
            timeline.omitted == 0
            ? "" : "<p>The last \(timeline.spans.count) of \(timeline.spans.count + timeline.omitted) commands.</p>\n"
        return omitted
            + SVG.picture(width: Self.width, height: Int(bottom) + 24, label: "Commands over time", content)
    }

    private func title(of span: Timeline.Span) -> String {
        let event = span.event
        let words = [event.program, event.label].filter { !$0.isEmpty }.joined(separator: " ")
        let cause = event.cause.isEmpty ? "" : ", " + event.cause.replacing("_", with: " ")
        return "\(words): \(event.kind.rawValue)\(cause), \(Self.duration(microseconds: span.duration))"
    }

    // MARK: - Hours

    /// Hits and misses of each hour, stacked; nil where there is none.
    var hours: String? {
        let hours = record.hours.filter { $0.value.lookups > 0 }
        guard let first = hours.keys.min(), let last = hours.keys.max() else { return nil }
        let count = Double(last - first + 1)
        let height = 140.0
        let most = Double(hours.values.map(\.lookups).max() ?? 1)
        let inner = Double(Self.width) - 2 * Self.margin
        let step = inner / max(count, 24)
        func x(_ hour: Int64) -> Double { Self.margin + Double(hour - first) * step }
        var content = scale(0...Int64(most), height: height) { "\($0)" }
        for (hour, tally) in hours.sorted(by: { $0.key < $1.key }) {
            let share = Text.percent(Int64(tally.hits), of: Int64(tally.lookups)) ?? ""
            let title =
                "\(Self.time(ofHour: hour)): \(tally.hits) hits, \(tally.misses) misses (\(share)), "
                + "saved \(Text.duration(milliseconds: tally.savedMicroseconds / 1000))"
            let hits = Double(tally.hits) / most * height
            let misses = Double(tally.misses) / most * height
            let width = max(step - 1, 0.8)
            content += SVG.rectangle(x(hour), height - hits, width, hits, kind: "hit", title: title)
            content += SVG.rectangle(x(hour), height - hits - misses, width, misses, kind: "miss", title: title)
        }
        content += SVG.text(Self.margin, height + 16, Self.time(ofHour: first))
        if last > first {
            content += SVG.text(
                x(last) + step,
                height + 16,
                Self.time(ofHour: last),
                anchor: count < 6 ? "start" : "end"
            )
        }
        return SVG.picture(width: Self.width, height: Int(height) + 24, label: "Hits and misses by hour", content)
    }

    /// What the cache held over time; nil where that was noted less than twice.
    var sizes: String? {
        let sizes = record.sizes.sorted { $0.key < $1.key }
        guard sizes.count > 1, let first = sizes.first?.key, let last = sizes.last?.key else { return nil }
        let height = 120.0
        let most = Double(max(1, sizes.map(\.value).max() ?? 1))
        let inner = Double(Self.width) - 2 * Self.margin
        let points = sizes.map { hour, bytes in
            (
                x: Self.margin + Double(hour - first) / Double(last - first) * inner,
                y: height - Double(bytes) / most * height
            )
        }
        let content =
            scale(0...Int64(most), height: height) { Text.size($0) } + SVG.curve(points, kind: "curve")
            + SVG.text(Self.margin, height + 16, Self.time(ofHour: first))
            + SVG.text(Double(Self.width) - Self.margin, height + 16, Self.time(ofHour: last), anchor: "end")
        return SVG.picture(width: Self.width, height: Int(height) + 24, label: "Size of the cache over time", content)
    }

    // MARK: - Latencies

    /// How many values took how long, in ranges of a factor of two; nil where there is none.
    func histogram(_ histogram: Histogram, kind: String, label: String) -> String? {
        guard !histogram.bins.isEmpty else { return nil }
        let height = 110.0
        let most = Double(histogram.bins.map(\.count).max() ?? 1)
        let inner = Double(Self.width) - 2 * Self.margin
        let step = inner / Double(max(histogram.bins.count, 12))
        var content = scale(0...Int64(most), height: height) { "\($0)" }
        for (index, bin) in histogram.bins.enumerated() {
            let bar = Double(bin.count) / most * height
            let x = Self.margin + Double(index) * step
            let range = "\(Self.duration(microseconds: bin.lower)) to \(Self.duration(microseconds: bin.lower * 2))"
            content += SVG.rectangle(x, height - bar, step - 2, bar, kind: kind, title: "\(range): \(bin.count)")
            content += SVG.text(x, height + 16, Self.duration(microseconds: bin.lower))
        }
        let figures =
            "<p>Half within \(Self.duration(microseconds: histogram.median)), nine of ten within "
            + "\(Self.duration(microseconds: histogram.ninetieth)), 99 of 100 within "
            + "\(Self.duration(microseconds: histogram.ninetyNinth)); \(histogram.count) in all.</p>\n"
        return SVG.picture(width: Self.width, height: Int(height) + 24, label: label, content) + figures
    }

    // MARK: - Axes

    /// Values from bottom to top.
    private func scale(_ values: ClosedRange<Int64>, height: Double, _ text: (Int64) -> String) -> String {
        SVG.line(Self.margin, height, Double(Self.width) - Self.margin, height)
            + SVG.text(Self.margin - 6, 10, text(values.upperBound), anchor: "end")
            + SVG.text(Self.margin - 6, height, text(values.lowerBound), anchor: "end")
    }

    /// Values from left to right, with four marks.
    private func axis(from lower: Int64, to upper: Int64, bottom: Double, _ text: (Int64) -> String) -> String {
        let inner = Double(Self.width) - 2 * Self.margin
        var content = SVG.line(Self.margin, bottom, Double(Self.width) - Self.margin, bottom)
        for mark in 0...4 {
            let value = lower + (upper - lower) / 4 * Int64(mark)
            let x = Self.margin + inner * Double(mark) / 4
            content += SVG.text(x, bottom + 16, text(value), anchor: mark == 4 ? "end" : mark == 0 ? "start" : "middle")
        }
        return content
    }

    private static func time(ofHour hour: Int64) -> String {
        String(Clock.shown(milliseconds: hour * 3_600_000).dropLast(3))
    }

    /// `830 µs`, `2.1 ms`, and as everywhere from a second on.
    static func duration(microseconds: Int64) -> String {
        switch microseconds {
        case ..<1000: "\(microseconds) µs"
        case ..<10_000: "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
        default: Text.duration(milliseconds: microseconds / 1000)
        }
    }
}
