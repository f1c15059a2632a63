internal import CLinux
internal import Glibc

/// How a process ended.
package enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)

    /// As most programs end that write to a pipe of which nobody reads.
    package static let unread = Ending.signalled(SIGPIPE)
    /// Where the system does not say how; never a success.
    package static let unknown = Ending.exited(255)

    package var isBySignal: Bool {
        if case .signalled = self { true } else { false }
    }
}

/// What a child wrote.
package struct CapturedStreams: Sendable {
    package var output: [UInt8] = []
    package var error: [UInt8] = []
    /// False where a stream was cut short: it was too long to keep, our own end of it took no more, or another process
    /// had it open when the child ended.
    package var isWhole = true
    /// True where it was too long to keep.
    package var isTooLong = false
    /// The errno for which our own end of a copied stream took no more, which the child may never have noticed; else 0.
    ///
    /// Not an optional error: a hit of a compile, which has none, would pay for taking it apart.
    fileprivate var refusalCode: Int32 = 0

    /// Why our own end of a copied stream took no more.
    package var refusal: SystemError? { refusalCode == 0 ? nil : SystemError("write", code: refusalCode) }

    /// True where one of the two says nothing: both together cannot be said again when one of them was heard.
    package var areOneSided: Bool { output.isEmpty || error.isEmpty }

    package init(output: [UInt8] = [], error: [UInt8] = []) {
        self.output = output
        self.error = error
    }
}

/// A program that runs as our child, seeing what it would see without us.
package enum Child {
    /// Where a child's output goes.
    package enum Stream: Sendable {
        /// The descriptor that we have ourselves.
        case inherited
        /// Into memory. Where our own descriptor is a terminal, the child gets a terminal of the same size and
        /// kind, so it decides about colours and line lengths as it would have done.
        case captured
        /// Into memory, and to our own descriptor as it comes.
        ///
        /// What our descriptor does not take, the child cannot write either.
        case copied
    }

    /// How many bytes of captured and copied streams are kept; a child that writes more is not kept, but heard if it is copied.
    package static let copiedLimit = 128 << 20

    /// How many bytes an answer may have, which is a few lines.
    package static let answerLimit = 4 << 20

    /// Runs `program` to its end and returns how it ended and what it wrote to captured streams.
    ///
    /// A signal that asks a process to end, sent to us alone, is passed on to the program.
    ///
    /// - Parameter environment: replaces the environment; nil passes ours on.
    package static func run(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]]? = nil,
        output: Stream,
        error: Stream
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        try run(program, arguments, environment, hasInput: true, output: output, error: error)
    }

    /// Runs `program` to its end; what it writes to captured streams goes to `receiver` as it comes, and is not kept here.
    ///
    /// Returns how it ended, and whether `receiver` has had all that it wrote.
    package static func run(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]]? = nil,
        output: Stream,
        error: Stream,
        receiver: any StreamReceiver
    ) throws(SystemError) -> (Ending, isWhole: Bool) {
        let (ending, streams) = try run(
            program,
            arguments,
            environment,
            hasInput: true,
            output: output,
            error: error,
            receiver: receiver
        )
        return (ending, streams.isWhole)
    }

    /// Runs `program` with its two streams joined as ours are, so that what it writes to both stays in order; all of it is
    /// in `output`.
    package static func runJoined(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]]? = nil,
        output: Stream
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        try run(program, arguments, environment, hasInput: true, output: output, error: .inherited, isJoined: true)
    }

    /// Whether, when a signal asks us to end, what a program leaves behind is to end, too.
    ///
    /// A driver of a compiler ends at once and its parts go on; what they write later nobody removes.
    package static func endsOrphans(_ on: Bool) { larder_set_ends_orphans(on ? 1 : 0) }

    /// Has processes that the program leaves behind become our children, so that ``leavesNobody`` sees them.
    package static func adoptDescendants(_ on: Bool) { larder_adopt(on ? 1 : 0) }

    /// True when no process that a child has left behind still runs.
    package static var leavesNobody: Bool { larder_has_children() == 0 }

    /// Runs `program` to hear something from it: it gets no input, which is the user's compiler's.
    ///
    /// An answer of more than ``answerLimit`` bytes is none.
    /// A signal that ends the program ends us as well: whoever sent it did not mean the question alone.
    package static func ask(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]]? = nil
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        let answer = try run(
            program,
            arguments,
            environment,
            hasInput: false,
            output: .captured,
            error: .captured,
            limit: answerLimit
        )
        Interruption.endIfItHasCome()
        guard !answer.1.isTooLong else { throw .tooLong }
        return answer
    }

    private static func run(
        _ program: Path,
        _ arguments: [[UInt8]],
        _ environment: [[UInt8]]?,
        hasInput: Bool,
        output: Stream,
        error: Stream,
        isJoined: Bool = false,
        receiver: (any StreamReceiver)? = nil,
        limit: Int = copiedLimit
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        var out = try Tap(STDOUT_FILENO, output)
        var err = try Tap(STDERR_FILENO, error)
        let errorEnd = isJoined ? out.childEnd : err.childEnd
        var pid: Int32 = 0
        let failure = program.withCString { path in
            withCStrings(arguments) { argv in
                guard let environment else {
                    return larder_start(path, argv, environ, hasInput ? 1 : 0, out.childEnd, errorEnd, &pid)
                }
                return withCStrings(environment) { envp in
                    larder_start(path, argv, envp, hasInput ? 1 : 0, out.childEnd, errorEnd, &pid)
                }
            }
        }
        guard failure == 0 else { throw SystemError("posix_spawn", at: program, code: failure) }
        out.closeChildEnd()
        err.closeChildEnd()
        var sink = StreamSink(copies: (output == .copied, error == .copied), receiver: receiver, limit: limit)
        let isOver = withUnsafeMutablePointer(to: &sink) { sink in
            larder_collect(
                pid,
                out.ourEnd,
                err.ourEnd,
                { context, stream, bytes, length in
                    guard let sink = context?.assumingMemoryBound(to: StreamSink.self) else { return 0 }
                    return sink.pointee.take(UnsafeRawBufferPointer(start: bytes, count: length), stream) ? 1 : 0
                },
                sink
            )
        }
        var streams = sink.streams
        if isOver == 0 { streams.isWhole = false }
        var code: CInt = 0
        let end = larder_wait(pid, &code)
        larder_end_orphans()
        switch end {
        case 1: return (.exited(code), streams)
        case 2: return (.signalled(code), streams)
        default:
            // It has run, and must not be started once more because of us.
            streams.isWhole = false
            return (.unknown, streams)
        }
    }

    /// Replaces this process by `program`; returns only when that fails.
    ///
    /// A file that is no program of the kernel's is given to the shell, as execvp(3) and every shell do.
    package static func replace(with program: Path, arguments: [[UInt8]]) -> SystemError {
        Interruption.endIfItHasCome()
        larder_expect_no_children()
        let error = program.withCString { path in
            withCStrings(arguments) { argv in
                execv(path, argv)
                return SystemError("execve", at: program)
            }
        }
        guard error.code == ENOEXEC else { return error }
        _ = withCStrings([Array("sh".utf8), Array(program.bytes)] + arguments.dropFirst()) { execv("/bin/sh", $0) }
        return error
    }

    /// Replaces this process by the program that the kernel finds in `PATH` under `name`; returns only when that fails.
    package static func replace(searching name: [UInt8], arguments: [[UInt8]]) -> SystemError {
        withCStrings([name] + arguments) { argv in
            execvp(argv[0].unsafelyUnwrapped, argv)
            return SystemError("execve", at: Path(bytes: name))
        }
    }

    /// Ends this process as `ending` says its child ended.
    package static func end(as ending: Ending) -> Never {
        switch ending {
        case .exited(let code): exitNow(code)
        case .signalled(let signal): larder_end_by(signal)
        }
    }

    /// Ends this process at once: nothing of ours waits in a buffer.
    package static func exitNow(_ code: Int32) -> Never { _exit(code) }

    static func withCStrings<R>(
        _ words: [[UInt8]],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { word in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: word.count + 1)
            word.withUnsafeBytes {
                UnsafeMutableRawPointer(copy).copyMemory(
                    from: $0.baseAddress ?? UnsafeRawPointer(copy),
                    byteCount: $0.count
                )
            }
            copy[word.count] = 0
            return copy
        }
        pointers.append(nil)
        defer { for pointer in pointers { pointer?.deallocate() } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
    }
}

