package import Files
package import LarderStore

/// Gets the text of PDF files from the cache, and from poppler where it is not there.
///
/// One value serves any number of threads. Whatever is wrong with the cache costs time only.
package struct Extractor: Sendable {
    /// What can be chosen.
    package struct Options: Sendable {
        package var limits = SupervisedProgram.Limits(time: 120_000_000_000, memory: 2 << 30, output: 256 << 20)
        package var password: Password?
        /// Nothing is looked up and nothing stored.
        package var isCacheDisabled = false
        /// What is not cached is not extracted either.
        package var isFromCacheOnly = false
        package var cancellation: Cancellation?

        package init() {}
    }

    /// Where an answer comes from; the raw values stand in JSON.
    package enum CacheStatus: String, Sendable { case hit, miss, disabled }

    /// What was asked for.
    package struct Answer: Sendable {
        package var extraction: Extraction
        package var status: CacheStatus
        /// Milliseconds since it was extracted; nil where that is now.
        package var age: Int64?
    }

    /// Which file.
    package enum Input: Hashable, Sendable {
        case file(Path)
        case standardInput
    }

    let options: Options
    let store: EntryStore?
    let journal: Journal?
    private let recaches: Bool
    private let isStrict: Bool
    /// What `LARDER_LOG` asks for: a line for every decision.
    private let log: Path?
    let toolbox: Toolbox

    package init(_ settings: Settings, _ options: Options) {
        self.options = options
        let isUsed = !options.isCacheDisabled && !settings.isDisabled
        store = isUsed ? EntryStore(at: settings.directory, options: settings.storeOptions) : nil
        journal = isUsed && !settings.isReadOnly ? Journal(at: settings.directory) : nil
        recaches = settings.recache
        isStrict = settings.isStrict && !settings.isReadOnly
        log = settings.log
        toolbox = Toolbox(store: store, cancellation: options.cancellation)
    }

    // MARK: - The way of a request

    /// What is wanted of a file; nil where it is not cached and nothing else was to be done.
    ///
    /// `name` is what the user calls the file.
    package func answer(_ input: Input, _ request: Request, named name: String) throws(PDFError) -> Answer? {
        let identity = try identity(of: input, named: name)
        guard let store else { return try uncached(input, request, name) }
        // Behind a script anything may be.
        guard let toolDigest = try toolDigest(request.form) else {
            if options.isFromCacheOnly { return nil }
            record(.bypass, "wrapper", name, nil, nil, 0)
            return try uncached(input, request, name)
        }
        let known = recaches ? nil : identity.flatMap { DigestRecord.load($0, from: store) }
        var reason = recaches ? "recache" : "absent"
        if let known {
            let candidates = candidates(request, known, toolDigest)
            if let hit = try hit(candidates, request, name, identity, &reason) { return hit }
        }
        // Not a word of what is known: the file itself says what it holds.
        let source = try open(input, name)
        if let proven = source.proven, known != source.digest || recaches {
            DigestRecord.save(source.digest, of: proven, in: store)
        }
        let candidates = candidates(request, source.digest, toolDigest)
        if known != source.digest, !recaches, let hit = try hit(candidates, request, name, source.proven, &reason) {
            return hit
        }
        if options.isFromCacheOnly { return nil }
        return try extracted(source, request, name, toolDigest, reason)
    }

    /// Nil for standard input, and where the identity proves nothing.
    private func identity(of input: Input, named name: String) throws(PDFError) -> FileIdentity? {
        guard case .file(let path) = input else { return nil }
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus.at(path)
        } catch {
            throw .failed(error, reading: name)
        }
        switch status.kind {
        case .regular: return status.identity.provesContent(at: path) ? status.identity : nil
        case .directory: throw PDFError(.failed, "\(name) is a directory")
        default: throw PDFError(.failed, "\(name) is no regular file; give it as standard input, which is called -")
        }
    }

    private func open(_ input: Input, _ name: String) throws(PDFError) -> SourceFile {
        do throws(SystemError) {
            switch input {
            case .file(let path): return try SourceFile(opening: path)
            case .standardInput: return try SourceFile(reading: .input, unless: options.cancellation)
            }
        } catch {
            throw error.isInterruption ? .cancelled : .failed(error, reading: name)
        }
    }

    // MARK: - Hits

    /// An entry that may hold what is wanted.
    private struct Candidate {
        let key: EntryKey
        /// False where the entry holds all pages, of which some are wanted.
        let isExact: Bool
    }

    /// The whole document first, which answers every question; then these very pages.
    ///
    /// First as it is without a password.
    private func candidates(_ request: Request, _ content: Digest, _ tool: Digest) -> [Candidate] {
        var tokens: [Digest?] = [nil]
        if let token = token(content) { tokens.append(token) }
        return tokens.flatMap { token in
            let whole = Request(request.form)
            let candidate = Candidate(key: key(request, content, tool, token), isExact: true)
            if request.pages.isAll { return [candidate] }
            return [Candidate(key: key(whole, content, tool, token), isExact: false), candidate]
        }
    }

    private func hit(
        _ candidates: [Candidate],
        _ request: Request,
        _ name: String,
        _ identity: FileIdentity?,
        _ reason: inout String
    ) throws(PDFError) -> Answer? {
        guard let store else { return nil }
        for candidate in candidates {
            switch store.value(for: candidate.key) {
            case .miss(let why):
                if why != .absent { reason = why.rawValue }
            case .hit(let parts):
                guard let whole = ExtractionFormat.decode(parts), whole.form == request.form else {
                    reason = "version"
                    continue
                }
                guard let extraction = candidate.isExact ? whole : try whole.selecting(request.pages, named: name)
                else {
                    continue
                }
                record(.hit, request.form.rawValue, name, candidate.key, identity, extraction.microseconds)
                let age = max(0, Clock.wall / 1_000_000 - extraction.extractedAt)
                return Answer(extraction: extraction, status: .hit, age: age)
            }
        }
        return nil
    }

    // MARK: - Misses

    private func extracted(
        _ source: borrowing SourceFile,
        _ request: Request,
        _ name: String,
        _ toolDigest: Digest,
        _ reason: String
    ) throws(PDFError) -> Answer {
        let start = Clock.monotonic
        let run = ExtractionRun(extractor: self, name: name)
        defer {
            record(.miss, reason, name, nil, nil, (Clock.monotonic - start) / 1000)
        }
        let (result, isDecrypted) = try run.extraction(of: source.file, request)
        var extraction = result
        extraction.microseconds = (Clock.monotonic - start) / 1000
        let token = token(source.digest)
        // What took a password is never found without it.
        if !isDecrypted || token != nil {
            let key = key(request, source.digest, toolDigest, isDecrypted ? token : nil)
            try publish(extraction, key, run, source, name)
        }
        return Answer(extraction: extraction, status: .miss)
    }

    private func publish(
        _ extraction: Extraction,
        _ key: EntryKey,
        _ run: ExtractionRun,
        _ source: borrowing SourceFile,
        _ name: String
    ) throws(PDFError) {
        // What depends on how much memory there was, on a file that changed or on a tool that was replaced meanwhile, is
        // nothing to keep.
        guard let store, source.isAsDigested, run.areToolsUnchanged, !run.depended(onMemory: extraction.messages) else {
            return
        }
        do throws(StoreError) {
            try store.publish(key, kind: EntryKind.extraction.rawValue, parts: ExtractionFormat.encode(extraction))
            record(.publish, extraction.form.rawValue, name, key, source.proven, 0)
        } catch {
            if isStrict {
                throw PDFError(.failed, "\(name) was read, but the cache failed and LARDER_STRICT is set: \(error)")
            }
        }
    }

    /// Without the cache: what poppler costs and nothing more.
    private func uncached(_ input: Input, _ request: Request, _ name: String) throws(PDFError) -> Answer {
        let run = ExtractionRun(extractor: self, name: name)
        let (extraction, _) = try run.extraction(of: try openUncached(input, name), request)
        return Answer(extraction: extraction, status: .disabled)
    }

    private func openUncached(_ input: Input, _ name: String) throws(PDFError) -> Descriptor {
        guard case .file(let path) = input else { return try open(input, name).takeFile() }
        do throws(SystemError) { return try Descriptor(reading: path) } catch { throw .failed(error, reading: name) }
    }

    /// Text that goes from poppler to standard output, and is never in our hands: for one file without the cache.
    ///
    /// Returns poppler's messages; nil where this is not the way, because the cache is used.
    package func pass(_ input: Input, _ request: Request, named name: String) throws(PDFError) -> [UInt8]? {
        guard store == nil else { return nil }
        _ = try identity(of: input, named: name)
        return try ExtractionRun(extractor: self, name: name).pass(try openUncached(input, name), request)
    }

    // MARK: - Keys and events

    private func key(_ request: Request, _ content: Digest, _ tool: Digest, _ token: Digest?) -> EntryKey {
        var key = KeyBuilder(domain: "pdf-1")
        key.add("content", content.bytes)
        key.add("form", request.form.rawValue)
        key.add("schema", Int64(request.form == .words || request.form == .info ? DocumentJSON.schemaVersion : 0))
        key.add("pages", request.pages.description)
        key.add("tool", tool.bytes)
        key.add("password", token?.bytes ?? [])
        return key.finish()
    }

    /// Stands in the key for the programs; nil where one of them cannot be known.
    private func toolDigest(_ form: Request.Form) throws(PDFError) -> Digest? {
        var key = KeyBuilder(domain: "pdf-tools-1")
        for name in form.tools {
            guard let digest = try toolbox.tool(name).digest else { return nil }
            key.add("tool", digest.bytes)
        }
        return key.finish().digest
    }

    /// Stands in the key for a password, which itself is in no key, and for the program that uses it.
    ///
    /// The content is in it, so that equal passwords of two files have nothing in common.
    private func token(_ content: Digest) -> Digest? {
        guard let password = options.password, let tool = try? toolbox.tool(.qpdf), let digest = tool.digest else {
            return nil
        }
        var key = KeyBuilder(domain: "pdf-password-1")
        key.add("content", content.bytes)
        key.add("password", password.bytes)
        key.add("tool", digest.bytes)
        return key.finish().digest
    }

    private func record(
        _ kind: Event.Kind,
        _ cause: String,
        _ name: String,
        _ entry: EntryKey?,
        _ identity: FileIdentity?,
        _ microseconds: Int64
    ) {
        let event = Event(
            kind,
            cause: "pdf_\(cause)",
            manifest: identity.map { DigestRecord.key($0) },
            entry: entry,
            microseconds: microseconds,
            label: name.split(separator: "/").last.map(String.init) ?? name
        )
        journal?.record(event)
        guard let log else { return }
        let line = "\(Clock.wall / 1_000_000) pdf_\(kind.rawValue) \(cause) \(name) \(entry?.description ?? "-")"
        AppendedFile.append(line: line, to: log)
    }
}

extension Request.Form {
    /// The tools that decide what comes out, the one that reads the pages first.
    var tools: [Tool.Name] {
        switch self {
        case .text, .layout: [.pdftotext]
        case .words: [.pdftotext, .pdfinfo, .pdffonts]
        case .info: [.pdfinfo]
        }
    }
}
