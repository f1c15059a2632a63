package import Files
package import LarderStore

/// Whether anything has changed since a script last succeeded.
///
/// `check` looks at the inputs and notes what it saw; `mark` says how it went for just that, whatever has happened to the
/// inputs meanwhile. Several scripts may be at it at once: each mark belongs to the check that was made nearest to it in
/// the tree of processes.
package struct Fingerprint: Sendable {
    private let settings: Settings
    private let store: EntryStore
    private let journal: Journal
    private let name: [UInt8]
    private let inputs: [[UInt8]]
    private let variables: [[UInt8]]
    /// Where the inputs are seen from, if that counts.
    private let directory: Path?
    private let key: EntryKey

    /// The fingerprint `name` over these inputs.
    package init(
        _ name: [UInt8],
        inputs: [[UInt8]],
        variables: [[UInt8]],
        directory: Path?,
        settings: Settings
    ) {
        (self.name, self.inputs, self.variables, self.directory) = (name, inputs, variables, directory)
        self.settings = settings
        store = EntryStore(at: settings.directory, options: settings.storeOptions)
        journal = Journal(at: settings.directory)
        var builder = KeyBuilder(domain: "fingerprint-1")
        builder.add("name", name)
        if let directory { builder.add("directory", directory.bytes) }
        key = builder.finish()
    }

    /// What a check has found.
    package struct Verdict: Sendable {
        /// Whether there is something to do.
        package var mustRun: Bool
        /// Why, in one token; `unchanged` where there is nothing to do.
        package var reason: String
        /// What is different from the last success.
        package var differences: [String] = []
        /// Why what was seen could not be noted, so that no success can be marked.
        package var trouble: String?
    }

    /// Looks at the inputs and says whether anything has changed since the last success.
    package func check() throws(Refusal) -> Verdict {
        let last = record()
        var observer = Observer(store.contents, knowing: last.success ?? Observation())
        if let directory { observer.add(.directory, value: Array(directory.bytes)) }
        for variable in variables { observer.add(.variable, variable, value: Environment.value(of: variable)) }
        do throws(Refusal) { try observer.add(try InputListing(inputs)) } catch {
            // Somebody is writing just now: that is a change.
            guard error == .inputChanged else { throw error }
            note(.miss, "input_changed")
            return Verdict(mustRun: true, reason: "input_changed")
        }
        let observation = observer.observation
        var verdict = self.verdict(observation, last)
        // Also where there is nothing to do, so that a mark that follows finds its own check.
        do throws(StoreError) {
            try change { record in record.add(observation, from: Self.origin) }
        } catch {
            if verdict.mustRun { verdict.trouble = "\(error)" }
        }
        note(verdict.mustRun ? .miss : .hit, verdict.mustRun ? verdict.reason : "")
        return verdict
    }

    private func verdict(_ observation: Observation, _ last: FingerprintRecord) -> Verdict {
        if settings.isDisabled || settings.recache {
            return Verdict(mustRun: true, reason: settings.recache ? "recache" : "disabled")
        }
        guard let success = last.success else { return Verdict(mustRun: true, reason: "never_succeeded") }
        let differences = observation.differences(from: success)
        // The order of names is part of neither, but a digest is the last word.
        guard observation.digest != success.digest else { return Verdict(mustRun: false, reason: "unchanged") }
        return Verdict(
            mustRun: true,
            reason: differences.first?.ingredient.token ?? "input",
            differences: differences.map(\.description)
        )
    }

    /// How a mark went.
    package enum Marking: Sendable {
        case done
        /// Nobody has checked before, or it cannot be told who: the next check runs.
        case withoutCheck
    }

    /// Notes that all went well for what the last check saw.
    package func markSuccess() throws(StoreError) -> Marking {
        var marking = Marking.done
        try change { record in
            if let seen = record.take(nearestTo: Self.origin) {
                record.success = seen
            } else if record.success == nil {
                marking = .withoutCheck
            }
        }
        return marking
    }

    /// Notes that something went wrong: the next check runs, whatever it sees.
    package func markFailure() throws(StoreError) {
        try change { record in
            _ = record.take(nearestTo: Self.origin)
            record.success = nil
        }
    }

    // MARK: - The record

    private func record() -> FingerprintRecord {
        store.value(for: key).parts?.first.flatMap { FingerprintRecord(decoding: $0.bytes) } ?? FingerprintRecord()
    }

    /// Changes the record while nobody else does.
    private func change(_ body: (inout FingerprintRecord) -> Void) throws(StoreError) {
        guard !settings.isReadOnly else { throw StoreError(.readOnly, at: settings.directory) }
        var options = settings.lockOptions
        options.purpose = "fingerprint"
        options.observers = []
        let lock: WriterLock
        guard let lockName = LockName("fingerprint-" + String(key.digest.hex.prefix(32))) else { return }
        do throws(LockError) {
            lock = try WriterLock.acquire(lockName, in: settings.directory, options: options)
        } catch {
            throw StoreError(.locked, at: settings.directory, detail: error.description)
        }
        var record = record()
        body(&record)
        let part = NewPart("fingerprint", .bytes(record.encoded), codec: .stored)
        try store.publish(key, kind: EntryKind.fingerprint.rawValue, parts: [part])
        lock.release()
    }

    private static var origin: [FingerprintRecord.Process] {
        ProcessIdentity.ancestors.map { .init(id: $0.id, started: $0.started) }
    }

    private func note(_ kind: Event.Kind, _ cause: String) {
        guard !settings.isReadOnly else { return }
        journal.record(
            Event(
                kind,
                cause: cause.isEmpty ? "fingerprint" : "fingerprint_" + cause,
                entry: key,
                session: Environment.text("LARDER_SESSION"),
                label: String(decoding: name, as: UTF8.self)
            )
        )
    }
}
