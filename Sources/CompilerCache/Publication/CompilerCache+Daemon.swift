package import Files
package import LarderStore

/// The half of the compiler cache that works in the daemon.
extension CompilerCache {
    /// Keeps the result of a compile that a launcher has handed over, and writes into the journal what became of it; returns
    /// the entries that were made, none when it was not kept, and the remote caches that are to have them.
    ///
    /// The calling thread has a working directory of its own, which this moves.
    ///
    /// - Parameters:
    ///   - descriptors: the object, the directory in which the compiler was run, and its trace where there is one.
    ///   - cache: the cache directory.
    ///   - owner: the only user whose entries are believed; nil for any user's.
    package static func keep(
        _ job: [UInt8],
        _ descriptors: [SharedDescriptor],
        in cache: Path,
        owner: UInt32? = nil,
        memo: InputMemo
    ) -> (keys: [EntryKey], remote: RemoteAccess) {
        guard (2...3).contains(descriptors.count), let handover = try? Handover(decoding: job) else {
            return ([], .none)
        }
        defer { BackgroundThread.leaveDirectory() }
        guard (try? BackgroundThread.enter(descriptors[1].descriptor)) != nil else { return ([], .none) }
        let store = store(for: handover, in: cache, owner)
        let publication = handover.publication
        var event = event(of: handover)
        var refusal: Recorder.Refusal?
        var subject: Word = []
        var verdict: ResultCheck.Verdict?
        defer {
            note(event, verdict, in: cache)
            if let refusal {
                let label = Word(handover.note.label.utf8)
                MissLog(at: cache).record(
                    .refusal(refusal, about: subject, publication.manifest, session: event.session, source: label)
                )
            }
        }
        guard let object = CompiledObject.passed(descriptors[0].descriptor, handover) else {
            event.cause = Recorder.Refusal.outputChanged.rawValue
            refusal = .outputChanged
            return ([], .none)
        }
        CrashPoint.reach("daemon_recording")
        let trace = descriptors.count == 3 ? try? CompileTrace(passed: descriptors[2].descriptor) : nil
        let earlier = handover.note.checked.flatMap { ResultCheck(of: $0, in: store) }
        do throws(Recorder.Refusal) {
            // Nothing is asked of a compiler here: the next launcher with this command does so by itself.
            let result = try publication.keep(
                object,
                trace,
                in: store,
                memo: memo,
                subject: &subject,
                report: { _ in },
                ask: { _ in nil }
            )
            event.entry = result
            switch consume earlier {
            case .some(let earlier): verdict = CompileResult.verdict(earlier, of: result, in: store)
            case nil: break
            }
            return ([result, publication.manifest], handover.remote)
        } catch {
            event.cause = error.rawValue
            refusal = error
            return ([], .none)
        }
    }
}

extension CompilerCache {
    private static func store(for handover: Handover, in cache: Path, _ owner: UInt32?) -> EntryStore {
        var options = EntryStore.Options()
        options.owner = owner
        options.maximumSize = handover.maximumSize
        options.sharesBlocks = true
        (options.namespace, options.namespaceSizes) = (handover.namespace, handover.namespaceSizes)
        return EntryStore(at: cache, options: options)
    }

    /// The launcher's miss, for the journal.
    private static func event(of handover: Handover) -> Event {
        var event = Event(
            .miss,
            cause: handover.note.reason,
            manifest: handover.publication.manifest,
            microseconds: handover.publication.duration / 1000,
            session: handover.note.session,
            label: handover.note.label,
            program: handover.note.program,
            elapsedMicroseconds: handover.note.elapsedMicroseconds
        )
        (event.time, event.process) = (handover.note.time, handover.note.process)
        return event
    }

    /// Writes into the journal what became of a compile.
    ///
    /// - Parameter verdict: what the comparison showed, where a hit was made again.
    private static func note(_ event: Event, _ verdict: ResultCheck.Verdict?, in cache: Path) {
        let journal = Journal(at: cache)
        var event = event
        switch verdict {
        case .same:
            (event.kind, event.cause, event.microseconds) = (.hit, CheckedHit.same, 0)
            journal.record(event)
        case .different(let part):
            event.cause = CheckedHit.different
            journal.record(event)
            var failure = event
            (failure.kind, failure.microseconds) = (.error, 0)
            journal.record(failure)
            guard let manifest = event.manifest, let result = event.entry else { return }
            let label = Word(event.label.utf8)
            MissLog(at: cache).record(
                .difference(in: part, manifest, result, session: event.session, source: label)
            )
        case .incomparable, nil: journal.record(event)
        }
    }
}

extension CompiledObject {
    /// The object that a launcher has passed on; nil when it is not what that says it is.
    fileprivate static func passed(_ descriptor: borrowing Descriptor, _ handover: Handover) -> CompiledObject? {
        guard let file = try? descriptor.duplicate() else { return nil }
        let object = CompiledObject(file, size: handover.size, modified: handover.modified, checksum: handover.checksum)
        guard object.isUnchanged else { return nil }
        return object
    }
}
