internal import CLinux
internal import Glibc

/// A helper program that reads what may be hostile: it runs in a process group of its own, within limits, and is ended
/// together with all that it started when its time is up, when somebody cancels, and when this process ends.
///
/// Several may run at once, each in a thread of its own.
package struct SupervisedProgram: Sendable {
    /// What it may use.
    package struct Limits: Hashable, Sendable {
        /// Nanoseconds from its start; its processor time is limited to about as much.
        package var time: Int64
        /// Bytes of address space.
        package var memory: Int64
        /// Bytes of collected standard output.
        package var output: Int64

        package init(time: Int64, memory: Int64, output: Int64) {
            (self.time, self.memory, self.output) = (time, memory, output)
        }
    }

    /// How it ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case outOfTime
        case cancelled
        case wroteTooMuch
    }

    /// What is kept of the error stream; the rest is read and dropped.
    package static let errorLimit = 1 << 14

    package var path: Path
    /// Its name comes first, as ever.
    package var arguments: [[UInt8]]
    package var environment: [[UInt8]]
    package var limits: Limits
    /// Its standard output is ours instead of collected.
    package var writesToOurOutput = false
    package var cancellation: Cancellation?

    package init(_ path: Path, arguments: [[UInt8]], environment: [[UInt8]], limits: Limits) {
        (self.path, self.arguments, self.environment, self.limits) = (path, arguments, environment, limits)
    }

    /// Runs it to its end; `input` is its standard input and `extra` its descriptor 3, where there is one.
    package func run(
        input: borrowing Descriptor,
        extra: borrowing Descriptor
    ) throws(SystemError) -> (Ending, CapturedStreams) { try run(input: input.raw, extra: extra.raw) }

    /// Runs it to its end; `input` is its standard input.
    package func run(input: borrowing Descriptor) throws(SystemError) -> (Ending, CapturedStreams) {
        try run(input: input.raw, extra: -1)
    }

    /// Runs it to its end, with nothing to read.
    package func run() throws(SystemError) -> (Ending, CapturedStreams) { try run(input: -1, extra: -1) }

    private func run(input: CInt, extra: CInt) throws(SystemError) -> (Ending, CapturedStreams) {
        var streams = CapturedStreams()
        var code: CInt = 0
        let result = withUnsafeMutablePointer(to: &streams) { streams in
            path.withCString { path in
                Child.withCStrings(arguments) { argv in
                    Child.withCStrings(environment) { envp in
                        var program = larder_program()
                        (program.path, program.argv, program.envp) = (path, UnsafePointer(argv), UnsafePointer(envp))
                        (program.input, program.extra) = (input, extra)
                        program.output = writesToOurOutput ? STDOUT_FILENO : -1
                        program.cancel = cancellation?.event ?? -1
                        program.nanoseconds = limits.time
                        program.memory = limits.memory
                        program.written = limits.output
                        return larder_supervise(&program, Self.collect, streams, &code)
                    }
                }
            }
        }
        switch -result {
        case CInt(larder_ended_by_itself): return (.exited(code), streams)
        case CInt(larder_ended_by_signal): return (.signalled(code), streams)
        case CInt(larder_ended_by_time): return (.outOfTime, streams)
        case CInt(larder_ended_by_cancellation): return (.cancelled, streams)
        case CInt(larder_ended_by_output): return (.wroteTooMuch, streams)
        default: throw SystemError("execve", at: path, code: result)
        }
    }

    private static let collect: @convention(c) (UnsafeMutableRawPointer?, CInt, UnsafeRawPointer?, Int) -> Void = {
        context,
        stream,
        bytes,
        length in
        guard let streams = context?.assumingMemoryBound(to: CapturedStreams.self) else { return }
        let bytes = UnsafeRawBufferPointer(start: bytes, count: length)
        if stream == 0 {
            streams.pointee.output.append(contentsOf: bytes)
        } else {
            streams.pointee.error.append(contentsOf: bytes.prefix(errorLimit - streams.pointee.error.count))
        }
    }
}

extension SupervisedProgram.Ending {
    /// True for the signals by which the kernel, or the C++ runtime, ends a program that may not have more.
    package var isForWantOfResources: Bool {
        self == .signalled(SIGXCPU) || self == .signalled(SIGKILL) || self == .signalled(SIGXFSZ)
    }

    /// True where nobody reads any more what it writes.
    package var isForWantOfReaders: Bool { self == .signalled(SIGPIPE) }
}

extension Descriptor {
    /// A file in memory that has no name, for a program that wants to read a file.
    package static func inMemory() throws(SystemError) -> Descriptor {
        let raw = larder_memory_file()
        guard raw >= 0 else { throw SystemError("memfd_create") }
        return Descriptor(owning: raw)
    }

    /// A second descriptor for what `stream` is, owned by the caller.
    package init(duplicating stream: StandardStream) throws(SystemError) {
        let raw = fcntl(stream.rawValue, F_DUPFD_CLOEXEC, 3)
        guard raw >= 0 else { throw SystemError("fcntl") }
        self.init(owning: raw)
    }
}
