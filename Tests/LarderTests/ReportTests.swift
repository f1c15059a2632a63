import Files
import Foundation
import LarderStore
import Reports
import TestSupport
import Testing

/// `larder report` and `larder top`, and what they are made of.
@Suite struct ReportTests {
    private func json(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for name in ["a", "b <&>", "c"] { try workshop.write("int \(name.first ?? "x");\n", to: "\(name).c") }
        try workshop.write("void f( {\n", to: "wrong.c")
        for _ in 0..<2 {
            for name in ["a", "b <&>", "c", "wrong"] {
                try workshop.larder(["gcc", "-c", "\(name).c"], environment: ["LARDER_SESSION": "one"])
            }
        }
        try workshop.larder(["gcc", "-c", "a.c"], environment: ["LARDER_SESSION": "two"])
        try workshop.larder(["gcc", "--version"], environment: ["LARDER_SESSION": "one"])
        return workshop
    }

    @Test func `the figures of a report are those of stats`() throws {
        let workshop = try workshop()
        let whole = try json(workshop.larder(["report", "--format", "json"]).output)
        let stats = try json(workshop.larder(["stats", "--json"]).output)
        #expect(NSDictionary(dictionary: whole["counts"] as? [String: Any] ?? [:]).isEqual(to: stats))
        let one = try json(workshop.larder(["report", "--session", "one", "--format", "json"]).output)
        let session = try json(workshop.larder(["session", "stats", "one", "--json"]).output)
        #expect(NSDictionary(dictionary: one["counts"] as? [String: Any] ?? [:]).isEqual(to: session))
        #expect(session["hits"] as? Int == 3 && session["misses"] as? Int == 5)
        let hours = try #require(whole["hours"] as? [[String: Any]])
        #expect(hours.reduce(0) { $0 + ($1["hits"] as? Int ?? 0) } == stats["hits"] as? Int)
        #expect(hours.reduce(0) { $0 + ($1["misses"] as? Int ?? 0) } == stats["misses"] as? Int)
        let latency = try #require(whole["hit_latency"] as? [String: Any])
        #expect(latency["count"] as? Int == stats["hits"] as? Int)
        #expect((latency["p50_microseconds"] as? Int ?? 0) > 0)
        let programs = try #require(stats["by_program"] as? [String: [String: Int]])
        #expect(programs["gcc"]?["hits"] == stats["hits"] as? Int)
    }

    @Test func `a page needs nothing else, and holds the figures`() throws {
        let workshop = try workshop()
        let outcome = try workshop.larder(["report", "-o", "report.html"])
        #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty, "\(outcome.errorText)")
        let page = String(decoding: try #require(workshop.read("report.html")), as: UTF8.self)
        for word in ["http:", "https:", "src=", "href=", "@import", "url("] { #expect(!page.contains(word), "\(word)") }
        #expect(page.contains("b &lt;&amp;&gt;.c") && !page.contains("b <&>.c: "))
        let start = try #require(page.range(of: "id=\"data\">"))
        let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
        let data = try json(Data(page[start.upperBound..<end.lowerBound].utf8))
        let stats = try json(workshop.larder(["stats", "--json"]).output)
        #expect(NSDictionary(dictionary: data["counts"] as? [String: Any] ?? [:]).isEqual(to: stats))
        #expect(page.components(separatedBy: "<svg").count == page.components(separatedBy: "</svg>").count)
        #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
    }

    @Test func `a build of 2000 compiles is a page below a megabyte`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["gcc", "-c", "a.c"])
        let journal = Journal(at: Path(workshop.cache.path))
        for number in 0..<2000 {
            journal.record(
                Event(
                    number % 3 == 0 ? .miss : .hit,
                    cause: number % 3 == 0 ? "input_changed" : "",
                    microseconds: Int64(number) * 100,
                    session: "big",
                    label: "a_file_with_a_name_that_is_rather_long_\(number).cpp",
                    program: "x86_64-linux-gnu-g++-12",
                    elapsedMicroseconds: Int64(number) * 110 + 900
                )
            )
        }
        let page = try workshop.larder(["report", "--session", "big"]).output
        #expect(page.count > 100_000 && page.count < 1_000_000, "\(page.count)")
        let trace = try json(workshop.larder(["report", "--session", "big", "--format", "perfetto"]).output)
        let events = try #require(trace["traceEvents"] as? [[String: Any]])
        #expect(events.filter { $0["ph"] as? String == "X" && $0["cat"] as? String != "compile" }.count == 2000)
        #expect(events.allSatisfy { ($0["ts"] as? Int ?? 0) >= 0 && ($0["dur"] as? Int ?? 1) > 0 })
    }

