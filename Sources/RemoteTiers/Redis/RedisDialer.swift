internal import NIOCore

/// Makes connections to Redis servers, and introduces us there.
struct RedisDialer: Sendable {
    private let dialer: Dialer
    private let user: String?
    private let password: String?
    /// "" for the first one.
    private let database: String
    private let socketPath: String?
    private let limit: Int

    /// Fails when a secret is missing that the address speaks of.
    init(_ address: TierAddress, _ secrets: TierSecrets, _ dialer: Dialer) throws(TierFailure) {
        self.dialer = dialer
        user = address.user
        password = secrets.password ?? address.password
        database = address.path
        socketPath = address.socketPath
        limit = address.maximumEntry
        guard address.passwordFile == nil || password != nil else {
            throw TierFailure(.refused, "The password of password-file is missing.")
        }
    }

    /// The connections belong to it.
    var eventLoop: any EventLoop { dialer.eventLoop }
    var executor: LoopExecutor { dialer.executor }

    /// What `node` is called in sentences.
    func name(_ node: TierAddress.Node) -> String { "Redis at \(socketPath ?? node.display)" }

    /// A connection that is ready for commands.
    ///
    /// Has to be called on the event loop.
    func dial(_ node: TierAddress.Node, until deadline: NIODeadline) async throws(TierFailure) -> RedisLink {
        let link = RedisLink(server: name(node), limit: limit, on: eventLoop)
        try await dialer.connect(node, name(node), until: deadline) { channel in
            try channel.pipeline.syncOperations.addHandler(link)
        }
        do throws(TierFailure) {
            if let password {
                try await introduce(link, RedisCommand.auth(user: user, password: password), node, until: deadline)
            }
            if !database.isEmpty {
                try await introduce(link, RedisCommand.select(database), node, until: deadline)
            }
        } catch {
            link.fail(error)
            throw error
        }
        return link
    }

    private func introduce(
        _ link: RedisLink,
        _ command: ByteBuffer,
        _ node: TierAddress.Node,
        until deadline: NIODeadline
    ) async throws(TierFailure) {
        let reply = try await link.exchange(command, until: deadline)
        switch reply {
        case .status: return
        case .error(let error) where error.code == "ERR":
            // A server without a password, without users, or without such a database.
            throw TierFailure(.refused, "\(name(node)) does not take the user, the password or the database's number.")
        case .error(let error): throw error.failure(name(node))
        default: throw TierFailure(.protocolError, "\(name(node)) answered with something else than yes or no.")
        }
    }
}

/// Makes connections to one node.
struct RedisNodeDialer: LinkDialer {
    let dialer: RedisDialer
    let node: TierAddress.Node

    var eventLoop: any EventLoop { dialer.eventLoop }
    var server: String { dialer.name(node) }

    func dial(until deadline: NIODeadline) async throws(TierFailure) -> RedisLink {
        try await dialer.dial(node, until: deadline)
    }
}
