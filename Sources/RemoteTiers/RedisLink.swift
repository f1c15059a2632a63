internal import NIOCore

/// One connection to a Redis server: one command at a time, and its reply.
///
/// All of it happens on the connection's event loop. What goes wrong closes the connection for good.
final class RedisLink: ChannelInboundHandler, ServerLink {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct State {
        var parser: RedisParser
        var channel: (any Channel)?
        var waiter: Waiter<RedisReply>?
        /// Why the connection is of no use any more.
        var failure: TierFailure?
        /// Bytes came since the last command was sent.
        var hasHeard = false
    }

    private let server: String
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// Has to be called on `eventLoop`.
    ///
    /// `limit` is for a value, in bytes.
    init(server: String, limit: Int, on eventLoop: any EventLoop) {
        self.server = server
        self.eventLoop = eventLoop
        state = NIOLoopBoundBox(State(parser: RedisParser(limit: limit, server: server)), eventLoop: eventLoop)
    }

    /// It can take a command.
    var isOpen: Bool { state.value.failure == nil && state.value.channel?.isActive == true }

    /// The server has answered the last command, at least in part.
    var hasHeard: Bool { state.value.hasHeard }

    /// Sends one command and waits for its reply, until `deadline` at the latest.
    func exchange(_ command: ByteBuffer, until deadline: NIODeadline) async throws(TierFailure) -> RedisReply {
        if let failure = state.value.failure { throw failure }
        guard let channel = state.value.channel else {
            throw TierFailure(.unreachable, "There is no connection to \(server).")
        }
        let waiter = Waiter<RedisReply>()
        state.value.waiter = waiter
        state.value.hasHeard = false
        // A write that fails closes the channel, which we hear of.
        channel.writeAndFlush(command, promise: nil)
        let late = TierFailure(.timedOut, "\(server) did not answer in time.")
        do throws(TierFailure) {
            return try await waiter.value(on: eventLoop, until: deadline, orElse: late)
        } catch {
            // The reply may come yet, and nobody is to take it for that of the next command.
            fail(error)
            throw error
        }
    }

    /// Closes the connection; who waits for a reply gets `failure`.
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

    func handlerAdded(context: ChannelHandlerContext) { state.value.channel = context.channel }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard state.value.failure == nil else { return }
        state.value.hasHeard = true
        do throws(TierFailure) {
            let reply = try state.withValue { state throws(TierFailure) in try state.parser.next(&buffer) }
            guard let reply else { return }
            guard buffer.readableBytes == 0, let waiter = state.value.waiter else {
                throw TierFailure(.protocolError, "\(server) says more than it was asked for.")
            }
            state.value.waiter = nil
            waiter.resume(.success(reply))
        } catch { fail(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(TierFailure(.unreachable, "\(server) broke the connection off."))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(NetworkReason.failure(error, server)) }
}
