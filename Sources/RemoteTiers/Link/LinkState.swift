internal import NIOCore

/// What all connections have in common: the channel, who waits for an answer, and why the connection is of no use any more.
///
/// Belongs to one event loop, and everything has to be called there.
final class LinkState<Answer: Sendable>: Sendable {
    private struct State {
        var channel: (any Channel)?
        var waiter: Waiter<Answer>?
        var failure: TierFailure?
    }

    /// What the server is called in sentences.
    let server: String
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(server: String, on eventLoop: any EventLoop) {
        self.server = server
        self.eventLoop = eventLoop
        state = NIOLoopBoundBox(State(), eventLoop: eventLoop)
    }

    var isOpen: Bool { state.value.failure == nil && state.value.channel?.isActive == true }

    var hasFailed: Bool { state.value.failure != nil }

    func attach(_ channel: any Channel) { state.value.channel = channel }

    /// Has `send` write a request, and waits for its answer, until `deadline` at the latest.
    ///
    /// A write that fails closes the channel, which we hear of.
    func exchange(
        until deadline: NIODeadline,
        _ send: (any Channel) -> Void
    ) async throws(TierFailure) -> Answer {
        if let failure = state.value.failure { throw failure }
        guard let channel = state.value.channel else {
            throw TierFailure(.unreachable, "There is no connection to \(server).")
        }
        let waiter = Waiter<Answer>()
        state.value.waiter = waiter
        send(channel)
        let late = TierFailure(.timedOut, "\(server) did not answer in time.")
        do throws(TierFailure) {
            return try await waiter.value(on: eventLoop, until: deadline, orElse: late)
        } catch {
            // The answer may come yet, and nobody is to take it for that of the next request.
            fail(error)
            throw error
        }
    }

    /// Hands an answer to who waits for it; whoever says something without having been asked is left.
    func answer(_ answer: Answer) {
        guard let waiter = state.value.waiter else { return failUnasked() }
        state.value.waiter = nil
        waiter.resume(.success(answer))
    }

    /// The server has said more than an answer.
    func failUnasked() { fail(TierFailure(.protocolError, "\(server) says more than it was asked for.")) }

    /// The other side has closed the connection.
    func breakOff() { fail(TierFailure(.unreachable, "\(server) broke the connection off.")) }

    /// Closes the connection; who waits for an answer gets `failure`.
    func fail(_ failure: TierFailure) {
        let (waiter, channel) = state.withValue { state in
            if state.failure == nil { state.failure = failure }
            defer {
                state.waiter = nil
                state.channel = nil
            }
            return (state.waiter, state.channel)
        }
        waiter?.resume(.failure(failure))
        // Calls us back at once.
        channel?.close(mode: .all, promise: nil)
    }
}
