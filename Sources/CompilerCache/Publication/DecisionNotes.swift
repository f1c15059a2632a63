internal import Files
internal import LarderStore

/// Where a hit comes from; the raw value is its cause in the journal.
enum HitOrigin: String {
    /// It was in the cache.
    case local = ""
    /// It was brought from a remote cache just now.
    case remote
}

/// What became of one command: a line in the journal, and one in the log that `LARDER_LOG` asks for.
struct DecisionNotes {
    private let subject: Word
    private let compiler: Word
    private let settings: Settings
    private let journal: Journal

    /// - Parameters:
    ///   - subject: what the command is about: a source, or the compiler where that is all that is known.
    ///   - compiler: its name as it was called.
    init(of subject: Word, by compiler: Word, _ settings: Settings) {
        (self.subject, self.compiler) = (subject, compiler)
        self.settings = settings
        journal = Journal(at: settings.directory)
    }

    var label: String { String(decoding: subject.lastComponent, as: UTF8.self) }

    /// The compiler's name without its directory.
    var program: String { String(decoding: compiler.lastComponent, as: UTF8.self) }

    var session: String? { Environment.text("LARDER_SESSION") }

    /// True when somebody wants to read what is logged.
    var areRead: Bool { settings.log != nil }

    func hit(_ manifest: EntryKey, _ result: EntryKey, _ microseconds: Int64, _ origin: HitOrigin) {
        if !settings.isReadOnly {
            journal.record(
                Event(
                    .hit,
                    cause: origin.rawValue,
                    manifest: manifest,
                    entry: result,
                    microseconds: microseconds,
                    session: session,
                    label: label,
                    program: program,
                    elapsedMicroseconds: CurrentProcess.age / 1000
                )
            )
        }
        Crash.commandIsCounted()
        log("hit", origin == .local ? "-" : origin.rawValue, result.description)
    }

    func note(
        _ kind: Event.Kind,
        _ cause: String,
        _ manifest: EntryKey? = nil,
        _ result: EntryKey? = nil,
        _ nanoseconds: Int64 = 0
    ) {
        log(kind.rawValue, cause)
        if kind != .error { Crash.commandIsCounted() }
        guard !settings.isReadOnly else { return }
        journal.record(
            Event(
                kind,
                cause: cause,
                manifest: manifest,
                entry: result,
                microseconds: nanoseconds / 1000,
                session: session,
                label: label,
                program: program,
                elapsedMicroseconds: CurrentProcess.age / 1000
            )
        )
    }

    /// Keeps what an explanation of a miss needs.
    func missed(_ miss: MissRecord) { misses.record(miss) }

    /// Keeps why what was made under `key` is not kept.
    func refused(_ refusal: Recorder.Refusal, about subject: Word, _ key: EntryKey) {
        misses.record(.refusal(refusal, about: subject, key, session: session, source: self.subject))
    }

    /// Notes that a hit was made again, and what that showed.
    func checked(_ verdict: ResultCheck.Verdict, _ manifest: EntryKey, _ result: EntryKey, _ nanoseconds: Int64) {
        switch verdict {
        case .same: note(.hit, CheckedHit.same, manifest, result)
        case .incomparable: note(.miss, CheckedHit.reason, manifest, result, nanoseconds)
        case .different(let part):
            note(.miss, CheckedHit.different, manifest, result, nanoseconds)
            note(.error, CheckedHit.different, manifest, result)
            misses.record(.difference(in: part, manifest, result, session: session, source: subject))
        }
    }

    /// Counts a command that runs as it was given, because of `word` or of what it is, and keeps that for an explanation.
    func bypass(_ bypass: Bypass, about word: Word = [], _ command: CompileCommand) {
        note(.bypass, bypass.rawValue)
        guard !settings.isReadOnly else { return }
        misses.record(.bypass(bypass, about: word, command, source: subject))
    }

    private var misses: MissLog { MissLog(at: settings.directory) }

    /// False where nothing may be written into the cache directory, which the log and the strict hear of: then the command
    /// is to run as it was given, and to be counted nowhere.
    ///
    /// Before the first thing that is written; a hit, which has found a cache there, does not ask.
    func mayWrite() -> Bool {
        do throws(SettingsError) {
            try settings.checkDirectory()
            return true
        } catch {
            if settings.isStrict {
                Message.write("\(error)")
                Child.exitNow(2)
            }
            log("bypass", Bypass.badSettings.rawValue, "\(error)")
            return false
        }
    }

