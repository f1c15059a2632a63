internal import Files
internal import LarderStore
internal import PDFText
internal import Terminal

extension Command {
    /// Looks for lines.
    static let grep = Command(
        of: LarderPDF.name,
        name: "grep",
        summary: "Print the lines of PDF files in which a pattern is found",
        discussion: """
            Each as FILE:PAGE:LINE. PATTERN is an extended regular expression, as grep -E has it. What is not cached yet is
            extracted first. Exit status, as grep's: 0 found, 1 not found, 2 where something failed.
            """,
        forms: ["PATTERN FILE|DIR …"],
        operands: 2...Int.max - 1,
        options: [
            Option(name: "ignore-case", short: "i", summary: "Letters of either case are the same"),
            Option(name: "files-with-matches", short: "l", summary: "Print the names of the files only"),
            Option(name: "count", short: "c", summary: "Print the number of lines of each file only"),
            Option(name: "no-extract", summary: "Search only what is cached already"),
        ] + extractionOptions,
        run: runGrep
    )

    private static func runGrep(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let pattern = arguments.operands[0]
        let ignoresCase = arguments.has("ignore-case")
        do throws(LinePattern.Defect) {
            _ = try LinePattern(pattern, ignoresCase: ignoresCase)
        } catch {
            throw Failure(
                status: .usage,
                message: "the pattern '\(Text.shown(pattern))' is no regular expression: \(error.reason)"
            )
        }
        let search = Search(
            pattern: pattern,
            ignoresCase: ignoresCase,
            output: arguments.has("files-with-matches") ? .names : arguments.has("count") ? .counts : .lines
        )
        let extractor = try arguments.extractor(isFromCacheOnly: arguments.has("no-extract"))
        var batch = Batch(
            Inputs(Array(arguments.operands.dropFirst())),
            threads: try arguments.jobs(),
            isQuiet: arguments.has("quiet")
        )
        var isFound = false
        try batch.run(extractor, Request(.text), make: search.report) { (_, report) throws(Failure) in
            isFound = isFound || report.isFound
            return report.lines.isEmpty ? true : try Console.print(report.lines)
        }
        if batch.missing > 0, !arguments.has("quiet") {
            Console.complain("\(Text.count(batch.missing, "file is", "files are")) not cached and not searched")
        }
        if batch.failed > 0 {
            if batch.isMany { Console.complain("\(Text.count(batch.failed, "file", "files")) could not be searched") }
            return .usage
        }
        return isFound ? .success : .failure
    }
}

/// What is looked for, and how it is told.
private struct Search: Sendable {
    enum Output: Sendable { case lines, names, counts }

    struct Report: Sendable {
        var isFound = false
        var lines: [UInt8] = []
    }

    let pattern: [UInt8]
    let ignoresCase: Bool
    let output: Output
    /// What a document holds may move a terminal's cursor.
    private let isForTerminal = StandardStream.output.isTerminal

    init(pattern: [UInt8], ignoresCase: Bool, output: Output) {
        (self.pattern, self.ignoresCase, self.output) = (pattern, ignoresCase, output)
    }

    @Sendable func report(_ job: Job, _ answer: Extractor.Answer) -> Report {
        var report = Report()
        guard let pattern = try? LinePattern(pattern, ignoresCase: ignoresCase) else { return report }
        let body = answer.extraction.body
        var count = 0
        for (number, range) in answer.extraction.linesOfPages {
            pattern.forEachLine(of: body, in: range) { line in
                count += 1
                if output == .lines {
                    report.lines += "\(job.name):\(number):".utf8
                    report.lines += isForTerminal ? Array(Text.shown(body[line]).utf8) : Array(body[line])
                    report.lines.append(0x0A)
                }
                return output != .names
            }
            if output == .names, count > 0 { break }
        }
        report.isFound = count > 0
        switch output {
        case .lines: break
        case .names: if count > 0 { report.lines = Array("\(job.name)\n".utf8) }
        case .counts: report.lines = Array("\(job.name):\(count)\n".utf8)
        }
        return report
    }
}
