internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

/// `larder verify --against-compiler`: has results made again, and says whether they are those that are kept.
///
/// Every compile goes through the cache with `verify_hits = 1/1`, in a session of its own, whose counts say what came of it.
struct RepeatedCompiles {
    private let arguments: Arguments
    private let settings: Settings
    private let session = Session.newID

    init(_ arguments: Arguments, _ settings: Settings) throws(Failure) {
        (self.arguments, self.settings) = (arguments, settings)
        guard !settings.isDisabled, !settings.isReadOnly else {
            let key: SettingKey = settings.isDisabled ? .disable : .readOnly
            throw Failure(message: "nothing is made again, because the setting \(key.name) is on")
        }
    }

    func perform() throws(Failure) -> ExitStatus {
        Environment.set("LARDER_DIR", to: Array(settings.directory.bytes))
        Environment.set("LARDER_SESSION", to: Array(session.utf8))
        Environment.set(SettingKey.verifyHits.variable, to: Array("1/1".utf8))
        let started = Clock.wall
        var skipped = 0
        if arguments.operands.isEmpty {
            skipped = try repeatRecorded()
        } else {
            guard arguments.value(of: "session") == nil else {
                throw Failure(usage: "--session takes no COMMAND", .verify)
            }
            let ending = try UserCommand(arguments.operands).run()
            guard ending == .exited(0) else { Child.end(as: ending) }
        }
        arguments.settle(settings)
        return try report(skipped, since: started)
    }

    // MARK: - What is on record

    /// Runs the compiles that are on record once more; returns how many of them cannot be.
    private func repeatRecorded() throws(Failure) -> Int {
        arguments.settle(settings)
        let wanted = try arguments.value(of: "session").map { id throws(Failure) in try Session.name(id) }
        let history = MissHistory(of: settings.directory)
        // The latest one of each key.
        var latest: [EntryKey: Int] = [:]
        for index in history.commands where history.records[index].outcome == .miss {
            let record = history.records[index]
            guard wanted == nil || record.session == wanted, let key = record.key, history.refusal(of: index) == nil
            else { continue }
            latest[key] = index
        }
        guard let launcher = Directory.target(ofLink: "/proc/self/exe") else {
            throw Failure(message: "the program larder cannot be found below /proc")
        }
        let scratch = TemporaryEntry.name(beside: "/tmp/larder-verify")
        do throws(SystemError) { try Directory.makeNew(scratch) } catch {
            throw Failure(message: "no directory for the outputs can be made: \(error)")
        }
        defer { removeAll(in: scratch) }
        var bar = ProgressBar(title: "Compiling again")
        defer { bar.remove() }
        var skipped = 0
        let indices = latest.values.sorted()
        for (number, index) in indices.enumerated() {
            bar.show(number, of: indices.count)
            Interruption.endIfItHasCome()
            let record = history.records[index]
            guard let words = Self.words(of: record, in: scratch), FileStatus.of(record.path(record.source)) != nil
            else {
                skipped += 1
                continue
            }
            let script = Array("cd \"$1\" && shift && exec \"$@\"".utf8)
            let command = [Array("sh".utf8), Array("-c".utf8), script, Array("sh".utf8), record.directory]
            _ = try? Child.run(
                "/bin/sh",
                arguments: command + [Array(launcher.bytes), record.program] + words,
                output: .captured,
                error: .captured
            )
        }
        return skipped
    }

    /// The words of a compile to an object, with outputs in `scratch`; nil where it is something else, or not all is on record.
    private static func words(of record: MissRecord, in scratch: Path) -> [[UInt8]]? {
        guard CompilerCache.compilesToObject(record.program), let arguments = record.arguments,
            arguments.contains(Array("-c".utf8)), !record.directory.isEmpty
        else { return nil }
        var words: [[UInt8]] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word.elementsEqual("-o".utf8) || word.elementsEqual("-MF".utf8) {
                _ = rest.popFirst()
            } else if word.starts(with: "-o".utf8) || word.starts(with: "-MF".utf8) {
                continue
            } else if word.starts(with: "-Wp,-M".utf8) || word.starts(with: "@".utf8) {
                return nil
            } else {
                words.append(word)
            }
        }
        let object = scratch.appending("a.o")
        return words + [Array("-o".utf8), Array(object.bytes)]
    }

    private func removeAll(in scratch: Path) {
        for name in (try? Directory.names(in: scratch)) ?? [] {
            try? Directory.removeFile(scratch.appending(bytes: name))
        }
        Directory.removeIfEmpty(scratch)
    }

    // MARK: - What came of it

    private func report(_ skipped: Int, since started: Int64) throws(Failure) -> ExitStatus {
        let statistics = Journal(at: settings.directory).statistics().sessions[session] ?? Statistics()
        func count(_ kind: Event.Kind, _ cause: String) -> Int64 {
            let causes = statistics.causes(of: kind)
            return (causes[cause] ?? 0) + (causes["run_" + cause] ?? 0)
        }
        let same = count(.hit, CheckedHit.same)
        let different = count(.error, CheckedHit.different)
        let others = Int64(statistics.misses) - different
        let results = DifferingResults(settings)
        let found = different == 0 ? [] : results.all(since: started)
        if arguments.has("json") {
            try Console.print(
                JSON.object([
                    ("session", .string(session)), ("same", .integer(same)), ("different", .integer(different)),
                    ("not_there", .integer(others)), ("bypassed", .integer(Int64(statistics.bypasses))),
                    ("not_repeated", .integer(Int64(skipped))), ("differences", .array(found.map(\.json))),
                ]).document
            )
        } else {
            var rows = [["Made again and the same", "\(same)"], ["Made again and different", "\(different)"]]
            if others > 0 { rows.append(["Without a result to compare", "\(others)"]) }
            if statistics.bypasses > 0 { rows.append(["Bypassed", "\(statistics.bypasses)"]) }
            if same + different + others == 0, !arguments.operands.isEmpty {
                Console.complain(
                    "no compile of the command came through the cache; where the build is not set up for that, "
                        + "put 'larder exec --' before it"
                )
            }
            if skipped > 0 { rows.append(["On record, but not to be repeated", "\(skipped)"]) }
            try Console.print(found.map(\.text).joined() + TextTable.aligned(rows))
        }
        return different == 0 ? .success : .failure
    }
}
