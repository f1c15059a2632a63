internal import Files
internal import LarderStore
internal import PDFText
internal import Terminal

extension Command {
    /// Prints text.
    static let text = Command(
        of: LarderPDF.name,
        name: "text",
        summary: "Print the text of PDF files",
        discussion: """
            In reading order, each page followed by a form feed, just as pdftotext writes it. A directory stands for all
            PDF files below it, and - for standard input. A file that cannot be read does not keep the others from it.
            """,
        forms: ["FILE|DIR …"],
        operands: 1...Int.max - 1,
        options: [
            Option(name: "layout", summary: "Keep columns and tables where they stand on the page"), pages,
            outputDirectory,
        ] + extractionOptions,
        run: { (arguments) throws(Failure) in
            let request = Request(arguments.has("layout") ? .layout : .text, pages: try arguments.pages())
            return try runExtraction(arguments, request, ending: ".txt") { _, answer in answer.extraction.body }
        }
    )

    /// Prints JSON.
    static let json = Command(
        of: LarderPDF.name,
        name: "json",
        summary: "Print pages, blocks, lines and words with their boxes, fonts and metadata as JSON",
        discussion: """
            Boxes are [left, top, right, bottom] in points from the upper left corner of the page. metadata.cache_status is
            hit, miss or disabled. Several files, or a directory, need --output-dir.
            """,
        forms: ["FILE|DIR …"],
        operands: 1...Int.max - 1,
        options: [pages, outputDirectory] + extractionOptions,
        run: { (arguments) throws(Failure) in
            let request = Request(.words, pages: try arguments.pages())
            return try runExtraction(arguments, request, ending: ".json") { job, answer in
                DocumentJSON.document(answer, file: job.name)
            }
        }
    )

    /// Prints what documents say of themselves.
    static let info = Command(
        of: LarderPDF.name,
        name: "info",
        summary: "Print what a PDF file says of itself: pages, title, author, dates, version",
        forms: ["FILE"],
        operands: 1...1,
        options: [Option(name: "json", summary: "Print JSON instead of a table")] + extractionOptions,
        run: { (arguments) throws(Failure) in
            let isJSON = arguments.has("json")
            return try runExtraction(arguments, Request(.info), ending: isJSON ? ".json" : ".txt") { job, answer in
                isJSON ? DocumentJSON.document(answer, file: job.name) : answer.extraction.body
            }
        }
    )

    /// Gets an answer for each file, renders it, and writes it where it belongs.
    private static func runExtraction(
        _ arguments: Arguments,
        _ request: Request,
        ending: String,
        render: @escaping @Sendable (Job, Extractor.Answer) -> [UInt8]
    ) throws(Failure) -> ExitStatus {
        let extractor = try arguments.extractor()
        let threads = try arguments.jobs()
        let inputs = Inputs(arguments.operands)
        let target = try arguments.path(of: "output-dir").map { OutputDirectory($0, ending: ending) }
        if let target {
            try target.check(inputs)
        } else {
            if ending == ".json", inputs.jobs.count > 1 {
                throw Failure(
                    status: .usage,
                    message: "several documents are no JSON document; name a directory for them by --output-dir"
                )
            }
            if let status = try pass(arguments, extractor, inputs, request) { return status }
        }
        var batch = Batch(inputs, threads: threads, isQuiet: arguments.has("quiet"))
        batch.prints = target == nil
        try batch.run(extractor, request, make: render) { (job, bytes) throws(Failure) in
            guard let target else { return try Console.print(bytes) }
            try target.write(bytes, for: job)
            return true
        }
        return batch.finish()
    }

    /// One text without the cache: poppler writes it itself.
    private static func pass(
        _ arguments: Arguments,
        _ extractor: Extractor,
        _ inputs: Inputs,
        _ request: Request
    ) throws(Failure) -> ExitStatus? {
        guard request.form == .text || request.form == .layout, let job = inputs.jobs.first, inputs.jobs.count == 1,
            inputs.failures.isEmpty
        else { return nil }
        do throws(PDFError) {
            guard let messages = try extractor.pass(job.input, request, named: job.name) else { return nil }
            if !arguments.has("quiet") { Console.passOn(messages, about: job.name) }
            return .success
        } catch {
            throw Failure(error)
        }
    }
}

/// Where results go that are not printed: one file for each, under the name of the PDF file.
struct OutputDirectory {
    private let path: Path
    private let ending: String

    init(_ path: Path, ending: String) { (self.path, self.ending) = (path, ending) }

    /// Refuses two files that would become one.
    func check(_ inputs: Inputs) throws(Failure) {
        guard let (one, other) = inputs.collision else { return }
        throw Failure(
            status: .usage,
            message: "\(one.name) and \(other.name) would both become \(destination(of: one)); nothing was written"
        )
    }

    /// Whole or not at all, and with the permissions of any new file.
    func write(_ bytes: [UInt8], for job: Job) throws(Failure) {
        let destination = destination(of: job)
        do throws(SystemError) {
            try Directory.make(destination.parent, mode: 0o777)
            let file = try TemporaryEntry(beside: destination, mode: 0o666)
            try file.file.write(bytes)
            try file.publish(.none)
        } catch {
            throw Failure(
                message: "\(Text.shown(destination.bytes)) cannot be written: \(SystemError.text(of: error.code))"
            )
        }
    }

    private func destination(of job: Job) -> Path { path.appending(bytes: job.outputName).appending(suffix: ending) }
}
