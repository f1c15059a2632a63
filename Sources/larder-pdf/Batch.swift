internal import Files
internal import LarderStore
internal import PDFText
internal import Terminal

/// Files that are read several at once, with what is said about them in between and at the end.
struct Batch {
    let inputs: Inputs
    let threads: Int
    let isQuiet: Bool
    /// True where standard output is written to meanwhile, perhaps on the terminal that shows the bar.
    var prints = true
    private(set) var hits = 0
    private(set) var extracted = 0
    private(set) var missing = 0
    private(set) var failed = 0
    private var lastFailure = ExitStatus.success

    init(_ inputs: Inputs, threads: Int, isQuiet: Bool) {
        (self.inputs, self.threads, self.isQuiet) = (inputs, threads, isQuiet)
    }

    /// Gets an answer for each file and makes something of it in threads; `take` gets that in order, in this one, and says
    /// whether to go on.
    mutating func run<Product: Sendable>(
        _ extractor: Extractor,
        _ request: Request,
        make: @escaping @Sendable (Job, Extractor.Answer) -> Product,
        take: (Job, Product) throws(Failure) -> Bool
    ) throws(Failure) {
        var failure: Failure?
        var progress = ProgressBar(title: "Reading", isQuiet: isQuiet || inputs.jobs.count < 2)
        for complaint in inputs.failures { fail(.failure, complaint) }
        let jobs = inputs.jobs
        OrderedWork.run(jobs.count, threads: threads, ahead: 2 * threads) { index -> Outcome<Product> in
            let job = jobs[index]
            do throws(PDFError) {
                guard let answer = try extractor.answer(job.input, request, named: job.name) else { return .nothing }
                return .product(make(job, answer), answer.status, messages: answer.extraction.messages)
            } catch {
                return .failure(error)
            }
        } take: { index, outcome in
            do throws(Failure) {
                switch outcome {
                case .nothing:
                    missing += 1
                case .failure(let error):
                    progress.remove()
                    fail(ExitStatus(error.code), error.message)
                    if error.code == .cancelled { return false }
                case .product(let product, let status, let messages):
                    if status == .hit { hits += 1 } else { extracted += 1 }
                    if !isQuiet, !messages.isEmpty {
                        progress.remove()
                        Console.passOn(messages, about: jobs[index].name)
                    }
                    if prints, StandardStream.output.isTerminal { progress.remove() }
                    guard try take(jobs[index], product) else { return false }
                }
                progress.show(index + 1, of: jobs.count)
                return !Arguments.isCancelled
            } catch {
                failure = error
                return false
            }
        }
        progress.remove()
        if let failure { throw failure }
        if Arguments.isCancelled {
            throw Failure(status: .cancelled, message: "cancelled; what is done stays in the cache")
        }
    }

    private mutating func fail(_ status: ExitStatus, _ message: String) {
        failed += 1
        lastFailure = status
        if status != .cancelled { Console.complain(message) }
    }

    /// True where more than one file was meant.
    var isMany: Bool { inputs.jobs.count + inputs.failures.count != 1 }

    /// Of one file its own status; of several 1 where any failed, after a sentence with their number.
    func finish() -> ExitStatus {
        guard isMany else { return lastFailure }
        if !isQuiet || failed > 0 {
            var parts: [String] = []
            if hits > 0 { parts.append("\(hits) from the cache") }
            if extracted > 0 { parts.append("\(extracted) extracted") }
            if failed > 0 { parts.append("\(failed) failed") }
            let detail = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
            Console.complain(Text.count(inputs.jobs.count, "file", "files") + detail)
        }
        return failed > 0 ? .failure : .success
    }
}

/// What became of one file.
private enum Outcome<Product: Sendable>: Sendable {
    case product(Product, Extractor.CacheStatus, messages: [UInt8])
    /// Not cached, and nothing else was to be done.
    case nothing
    case failure(PDFError)
}
