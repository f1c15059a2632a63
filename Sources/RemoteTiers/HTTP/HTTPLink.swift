internal import NIOCore
internal import NIOHTTP1

/// One connection to an HTTP server: one request at a time, and its answer.
///
/// All of it happens on the connection's event loop. What goes wrong closes the connection for good.
final class HTTPLink: ChannelInboundHandler, ServerLink {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private struct Reading {
        /// What has come of an answer.
        var answer: HTTPAnswer?
        /// The server keeps the connection open after this answer.
        var isKept = false
        /// All of the request is on its way.
        var isSent = false
    }

    private let state: LinkState<HTTPAnswer>
    private let reading: NIOLoopBoundBox<Reading>
    /// Of the body of a 200, in bytes.
    private let limit: Int

    /// Of the body of anything else, in bytes: enough for the code in it.
    private static let beginning = 16 << 10
    /// Memory for so much is there at once; for more of it only when more has come.
    private static let firstReserve = 1 << 20

    /// Has to be called on `eventLoop`.
    init(server: String, limit: Int, on eventLoop: any EventLoop) {
        self.limit = limit
        state = LinkState(server: server, on: eventLoop)
        reading = NIOLoopBoundBox(Reading(), eventLoop: eventLoop)
    }

    var isOpen: Bool { state.isOpen }

    var hasHeard: Bool { reading.value.answer != nil }

    /// Sends one request and waits for its answer, until `deadline` at the latest.
    func exchange(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer?,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> HTTPAnswer {
        try await state.exchange(until: deadline) { channel in
            reading.withValue { reading in
                reading.answer = nil
                reading.isSent = false
            }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil)).whenSuccess { self.reading.value.isSent = true }
        }
    }

    func fail(_ failure: TierFailure) { state.fail(failure) }

    func handlerAdded(context: ChannelHandlerContext) { state.attach(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !state.hasFailed else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let buffer): take(buffer)
        case .end: end()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.breakOff()
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
        reading.value.answer = answer
        // After 101 there is no telling what is spoken.
        reading.value.isKept = head.isKeepAlive && status >= 200
    }

    private func take(_ buffer: ByteBuffer) {
        let isEnough = reading.withValue { reading in
            // Just the numbers: a copy of the answer would make the next line copy all bytes.
            guard let status = reading.answer?.status, let count = reading.answer?.body.count,
                count + buffer.readableBytes <= (status == 200 ? limit : Self.beginning)
            else { return true }
            buffer.withUnsafeReadableBytes { reading.answer?.body.append(contentsOf: $0) }
            return false
        }
        guard isEnough else { return }
        guard reading.value.answer?.status != 200 else { return fail(tooLarge) }
        // The status says it all, and who knows how much is still to come.
        reading.value.isKept = false
        end()
    }

    private func end() {
        let (answer, isReusable) = reading.withValue { ($0.answer, $0.isKept && $0.isSent) }
        guard let answer else { return state.failUnasked() }
        state.answer(answer)
        // The bytes need not stay here until the next request.
        reading.value.answer?.body = []
        // A server that answers before it has heard all of the request does not listen to the rest.
        if !isReusable { fail(TierFailure(.unreachable, "\(server) closed the connection.")) }
    }

    private var server: String { state.server }

    private var tooLarge: TierFailure {
        TierFailure(.tooLarge, "\(server) has a value of more than \(limit) bytes.")
    }
}