/// Hears what a child writes while it runs.
package protocol StreamReceiver: AnyObject {
    /// Takes what has come; false when nobody takes more of that stream, and then the child cannot write to it any more.
    func take(_ bytes: UnsafeRawBufferPointer, of stream: StandardStream) -> Bool
}

/// Where the bytes of the child's streams go.
private struct StreamSink {
    let copies: (output: Bool, error: Bool)
    let receiver: (any StreamReceiver)?
    let limit: Int
    var streams = CapturedStreams()

    /// False when nobody takes more of that stream.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ stream: CInt) -> Bool {
        let name: StandardStream = stream == 0 ? .output : .error
        if let receiver { return receiver.take(bytes, of: name) }
        if stream == 0 ? copies.output : copies.error {
            let code = name.write(bytes)
            guard code == 0 else {
                streams.refusalCode = code
                streams.isWhole = false
                return false
            }
        }
        guard streams.output.count + streams.error.count + bytes.count <= limit else {
            (streams.isWhole, streams.isTooLong) = (false, true)
            // Nobody waits for the rest of an answer.
            return limit > Child.answerLimit
        }
        CrashPoint.reach("running")
        if stream == 0 {
            streams.output.append(contentsOf: bytes)
        } else {
            streams.error.append(contentsOf: bytes)
        }
        return true
    }
}

/// The two ends of one of the child's streams.
private struct Tap: ~Copyable {
    private var ours: Descriptor?
    private var theirs: Descriptor?

    init(_ like: CInt, _ stream: Child.Stream) throws(SystemError) {
        guard stream != .inherited else { return }
        var (reading, writing): (CInt, CInt) = (-1, -1)
        if isatty(like) == 1 {
            guard larder_open_terminal(like, &reading, &writing) == 0 else { throw SystemError("posix_openpt") }
        } else {
            guard larder_open_pipe(&reading, &writing) == 0 else { throw SystemError("pipe2") }
        }
        ours = Descriptor(owning: reading)
        theirs = Descriptor(owning: writing)
    }

    var childEnd: CInt {
        switch theirs {
        case .some(let end): end.raw
        case nil: -1
        }
    }

    var ourEnd: CInt {
        switch ours {
        case .some(let end): end.raw
        case nil: -1
        }
    }

    /// Lets go of the child's end, so that the end of the stream is seen.
    mutating func closeChildEnd() { theirs = nil }
}

extension CapturedStreams {
    /// Writes to our own streams what the child wrote; false when one of them did not take all of it.
    ///
    /// That is no error of ours. See ``StandardStream/reportFailedWrites()`` for a stream that nobody reads any more. Where standard
    /// output fails nothing goes to standard error: the child may have to say it again.
    @discardableResult
    package func replay() -> Bool {
        output.withUnsafeBytes(StandardStream.output.write) == 0
            && error.withUnsafeBytes(StandardStream.error.write) == 0
    }
}
