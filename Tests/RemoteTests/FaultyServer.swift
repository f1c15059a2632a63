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
        /// The end of what was read before: a request may begin there.
        private var tail: [UInt8] = []

        /// What only the beginning of a request has, of Redis and of HTTP.
        private static let marks = [
            "$3\r\nGET\r\n", "$3\r\nSET\r\n", "$4\r\nAUTH", "$6\r\nASKING", "$6\r\nSELECT", " HTTP/1.1\r\n",
        ]
        .map { Array($0.utf8) }

        init(_ state: State) { self.state = state }

        func channelActive(context: ChannelHandlerContext) {
            if case .closeAtConnect = state.behaviour.withLock({ $0 }) { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var count = begun(unwrapInboundIn(data))
            // A handshake is a request, too.
            if requests == 0 { count = max(count, 1) }
            for _ in 0..<count { act(context) }
        }

        /// How many requests begin in these bytes: with the rest of a long one there may be the next.
        private func begun(_ buffer: ByteBuffer) -> Int {
            let bytes = tail + Array(buffer.readableBytesView)
            let known = tail.count
            tail = Array(bytes.suffix(10))
            return bytes.withUnsafeBufferPointer { bytes in
                var count = 0
                for start in 0..<bytes.count where bytes[start] == 0x24 || bytes[start] == 0x20 {
                    count += Self.marks.count { start + $0.count > known && bytes[start...].starts(with: $0) }
                }
                return count
            }
        }

        private func act(_ context: ChannelHandlerContext) {
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
