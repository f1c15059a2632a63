package import Files
internal import Synchronization

/// Tells whoever waits for a lock what they wait for, on standard error.
///
/// The first line comes at once. Then, on a terminal, one line that is drawn anew each second; elsewhere, in CI and on a
/// terminal that cannot, a line every 5 seconds. A last line says how it ended. Without a wait there is nothing to say.
package final class LockFeedback: Sendable {
    private enum Style: Sendable { case silent, lines, updating }

    private struct State: Sendable {
        /// Nanoseconds into the wait at which the next line is due.
        var nextLine: Int64 = 5_000_000_000
        var isDrawn = false
        var hasWarned = false
    }

    private let style: Style
    private let program: String
    private let state = Mutex(State())

    /// Speaks as `program`; `isQuiet` leaves warnings only.
    package init(program: String, isQuiet: Bool) {
        self.program = program
        let cannotDraw = !(Environment.value("CI") ?? []).isEmpty || Environment.text("TERM") == "dumb"
        style = isQuiet ? .silent : StandardStream.error.isTerminal && !cannotDraw ? .updating : .lines
    }

    /// What to give to ``WriterLock/Options/observers``.
    package var observer: LockObserver { { self.hear($0) } }

    private func hear(_ event: LockEvent) {
        switch event {
        case .fallback(let name, let reason):
            let isFirst = state.withLock { state in
                defer { state.hasWarned = true }
                return !state.hasWarned
            }
            guard isFirst else { return }
            say(
                "warning: the kernel's locks cannot be trusted for '\(name)', because \(reason); a lease is used, which "
                    + "lock_mode = advisory would prevent"
            )
        case .contended(let wait):
            // Who tries once hears of it from the error.
            if style != .silent, wait.timeout.nanoseconds > 0 { say(Self.opening(wait)) }
        case .waiting(let wait):
            show(wait)
        case .succeeded(let name, let owner):
            guard style != .silent else { return }
            say("lock on \(name) taken over from \(owner?.description ?? "a process unknown"), which has ended")
        case .acquired(let wait, let isContended):
            guard isContended, style != .silent else { return }
            say("Lock on \(wait.name) acquired after \(Self.seconds(wait.elapsed))")
        case .timedOut, .cancelled:
            // The error says the rest.
            erase()
        }
    }

    private func show(_ wait: LockWait) {
        switch style {
        case .silent: return
        case .updating:
            state.withLock { $0.isDrawn = true }
            let columns = StandardStream.error.columns
            let line = Self.progress(wait).prefix(max(20, (columns > 0 ? columns : 80) - 1))
            StandardStream.error.write("\r\u{1B}[K\(line)".utf8)
        case .lines:
            let isDue = state.withLock { state in
                guard wait.elapsed >= state.nextLine else { return false }
                state.nextLine += 5_000_000_000
                return true
            }
            if isDue { say(Self.progress(wait)) }
        }
    }

    private func erase() {
        let isDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if isDrawn { StandardStream.error.write("\r\u{1B}[K".utf8) }
    }

    private func say(_ sentence: String) {
        erase()
        StandardStream.error.write("\(program): \(sentence)\n".utf8)
    }

    // MARK: - Words

    static func opening(_ wait: LockWait) -> String {
        var holder = "held by another process"
        if let owner = wait.owner { holder = "held by \(owner) since \(Clock.shown(milliseconds: owner.since))" }
        return "Waiting for lock on \(wait.name), \(holder) (timeout: \(wait.timeout), from \(wait.timeout.source); "
            + "Ctrl-C to cancel, --lock-timeout to change)"
    }

    static func progress(_ wait: LockWait) -> String {
        let remaining = wait.remaining.map { ", \(seconds($0)) left" } ?? ""
        return "Still waiting for lock on \(wait.name), \(seconds(wait.elapsed)) so far\(remaining)"
    }

    /// `850ms`, `12.3s`.
    private static func seconds(_ nanoseconds: Int64) -> String {
        nanoseconds < 1_000_000 ? "0s" : LockTimeout.text(nanoseconds)
    }
}

/// Writes what happens to locks into the file that `LARDER_LOG` names, a line each.
package enum LockLog {
    package static func observer(_ path: Path) -> LockObserver {
        { event in
            func line(_ word: String, _ wait: LockWait) -> String {
                "\(word) \(wait.backend.rawValue) \(wait.name) waited=\(wait.elapsed / 1000)us"
                    + (wait.owner.map { " holder=\($0.process)@\($0.host)" } ?? "")
            }
            let text: String
            switch event {
            case .fallback(let name, let reason): text = "lock_fallback lease \(name) \(reason)"
            case .contended(let wait): text = line("lock_contended", wait)
            case .waiting: return
            case .succeeded(let name, let owner): text = "lock_succeeded - \(name) from=\(owner?.process ?? 0)"
            case .acquired(let wait, _): text = line("lock_acquired", wait)
            case .timedOut(let wait): text = line("lock_timed_out", wait)
            case .cancelled(let wait): text = line("lock_cancelled", wait)
            }
            AppendedFile.append(line: "\(Clock.wall / 1_000_000) \(text)", to: path)
        }
    }
}