    /// Logs that the cache is not used because of an `error` in the settings.
    ///
    /// With `strict`, prints the error and ends the process.
    ///
    /// Without `strict` a compile prints nothing, because standard error is the compiler's. Other commands of Larder print the error.
    static func refuse(_ error: SettingsError, _ subject: Word) {
        if error.isStrict {
            Message.write("\(error)")
            Child.exitNow(2)
        }
        guard let log = Environment.value(SettingKey.log.variable), !log.isEmpty else { return }
        let name = String(decoding: subject.lastComponent, as: UTF8.self)
        let line = "\(Clock.wall / 1_000_000) bypass \(Bypass.badSettings.rawValue) \(name) \(error)"
        AppendedFile.append(line: line, to: Path(bytes: log))
    }

    /// Logs every ingredient of a key.
    func note(_ key: KeyBuilder, _ digest: EntryKey) {
        for (label, value) in key.ingredients {
            let text = value.map { $0 == 0 ? UInt8(ascii: "@") : $0 }
            // A variable's value may be a secret; its name says enough here.
            let shown = label == "variable" ? Word(text.prefix { $0 != UInt8(ascii: "=") }) : Word(text)
            write("key", label, shown, digest.description)
        }
    }

    /// Writes one line into the log; `detail` is made only for somebody who reads it.
    func log(_ decision: String, _ reason: String, _ detail: @autoclosure () -> String = "") {
        if areRead { write(decision, reason, subject, detail()) }
    }

    private func write(_ decision: String, _ reason: String, _ subject: Word, _ detail: String) {
        guard let path = settings.log else { return }
        let subject = String(decoding: subject, as: UTF8.self)
        let line = "\(Clock.wall / 1_000_000) \(decision) \(reason) \(subject) \(detail)"
        AppendedFile.append(line: line, to: path)
    }
}

extension MissRecord {
    /// That `key` was looked for and not found.
    ///
    /// - Parameters:
    ///   - source: what the command is about; `output` is the first of what it makes.
    static func miss(
        _ absence: Manifest.Absence,
        _ key: EntryKey,
        _ ingredients: KeyBuilder,
        _ command: CompileCommand,
        source: Word,
        output: Word
    ) -> MissRecord {
        var record = MissRecord(.miss, cause: absence.reason)
        record.take(ingredients)
        (record.subject, record.key) = (absence.subject, key)
        (record.directory, record.program) = (Array(command.directory.bytes), command.name)
        (record.source, record.output, record.session) = (source, output, Environment.text("LARDER_SESSION"))
        record.note(command: command.arguments)
        return record
    }

    /// That nothing was looked for, because of `word` or because of what the command is.
    static func bypass(_ bypass: Bypass, about word: Word, _ command: CompileCommand, source: Word) -> MissRecord {
        var record = MissRecord(.bypass, cause: bypass.rawValue)
        record.subject = harmless(word: word)
        record.source =
            command.arguments.last { $0.first != UInt8(ascii: "-") && Language(source: $0) != nil } ?? source
        (record.directory, record.program) = (Array(command.directory.bytes), command.name)
        record.session = Environment.text("LARDER_SESSION")
        return record
    }

    /// That the result of `key` was made again and is different in `part`.
    static func difference(in part: String, _ key: EntryKey, _ result: EntryKey, session: String?, source: Word)
        -> MissRecord
    {
        var record = MissRecord(.difference, cause: CheckedHit.different)
        (record.subject, record.key, record.session, record.source) = (Word(part.utf8), key, session, source)
        record.ingredients = [.init(label: "result", value: Array(result.description.utf8))]
        return record
    }

    /// Why what was made under `key` is not kept.
    static func refusal(
        _ refusal: Recorder.Refusal,
        about subject: Word,
        _ key: EntryKey,
        session: String?,
        source: Word
    ) -> MissRecord {
        var record = MissRecord(.refusal, cause: refusal.rawValue)
        (record.subject, record.key, record.session, record.source) = (subject, key, session, source)
        return record
    }
}
