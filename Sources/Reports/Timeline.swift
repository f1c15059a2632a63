package import LarderStore

/// The commands of a build side by side in time, as they ran.
package struct Timeline {
    /// One command.
    package struct Span {
        package let event: Event
        /// In microseconds since 1970.
        package let start: Int64
        package let end: Int64
        /// Which of those that ran at once it is, from 0.
        package let lane: Int

        package var duration: Int64 { end - start }
        /// How much of it the compiler took: of a miss only.
        package var compilerMicroseconds: Int64 {
            event.kind == .miss ? min(max(event.microseconds, 0), duration) : 0
        }
    }

    package let spans: [Span]
    /// Commands that are left out, the earliest ones.
    package let omitted: Int
    package let lanes: Int

    /// - Parameter limit: how many commands are taken, the last ones.
    package init(of events: [Event], limit: Int = .max) {
        let commands = events.filter { Self.isCommand($0) }
        omitted = max(0, commands.count - limit)
        let timed = commands.suffix(limit).map { event -> (event: Event, start: Int64, end: Int64) in
            let end = Self.microseconds(event.time)
            let most: Int64 = 86_400_000_000
            let duration = max(event.elapsedMicroseconds, event.kind == .miss ? event.microseconds : 0)
            return (event, end - min(max(duration, 1), most), end)
        }
        var ends: [Int64] = []
        var spans: [Span] = []
        for item in timed.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            // A millisecond is what the journal notes of the time.
            let free = ends.firstIndex { $0 <= item.start + 1000 }
            let lane = free ?? ends.count
            if free == nil { ends.append(item.end) } else { ends[lane] = item.end }
            spans.append(Span(event: item.event, start: item.start, end: item.end, lane: lane))
        }
        (self.spans, lanes) = (spans, ends.count)
    }

    /// From when to when, in microseconds since 1970.
    package var range: ClosedRange<Int64> {
        let start = spans.map(\.start).min() ?? 0
        return start...max(start + 1, spans.map(\.end).max() ?? 0)
    }

    /// A time in milliseconds; a line of the journal may claim any.
    static func microseconds(_ time: Int64) -> Int64 { min(max(time, 0), 1 << 52) * 1000 }

    private static func isCommand(_ event: Event) -> Bool {
        switch event.kind {
        case .hit, .miss, .bypass: true
        default: false
        }
    }
}
