internal import Files
internal import LarderStore
internal import Reports
internal import Terminal

extension WhyReport {
    /// Counts the reasons of one build.
    func session(_ given: [UInt8]?) throws(Failure) -> ExitStatus {
        guard let id = given ?? Environment.value("LARDER_SESSION"), !id.isEmpty else {
            throw Failure(status: .usage, message: "name a session, or set LARDER_SESSION")
        }
        let name = Text.shown(id)
        let history = MissHistory(of: settings.directory)
        let summary = WhySummary(of: name, in: history)
        guard !isJSON else {
            try Console.print(summary.json.document)
            return .success
        }
        try Console.print(summary.isEmpty ? "No miss of the session \(name) is on record.\n" : summary.text)
        return .success
    }
}

/// The reasons of one build, the most frequent first.
struct WhySummary {
    private struct Reason {
        var explanation: Explanation
        var record: MissRecord
        var count: Int
    }

    private let session: String
    private let reasons: [Reason]
    /// What keeps a whole checkout from sharing; nil where it is not so.
    private let island: String?
    /// More are not shown.
    private static let limit = 20

    /// - Parameter session: nil for all that is on record.
    init(of session: String?, in history: MissHistory) {
        self.session = session ?? ""
        var counted: [String: Reason] = [:]
        var total = 0
        for index in history.commands where session == nil || history.records[index].session == session {
            let record = history.records[index]
            // What was compared and is the same was a hit.
            if record.cause.hasSuffix(CheckedHit.reason), history.difference(of: index) == nil { continue }
            let explanation = Explanation(of: index, in: history)
            let refusal = history.refusal(of: index)
            // What is not kept misses for that reason, whatever the look has said.
            let token = refusal.map { "\($0.cause) \(Text.shown($0.subject))" } ?? explanation.sentence
            counted[token, default: Reason(explanation: explanation, record: record, count: 0)].count += 1
            total += 1
        }
        reasons = counted.values.sorted { ($1.count, $0.explanation.sentence) < ($0.count, $1.explanation.sentence) }
        let elsewhere = reasons.filter { $0.explanation.kind == "directory" && $0.explanation.advice != nil }
            .reduce(0) { $0 + $1.count }
        island =
            elsewhere > 4 && elsewhere * 2 > total
            ? "nothing of this checkout is shared with another one: \(elsewhere) of \(total) name their directory" : nil
    }

    var isEmpty: Bool { reasons.isEmpty }

    var text: String {
        var rows: [[String]] = []
        for reason in reasons.prefix(Self.limit) {
            let example =
                reason.count == 1 ? Text.shown(reason.record.source) : "\(Text.shown(reason.record.source)), ..."
            rows.append(["\(reason.count)", Self.sentence(reason), example])
        }
        var text = TextTable.aligned(rows, right: [0])
        if reasons.count > Self.limit { text += "and \(reasons.count - Self.limit) more reasons\n" }
        if let island { text += "\(island)\n  what helps: base_dir = auto; 'larder init' shows how\n" }
        return text
    }

    /// The reasons for a report, no more of them than are shown here.
    var rows: [BuildRecord.Reason] {
        reasons.prefix(Self.limit).map { reason in
            .init(count: reason.count, sentence: Self.sentence(reason), example: Text.shown(reason.record.source))
        }
    }

    private static func sentence(_ reason: Reason) -> String {
        reason.explanation.details.last { $0.hasPrefix("the new result is not kept") } ?? reason.explanation.sentence
    }

    var json: JSON {
        .object([
            ("session", .string(session)),
            ("island", .string(island ?? "")),
            (
                "reasons",
                .array(
                    reasons.map { reason in
                        .object([
                            ("count", .integer(Int64(reason.count))),
                            ("example", WhyReport.json(reason.explanation, of: reason.record)),
                        ])
                    }
                )
            ),
        ])
    }
}
