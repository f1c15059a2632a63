internal import CommandCache
internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Removes the results that a file had a part in, or those of a namespace.
    static let purge = Command(
        name: "purge",
        summary: "Remove the cached results of a source, of an output or of a namespace, and no others",
        discussion: """
            For a source, the results of all compiles that have read FILE go: its own, and where FILE is a header those
            of every source that includes it. For an output, the results go that hold exactly these bytes. The next
            compile then runs the compiler and is stored anew.

            A result that two checkouts share goes for both. What a command of 'larder run' was told to read with
            --input is not known here: name one of its outputs.

            --namespace removes all that was stored while the setting 'namespace' was NAME.
            """,
        forms: ["FILE...", "--namespace NAME"],
        operands: 0...10_000,
        options: [
            Option(name: "namespace", value: "NAME", summary: "Remove what belongs to this namespace"),
            Option(name: "dry-run", short: "n", summary: "Remove nothing: say how many would go"),
            json,
            lockTimeout,
        ],
        run: runPurge
    )

    private static func runPurge(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        let store = arguments.store(settings)
        arguments.settle(settings)
        let namespace = arguments.value(of: "namespace")
        guard arguments.operands.isEmpty != (namespace?.isEmpty ?? true) else {
            throw Failure(usage: "name files, or a namespace with --namespace", .purge)
        }
        if let namespace { return try purge(namespace, arguments, store, settings) }
        let files = try arguments.operands.map { (word) throws(Failure) in try soughtFile(word) }
        let found = results(of: files, in: settings)
        let isDry = arguments.has("dry-run")
        var (removed, left) = (Usage(entries: 0, bytes: 0), 0)
        if !isDry {
            do throws(StoreError) {
                let keys = found.reduce(into: Set()) { $0.formUnion($1) }
                removed = try store.remove(keys, cause: "purge", lock: arguments.lockOptions(settings))
                left = keys.count { FileStatus.ofLink(store.path(of: $0)) != nil }
            } catch {
                throw Failure(error)
            }
            // A compile may have made one again meanwhile; that is no failure of ours.
            let place = Text.shown(settings.directory.bytes)
            guard removed.entries > 0 || left == 0 else {
                throw Failure(message: "\(Text.count(left, "result", "results")) in \(place) cannot be removed")
            }
        }
        guard arguments.has("json") else {
            for (word, keys) in zip(arguments.operands, found) {
                let results = Text.count(keys.count, "result", "results")
                try Console.print("\(isDry ? "Would remove" : "Removed") \(results) of \(Text.shown(word)).\n")
            }
            return .success
        }
        let list = zip(arguments.operands, found).map { word, keys in
            JSON.object([("file", .string(Text.shown(word))), ("results", .integer(Int64(keys.count)))])
        }
        let document = JSON.object([
            ("files", .array(list)),
            ("removed_entries", .integer(Int64(removed.entries))),
            ("removed_bytes", .integer(removed.bytes)),
        ])
        try Console.print(document.document)
        return .success
    }

    private static func purge(
        _ namespace: [UInt8],
        _ arguments: Arguments,
        _ store: EntryStore,
        _ settings: Settings
    ) throws(Failure) -> ExitStatus {
        let keys = store.entries(of: namespace)
        let isDry = arguments.has("dry-run")
        var removed = Usage(entries: 0, bytes: 0)
        if !isDry {
            do throws(StoreError) {
                removed = try store.remove(keys, cause: "purge", lock: arguments.lockOptions(settings))
            } catch {
                throw Failure(error)
            }
        }
        let name = Text.shown(namespace)
        guard arguments.has("json") else {
            let entries = Text.count(isDry ? keys.count : removed.entries, "entry", "entries")
            try Console.print("\(isDry ? "Would remove" : "Removed") \(entries) of the namespace \(name).\n")
            return .success
        }
        let document = JSON.object([
            ("namespace", .string(name)),
            ("entries", .integer(Int64(keys.count))),
            ("removed_entries", .integer(Int64(removed.entries))),
            ("removed_bytes", .integer(removed.bytes)),
        ])
        try Console.print(document.document)
        return .success
    }

    private static func soughtFile(_ word: [UInt8]) throws(Failure) -> SoughtFile {
        guard !word.isEmpty, !word.contains(0) else { throw Failure(status: .usage, message: "a file has no name") }
        let path: Path
        do throws(SystemError) { path = Path(bytes: word).resolved(in: try Directory.current()) } catch {
            throw Failure(message: "\(error)")
        }
        guard FileStatus.of(path)?.kind != .directory else {
            throw Failure(status: .usage, message: "\(Text.shown(word)) is a directory; name files")
        }
        return SoughtFile(at: path)
    }

    /// For each file the results that are there, by one walk through all entries.
    private static func results(of files: [SoughtFile], in settings: Settings) -> [Set<EntryKey>] {
        var options = settings.storeOptions
        // To look at a damaged entry is no reason to remove it.
        options.isReadOnly = true
        let store = EntryStore(at: settings.directory, options: options)
        var found = files.map { _ in Set<EntryKey>() }
        store.forEachEntry { listing in
            guard case .hit(let entry) = store.open(listing.key) else { return true }
            for (index, file) in files.enumerated() {
                found[index].formUnion(file.compileResults(in: entry, under: listing.key))
                found[index].formUnion(file.commandResults(in: entry, under: listing.key))
            }
            return true
        }
        // A manifest may lead to results that are gone.
        return found.map { keys in keys.filter { FileStatus.ofLink(store.path(of: $0)) != nil } }
    }
}
