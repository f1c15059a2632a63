internal import Files
internal import LarderStore
internal import Trace

/// Asks a compiler something that it answers on its standard error stream, in English.
enum CompilerQuery {
    /// The answer, or nil when the compiler failed.
    static func ask(_ command: CompileCommand, _ arguments: [StaticString]) -> [UInt8]? {
        ask(command, arguments.map { Word($0) })
    }

    /// The answer, or nil when the compiler failed.
    static func ask(_ command: CompileCommand, _ arguments: [Word]) -> [UInt8]? {
        WayBack.note(command)
        return answer(of: command.compiler, named: command.name, arguments)?.error
    }

    /// What the notes of a question say.
    enum Seen {
        /// None were to be had.
        case nothing
        /// Not everything.
        case doubt
        case all(Accesses)
    }

    /// The answer, or nil when the compiler failed, and what it looked at to give it.
    ///
    /// - Parameter trustsClock: whether neither time nor chance matters to the answer.
    static func ask(
        _ command: CompileCommand,
        _ arguments: [Word],
        trustsClock: Bool,
        seen: inout Seen
    ) -> [UInt8]? {
        WayBack.note(command)
        let trace = CompileTrace(of: command.compiler)
        let started = Clock.latestStamp
        let streams = answer(
            of: command.compiler,
            named: command.name,
            arguments,
            environment: CompileTrace.environment(of: trace)
        )
        seen = .nothing
        guard let streams else { return nil }
        if CompileTrace.descriptor(of: trace) != nil {
            let libraries = Environment.value("LD_LIBRARY_PATH") ?? []
            let accesses = CompileTrace.accesses(
                trace,
                since: started,
                libraries: libraries,
                trustsClock: trustsClock
            )
            seen = accesses.map(Seen.all) ?? .doubt
        }
        return streams.error
    }

    /// What a program says on both streams; nil when it failed.
    ///
    /// - Parameter environment: in the place of ours.
    static func answer(
        of program: Path,
        named name: Word,
        _ arguments: [Word],
        environment: [Word]? = nil
    ) -> CapturedStreams? {
        var variables: [Word] = []
        func add(_ word: Word) {
            if !word.hasPrefix("LC_ALL="), !word.hasPrefix("LANGUAGE=") { variables.append(word) }
        }
        if let environment {
            environment.forEach(add)
        } else {
            Environment.forEach { entry in
                add(Word(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))))
            }
        }
        variables.append(Word("LC_ALL=C"))
        guard
            let (ending, streams) = try? Child.ask(program, arguments: [name] + arguments, environment: variables),
            ending == .exited(0)
        else { return nil }
        return streams
    }

    /// True when the compiler takes its dates from `SOURCE_DATE_EPOCH`: gcc does, clang from its version 16 on.
    static func obeysEpoch(_ command: CompileCommand, _ family: Family) -> Bool {
        guard family == .clang else { return true }
        // Other makers' versions have other numbers.
        guard let answer = ask(command, ["-v"]), answer.firstIndex(of: Word("Apple")) == nil,
            let found = answer.firstIndex(of: Word("clang version "))
        else { return false }
        let digits = answer[(found + 14)...].prefix { (48...57).contains($0) }
        guard let major = Int(String(decoding: digits, as: UTF8.self)) else { return false }
        return major >= 16
    }
}