    @Test func `times that nobody can have lived through trap nowhere`() throws {
        let workshop = try workshop()
        let key = String(repeating: "0", count: 64)
        let most = "999999999999999999"
        var lines = ""
        for (kind, time, number) in [("hit", most, most), ("miss", "0", most), ("lock_contended", most, most)] {
            lines += "2\t\(time)\t1\t\(kind)\t-\t\(key)\t-\t\(number)\t\(number)\tone\tx\t\(number)\tgcc\n"
        }
        let journal = workshop.cache.appendingPathComponent("journal/current")
        let handle = try FileHandle(forWritingTo: journal)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(lines.utf8))
        try handle.close()
        for format in ["html", "json", "github", "perfetto"] {
            for words in [[], ["--session", "one"], ["--since", "1h"]] {
                let outcome = try workshop.larder(["report", "--format", format] + words)
                #expect(outcome.status == 0 && outcome.error.isEmpty, "\(format) \(words): \(outcome.errorText)")
            }
        }
        for command in ["stats", "top"] { #expect(try workshop.larder([command]).status == 0) }
        Journal(at: Path(workshop.cache.path)).fold()
        let hours = Journal(at: Path(workshop.cache.path)).statistics().hours
        #expect(hours.values.reduce(0) { $0 + $1.misses } == 5, "the hours of now stay")
    }

    @Test func `a summary for a CI job is Markdown`() throws {
        let workshop = try workshop()
        let text = try workshop.larder(["report", "--session", "one", "--format", "github"]).outputText
        #expect(text.hasPrefix("### Larder: session one\n\n| | |\n|---|---|\n| Lookups | 8 |\n"), "\(text)")
        #expect(text.contains("| misses | reason | example |") && text.contains("&lt;&>"))
    }

    @Test(arguments: [
        (["--format", "pdf"], "html, json, github or perfetto"), (["--since", "soon"], "30m"), (["-o", ""], "file"),
        (["--session", "a b"], "no session"),
    ])
    func `what cannot be asked for is refused in a sentence`(words: [String], part: String) throws {
        let outcome = try Workshop().larder(["report"] + words)
        #expect(outcome.status == 2 && outcome.errorText.contains(part), "\(outcome.errorText)")
    }

    @Test func `an empty cache has a report, too`() throws {
        let workshop = try Workshop()
        for format in ["html", "json", "github", "perfetto"] {
            let outcome = try workshop.larder(["report", "--format", format])
            #expect(outcome.status == 0 && !outcome.output.isEmpty && outcome.error.isEmpty, "\(format)")
        }
        #expect(FileManager.default.fileExists(atPath: workshop.cache.path) == false, "to look makes no cache")
    }

    @Test func `top shows the latest commands, and on a terminal gives the screen back`() throws {
        let workshop = try workshop()
        let once = try workshop.larder(["top"])
        #expect(once.status == 0 && once.outputText.contains("latest commands") && once.outputText.contains("a.c"))
        let script = ["script", "-qec", "\(Workshop.larder.path) top", "typescript"]
        let ended = try workshop.run(["sh", "-c", "{ sleep 1; printf q; } | \"$@\"", "sh"] + script)
        #expect(ended.status == 0, "\(ended.errorText)")
        let screen = ended.outputText
        #expect(screen.contains("\u{1B}[?1049h") && screen.contains("latest commands"))
        let left = try #require(screen.range(of: "\u{1B}[?1049l"))
        #expect(!screen[left.upperBound...].contains("latest"))
    }

    // MARK: - Parts

    @Test func `commands that ran at once are in lanes of their own`() {
        func event(_ end: Int64, _ duration: Int64) -> Event {
            var event = Event(.miss, microseconds: duration * 1000, label: "\(end)")
            event.time = end
            return event
        }
        let timeline = Timeline(of: [event(100, 50), event(120, 50), event(300, 10), event(310, 400)])
        #expect(timeline.lanes == 3)
        let lanes = Dictionary(uniqueKeysWithValues: timeline.spans.map { ($0.event.label, $0.lane) })
        #expect(Set([lanes["310"], lanes["100"], lanes["120"]]).count == 3)
        #expect(Timeline(of: []).lanes == 0 && Timeline(of: [event(1, 1), event(2, 1)], limit: 1).omitted == 1)
    }

    @Test func `a histogram counts every value`() {
        let histogram = Histogram(of: [1, 2, 3, 1000, 1023, 1024, 0, -5])
        #expect(histogram.count == 6 && histogram.bins.reduce(0) { $0 + $1.count } == 6)
        #expect(histogram.bins.first?.lower == 1 && histogram.bins.last?.lower == 1024)
        #expect(histogram.median == 1000 && histogram.ninetyNinth == 1024)
        #expect(Histogram(of: []).bins.isEmpty && Histogram(of: [.max]).bins.count == 1)
    }

    @Test func `the text for Prometheus is escaped`() {
        var text = PrometheusText()
        text.add("a", .counter, "help", [.init(1, ("l", "a\"b\\c\nd")), .init(microseconds: 1_050_000)])
        text.add("none", .gauge, "help", [])
        #expect(text.text == "# HELP a help\n# TYPE a counter\na{l=\"a\\\"b\\\\c\\nd\"} 1\na 1.050000\n")
    }
}
