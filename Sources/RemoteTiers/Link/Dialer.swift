internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Makes connections to the servers of a tier, with TLS where the address says so.
struct Dialer: Sendable {
    /// All connections of a tier belong to it.
    let eventLoop: any EventLoop
    /// Runs whole operations there.
    let executor: LoopExecutor
    private let socketPath: String?
    private let tls: NIOSSLContext?

    /// Fails when the certificates and keys are missing or do not fit.
    init(_ address: TierAddress, _ secrets: TierSecrets) throws(TierFailure) {
        executor = .network
        eventLoop = executor.eventLoop
        socketPath = address.socketPath
        let configuration = try TLSSetup.configuration(address, secrets)
        do {
            tls = try configuration.map { try NIOSSLContext(configuration: $0) }
        } catch {
            throw TierFailure(.refused, "The certificates and keys for TLS do not fit.")
        }
    }

    /// Connects to `node`, which is called `server` in sentences, until `deadline` at the latest.
    ///
    /// `addHandlers` is called on the event loop, and adds what comes behind TLS. The handshake may still be under way in
    /// the end: what is sent waits for it.
    func connect(
        _ node: TierAddress.Node,
        _ server: String,
        until deadline: NIODeadline,
        _ addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) async throws(TierFailure) {
        let made = Waiter<Void>()
        let tls = tls
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = HostName.isLiteral(node.host) ? nil : node.host
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try addHandlers(channel)
                }
            }
        let connected =
            if let socketPath {
                bootstrap.connect(unixDomainSocketPath: socketPath)
            } else if let literal = try? SocketAddress(ipAddress: node.host, port: node.port) {
                // The resolver has a queue of its own for these too, which may have to wait for a thread.
                bootstrap.connect(to: literal)
            } else {
                bootstrap.connect(host: node.host, port: node.port)
            }
        connected.whenComplete { result in
            switch result {
            case .success(let channel):
                // Too late, and nobody would ever close it.
                if !made.resume(.success(())) { channel.close(mode: .all, promise: nil) }
            case .failure(let error): made.resume(.failure(NetworkReason.failure(error, server)))
            }
        }
        let late = TierFailure(.timedOut, "The connection to \(server) was not made in time.")
        try await made.value(on: eventLoop, until: deadline, orElse: late)
    }
}
