internal import Files

/// A command that compiles several sources: each is compiled, found and kept as if it had been asked for alone.
///
/// What the compilers say is held until all have ended. For where a driver itself speaks, about an option that nobody
/// uses, say, it does so once for all sources and before any of them: such a command is run as it was given, and nothing
/// may have been said before.
struct SeveralCompilations {
    /// In the order of the sources, with one ``OutputSink`` that holds back.
    let compilations: [Compilation]
    let sink: OutputSink

    /// Why they cannot be compiled one by one; nil where they can.
    static func obstacle(_ requests: [CompileRequest]) -> Bypass? {
        var outputs: Set<Word> = []
        for request in requests {
            // clang compiles nothing where a source is missing; gcc says so in its place, but that is a rare thing.
            guard FileStatus.of(Path(bytes: request.source)) != nil else { return .noSource }
            for output in [request.output] + (request.dependencies.map { [$0.file] } ?? []) {
                // Of two sources of one name, the last one's object stays.
                guard outputs.insert(output).inserted else { return .severalSources }
            }
        }
        // All outputs are in the working directory: one that is a source has its name.
        return requests.contains { outputs.contains(Word($0.source.lastComponent)) } ? .severalSources : nil
    }

    /// Compiles all of them and ends the process; returns, with the cause, where the command is to be run as it was given, and nothing has been said.
    func perform() -> Bypass {
        var status: Int32 = 0
        for compilation in compilations {
            let end = compilation.perform()
            // What stands in front of the compiler is not to run for each source.
            if case .wrapper = end { return .wrapper }
            guard !Interruption.hasCome, let ending = ending(of: compilation, end) else { return finish(nil) }
            guard case .exited(let code) = ending, code == 0 || code == 1 else {
                return Interruption.hasCome ? finish(ending) : .driverMessage
            }
            if let words = sink.held?.last, DriverMessage.isIn(words.error, driver: compilation.command) {
                return .driverMessage
            }
            // Both drivers go on with the next source, and say in the end that one has failed.
            status = max(status, code)
        }
        return finish(.exited(status))
    }

    /// How the compiler ended for one source; nil where it could not be started.
    private func ending(of compilation: Compilation, _ end: Compilation.End) -> Ending? {
        if case .ended(let ending) = end { return ending }
        // What the cache does not take the compiler does, for this source alone.
        let command = compilation.command
        let relay = OutputRelay(isHeld: true, signs: [], tracesHeaders: false)
        guard !Interruption.hasCome,
            let (ending, _) = try? Child.run(
                command.compiler,
                arguments: [command.name] + compilation.arguments,
                output: .captured,
                error: .captured,
                receiver: relay
            )
        else { return nil }
        relay.end()
        sink.begin(relay)
        return relay.isComplete && sink.finish() ? ending : nil
    }

    /// Says what was held back and ends the process; returns where that is not heard, which the compiler has to complain
    /// about.
    private func finish(_ ending: Ending?) -> Bypass {
        guard let ending else {
            if Interruption.hasCome { _ = sink.release() }
            Interruption.endIfItHasCome()
            return .severalSources
        }
        guard sink.release() || ending.isBySignal else {
            for compilation in compilations { try? Directory.removeFile(Path(bytes: compilation.request.output)) }
            return .closedStream
        }
        Interruption.endIfItHasCome()
        Child.end(as: ending)
    }
}

/// Words of a driver's own, as opposed to those of the compilers that it runs.
enum DriverMessage {
    /// True where a line of `text` begins with a program's name that may be the driver's.
    ///
    /// The programs behind it begin with a file's name, which has a dot, or with their own.
    static func isIn(_ text: [UInt8], driver command: CompileCommand) -> Bool {
        text.split(separator: 10).contains { line in
            let line = plain(line)
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < line.count,
                line[colon + 1] == 32
            else { return false }
            let name = Word(line[..<colon])
            if name == Word(command.name.lastComponent) || name.hasPrefix("clang") { return true }
            return name.allSatisfy(isInName) && !others.contains { name.equals($0) }
        }
    }

    private static let others: [StaticString] = [
        "warning", "error", "note", "remark", "cc1", "cc1plus", "cc1obj", "cc1objplus",
    ]

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The line without the sequences that colour it: ESC `[` … up to a letter.
    private static func plain(_ line: ArraySlice<UInt8>) -> Word {
        var plain: Word = []
        var isColour = false
        for byte in line {
            if byte == 27 {
                isColour = true
            } else if !isColour {
                plain.append(byte)
            } else if byte == UInt8(ascii: "m") || byte == UInt8(ascii: "K") {
                isColour = false
            }
        }
        return plain
    }
}
