internal import Files

/// One run of a tool, as the user would have started it.
struct ToolRun {
    var ending: Ending
    /// What it wrote, which its reader has already; all of it in `output` where the two streams are one.
    var streams: CapturedStreams
    /// Wall time, in nanoseconds.
    var duration: Int64
    /// What the user calls it.
    var name: [UInt8]

    /// How this process has to end.
    ///
    /// A tool that had written its last words when our own output failed knows nothing of that, but whoever called has to.
    var endingForCaller: Ending {
        guard let refusal = streams.refusal else { return ending }
        if refusal.isInterruption { Interruption.endIfItHasCome() }
        guard ending == .exited(0) || ending == .unread else { return ending }
        if refusal.isUnread { return .unread }
        StandardStream.error.write("larder: what \(Path(bytes: name)) wrote was lost: \(refusal)\n".utf8)
        return .exited(1)
    }

    /// Runs the tool to its end.
    ///
    /// The only place that runs a tool as a child process. ``CommandFlight`` has decided before that this process is to run it.
    static func perform(
        _ tool: Tool,
        _ words: [[UInt8]],
        environment: [[UInt8]]? = nil
    ) throws(SystemError) -> ToolRun {
        let start = Clock.monotonic
        Crash.waitsForChild()
        let (ending, streams) = try started(tool, words, environment)
        return ToolRun(ending: ending, streams: streams, duration: Clock.monotonic - start, name: words[0])
    }

    private static func started(
        _ tool: Tool,
        _ words: [[UInt8]],
        _ environment: [[UInt8]]?
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        do throws(SystemError) {
            return try run(tool.path, words, environment)
        } catch {
            // A text that names no interpreter is for the shell, as execvp(3) has it.
            guard error.isForeignProgram else { throw error }
            return try run("/bin/sh", [Array("sh".utf8), Array(tool.path.bytes)] + words.dropFirst(), environment)
        }
    }

    private static func run(
        _ program: Path,
        _ words: [[UInt8]],
        _ environment: [[UInt8]]?
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        guard StandardStream.areJoined else {
            return try Child.run(program, arguments: words, environment: environment, output: .copied, error: .copied)
        }
        return try Child.runJoined(program, arguments: words, environment: environment, output: .copied)
    }
}
