internal import Files

/// A line on standard error that shows how many files are done; nothing where no person looks.
struct ProgressBar {
    private let total: Int
    private let isShown: Bool
    private var isDrawn = false
    private var nextDrawing: Int64 = 0

    init(total: Int, isQuiet: Bool) {
        self.total = total
        isShown = total > 1 && !isQuiet && StandardStream.error.isTerminal
    }

    /// Shows that `done` files are done; ten times a second at most.
    mutating func show(_ done: Int) {
        let now = Clock.monotonic
        guard isShown, now >= nextDrawing else { return }
        nextDrawing = now + 100_000_000
        isDrawn = true
        let columns = StandardStream.error.columns
        let width = min(40, (columns > 0 ? columns : 80) - 24)
        let filled = max(0, done * width / total)
        let bar =
            width < 4
            ? "" : "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled) + "] "
        StandardStream.error.write("\r\u{1B}[K\(bar)\(done)/\(total) files".utf8)
    }

    /// Takes the line away, before something else is written.
    mutating func remove() {
        guard isDrawn else { return }
        (isDrawn, nextDrawing) = (false, 0)
        StandardStream.error.write("\r\u{1B}[K".utf8)
    }
}
