internal import Files

/// The user's command as it was given, which always runs.
struct Fallback: Sendable {
    let compiler: Path
    let name: Word
    let arguments: [Word]
    let isStandIn: Bool
    /// The words that are put before the compiler.
    var prefix: [Word] = []

    /// Becomes the compiler.
    func run() -> Never {
        let (program, words) = command
        fail(Child.replace(with: program, arguments: words + arguments))
    }

    /// The program to run, and its first words.
    private var command: (program: Path, words: [Word]) {
        if let prefixed = PrefixCommand(prefix, before: compiler, named: name) { return prefixed.started }
        WayBack.note(compiler, named: name, isStandIn: isStandIn)
        return (compiler, [name])
    }

    /// Becomes the compiler; or, where a part of what it says has been heard, runs it and leaves that part out.
    func run(after relay: OutputRelay?) -> Never {
        guard let relay, relay.hasSpoken else { run() }
        Interruption.endIfItHasCome()
        let receiver = RepeatedOutput(after: relay)
        // A stream that took no more is the compiler's own again, so that it notices.
        func way(_ passed: Int, _ refusal: Int32) -> Child.Stream {
            passed > 0 && refusal == 0 ? .captured : .inherited
        }
        let (program, words) = command
        let ending: Ending
        do throws(SystemError) {
            (ending, _) = try Child.run(
                program,
                arguments: words + arguments,
                output: way(relay.passed.output, relay.refusals.output),
                error: way(relay.passed.error, relay.refusals.error),
                receiver: receiver
            )
        } catch {
            fail(error)
        }
        receiver.end()
        if ending == .exited(0) { Interruption.endIfItHasCome() }
        Child.end(as: ending)
    }

    private func fail(_ error: SystemError) -> Never {
        Message.write("\(error)")
        Child.exitNow(error.isAbsence ? 127 : 126)
    }
}
