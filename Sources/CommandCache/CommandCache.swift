package import Files
package import LarderStore

/// The cache of any command: what is to be run and what its result depends on comes in, the result comes out.
///
/// In the order in which it happens: look at everything that counts, look for a result under that, give it; or run the
/// tool, see whether anything has changed meanwhile, and keep what it made. Whatever is in doubt is not kept.
package struct CommandCache {
    let settings: Settings
    private(set) var store: EntryStore
    let journal: Journal
    /// Whether the next hit is to be made again and compared.
    let verifiesHit: Bool

    /// The cache that the settings describe.
    package init(_ settings: Settings) {
        self.settings = settings
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
        journal = Journal(at: settings.directory)
        verifiesHit = settings.verifiesThisHit
    }

    /// How a command was answered.
    package enum Answer: Sendable {
        /// It has ended so, and all that it makes and says is there.
        case ended(Ending)
        /// Nothing was done: the caller is to become the tool.
        case asGiven
        /// Standard input is gone, and nobody could give the tool what it held.
        case inputLost(SystemError)
    }

    /// Standard input that is longer is not kept.
    private static let inputLimit = 256 << 20

    /// Gives the result of `request`, from the cache or from the tool.
    package func run(_ request: CommandRequest, tool: Tool) -> Answer {
        guard !settings.isDisabled else { return .asGiven }
        do throws(Refusal) {
            switch try prepare(request, tool) {
            case .ready(let lookup):
                logKey(of: lookup)
                return request.isTraced ? try TracedCommand(self, lookup).answer() : try answer(lookup)
            case .inputLost(let error): return .inputLost(error)
            }
        } catch {
            if mayWrite { bypass(error.rawValue, request) }
            return .asGiven
        }
    }

    /// False where nothing may be written into the cache directory.
    var mayWrite: Bool { (try? settings.checkDirectory()) != nil }

    /// What `larder run --dry-run` says.
    package struct Forecast: Sendable {
        /// Whether the result would come from the cache.
        package var isHit = false
        /// One token for a hit or the reason of a miss or bypass.
        package var reason = ""
        /// What is different from the last run here.
        package var differences: [String] = []
        /// Of a traced command: what it read the last time that nobody has declared.
        package var undeclared: [[UInt8]] = []
        /// What an explanation of the miss needs; nil where there is none.
        package var miss: MissRecord?
        /// How long ago the result was made and how long that took, in milliseconds.
        package var age: Int64 = 0
        package var saves: Int64 = 0
    }

    /// Says what ``run(_:tool:)`` would do, and does nothing.
    package func forecast(_ request: CommandRequest, tool: Tool) -> Forecast {
        var forecast = Forecast()
        guard !settings.isDisabled else {
            forecast.reason = "disabled"
            return forecast
        }
        var cache = self
        cache.store = store.reader
        do throws(Refusal) {
            guard case .ready(let lookup) = try cache.prepare(request, tool) else { throw .inputUnreadable }
            if request.isTraced { return try TracedCommand(cache, lookup).forecast() }
            switch try lookup.find(at: Clock.stamp) {
            case .hit(_, let result, _):
                forecast.age = max(0, Clock.wall.subtracting(saturating: result.made)) / 1_000_000
                forecast.saves = result.microseconds / 1000
                if let obstacle = result.obstacle(at: lookup.outputs) {
                    forecast.reason = obstacle.rawValue
                    return forecast
                }
                forecast.isHit = !settings.recache
                forecast.reason = settings.recache ? "recache" : "hit"
            case .miss(let miss):
                forecast.reason = miss.reason
                forecast.differences = miss.differences.map(\.description)
                forecast.miss = cache.record(of: miss, lookup)
            }
        } catch {
            forecast.reason = error.rawValue
        }
        return forecast
    }

    private enum Preparation {
        case ready(CommandLookup)
        case inputLost(SystemError)
    }

    private func prepare(_ request: CommandRequest, _ tool: Tool) throws(Refusal) -> Preparation {
        guard StandardStream.areAllOpen else { throw .closedStream }
        guard let directory = try? Directory.current() else { throw .noDirectory }
        var outputs: [OutputPlace] = []
        for output in request.allOutputs { outputs.append(try OutputPlace(output, directory: directory)) }
        // Of two outputs none may lie in the other, or be it.
        for (index, output) in outputs.enumerated() {
            for other in outputs[..<index]
            where OutputPlace.isAtOrBelow(output.canonical, other.canonical)
                || OutputPlace.isAtOrBelow(other.canonical, output.canonical)
            { throw .outputIsPlace }
        }
        var input: Ingredient?
        if request.readsInput {
            let outcome: GivenInput.Outcome
            do throws(SystemError) { outcome = try GivenInput.read(limit: Self.inputLimit) } catch {
                throw .inputUnreadable
            }
            switch outcome {
            case .tooLong: throw .stdinTooLong
            case .lost(let error): return .inputLost(error)
            case .whole(let offset):
                var observer = Observer(store.contents)
                try observer.addStandardInput(from: offset)
                input = observer.observation.ingredients.first
            }
        }
        // Before the key: what changes in between must not be kept under it.
        let extraInputs = settings.extraInputsState
        return .ready(
            CommandLookup(
                request: request.isTraced ? TracedCommand.withEnvironment(request) : request,
                tool: tool,
                directory: directory,
                outputs: outputs,
                key: CommandKey(request, in: directory, settings),
                store: store,
                input: input,
                extraInputs: extraInputs
            )
        )
    }

    private func answer(_ lookup: CommandLookup) throws(Refusal) -> Answer {
        // While another process makes these outputs they are not to be replaced under its hands.
        var locks: OutputLocks?
        if !lookup.outputs.isEmpty, !settings.isReadOnly,
            let holder = OutputLocks.holder(of: lookup.outputs, in: settings.directory)
        {
            // A tool that calls us for its own output would wait for itself.
            if ProcessIdentity.ancestors.contains(where: { $0.id == holder }) { throw .outputBusy }
            locks = OutputLocks(of: lookup.outputs, in: settings.directory, options: lockOptions)
            if locks == nil { throw .outputBusy }
        }
        defer { locks?.release() }
        let (started, latest) = (Clock.stamp, Clock.latestStamp)
        var (ending, miss) = try give(lookup, at: started)
        if let ending { return .ended(ending) }
        guard mayWrite, !settings.isReadOnly else { return .asGiven }
        CrashPoint.reach("looked")
        let flight = CommandFlight(of: lookup.key.result(miss.observation), settings)
        // With another process's result at hand no lock is needed.
        if flight.wasAwaited { (ending, miss) = try give(lookup, at: started) }
        if let ending { return .ended(ending) }
        if locks == nil, !lookup.outputs.isEmpty {
            locks = OutputLocks(of: lookup.outputs, in: settings.directory, options: lockOptions)
            if locks == nil { throw .outputBusy }
        }
        // Somebody may have published it between the last look and now: whoever had the lock, say. Where not, the first look
        // has said why: it may have removed what was damaged.
        let reason = miss.reason
        (ending, miss) = try give(lookup, at: started)
        if let ending { return .ended(ending) }
        ending = try bring(lookup.index, after: miss) { () throws(Refusal) in
            try give(lookup, at: started, as: Self.remoteCause)
        }
        if let ending { return .ended(ending) }
        if miss.checked == nil { miss.reason = reason }
        var recording = CommandRecording(cache: self, lookup: lookup, miss: miss, since: latest)
        let answer = recording.perform(locks)
        // Whoever waits for us looks now.
        flight.end()
        return answer
    }

    /// Says nothing on standard error, which is the tool's.
    var lockOptions: WriterLock.Options {
        var options = WriterLock.Options()
        options.timeout = settings.lockTimeout
        options.mode = settings.lockMode
        options.purpose = "larder run"
        return options
    }

    /// Gives a result and returns how the command has ended; or why there is none.
    ///
    /// - Parameter cause: under which a hit is counted.
    private func give(_ lookup: CommandLookup, at started: Int64, as cause: String = "") throws(Refusal)
        -> (Ending?, CommandLookup.Miss)
    {
        switch try lookup.find(at: started) {
        case .miss(var miss):
            if settings.recache { miss.reason = "recache" }
            return (nil, miss)
        case .hit(let entry, let result, let found):
            var miss = CommandLookup.Miss(reason: "recache", observation: found.observation)
            miss.observation.ingredients.removeAll { $0.kind == .dependency }
            guard !settings.recache else { return (nil, miss) }
            if verifiesHit {
                (miss.reason, miss.checked) = (CheckedHit.reason, found.key)
                return (nil, miss)
            }
            do throws(CommandResult.Obstacle) {
                let streams = try result.deliver(entry, to: lookup.outputs)
                guard streams.replay() else { throw .undeliverable }
                Crash.ends(as: .exited(result.status), isHit: true)
                CrashPoint.reach("given")
                if lookup.request.readsInput { GivenInput.skip() }
                keepObservation(found, lookup)
                note(.hit, cause, lookup.request, lookup.index ?? found.key, found.key, result.microseconds)
                return (.exited(result.status), miss)
            } catch {
                if error == .corrupt { store.discard(found.key) }
                (miss.reason, miss.isAbsent) = (error.rawValue, false)
                return (nil, miss)
            }
        }
    }

    /// Saves the next hit from reading the same files again.
    func keepObservation(_ found: CommandLookup.Found, _ lookup: CommandLookup) {
        guard found.hasLearnt, !settings.isReadOnly else { return }
        _ = try? publish(observation: found.observation, lookup.key)
    }

    func publish(observation: Observation, _ key: CommandKey) throws(StoreError) {
        let part = NewPart("observation", .bytes(ObservationFormat.encode(observation)), codec: .stored)
        try store.publish(key.observation, kind: EntryKind.observation.rawValue, parts: [part])
    }

    // MARK: - Journal

    /// Counts what happened; commands have causes of their own, so that nobody takes them for compiles, and compiles have
    /// those of compiles.
    func note(
        _ kind: Event.Kind,
        _ cause: String,
        _ request: CommandRequest,
        _ manifest: EntryKey? = nil,
        _ entry: EntryKey? = nil,
        _ microseconds: Int64 = 0
    ) {
        let label = String(decoding: Path(bytes: subject(of: request)).name, as: UTF8.self)
        let cause = counted(cause, request)
        if let log = settings.log {
            let prefix = request.compile == nil ? "run " : ""
            let shown = cause.isEmpty || cause == "run" ? "-" : cause
            let line = "\(Clock.wall / 1_000_000) \(prefix)\(kind.rawValue) \(shown) \(label)"
            AppendedFile.append(line: line, to: log)
        }
        Crash.commandIsCounted()
        guard !settings.isReadOnly else { return }
        journal.record(
            Event(
                kind,
                cause: cause,
                manifest: manifest,
                entry: entry,
                microseconds: microseconds,
                session: Environment.text("LARDER_SESSION"),
                label: label,
                program: String(decoding: Path(bytes: request.words[0]).name, as: UTF8.self),
                elapsedMicroseconds: CurrentProcess.age / 1000
            )
        )
    }

    /// Logs every ingredient of a compile's key.
    private func logKey(of lookup: CommandLookup) {
        guard let log = settings.log, lookup.request.compile != nil else { return }
        for (label, value) in lookup.key.ingredients.ingredients {
            let text = String(decoding: value.map { $0 == 0 ? UInt8(ascii: "@") : $0 }, as: UTF8.self)
            AppendedFile.append(line: "\(Clock.wall / 1_000_000) key \(label) \(text) \(lookup.key.command)", to: log)
        }
    }

    /// The name under which a cause is counted.
    private func counted(_ cause: String, _ request: CommandRequest) -> String {
        request.compile?.cause(cause) ?? (cause.isEmpty ? "run" : "run_" + cause)
    }

    private func subject(of request: CommandRequest) -> [UInt8] { request.compile?.label ?? request.words[0] }

    /// Counts a run, which is kept under `key`.
    func noteMiss(
        _ miss: CommandLookup.Miss,
        _ earlier: consuming ResultCheck?,
        _ lookup: CommandLookup,
        _ key: EntryKey,
        _ microseconds: Int64
    ) {
        let (request, index) = (lookup.request, lookup.index ?? key)
        guard let earlier else { return note(.miss, miss.reason, request, index, key, microseconds) }
        switch CommandResult.verdict(earlier, of: key, in: store) {
        case .same: note(.hit, CheckedHit.same, request, index, key)
        case .incomparable: note(.miss, miss.reason, request, index, key, microseconds)
        case .different(let part):
            note(.miss, CheckedHit.different, request, index, key, microseconds)
            note(.error, CheckedHit.different, request, index, key)
            var record = record(.difference, CheckedHit.different, request)
            (record.subject, record.key) = (Array(part.utf8), lookup.key.command)
            record.ingredients = [.init(label: "result", value: Array(key.description.utf8))]
            MissLog(at: settings.directory).record(record)
        }
    }

    // MARK: - Explanations

    /// Keeps what an explanation of the miss needs.
    func explain(_ miss: CommandLookup.Miss, _ lookup: CommandLookup) {
        MissLog(at: settings.directory).record(record(of: miss, lookup))
    }

    /// What was looked for, and what is different from the last run.
    func record(of miss: CommandLookup.Miss, _ lookup: CommandLookup) -> MissRecord {
        var record = record(.miss, miss.reason, lookup.request)
        record.take(lookup.key.ingredients)
        if lookup.request.compile == nil { record.hideWords() }
        record.key = lookup.key.command
        record.directory = Array(lookup.directory.bytes)
        record.output = lookup.request.outputs.first ?? lookup.request.compile?.output ?? []
        if let first = miss.differences.first { record.subject = first.ingredient.name }
        for difference in miss.differences.prefix(100) {
            record.ingredients.append(.init(label: "difference", value: Array(difference.description.utf8)))
        }
        return record
    }

    /// Counts a run that is not kept, and keeps why for an explanation.
    func refuse(_ cause: String, about subject: [UInt8] = [], _ lookup: CommandLookup, _ microseconds: Int64) {
        note(.miss, cause, lookup.request, nil, nil, microseconds)
        var record = record(.refusal, cause, lookup.request)
        (record.subject, record.key) = (subject, lookup.key.command)
        MissLog(at: settings.directory).record(record)
    }

    /// Counts a command that runs as it was given, and keeps why for an explanation.
    func bypass(_ cause: String, _ request: CommandRequest) {
        note(.bypass, cause, request)
        guard !settings.isReadOnly else { return }
        var record = record(.bypass, cause, request)
        record.directory = (try? Directory.current()).map { Array($0.bytes) } ?? []
        record.subject = request.compile?.doubtfulWord() ?? []
        MissLog(at: settings.directory).record(record)
    }

    private func record(_ outcome: MissRecord.Outcome, _ cause: String, _ request: CommandRequest) -> MissRecord {
        var record = MissRecord(outcome, cause: counted(cause, request))
        (record.source, record.program) = (subject(of: request), request.words[0])
        record.session = Environment.text("LARDER_SESSION")
        return record
    }
}
