internal import Files
internal import LarderStore
internal import Terminal

/// A build as a trace that Perfetto and Chrome open.
///
/// The format is the JSON of "Trace Event Format" (https://perfetto.dev/docs/getting-started/other-formats): complete events with times in microseconds.
package struct TraceEvents {
    private let timeline: Timeline
    private let waits: [Event]
    private let name: String

    /// - Parameter name: what the build is called.
    package init(_ record: BuildRecord, name: String) {
        timeline = Timeline(of: record.events)
        waits = record.events.filter { $0.kind == .lockContended && $0.microseconds > 0 }
        self.name = name
    }

    package var document: String {
        var events = ["{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"args\":{\"name\":\(JSON.quoted(name))}}"]
        for lane in 0..<timeline.lanes {
            events.append(
                "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":\(lane + 1),\"args\":{\"name\":\"lane \(lane + 1)\"}}"
            )
        }
        let origin = timeline.range.lowerBound
        for span in timeline.spans {
            let event = span.event
            let program = event.program.isEmpty ? "" : event.program + " "
            let arguments =
                "{\"cause\":\(JSON.quoted(event.cause)),\"process\":\(event.process),\"session\":\(JSON.quoted(event.session ?? ""))}"
            events.append(
                Self.event(
                    program + event.label,
                    event.kind.rawValue,
                    span.start - origin,
                    span.duration,
                    span.lane,
                    arguments
                )
            )
            let compiler = span.compilerMicroseconds
            if compiler > 0, compiler < span.duration {
                // The compiler has ended a little before the command has.
                let start = max(span.start, span.end - compiler - (span.duration - compiler) / 2)
                events.append(Self.event("compile", "compile", start - origin, compiler, span.lane, "{}"))
            }
        }
        for wait in waits {
            let end = Timeline.microseconds(wait.time)
            let start = max(0, end.subtracting(saturating: wait.microseconds.adding(saturating: origin)))
            events.append(
                Self.event("wait for \(wait.label)", "wait", start, wait.microseconds, timeline.lanes, "{}")
            )
        }
        return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + events.joined(separator: ",\n") + "\n]}\n"
    }

    private static func event(
        _ name: String,
        _ category: String,
        _ start: Int64,
        _ duration: Int64,
        _ lane: Int,
        _ arguments: String
    ) -> String {
        "{\"name\":\(JSON.quoted(name)),\"cat\":\"\(category)\",\"ph\":\"X\",\"ts\":\(start),\"dur\":\(duration),"
            + "\"pid\":1,\"tid\":\(lane + 1),\"args\":\(arguments)}"
    }
}
