internal import Files
internal import LarderStore
internal import Reports
internal import Terminal

extension Command {
    /// The cache of a CI job, which is restored before it and saved after it.
    static let ci = Command(
        name: "ci",
        summary: "Name, count and tidy the cache that a CI job restores and saves",
        discussion: """
            `key` prints the key under which the job is to save its cache directory, and below it the beginnings of keys that it
            may restore, the best first. They name the form of the cache, system and processor, the job, the branch, and the
            commit. They do not name compilers: what another compiler made is never used, and goes with the next `end`.

            `begin` starts a session and prints it as LARDER_SESSION=ID. `end` waits for what is to be kept and sent, removes
            the results that the session did not use, stops the daemon, and shows what the session came to.

            On GitHub, `key` also sets the outputs 'key' and 'restore-keys' of its step, `begin` the variable for the steps
            behind it, and `end` adds a table to the summary of the job. Elsewhere: export $(larder ci begin).
            """,
        forms: ["key", "begin", "end [ID]"],
        choices: [["key", "begin", "end"]],
        operands: 1...2,
        options: [
            Option(
                name: "name",
                value: "NAME",
                summary: "What the job is called, where one name has several, as in a matrix"
            ),
            json,
        ],
        run: runCI
    )

    private static func runCI(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let word = arguments.operands.first.map { Text.shown($0) } ?? ""
        guard word == "end" || arguments.operands.count == 1 else {
            throw Failure(usage: "'ci \(word)' takes no arguments", .ci)
        }
        guard word == "key" || arguments.value(of: "name") == nil else {
            throw Failure(usage: "only 'ci key' takes --name", .ci)
        }
        switch word {
        case "key": try showKey(arguments)
        case "begin":
            guard !arguments.has("json") else { throw Failure(usage: "'ci begin' has no --json", .ci) }
            let line = "LARDER_SESSION=\(Session.newID)\n"
            try Console.print(line)
            append(line, toFileIn: "GITHUB_ENV")
        case "end": try end(arguments)
        default: throw Failure(usage: "'ci' takes 'key', 'begin' or 'end'", .ci)
        }
        return .success
    }

    private static func showKey(_ arguments: Arguments) throws(Failure) {
        let keys = SavedCacheKeys(name: arguments.value(of: "name").map { String(decoding: $0, as: UTF8.self) })
        guard !arguments.has("json") else {
            let beginnings = keys.beginnings.map { JSON.string($0) }
            return try Console.print(
                JSON.object([("key", .string(keys.key)), ("restore_keys", .array(beginnings))]).document
            )
        }
        let beginnings = keys.beginnings.joined(separator: "\n")
        try Console.print("\(keys.key)\n\(beginnings)\n")
        append("key=\(keys.key)\nrestore-keys<<LARDER\n\(beginnings)\nLARDER\n", toFileIn: "GITHUB_OUTPUT")
    }

    private static func end(_ arguments: Arguments) throws(Failure) {
        let settings = try arguments.settings()
        guard let id = arguments.operands.dropFirst().first ?? Environment.value("LARDER_SESSION"), !id.isEmpty else {
            throw Failure(status: .usage, message: "name a session, or set LARDER_SESSION as 'larder ci begin' says")
        }
        let name = try Session.name(id)
        arguments.settle(settings)
        let store = arguments.store(settings)
        let statistics = Journal(at: settings.directory).statistics().sessions[name] ?? Statistics()
        var removed = Usage(entries: 0, bytes: 0)
        if settings.isReadOnly {
            Console.complain("warning: the cache is read-only; nothing is removed")
        } else if statistics.since == nil {
            // Nothing would be left.
            Console.complain("warning: the build did not come through the cache as session \(name); nothing is removed")
        } else {
            let session = try Session.uses(of: id, in: settings.directory)
            do throws(StoreError) {
                let lock = arguments.lockOptions(settings)
                removed = try store.evictResults(unusedSince: session.moment, but: session.keys, lock: lock)
                removed.add(try store.collectGarbage(lock: lock).removed)
            } catch {
                throw Failure(error)
            }
        }
        // It sends what is left, and nothing is written while the directory is being saved.
        try stopDaemon(settings, isQuiet: true)
        let summary = SessionSummary(name: name, statistics: statistics)
        let rest = [("Removed", removed), ("In the cache", store.usage())].map { title, usage in
            [title, "\(Text.count(Int64(usage.entries), "entry", "entries")), \(Text.size(usage.bytes))"]
        }
        try Console.print(arguments.has("json") ? summary.json.document : summary.table + TextTable.aligned(rest))
        append(
            "### Larder\n\n" + Markdown.table(summary.rows + summary.times + rest) + "\n",
            toFileIn: "GITHUB_STEP_SUMMARY"
        )
    }

    /// For a CI system that reads lines from a file whose path it gives; nothing happens where it gives none.
    private static func append(_ text: String, toFileIn variable: StaticString) {
        guard let path = Environment.value(variable), !path.isEmpty else { return }
        AppendedFile.append(Array(text.utf8), to: Path(bytes: path))
    }
}

/// Under which key a CI system keeps a cache directory between two runs of a job.
struct SavedCacheKeys {
    let key: String
    /// How keys begin whose caches are of use, too, the best first.
    let beginnings: [String]

    /// - Parameter name: of the job; nil for what the CI system calls it.
    init(name: String?) {
        func first(_ variables: [StaticString], or other: String) -> String {
            Self.part(variables.lazy.compactMap { Environment.text($0) }.first { !$0.isEmpty } ?? other)
        }
        let workflow = Environment.text("GITHUB_WORKFLOW").map { Self.part($0) + "-" } ?? ""
        let job =
            name.flatMap { $0.isEmpty ? nil : Self.part($0) } ?? workflow
            + first(["GITHUB_JOB", "CI_JOB_NAME"], or: "build")
        let branch = first(["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"], or: "local")
        let commit = first(["GITHUB_SHA", "CI_COMMIT_SHA"], or: "\(Clock.wall / 1_000_000_000)")
        let start = "larder-\(StoreFormat.version)-\(Processor.platform)-\(job)-"
        beginnings = ["\(start)\(branch)-", start]
        key = "\(start)\(branch)-\(commit)"
    }

    /// Letters, digits, `.` and `_`, which no CI system takes for something else; at most 60 of them.
    private static func part(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(60).map { byte in
                let isPlain =
                    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                return isPlain ? byte : UInt8(ascii: "_")
            },
            as: UTF8.self
        )
    }
}
