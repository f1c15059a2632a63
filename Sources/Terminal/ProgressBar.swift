internal import Files

/// A line on standard error that shows how far something is; nothing where no person looks.
package struct ProgressBar {
    private let title: String
    private let isShown: Bool
    private var isDrawn = false
    private var nextDrawing: Int64 = 0

    /// Ten drawings a second look smooth and cost nothing.
    private static let pause: Int64 = 100_000_000

    package init(title: String, isQuiet: Bool = false) {
        self.title = title
        isShown = !isQuiet && StandardStream.error.isTerminal
    }

    /// Shows `done` of `total`.
    package mutating func show(_ done: Int, of total: Int) {
        guard isShown, total > 0 else { return }
        let now = Clock.monotonic
        guard now >= nextDrawing else { return }
        nextDrawing = now + Self.pause
        isDrawn = true
        let columns = StandardStream.error.columns
        StandardStream.error.write(
            "\r\u{1B}[K\(Self.line(title, done, of: total, columns: columns > 0 ? columns : 80))".utf8
        )
    }

    /// Takes the line away, before something else is written.
    package mutating func remove() {
        guard isDrawn else { return }
        (isDrawn, nextDrawing) = (false, 0)
        StandardStream.error.write("\r\u{1B}[K".utf8)
    }

    /// `Verifying [#####     ] 50 % 12/24`, one column narrower than the terminal, so that it never wraps.
    static func line(_ title: String, _ done: Int, of total: Int, columns: Int) -> String {
        let done = min(max(done, 0), total)
        let numbers = " \(done * 100 / total) % \(done)/\(total)"
        let width = min(40, columns - 1 - title.count - numbers.count - 3)
        guard width >= 4 else { return String("\(title)\(numbers)".prefix(max(0, columns - 1))) }
        let filled = done * width / total
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        return "\(title) [\(bar)]\(numbers)"
    }
}
