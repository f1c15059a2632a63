import NIOCore
import NIOPosix
import Synchronization

/// A server that does something wrong as soon as it is spoken to.
final class FaultyServer: Sendable {
    enum Behaviour: Sendable {
        case silence
        /// The bytes, and then nothing.
        case answer(String)
        /// The bytes, and then the end.
        case answerAndClose(String)
        /// The beginning, and then one byte after the other for ever.
        case drip(String)
        /// The beginning, and then as many bytes as are taken.
        case flood(String)
        /// Without a word.
        case close
        case reset
        /// Answers the first request on each connection, and closes it at the second.
        case closeAtSecond(String)
        /// Says nothing at all, and closes at once.
        case closeAtConnect
    }

    private let channel: any Channel
    private let state: State
    let port: Int

    final class State: Sendable {
        let behaviour: Mutex<Behaviour>
        let requests = Mutex(0)
        init(_ behaviour: Behaviour) { self.behaviour = Mutex(behaviour) }
    }

    private init(_ channel: any Channel, _ state: State) throws {
        self.channel = channel
        self.state = state
        guard let port = channel.localAddress?.port else { throw LocalServer.Trouble(description: "no port") }
        self.port = port
    }

    static func with(_ behaviour: Behaviour, _ body: (FaultyServer) async throws -> Void) async throws {
        let state = State(behaviour)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = try FaultyServer(channel, state)
        do { try await body(server) } catch {
            try? await channel.close().get()
            throw error
        }
        try? await channel.close().get()
    }

    func behave(_ behaviour: Behaviour) { state.behaviour.withLock { $0 = behaviour } }

    /// Reads that a client has caused so far.
    var requests: Int { state.requests.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let state: State
        private var requests = 0

        init(_ state: State) { self.state = state }

        func channelActive(context: ChannelHandlerContext) {
            if case .closeAtConnect = state.behaviour.withLock({ $0 }) { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // The rest of a long request is no other one.
            let start = unwrapInboundIn(data)
            let text = start.getString(at: start.readerIndex, length: min(5, start.readableBytes)) ?? ""
            guard requests == 0 || ["*1\r\n", "*2\r\n", "*3\r\n", "GET ", "PUT "].contains(where: text.hasPrefix) else {
                return
            }
            requests += 1
            state.requests.withLock { $0 += 1 }
            let channel = context.channel
            switch state.behaviour.withLock({ $0 }) {
            case .silence, .closeAtConnect: break
            case .answer(let text): send(text, channel)
            case .answerAndClose(let text):
                let future = channel.writeAndFlush(ByteBuffer(string: text))
                future.whenComplete { _ in channel.close(promise: nil) }
            case .drip(let text):
                guard requests == 1 else { return }
                send(text, channel)
                channel.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) {
                    task in
                    guard channel.isActive else { return task.cancel() }
                    channel.writeAndFlush(ByteBuffer(string: "1"), promise: nil)
                }
            case .flood(let text):
                guard requests == 1 else { return }
                send(text, channel)
                channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
                    guard channel.isActive else { return task.cancel() }
                    if channel.isWritable {
                        channel.writeAndFlush(ByteBuffer(repeating: 0x31, count: 4096), promise: nil)
                    }
                }
            case .close: context.close(promise: nil)
            case .reset:
                // Without a linger time, closing is a reset.
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in channel.close(promise: nil) }
            case .closeAtSecond(let text):
                if requests == 1 { send(text, channel) } else { context.close(promise: nil) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func send(_ text: String, _ channel: any Channel) {
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
    }
}
