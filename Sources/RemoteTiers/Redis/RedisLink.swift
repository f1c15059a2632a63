internal import NIOCore

/// One connection to a Redis server: one command at a time, and its reply.
///
/// All of it happens on the connection's event loop. What goes wrong closes the connection for good.
final class RedisLink: ChannelInboundHandler, ServerLink {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Reading {
        var parser: RedisParser
        /// Bytes came since the last command was sent.
        var hasHeard = false
    }

    private let state: LinkState<RedisReply>
    private let reading: NIOLoopBoundBox<Reading>

    /// Has to be called on `eventLoop`.
    ///
    /// `limit` is for a value, in bytes.
    init(server: String, limit: Int, on eventLoop: any EventLoop) {
        state = LinkState(server: server, on: eventLoop)
        reading = NIOLoopBoundBox(Reading(parser: RedisParser(limit: limit, server: server)), eventLoop: eventLoop)
    }

    /// It can take a command.
    var isOpen: Bool { state.isOpen }

    /// The server has answered the last command, at least in part.
    var hasHeard: Bool { reading.value.hasHeard }

    /// Sends one command and waits for its reply, until `deadline` at the latest.
    func exchange(_ command: ByteBuffer, until deadline: NIODeadline) async throws(TierFailure) -> RedisReply {
        try await state.exchange(until: deadline) { channel in
            reading.value.hasHeard = false
            channel.writeAndFlush(command, promise: nil)
        }
    }

    func fail(_ failure: TierFailure) { state.fail(failure) }

    func handlerAdded(context: ChannelHandlerContext) { state.attach(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !state.hasFailed else { return }
        reading.value.hasHeard = true
        do throws(TierFailure) {
            let reply = try reading.withValue { reading throws(TierFailure) in try reading.parser.next(&buffer) }
            guard let reply else { return }
            guard buffer.readableBytes == 0 else { return state.failUnasked() }
            state.answer(reply)
        } catch { fail(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.breakOff()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(NetworkReason.failure(error, state.server))
    }
}
