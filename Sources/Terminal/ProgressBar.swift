internal import Files

/// How far something is, on standard error: a line that is drawn again and again where a person looks, else a line now and then.
package struct ProgressBar {
    /// What is counted.
    package enum Unit { case pieces, bytes }

    private let title: String
    private let unit: Unit
    private let isQuiet: Bool
    private let isOnTerminal: Bool
    private var isDrawn = false
    private var started: Int64 = 0
    private var nextDrawing: Int64 = 0

    /// Ten drawings a second look smooth and cost nothing; a log gets six lines a minute.
    private static let (pause, plainPause): (Int64, Int64) = (100_000_000, 10_000_000_000)

    package init(title: String, unit: Unit = .pieces, isQuiet: Bool = false) {
        (self.title, self.unit, self.isQuiet) = (title, unit, isQuiet)
        isOnTerminal = StandardStream.error.isTerminal
    }

    /// Shows `done` of `total`.
    package mutating func show(_ done: Int, of total: Int) {
        guard !isQuiet, total > 0 else { return }
        let now = Clock.monotonic
        if started == 0 {
            started = now
            if !isOnTerminal { nextDrawing = now + Self.plainPause }
        }
        guard now >= nextDrawing else { return }
        nextDrawing = now + (isOnTerminal ? Self.pause : Self.plainPause)
        let numbers = Self.numbers(done, of: total, unit) + Self.pace(done, of: total, unit, nanoseconds: now - started)
        guard isOnTerminal else {
            StandardStream.error.write("\(title): \(numbers)\n".utf8)
            return
        }
        isDrawn = true
        let columns = StandardStream.error.columns
        let line = Self.line(title, done, of: total, numbers: numbers, columns: columns > 0 ? columns : 80)
        StandardStream.error.write("\r\u{1B}[K\(line)".utf8)
    }

    /// Takes the line away, before something else is written.
    package mutating func remove() {
        guard isDrawn else { return }
        (isDrawn, nextDrawing) = (false, 0)
        StandardStream.error.write("\r\u{1B}[K".utf8)
    }

    /// `Verifying [#####     ] 50 % 12/24, 6/s, 2.0 s left`, one column narrower than the terminal, so that it never wraps.
    static func line(_ title: String, _ done: Int, of total: Int, numbers: String, columns: Int) -> String {
        let done = min(max(done, 0), total)
        let width = min(40, columns - 1 - title.count - numbers.count - 4)
        guard width >= 4 else { return String("\(title) \(numbers)".prefix(max(0, columns - 1))) }
        let filled = done * width / total
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        return "\(title) [\(bar)] \(numbers)"
    }

    /// `50 % 12/24`.
    private static func numbers(_ done: Int, of total: Int, _ unit: Unit) -> String {
        let done = min(max(done, 0), total)
        return "\(done * 100 / total) % \(shown(done, unit))/\(shown(total, unit))"
    }

    private static func shown(_ number: Int, _ unit: Unit) -> String {
        unit == .bytes ? Text.size(Int64(number)) : "\(number)"
    }

    /// `, 6/s, 2.0 s left`; nothing in the first second, when nobody can tell.
    static func pace(_ done: Int, of total: Int, _ unit: Unit, nanoseconds: Int64) -> String {
        guard nanoseconds >= 1_000_000_000, done > 0 else { return "" }
        let rate = Double(done) / (Double(nanoseconds) / 1e9)
        let left = Double(max(0, total - done)) / rate
        let shown = rate >= 10 || unit == .bytes ? Self.shown(Int(rate), unit) : "\(Double(Int(rate * 10)) / 10)"
        return ", \(shown)/s, \(Text.duration(milliseconds: Int64(min(left, 1e9) * 1000))) left"
    }
}
