internal import CLinux
internal import Glibc

/// Whether one of our streams is a terminal, and how wide.
package struct Terminal: Sendable {
    package let isTerminal: Bool
    /// 0 where it is none or does not say.
    package let columns: Int32
    /// 0 where it is none or does not say.
    package let rows: Int32

    package static var output: Terminal { Terminal(STDOUT_FILENO) }
    package static var error: Terminal { Terminal(STDERR_FILENO) }

    private init(_ descriptor: CInt) {
        isTerminal = isatty(descriptor) == 1
        columns = isTerminal ? larder_terminal_columns(descriptor) : 0
        rows = isTerminal ? larder_terminal_rows(descriptor) : 0
    }
}
