internal import Files
internal import Synchronization

/// One extraction: poppler's tools on one file, once more with a password where they ask for one.
struct ExtractionRun {
    private let extractor: Extractor
    private let name: String
    private let poppler: Poppler

    init(extractor: Extractor, name: String) {
        (self.extractor, self.name) = (extractor, name)
        let options = extractor.options
        poppler = Poppler(name: name, limits: options.limits, cancellation: options.cancellation)
    }

    /// What is wanted, and whether it took the password.
    func extraction(of file: borrowing Descriptor, _ request: Request) throws(PDFError) -> (Extraction, Bool) {
        do throws(PDFError) {
            return (try self.extraction(reading: file, request, isDecrypted: false), false)
        } catch {
            guard error.code == .encrypted, let password = extractor.options.password else { throw error }
            let copy = try poppler.decrypted(try path(.qpdf), file, by: password)
            return (try self.extraction(reading: copy, request, isDecrypted: true), true)
        }
    }

    /// The text straight to standard output; returns poppler's messages.
    func pass(_ file: borrowing Descriptor, _ request: Request) throws(PDFError) -> [UInt8] {
        do throws(PDFError) {
            return try pass(reading: file, request)
        } catch {
            guard error.code == .encrypted, let password = extractor.options.password else { throw error }
            return try pass(reading: try poppler.decrypted(try path(.qpdf), file, by: password), request)
        }
    }

    private func pass(reading file: borrowing Descriptor, _ request: Request) throws(PDFError) -> [UInt8] {
        let program = try path(.pdftotext)
        var messages: [UInt8] = []
        for range in Self.ranges(request) {
            messages += try poppler.text(program, request.form, range, of: file, toOurOutput: true).error
        }
        return messages
    }

    private func extraction(
        reading file: borrowing Descriptor,
        _ request: Request,
        isDecrypted: Bool
    ) throws(PDFError) -> Extraction {
        var extraction = Extraction(
            form: request.form,
            extractedAt: Clock.wall / 1_000_000,
            microseconds: 0,
            poppler: extractor.store == nil ? nil : try extractor.toolbox.tool(request.form.tools[0]).version
        )
        switch request.form {
        case .text, .layout: try readText(file, request, &extraction)
        case .words: try readWords(file, request, isDecrypted, &extraction)
        case .info: try readInfo(file, isDecrypted, &extraction)
        }
        return extraction
    }

    // MARK: - The forms

    private func readText(_ file: borrowing Descriptor, _ request: Request, _ extraction: inout Extraction)
        throws(PDFError)
    {
        let program = try path(.pdftotext)
        for range in Self.ranges(request) {
            let streams = try poppler.text(program, request.form, range, of: file)
            extraction.body += streams.output
            extraction.messages += streams.error
        }
        // Nobody will ask for a page of what is not kept.
        if request.pages.isAll, extractor.store != nil { extraction.pages = pages(of: extraction.body, file) }
    }

    /// Where each page is in the text: a form feed ends it.
    ///
    /// A document may have form feeds of its own, in the middle of a page; so only where there are as many as pages.
    private func pages(of text: [UInt8], _ file: borrowing Descriptor) -> [Extraction.Page] {
        guard let program = try? path(.pdfinfo), let answer = try? poppler.info(program, of: file),
            let count = DocumentInfo(answer.output).pageCount, text.last == 0x0C || text.isEmpty
        else { return [] }
        var pages: [Extraction.Page] = []
        var start = 0
        while let end = text[start...].firstIndex(of: 0x0C) {
            pages.append(.init(number: pages.count + 1, length: end + 1 - start))
            start = end + 1
        }
        return pages.count == count ? pages : []
    }

    private func readWords(
        _ file: borrowing Descriptor,
        _ request: Request,
        _ isDecrypted: Bool,
        _ extraction: inout Extraction
    ) throws(PDFError) {
        let program = try path(.pdftotext)
        for range in Self.ranges(request) {
            let streams = try poppler.text(program, .words, range, of: file)
            extraction.messages += streams.error
            do throws(LayoutReader.Defect) {
                extraction.pages += try LayoutReader.read(
                    streams.output,
                    first: range?.lowerBound ?? 1,
                    into: &extraction.body
                )
            } catch {
                throw PDFError(.failed, "\(name) was read, but what pdftotext wrote is not understood")
            }
        }
        let info = try info(file, isDecrypted)
        // Fonts that cannot be listed are no reason to give no words.
        let fonts = (try? poppler.fonts(try path(.pdffonts), of: file).output) ?? []
        extraction.head = DocumentJSON.head(info, fonts: FontTable.elements(fonts))
    }

    private func readInfo(
        _ file: borrowing Descriptor,
        _ isDecrypted: Bool,
        _ extraction: inout Extraction
    ) throws(PDFError) {
        let info = try info(file, isDecrypted)
        extraction.head = DocumentJSON.head(info, fonts: nil)
        extraction.body = info.lines
    }

    private func info(_ file: borrowing Descriptor, _ isDecrypted: Bool) throws(PDFError) -> DocumentInfo {
        var info = DocumentInfo(try poppler.info(try path(.pdfinfo), of: file).output)
        if isDecrypted { info.set("Encrypted", "yes (opened with a password)") }
        return info
    }

    /// One run of pdftotext for each; nil is a run over all pages.
    private static func ranges(_ request: Request) -> [ClosedRange<Int>?] {
        request.pages.isAll ? [nil] : request.pages.ranges.map { $0 }
    }

    // MARK: - The tools

    private func path(_ name: Tool.Name) throws(PDFError) -> Path {
        guard extractor.store != nil else { return try Tool.find(name) }
        return try extractor.toolbox.tool(name).path
    }

    /// True when no tool that may have been used was replaced meanwhile.
    var areToolsUnchanged: Bool { extractor.toolbox.areUnchanged }

    /// True where poppler says that it did without something because there was no memory for it.
    func depended(onMemory messages: [UInt8]) -> Bool {
        String(decoding: messages, as: UTF8.self).lowercased().contains("memory")
    }
}
