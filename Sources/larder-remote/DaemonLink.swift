internal import Files
internal import NIOCore
internal import NIOPosix
internal import RemoteTiers
internal import Wire

/// The connection to the daemon that has started this process.
///
/// It lives where the connections to servers do, so that an order reaches a server, and its answer the daemon, without a change of
/// threads. Any thread may say something.
final class DaemonLink: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) { self.channel = channel }

    /// Takes over `socket`; each order of the daemon is handed to `hear`, in turn.
    static func open(
        _ socket: consuming Descriptor,
        _ hear: @escaping @Sendable (DaemonLink, Reply) -> Void
    ) throws -> DaemonLink {
        let channel = try ClientBootstrap(group: LoopExecutor.network.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let link = DaemonLink(channel)
                    try channel.pipeline.syncOperations.addHandler(OrderReader { hear(link, $0) })
                }
            }
            .withConnectedSocket(socket.release())
            .wait()
        return DaemonLink(channel)
    }

    /// Tells the daemon; one that has ended does not hear it.
    func say(_ request: Request) { channel.writeAndFlush(ByteBuffer(bytes: request.frame.bytes), promise: nil) }

    /// Waits for the daemon's end.
    func waitForEnd() { try? channel.closeFuture.wait() }
}

/// Makes orders of what the daemon sends; one that is none ends the connection.
private final class OrderReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var unread: [UInt8] = []
    private let hear: (Reply) -> Void

    /// An order has some hundred bytes.
    private static let longest = 4096

    init(_ hear: @escaping (Reply) -> Void) { self.hear = hear }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unread += unwrapInboundIn(data).readableBytesView
        var rest = unread[...]
        while true {
            switch Frame.read(rest, upTo: Self.longest) {
            case .frame(let frame, let length):
                guard let order = try? Reply(frame) else { return context.close(promise: nil) }
                hear(order)
                rest = rest.dropFirst(length)
            case .partial:
                unread = Array(rest)
                return
            case .malformed: return context.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
