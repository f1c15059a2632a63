internal import CLinux
internal import Glibc

/// How a process ended.
package enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)

    package var isBySignal: Bool {
        if case .signalled = self { true } else { false }
    }
}

/// What a child wrote.
package struct CapturedStreams: Sendable {
    package var output: [UInt8] = []
    package var error: [UInt8] = []

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
    }

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

    /// Runs `program` to hear something from it: it gets no input, which is the user's compiler's.
    ///
    /// A signal that ends the program ends us as well: whoever sent it did not mean the question alone.
    package static func ask(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]]? = nil
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        let answer = try run(program, arguments, environment, hasInput: false, output: .captured, error: .captured)
        endIfInterrupted()
        return answer
    }

    /// Ends this process when a signal has asked for that while a child was running.
    private static func endIfInterrupted() {
        let signal = larder_interruption()
        if signal != 0 { larder_end_by(signal) }
    }

    private static func run(
        _ program: Path,
        _ arguments: [[UInt8]],
        _ environment: [[UInt8]]?,
        hasInput: Bool,
        output: Stream,
        error: Stream
    ) throws(SystemError) -> (Ending, CapturedStreams) {
        var out = try Tap(STDOUT_FILENO, output)
        var err = try Tap(STDERR_FILENO, error)
        var pid: Int32 = 0
        let failure = program.withCString { path in
            withCStrings(arguments) { argv in
                guard let environment else {
                    return larder_start(path, argv, environ, hasInput ? 1 : 0, out.childEnd, err.childEnd, &pid)
                }
                return withCStrings(environment) { envp in
                    larder_start(path, argv, envp, hasInput ? 1 : 0, out.childEnd, err.childEnd, &pid)
                }
            }
        }
        guard failure == 0 else { throw SystemError("posix_spawn", at: program, code: failure) }
        out.closeChildEnd()
        err.closeChildEnd()
        var streams = CapturedStreams()
        withUnsafeMutablePointer(to: &streams) { streams in
            larder_collect(
                pid,
                out.ourEnd,
                err.ourEnd,
                { context, stream, bytes, length in
                    guard let streams = context?.assumingMemoryBound(to: CapturedStreams.self) else { return }
                    let bytes = UnsafeRawBufferPointer(start: bytes, count: length)
                    if stream == 0 {
                        streams.pointee.output.append(contentsOf: bytes)
                    } else {
                        streams.pointee.error.append(contentsOf: bytes)
                    }
                },
                streams
            )
        }
        var code: CInt = 0
        switch larder_wait(pid, &code) {
        case 1: return (.exited(code), streams)
        case 2: return (.signalled(code), streams)
        default: throw SystemError("waitpid", at: program)
        }
    }

    /// Replaces this process by `program`; returns only when that fails.
    ///
    /// A file that is no program of the kernel's is given to the shell, as execvp(3) and every shell do.
    package static func replace(with program: Path, arguments: [[UInt8]]) -> SystemError {
        endIfInterrupted()
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

/// The two ends of one of the child's streams.
private struct Tap: ~Copyable {
    private var ours: Descriptor?
    private var theirs: Descriptor?

    init(_ like: CInt, _ stream: Child.Stream) throws(SystemError) {
        guard stream == .captured else { return }
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
    /// That is no error of ours. See ``StandardStream/reportFailedWrites()`` for a stream that nobody reads any more.
    @discardableResult
    package func replay() -> Bool {
        let isWhole = Self.write(output, to: STDOUT_FILENO)
        return Self.write(error, to: STDERR_FILENO) && isWhole
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno == EAGAIN {
                    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&room, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
