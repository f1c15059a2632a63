internal import NIOConcurrencyHelpers
internal import NIOCore

/// Something that one task waits for, and that comes once: a value, a failure, or the end of the time.
///
/// Whoever calls ``resume(_:)`` first decides; all others are told that they were late.
final class Waiter<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TierFailure>

    private enum State {
        case empty
        case waiting(CheckedContinuation<Outcome, Never>)
        /// It came before anyone waited for it.
        case early(Outcome)
        case over
    }

    private let state = NIOLockedValueBox(State.empty)

    /// Ends the wait; false when it was over already, and what was to be handed over is still the caller's.
    @discardableResult
    func resume(_ outcome: Outcome) -> Bool {
        let (continuation, isFirst) = state.withLockedValue { state -> (CheckedContinuation<Outcome, Never>?, Bool) in
            switch state {
            case .empty:
                state = .early(outcome)
                return (nil, true)
            case .waiting(let continuation):
                state = .over
                return (continuation, true)
            case .early, .over: return (nil, false)
            }
        }
        continuation?.resume(returning: outcome)
        return isFirst
    }

    /// Waits, and not longer than until `deadline`, when it fails with `late`.
    ///
    /// To be called once.
    func value(
        on eventLoop: any EventLoop,
        until deadline: NIODeadline,
        orElse late: TierFailure
    ) async throws(TierFailure) -> Value {
        // A continuation that is resumed before it waits would cost a turn in Swift's own thread pool.
        if let outcome = takeEarly() { return try outcome.get() }
        let timer = eventLoop.scheduleTask(deadline: deadline) { _ = self.resume(.failure(late)) }
        let outcome: Outcome = await withCheckedContinuation { continuation in
            let early = state.withLockedValue { state -> Outcome? in
                if case .early(let outcome) = state {
                    state = .over
                    return outcome
                }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
        timer.cancel()
        return try outcome.get()
    }

    private func takeEarly() -> Outcome? {
        state.withLockedValue { state in
            guard case .early(let outcome) = state else { return nil }
            state = .over
            return outcome
        }
    }
}

extension NIODeadline {
    /// So many `nanoseconds` from now; what is not positive is now, and an hour is the most.
    static func within(_ nanoseconds: Int64) -> NIODeadline {
        .now() + .nanoseconds(min(max(0, nanoseconds), 3_600_000_000_000))
    }
}
