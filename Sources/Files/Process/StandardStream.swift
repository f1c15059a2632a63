internal import CLinux
internal import Glibc

/// The three streams that a process is given.
package enum StandardStream: CInt, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Whether a person sits at the other end.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The width of the terminal, or 0 where there is none.
    package var columns: Int { Int(larder_terminal_columns(rawValue)) }

    /// True when standard output and standard error are one pipe, terminal or file, so that the order of what is written to
    /// the two can be seen.
    package static var areJoined: Bool { larder_same_open_file(STDOUT_FILENO, STDERR_FILENO) != 0 }

    /// What became of bytes that were to be written.
    package enum Outcome: Equatable, Sendable {
        case written
        /// Nobody reads any more, as after `| head -1`: no reason to complain.
        case unread
        case failed(SystemError)
    }

    /// Writes every byte, unless the other end has gone.
    @discardableResult
    package func write(_ bytes: some Collection<UInt8>) -> Outcome {
        switch Array(bytes).withUnsafeBytes(write) {
        case 0: return .written
        case EPIPE: return .unread
        case let code:
            if code == EINTR { Interruption.endIfItHasCome() }
            return .failed(SystemError("write", code: code))
        }
    }

    /// Writes every byte; returns 0, or the errno for which it was not all: EINTR when a signal asks this process to end.
    package func write(_ bytes: UnsafeRawBufferPointer) -> CInt {
        var rest = bytes
        while !rest.isEmpty {
            var length = rest.count
            // A reader may be slow, or stopped. A handled signal does not end a write that waits for it, so wait before.
            if larder_signals_are_handled() != 0 {
                guard waitForRoom() else { return EINTR }
                length = Self.portion(of: rest)
            }
            let count = Glibc.write(rawValue, rest.baseAddress, length)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno == EAGAIN {
                // Whoever shares the stream with us has made it non-blocking.
                var room = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, 100)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// What a pipe with room for anything takes at once: up to PIPE_BUF bytes, whole lines where there are any.
    private static func portion(of bytes: UnsafeRawBufferPointer) -> Int {
        let most = 4096
        guard bytes.count > most else { return bytes.count }
        return bytes[..<most].lastIndex(of: 10).map { $0 + 1 } ?? most
    }

    /// False when a signal that asks this process to end has come first.
    ///
    /// Where the system cannot wait the write does.
    private func waitForRoom() -> Bool {
        while true {
            var room = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&room, 1, 100)
            if ready > 0 || ready < 0 && errno != EINTR { return true }
            if larder_should_stop_writing() != 0 { return false }
        }
    }

    /// From now on a write that nobody reads, or that goes beyond a limit of the process, is an error for whoever
    /// writes, instead of the end of this process.
    ///
    /// Programs that we start or become are not affected.
    package static func reportFailedWrites() { larder_report_failed_writes() }

    /// True when the process was given all three; what it opens next would otherwise stand in the place of one.
    package static var areAllOpen: Bool { larder_streams_are_open() != 0 }

    /// Puts something in the place of those that were not given, so that no file of ours gets their number: reading from
    /// it gives nothing, and writing fails.
    package static func openMissing() {
        while !areAllOpen {
            let raw = larder_open("/dev/null", O_RDONLY, 0)
            if raw < 0 || raw > 2 { return }
        }
    }

    /// Ends the process at once; nothing of ours is buffered.
    package static func end(status: Int32) -> Never { exit(status) }
}
