internal import Files
internal import LarderStore
internal import RemoteStore
internal import Terminal
internal import Wire

extension Command {
    /// Writes what a build used and made into one file.
    static let export = Command(
        of: LarderRemote.name,
        name: "export",
        summary: "Write the results that a build used and made into one file",
        discussion: """
            The build is the session that --session names, or LARDER_SESSION: see 'larder session --help'. Its results stand in
            the file once each, compressed, and signed where 'remote_key' is set. The session has to be of the last 31 days: what
            the journal has forgotten is left out, and counted.
            """,
        options: [
            sessionOption,
            Option(name: "output", short: "o", value: "FILE", summary: "Where to write them"),
            Option(name: "since", value: "PACK", summary: "Leave out what stands in this file"),
            json,
        ],
        run: runExport
    )

    /// Takes results from such files.
    static let `import` = Command(
        of: LarderRemote.name,
        name: "import",
        summary: "Take the results in files that 'export' has written",
        discussion: """
            A result is used like one of this machine: where its inputs have the same contents. With 'remote_trust', only what a
            trusted key has signed is taken. Ends with 1 where something in a file could not be used.
            """,
        forms: ["FILE..."],
        operands: 1...10_000,
        options: [json],
        run: runImport
    )

    private static func runExport(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try LarderRemote.settings(arguments)
        guard let output = try arguments.path(of: "output") else {
            throw Failure(status: .usage, message: "name the file to write with --output FILE")
        }
        // A new file takes its place, which of a device or a socket nobody wants.
        if let status = FileStatus.ofLink(output), status.kind != .regular {
            throw Failure(message: "\(output) is there and no regular file; name another file to write")
        }
        let id = try LarderRemote.session(arguments)
        let build = try RecordedBuild(id, in: settings.directory)
        var base: Set<Pack.Pair> = []
        if let path = try arguments.path(of: "since") {
            base = try inPack(path) { pack throws(SystemError) in try pack.pairs() }
        }
        let counts: Pack.Counts
        Interruption.hold()
        defer { Interruption.release() }
        do throws(RemoteProblem) {
            let signer = try settings.remoteKey.map { path throws(RemoteProblem) in try RemoteSecrets.signer(at: path) }
            do throws(SystemError) {
                counts = try Pack.write(
                    build.pairs,
                    of: EntryStore(at: settings.directory, options: settings.storeOptions),
                    to: output,
                    without: base,
                    signer: signer
                )
            } catch {
                throw RemoteProblem("\(output) cannot be written: \(error)")
            }
        } catch {
            throw Failure(message: error.sentence)
        }
        guard !arguments.has("json") else {
            try Console.print(
                JSON.object([
                    ("results", .integer(Int64(counts.results))), ("known", .integer(Int64(counts.known))),
                    ("missing", .integer(Int64(counts.missing))), ("forgotten", .integer(Int64(build.forgotten))),
                    ("bytes", .integer(counts.bytes)),
                ]).document
            )
            return .success
        }
        var lines = ["\(output) has \(results(counts.results)) in \(Text.size(counts.bytes))."]
        if counts.known > 0 { lines.append("Left out, because the other file has them: \(counts.known).") }
        if counts.missing > 0 {
            lines.append("Left out, because they are not in the cache any more: \(counts.missing).")
        }
        if build.forgotten > 0 { lines.append("Left out, because the journal has forgotten them: \(build.forgotten).") }
        try Console.print(lines.joined(separator: "\n") + "\n")
        return .success
    }

    private static func runImport(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try LarderRemote.settings(arguments)
        guard !settings.isReadOnly else { throw Failure(message: "read_only is set: nothing is taken") }
        let store = EntryStore(at: settings.directory, options: settings.storeOptions)
        let trusted: [[UInt8]]
        do throws(RemoteProblem) { trusted = try RemoteSecrets.trusted(settings) } catch {
            throw Failure(message: error.sentence)
        }
        var (files, hasFailed): ([JSON], Bool) = ([], false)
        for path in arguments.operands.map({ Path(bytes: $0) }) {
            var bar = ProgressBar(title: "Importing", unit: .bytes)
            defer { bar.remove() }
            let counts: Pack.Counts
            do throws(Failure) {
                counts = try inPack(path) { pack throws(SystemError) in
                    try pack.read(into: store, trusted: trusted) { bar.show($0, of: $1) }
                }
            } catch {
                // The others may do.
                bar.remove()
                Console.complain(error.message, as: LarderRemote.name)
                hasFailed = true
                continue
            }
            bar.remove()
            hasFailed = hasFailed || counts.isCut || !counts.rejected.isEmpty
            if arguments.has("json") {
                files.append(
                    .object([
                        ("file", .string(Text.shown(path.bytes))), ("results", .integer(Int64(counts.results))),
                        ("known", .integer(Int64(counts.known))), ("rejected", .counts(counts.rejected)),
                        ("is_cut", .boolean(counts.isCut)),
                    ])
                )
                continue
            }
            try Console.print("\(path): took \(results(counts.results)), \(counts.known) were here.\n")
            for (defect, count) in counts.rejected.sorted(by: { $0.key < $1.key }) {
                Console.complain("\(path): \(results(count)) not used: \(defect)", as: LarderRemote.name)
            }
            if counts.isCut {
                Console.complain(
                    "\(path) is not whole, or something else stands behind it; what was whole has been taken",
                    as: LarderRemote.name
                )
            }
        }
        if arguments.has("json") { try Console.print(JSON.object([("files", .array(files))]).document) }
        return hasFailed ? .failure : .success
    }

    private static func results(_ count: some BinaryInteger) -> String { Text.count(Int64(count), "result", "results") }

    private static func inPack<Value>(_ path: Path, _ body: (inout Pack) throws(SystemError) -> Value) throws(Failure)
        -> Value
    {
        do throws(SystemError) {
            if var pack = try Pack(at: path) { return try body(&pack) }
        } catch {
            throw Failure(message: "\(path) cannot be read: \(error)")
        }
        throw Failure(message: "\(path) is no file that this version of 'larder remote export' has written")
    }
}
