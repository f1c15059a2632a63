internal import Glibc

/// Keys as they are pressed, without a line end behind them, where standard input is a terminal.
package struct KeyInput {
    /// How the terminal was set; nil where there is none.
    private let before: termios?

    /// Has the terminal pass on single keys and show none of them; signals of keys go on as ever.
    package init() {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            before = nil
            return
        }
        before = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// Sets the terminal as it was.
    package func restore() {
        guard var before else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Waits for a key, for so many nanoseconds at most; nil where none came, or the wait was cancelled.
    package func next(within nanoseconds: Int64, unless cancellation: Cancellation) -> UInt8? {
        var watched = [
            pollfd(fd: before == nil ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: cancellation.event, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&watched, 2, CInt(clamping: nanoseconds / 1_000_000))
        guard ready > 0, watched[0].revents != 0 else { return nil }
        var key: UInt8 = 0
        // A terminal that has gone has no more keys: as good as q.
        return Glibc.read(STDIN_FILENO, &key, 1) == 1 ? key : UInt8(ascii: "q")
    }
}
