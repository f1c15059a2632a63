internal import NIOCore
internal import NIOHTTP1

/// One connection to an HTTP server: one request at a time, and its answer.
///
/// All of it happens on the connection's event loop. What goes wrong closes the connection for good.
final class HTTPLink: ChannelInboundHandler, ServerLink {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private struct State {
        var channel: (any Channel)?
        var waiter: Waiter<HTTPAnswer>?
        /// What has come of an answer.
        var answer: HTTPAnswer?
        /// The server keeps the connection open after this answer.
        var isKept = false
        /// All of the request is on its way.
        var isSent = false
        /// Why the connection is of no use any more.
        var failure: TierFailure?
    }

    private let server: String
    /// Of the body of a 200, in bytes.
    private let limit: Int
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// Of the body of anything else, in bytes: enough for the code in it.
    private static let beginning = 16 << 10
    /// Memory for so much is there at once; for more of it only when more has come.
    private static let firstReserve = 1 << 20

    /// Has to be called on `eventLoop`.
    init(server: String, limit: Int, on eventLoop: any EventLoop) {
        self.server = server
        self.limit = limit
        self.eventLoop = eventLoop
        state = NIOLoopBoundBox(State(), eventLoop: eventLoop)
    }

    var isOpen: Bool { state.value.failure == nil && state.value.channel?.isActive == true }

    var hasHeard: Bool { state.value.answer != nil }

    /// Sends one request and waits for its answer, until `deadline` at the latest.
    func exchange(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer?,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> HTTPAnswer {
        if let failure = state.value.failure { throw failure }
        guard let channel = state.value.channel else {
            throw TierFailure(.unreachable, "There is no connection to \(server).")
        }
        let waiter = Waiter<HTTPAnswer>()
        state.withValue { state in
            state.waiter = waiter
            state.answer = nil
            state.isSent = false
        }
        // A write that fails closes the channel, which we hear of.
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil)).whenSuccess { self.state.value.isSent = true }
        let late = TierFailure(.timedOut, "\(server) did not answer in time.")
        do throws(TierFailure) {
            return try await waiter.value(on: eventLoop, until: deadline, orElse: late)
        } catch {
            fail(error)
            throw error
        }
    }

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
        guard state.value.failure == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let buffer): take(buffer)
        case .end: end()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(TierFailure(.unreachable, "\(server) broke the connection off."))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: fail(TierFailure(.unreachable, "\(server) broke off in the middle."))
        case is HTTPParserError, is NIOHTTPDecoderError:
            fail(TierFailure(.protocolError, "What \(server) answered is not HTTP as it should be."))
        default: fail(NetworkReason.failure(error, server))
        }
    }

    private func begin(_ head: HTTPResponseHead) {
        let status = Int(head.status.code)
        let encoding = head.headers.first(name: "content-encoding")?.lowercased() ?? "identity"
        var answer = HTTPAnswer(status: status, body: [], isEncoded: encoding != "identity")
        let length = head.headers.first(name: "content-length").map { Int($0) ?? .max }
        if status == 200, let length {
            guard length <= limit else { return fail(tooLarge) }
            answer.body.reserveCapacity(min(max(0, length), Self.firstReserve))
        }
        state.value.answer = answer
        // After 101 there is no telling what is spoken.
        state.value.isKept = head.isKeepAlive && status >= 200
    }

    private func take(_ buffer: ByteBuffer) {
        let isEnough = state.withValue { state in
            // Just the numbers: a copy of the answer would make the next line copy all bytes.
            guard let status = state.answer?.status, let count = state.answer?.body.count,
                count + buffer.readableBytes <= (status == 200 ? limit : Self.beginning)
            else { return true }
            buffer.withUnsafeReadableBytes { state.answer?.body.append(contentsOf: $0) }
            return false
        }
        guard isEnough else { return }
        guard state.value.answer?.status != 200 else { return fail(tooLarge) }
        // The status says it all, and who knows how much is still to come.
        state.value.isKept = false
        end()
    }

    private func end() {
        let (waiter, answer, isReusable) = state.withValue { state in
            defer { state.waiter = nil }
            return (state.waiter, state.answer, state.isKept && state.isSent)
        }
        guard let waiter, let answer else {
            return fail(TierFailure(.protocolError, "\(server) says more than it was asked for."))
        }
        waiter.resume(.success(answer))
        // The bytes need not stay here until the next request.
        state.value.answer?.body = []
        // A server that answers before it has heard all of the request does not listen to the rest.
        if !isReusable { fail(TierFailure(.unreachable, "\(server) closed the connection.")) }
    }

    private var tooLarge: TierFailure {
        TierFailure(.tooLarge, "\(server) has a value of more than \(limit) bytes.")
    }
}
