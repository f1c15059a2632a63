internal import Files
internal import JDKCatalog
internal import Synchronization
internal import Terminal

/// Says on standard error how far a refresh is: one line that is redrawn on a terminal, else a line for what matters.
final class RefreshProgress: Sendable {
    private let isQuiet: Bool
    private let isTerminal = StandardStream.error.isTerminal
    /// Whether a line is drawn, and when it may be drawn again.
    private let drawn = Mutex<(isDrawn: Bool, next: Int64)>((false, 0))

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: RefreshEvent) {
        switch event {
        // Why a source was passed over is worth knowing, however quiet it is to be.
        case .failed(let source, let reason): line("warning: the source \(source) gave no catalogue: \(reason)")
        case .asking(let source, let location):
            if isTerminal {
                draw("Asking \(source) (\(location))", always: true)
            } else {
                note("asking \(source) (\(location))")
            }
        case .fetched(let count, let total):
            if isTerminal { draw("Fetched \(count) of \(total) documents", always: count == total) }
        case .pausing(let seconds, let reason): note("\(reason); trying again in \(seconds) s")
        }
    }

    /// Takes the drawn line away.
    func end() {
        drawn.withLock { drawn in
            if drawn.isDrawn { StandardStream.error.write("\r\u{1B}[K".utf8) }
            drawn.isDrawn = false
        }
    }

    private func note(_ text: String) { if !isQuiet { line(text) } }

    private func line(_ text: String) {
        end()
        Console.complain(text)
    }

    private func draw(_ text: String, always: Bool) {
        guard !isQuiet else { return }
        drawn.withLock { drawn in
            let now = Clock.monotonic
            // Ten times a second is smooth.
            guard always || now >= drawn.next else { return }
            let columns = StandardStream.error.columns
            StandardStream.error.write("\r\u{1B}[K\(text.prefix(max(columns, 20) - 1))".utf8)
            drawn = (true, now + 100_000_000)
        }
    }
}
