internal import NIOCore
internal import NIOHTTP1

/// Sends requests to one server, over connections that are kept open.
///
/// It is made of NIO alone: AsyncHTTPClient 1.37 ends the whole process when a server answers and closes the connection
/// while a body is still being sent.
package actor HTTPExchange {
    /// What the server is called in sentences.
    package nonisolated let server: String
    private let dialer: HTTPDialer
    private let pool: LinkPool<HTTPDialer>

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        dialer.eventLoop.executor.asUnownedSerialExecutor()
    }

    init(_ address: TierAddress, _ node: TierAddress.Node, _ dialer: Dialer) {
        server = address.display
        self.dialer = HTTPDialer(dialer: dialer, node: node, server: address.display, limit: address.maximumEntry)
        pool = LinkPool(self.dialer)
    }

    /// The value of the `Host` header for `node`: with the port, unless it is the usual one.
    package static func host(_ node: TierAddress.Node, _ address: TierAddress) -> String {
        let isUsual = node.port == (address.usesTLS ? 443 : 80)
        return isUsual ? String(node.display.dropLast("\(node.port)".utf8.count + 1)) : node.display
    }

    /// Sends a request until `deadline` at the latest, and takes in the answer.
    ///
    /// `path` is encoded and starts with a slash; `headers` have the host among them. Nothing that we send does harm
    /// when it is done twice, as it is when a connection has been idle for too long.
    nonisolated func send(
        _ method: HTTPMethod,
        _ path: String,
        _ headers: HTTPHeaders,
        _ body: ByteBuffer?,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> HTTPAnswer {
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        if let body { head.headers.add(name: "Content-Length", value: String(body.readableBytes)) }
        let request = head
        return try await withTaskExecutorPreference(dialer.executor) { () async throws(TierFailure) in
            try await self.perform(request, body, until: deadline)
        }
    }

    private func perform(
        _ request: HTTPRequestHead,
        _ body: ByteBuffer?,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> HTTPAnswer {
        try await pool.use(until: deadline, connectBefore: deadline) { link throws(TierFailure) in
            try await link.exchange(request, body, until: deadline)
        }
    }

    /// Closes all connections; what is still under way fails.
    package func close() { pool.close() }
}

/// Makes connections to an HTTP server.
private struct HTTPDialer: LinkDialer {
    package let dialer: Dialer
    package let node: TierAddress.Node
    package let server: String
    /// Of a body, in bytes.
    package let limit: Int

    package var eventLoop: any EventLoop { dialer.eventLoop }
    package var executor: LoopExecutor { dialer.executor }

    package func dial(until deadline: NIODeadline) async throws(TierFailure) -> HTTPLink {
        let link = HTTPLink(server: server, limit: limit, on: eventLoop)
        try await dialer.connect(node, server, until: deadline) { channel in
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(link)
        }
        return link
    }
}
