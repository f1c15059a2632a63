internal import Files
internal import LarderStore

/// What a compile has made, kept for the next.
extension Compilation {
    /// Has the daemon keep a result, or keeps it.
    func keep(
        _ publication: consuming Publication,
        _ object: borrowing CompiledObject,
        _ trace: borrowing CompileTrace?,
        _ miss: Miss,
        _ flight: borrowing Flight,
        _ isClockRight: Bool
    ) -> End {
        if let obstacle = obstacle(to: publication, isClockRight && object.isStamped(since: publication.started)) {
            notes.note(.miss, obstacle.rawValue, miss.key, nil, publication.duration)
            notes.refused(obstacle, about: [], miss.key)
            return .ended(.exited(0))
        }
        if publication.filesRead != nil { publication.searchPath = searchPath(publication.toolchain) }
        let checked = check?.result(after: miss.absence)
        if handOver(publication, object, trace, miss, checked, flight) {
            notes.log("miss", miss.reason, "handed over")
            return .ended(.exited(0))
        }
        var subject: Word = []
        do throws(Recorder.Refusal) {
            let earlier = checked.flatMap { ResultCheck(of: $0, in: store) }
            let result = try publish(publication, object, trace, &subject)
            switch consume earlier {
            case .some(let earlier):
                let verdict = CompileResult.verdict(earlier, of: result, in: store)
                notes.checked(verdict, miss.key, result, publication.duration)
            case nil: notes.note(.miss, miss.reason, miss.key, result, publication.duration)
            }
            flight.offer(manifest: miss.key, result: result)
        } catch {
            // Why it was not stored is why the next one will miss, too.
            notes.note(.miss, error.rawValue, miss.key, nil, publication.duration)
            notes.refused(error, about: subject, miss.key)
            if error == .storeRefused, settings.isStrict { return .ended(.exited(1)) }
        }
        return .ended(.exited(0))
    }

    private func publish(
        _ publication: Publication,
        _ object: borrowing CompiledObject,
        _ trace: borrowing CompileTrace?,
        _ subject: inout Word
    ) throws(Recorder.Refusal) -> EntryKey {
        try publication.keep(
            object,
            trace,
            in: store,
            subject: &subject,
            report: { error in
                if settings.isStrict { Message.write("\(error)") }
                notes.log("error", "not_stored", "\(error)")
            },
            ask: { refusal in
                notes.log("asked", refusal.rawValue)
                // Its private files are gone when it has answered.
                return CompilerRun(request, command: command, extraArguments: mappingArguments).headersInText()
            }
        )
    }

    /// Why it is not even tried to keep a result.
    private func obstacle(to publication: Publication, _ isClockRight: Bool) -> Recorder.Refusal? {
        if settings.extraInputsState != extraInputs { return .inputTooYoung }
        if !publication.streams.isWhole { return .streamsCut }
        if publication.toolchain.findsAssembler, Self.isScript(inPath: "as") { return .unknownTool }
        return isClockRight ? nil : .clockBehind
    }

    /// True where `PATH` leads to a script of this name: what that reads, and where it looks, nobody knows.
    private static func isScript(inPath name: StaticString) -> Bool {
        Executable.find(Word(name)).map(ToolchainProbe.isScript) ?? false
    }

    private func searchPath(_ toolchain: Toolchain) -> SearchPath? {
        SearchPath.load(
            for: request,
            command: command,
            environment: environment,
            toolchain: toolchain,
            from: store,
            isReadOnly: false
        )
    }

    /// Has the daemon keep the result; false when this process has to.
    private func handOver(
        _ publication: Publication,
        _ object: borrowing CompiledObject,
        _ trace: borrowing CompileTrace?,
        _ miss: Miss,
        _ checked: EntryKey?,
        _ flight: borrowing Flight
    ) -> Bool {
        // Whoever is strict wants to hear of a failure. And clang is asked whether it obeys the epoch, which a daemon
        // does not do.
        guard settings.usesDaemon, !settings.isStrict, request.family != .clang || environment.epoch == nil,
            publication.isSameForOthers, object.size < CompiledObject.searchLimit,
            let checksum = object.file.checksum(size: object.size),
            object.isUnchanged
        else { return false }
        let handover = Handover(
            publication,
            size: object.size,
            modified: object.modified,
            checksum: checksum,
            arguments: arguments,
            bases: bases,
            maximumSize: settings.maximumBytes,
            namespace: settings.namespace,
            namespaceSizes: settings.namespaceSizes,
            remote: settings.sentTo,
            note: .init(
                reason: miss.reason,
                session: notes.session,
                label: notes.label,
                program: notes.program,
                time: Clock.wall / 1_000_000,
                process: CurrentProcess.id,
                elapsedMicroseconds: CurrentProcess.age / 1000,
                checked: checked
            )
        )
        guard let job = handover.encoded(), let directory = try? Descriptor(directory: ".") else { return false }
        var descriptors = [object.file.raw, directory.raw]
        if let log = CompileTrace.descriptor(of: trace) { descriptors.append(log) }
        return flight.publish(job, descriptors)
    }

    /// What the base directories add to the command: they are replaced in everything that the compiler writes.
    var mappingArguments: [Word] { bases.map { Word("-ffile-prefix-map=") + $0 + Word("=.") } }
}
