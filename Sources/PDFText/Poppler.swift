internal import Files
internal import LarderStore

/// Runs poppler's tools on one file, and says what went wrong in words.
struct Poppler {
    /// How the user calls the file.
    let name: String
    let limits: SupervisedProgram.Limits
    let cancellation: Cancellation?

    /// Under this name a tool opens its standard input again, so that it may go back and forth in it; and no file's name
    /// reaches an argument list, where it might be taken for an option.
    private static let input = "/dev/stdin"

    // MARK: - The tools

    /// Text of the pages; `form` is text, layout or words, the last as poppler's XHTML.
    func text(
        _ program: Path,
        _ form: Request.Form,
        _ pages: ClosedRange<Int>?,
        of file: borrowing Descriptor,
        toOurOutput: Bool = false
    ) throws(PDFError) -> CapturedStreams {
        var words = ["-enc", "UTF-8"]
        if form == .layout { words.append("-layout") }
        if form == .words { words.append("-bbox-layout") }
        if let pages { words += ["-f", "\(pages.lowerBound)", "-l", "\(pages.upperBound)"] }
        return try run(.pdftotext, program, words + [Self.input, "-"], file, pages, toOurOutput: toOurOutput)
    }

    /// What pdfinfo says, one line a fact.
    func info(_ program: Path, of file: borrowing Descriptor) throws(PDFError) -> CapturedStreams {
        try run(.pdfinfo, program, ["-isodates", "-enc", "UTF-8", Self.input], file, nil)
    }

    /// The table of pdffonts.
    func fonts(_ program: Path, of file: borrowing Descriptor) throws(PDFError) -> CapturedStreams {
        try run(.pdffonts, program, [Self.input], file, nil)
    }

    /// A copy in memory that needs no password.
    ///
    /// Poppler takes passwords from its command line only, where everybody reads them; qpdf reads one from a file, and here
    /// that is one without a name.
    func decrypted(_ program: Path, _ file: borrowing Descriptor, by password: Password) throws(PDFError) -> Descriptor
    {
        let words = ["--warning-exit-0", "--decrypt", "--password-file=/dev/fd/3", Self.input, "-"]
        let (ending, streams): (SupervisedProgram.Ending, CapturedStreams)
        do throws(SystemError) {
            let secret = try Descriptor.inMemory()
            try secret.write(password.bytes + [0x0A])
            (ending, streams) = try supervised(.qpdf, program, words).run(input: file, extra: secret)
            if ending == .exited(0) {
                let copy = try Descriptor.inMemory()
                try copy.write(streams.output)
                return copy
            }
        } catch {
            throw PDFError(.failed, "\(name) cannot be decrypted: \(error)")
        }
        guard !String(decoding: streams.error, as: UTF8.self).contains("invalid password") else {
            throw PDFError(.encrypted, "\(name) is encrypted, and the password in \(password.origin) does not open it")
        }
        throw failure(.qpdf, ending, streams, file, nil)
    }

    // MARK: - Running one

    private func supervised(_ tool: Tool.Name, _ program: Path, _ words: [String]) -> SupervisedProgram {
        var supervised = SupervisedProgram(
            program,
            arguments: [Array(tool.rawValue.utf8)] + words.map { Array($0.utf8) },
            environment: Tool.environment,
            limits: limits
        )
        supervised.cancellation = cancellation
        return supervised
    }

    private func run(
        _ tool: Tool.Name,
        _ program: Path,
        _ words: [String],
        _ file: borrowing Descriptor,
        _ pages: ClosedRange<Int>?,
        toOurOutput: Bool = false
    ) throws(PDFError) -> CapturedStreams {
        if cancellation?.isCancelled == true { throw .cancelled }
        var supervised = supervised(tool, program, words)
        supervised.writesToOurOutput = toOurOutput
        let (ending, streams): (SupervisedProgram.Ending, CapturedStreams)
        do throws(SystemError) {
            (ending, streams) = try supervised.run(input: file)
        } catch {
            throw PDFError(.failed, "\(program) cannot be run: \(SystemError.text(of: error.code))")
        }
        // Nobody reads any more, as after `| head`: the reader has what it wants.
        if ending == .exited(0) || (toOurOutput && ending.isForWantOfReaders) { return streams }
        throw failure(tool, ending, streams, file, pages)
    }

    // MARK: - What went wrong

    private func failure(
        _ tool: Tool.Name,
        _ ending: SupervisedProgram.Ending,
        _ streams: CapturedStreams,
        _ file: borrowing Descriptor,
        _ pages: ClosedRange<Int>?
    ) -> PDFError {
        let complaints = String(decoding: streams.error, as: UTF8.self)
        switch ending {
        case .cancelled:
            return .cancelled
        case .outOfTime:
            return beyond("\(tool.rawValue) took longer than \(LockTimeout.text(limits.time))", "--timeout")
        case .wroteTooMuch:
            return beyond("\(tool.rawValue) wrote more than \(SizeLimit.bytes(limits.output))", "--max-output")
        case .signalled where ending.isForWantOfResources:
            return beyond("\(tool.rawValue) took longer than \(LockTimeout.text(limits.time))", "--timeout")
        case .signalled, .exited:
            // The C++ runtime, poppler and the loader say so, each in its way.
            let signs = ["bad_alloc", "ut of memory", "annot allocate memory", "failed to map segment"]
            if signs.contains(where: { complaints.contains($0) }) {
                return beyond(
                    "\(tool.rawValue) wanted more than \(SizeLimit.bytes(limits.memory)) of memory",
                    "--max-memory"
                )
            }
        }
        if complaints.contains("Incorrect password") {
            return PDFError(.encrypted, "\(name) is encrypted; name a file with its password by --password-file")
        }
        if ending == .exited(3) { return PDFError(.encrypted, "\(name) does not allow that its text is copied") }
        if let pages, ending == .exited(99), complaints.contains("Wrong page range") {
            return .noSuchPage(pages.lowerBound, of: Self.pageCount(in: complaints), in: name)
        }
        if !Self.looksLikePDF(file) { return PDFError(.notPDF, "\(name) is not a PDF file") }
        let reason =
            switch ending {
            case .signalled(let signal): "\(tool.rawValue) crashed reading it (signal \(signal))"
            default: Self.firstLine(streams.error)
            }
        return PDFError(.damaged, "\(name) is damaged" + (reason.isEmpty ? "" : ": \(reason)"))
    }

    private func beyond(_ what: String, _ option: String) -> PDFError {
        PDFError(.beyondLimit, "\(name) was given up, because \(what); \(option) allows more")
    }

    /// The number of pages in poppler's words: `... can not be after the last page (3).`.
    private static func pageCount(in complaints: String) -> Int? {
        let digits = complaints.split(separator: "last page (").dropFirst().first?.prefix { $0.isNumber }
        return digits.flatMap { Int($0) }
    }

    /// The first line that says something, fit to be shown.
    static func firstLine(_ bytes: [UInt8]) -> String {
        let line = bytes.split(separator: 0x0A).first ?? []
        return String(decoding: line.prefix(200).map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }, as: UTF8.self)
    }

    /// True where the title of a PDF file is in the first KiB, as readers want it.
    private static func looksLikePDF(_ file: borrowing Descriptor) -> Bool {
        let head = (try? file.bytes(at: 0, count: 1024)) ?? []
        return String(decoding: head.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self).contains("%PDF-")
    }
}
