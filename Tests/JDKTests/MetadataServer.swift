import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A web server on a port of its own that answers as a test wants, and remembers what it was asked.
final class MetadataServer: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: [String: String]
    }

    /// What to do with a request.
    enum Reply: Sendable {
        case document(String, headers: [String: String] = [:])
        case status(Int, headers: [String: String] = [:])
        /// After so many milliseconds.
        case late(Int, String)
        /// The first bytes, and then the end of the connection, though more was announced.
        case cutOff(String)
        /// The first bytes, and then nothing at all.
        case silent(String)
        /// A blank now and then, without end.
        case dripping
        /// So many bytes, none of which means anything.
        case huge(Int)
    }

    typealias Behaviour = @Sendable (Request) -> Reply

    private let channel: any Channel
    private let asked: Requests

    final class Requests: Sendable {
        let all = Mutex<[Request]>([])
    }

    init(_ behaviour: @escaping Behaviour) throws {
        let asked = Requests()
        self.asked = asked
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(behaviour, asked))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
    }

    deinit { channel.close(promise: nil) }

    /// The base URL.
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// What came so far.
    var requests: [Request] { asked.all.withLock { $0 } }

    /// How often `path`, or anything that begins with it, was asked for.
    func count(_ path: String) -> Int { requests.count { $0.path.hasPrefix(path) } }
}

/// One connection.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let behaviour: MetadataServer.Behaviour
    private let asked: MetadataServer.Requests
    private var request: MetadataServer.Request?

    init(_ behaviour: @escaping MetadataServer.Behaviour, _ asked: MetadataServer.Requests) {
        (self.behaviour, self.asked) = (behaviour, asked)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
            request = MetadataServer.Request(path: head.uri, headers: headers)
        case .body: break
        case .end:
            guard let request else { return }
            asked.all.withLock { $0.append(request) }
            answer(behaviour(request), request, context)
        }
    }

    private func answer(
        _ reply: MetadataServer.Reply,
        _ request: MetadataServer.Request,
        _ context: ChannelHandlerContext
    ) {
        switch reply {
        case .document(let text, let headers):
            if let tag = headers["etag"], request.headers["if-none-match"] == tag {
                send(304, "", headers, context)
            } else if let date = headers["last-modified"], request.headers["if-modified-since"] == date {
                send(304, "", headers, context)
            } else {
                send(200, text, headers, context)
            }
        case .status(let code, let headers): send(code, "{\"message\": \"no\"}", headers, context)
        case .late(let milliseconds, let text):
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let own = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            context.value.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                own.value.send(200, text, [:], context.value)
            }
        case .cutOff(let text):
            begin(length: text.utf8.count + 1000, text, context)
            context.close(promise: nil)
        case .silent(let text): begin(length: text.utf8.count + 1000, text, context)
        case .dripping:
            begin(length: 1 << 20, " ", context)
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let own = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(200)) { task in
                guard bound.value.channel.isActive else { return task.cancel() }
                let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " ")))
                bound.value.writeAndFlush(own.value.wrapOutboundOut(part), promise: nil)
            }
        case .huge(let count):
            var head = HTTPResponseHead(version: .http1_1, status: .ok)
            head.headers.add(name: "transfer-encoding", value: "chunked")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let chunk = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 20)
            for _ in 0..<(count >> 20) { context.write(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func begin(length: Int, _ text: String, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: .ok)
        head.headers.add(name: "content-length", value: "\(length)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }

    private func send(_ code: Int, _ text: String, _ headers: [String: String], _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: code))
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        if code != 304 { head.headers.add(name: "content-length", value: "\(text.utf8.count)") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if code != 304 {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
