internal import Files
internal import LarderStore
internal import PDFText
internal import Terminal

extension Command {
    /// What every command takes that may run poppler.
    static let extractionOptions = [
        Option(
            name: "password-file",
            value: "FILE",
            summary: "Take the password of encrypted files from the first line of FILE"
        ),
        Option(name: "no-cache", summary: "Do not use the cache: what poppler costs, and nothing more"),
        Option(
            name: "jobs",
            short: "j",
            value: "N",
            summary: "Read so many files at once (default: the number of processors)"
        ),
        Option(
            name: "timeout",
            value: "TIME",
            summary: "Give up a file after this time: 30s, 5m, infinite (default: 2m)"
        ),
        Option(name: "max-memory", value: "SIZE", summary: "Let poppler have this much memory (default: 2GiB)"),
        Option(
            name: "max-output",
            value: "SIZE",
            summary: "Take this much from poppler for one file (default: 256MiB)"
        ),
        Option(
            name: "quiet",
            short: "q",
            summary: "No progress, no summary, and nothing of what poppler complains about"
        ),
    ]

    static let pages = Option(name: "pages", value: "PAGES", summary: "Only these pages: 1-3,7 or 5- or -2")
    static let outputDirectory = Option(
        name: "output-dir",
        short: "o",
        value: "DIR",
        summary: "Write one file for each PDF file into DIR, instead of all to standard output"
    )
}

extension Arguments {
    /// Ctrl-C and its kin, from the first extraction on.
    private static let cancellation = Cancellation.bySignals()

    func extractor(isFromCacheOnly: Bool = false) throws(Failure) -> Extractor {
        var options = Extractor.Options()
        options.isCacheDisabled = has("no-cache")
        options.isFromCacheOnly = isFromCacheOnly
        options.cancellation = Self.cancellation
        if let given = value(of: "timeout") {
            guard let time = LockTimeout.nanoseconds(parsing: given[...]), time > 0 else {
                throw Failure(
                    status: .usage,
                    message: "--timeout is \(Text.shown(given)), but it must be a time such as 30s, 5m or infinite"
                )
            }
            options.limits.time = time
        }
        options.limits.memory = try size(of: "max-memory") ?? options.limits.memory
        options.limits.output = try size(of: "max-output") ?? options.limits.output
        if let given = value(of: "password-file") {
            do throws(PDFError) { options.password = try Password(readFrom: Path(bytes: given)) } catch {
                throw Failure(error)
            }
        }
        return Extractor(try settings(), options)
    }

    private func size(of name: String) throws(Failure) -> Int64? {
        guard let given = value(of: name) else { return nil }
        guard case .bytes(let bytes) = SizeLimit(parsing: given[...]), bytes >= 1 << 16 else {
            throw Failure(
                status: .usage,
                message: "--\(name) is \(Text.shown(given)), but it must be a size such as 2GiB, and at least 64KiB"
            )
        }
        return bytes
    }

    func jobs() throws(Failure) -> Int {
        guard let given = value(of: "jobs") else { return Processor.count }
        guard let number = Int(Text.shown(given)), (1...1000).contains(number) else {
            throw Failure(
                status: .usage,
                message: "--jobs is \(Text.shown(given)), but it must be a number from 1 to 1000"
            )
        }
        return number
    }

    func pages() throws(Failure) -> PageRanges {
        guard let given = value(of: "pages") else { return .all }
        guard let pages = PageRanges(parsing: given) else {
            throw Failure(
                status: .usage,
                message: "--pages is \(Text.shown(given)), but it must name pages as in 1-3,7 or 5- or -2"
            )
        }
        return pages
    }

    /// True when somebody wants this process to end.
    static var isCancelled: Bool { cancellation.isCancelled }
}
