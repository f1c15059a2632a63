internal import NIOCore

/// A tier on a Redis server or on a cluster of them.
///
/// Needs the commands GET and SET, AUTH where there is a password, SELECT where there is a database, and ASKING in a
/// cluster. It runs on the event loop of its connections, so no thread is changed between a command and its reply.
actor RedisTier: RemoteTier {
    private let address: TierAddress
    private let dialer: RedisDialer
    private var pools: [TierAddress.Node: LinkPool<RedisNodeDialer>] = [:]
    private var slots = ClusterSlots()
    /// Where to begin when no owner is known.
    private var nextSeed = 0
    private var isClosed = false

    /// Of the pauses while a server is not ready, in milliseconds.
    private static let pauses: [Int64] = [20, 50, 100, 200]
    private static let mostRedirections = 8
    /// Nodes of a cluster; a server that tells of more is not telling the truth.
    private static let mostNodes = 1024

    nonisolated var unownedExecutor: UnownedSerialExecutor { dialer.eventLoop.executor.asUnownedSerialExecutor() }

    init(_ address: TierAddress, _ dialer: RedisDialer) {
        self.address = address
        self.dialer = dialer
    }

    nonisolated func get(_ key: String, within nanoseconds: Int64) async throws(TierFailure) -> [UInt8]? {
        let deadline = NIODeadline.within(nanoseconds)
        let key = try TierKey(key)
        let reply = try await run(RedisCommand.get(key.text), for: key.text, until: deadline)
        return switch reply {
        case .bulk(let value): value
        case .null: nil
        default: throw TierFailure(.protocolError, "\(address.display) answered GET with something else than a value.")
        }
    }

    nonisolated func put(_ key: String, _ value: [UInt8], within nanoseconds: Int64) async throws(TierFailure) {
        let deadline = NIODeadline.within(nanoseconds)
        let key = try TierKey(key)
        guard value.count <= address.maximumEntry else {
            throw TierFailure(.tooLarge, "The entry is larger than \(address.maximumEntry) bytes.")
        }
        let command = RedisCommand.set(key.text, value, ttl: address.ttl)
        let reply = try await run(command, for: key.text, until: deadline)
        guard reply == .status("OK") else {
            throw TierFailure(.protocolError, "\(address.display) answered SET with something else than OK.")
        }
    }

    func close() {
        isClosed = true
        for pool in pools.values { pool.close() }
        pools = [:]
    }

    private nonisolated func run(
        _ command: ByteBuffer,
        for key: String,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> RedisReply {
        try await withTaskExecutorPreference(dialer.executor) { () async throws(TierFailure) in
            try await self.perform(command, for: key, until: deadline)
        }
    }

    /// Finds the node for `key` and sends it `command`.
    private func perform(
        _ command: ByteBuffer,
        for key: String,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> RedisReply {
        guard address.engine == .redisCluster else { return try await performAlone(command, until: deadline) }
        let slot = ClusterSlots.slot(key)
        var node = slots.owner(slot) ?? seed()
        var isAsking = false
        var redirections = 0
        var pauses = Self.pauses[...]
        var dead: Set<TierAddress.Node> = []
        while true {
            let reply: RedisReply
            do throws(TierFailure) {
                let others = others(than: dead.union([node]))
                let pool = try pool(node)
                let isAsked = isAsking
                reply = try await pool.use(
                    until: deadline,
                    // A host that is off does not even say no; some time has to be left for another one.
                    connectBefore: others.isEmpty
                        ? deadline : .now() + .nanoseconds((deadline - .now()).nanoseconds / 2)
                ) { link throws(TierFailure) in
                    if isAsked { _ = try await link.exchange(RedisCommand.asking(), until: deadline) }
                    return try await link.exchange(command, until: deadline)
                }
            } catch {
                guard error.kind == .unreachable || error.kind == .timedOut else { throw error }
                slots.forget(node)
                dead.insert(node)
                guard NIODeadline.now() < deadline, let other = others(than: dead).first else { throw error }
                node = other
                isAsking = false
                continue
            }
            guard case .error(let error) = reply else {
                if !isAsking { slots.learn(slot, node) }
                return reply
            }
            if let redirection = error.redirection {
                redirections += 1
                guard redirections <= Self.mostRedirections else {
                    throw TierFailure(.unreachable, "\(address.display) sends us round in circles.")
                }
                node = try target(of: redirection.node, from: node)
                isAsking = redirection.isAsk
                if !isAsking { slots.learn(redirection.slot, node) }
                // It was dead, and all the others still say that it is the one.
                guard !dead.contains(node) else { throw TierFailure(.unreachable, "\(dialer.name(node)) is down.") }
            } else {
                guard error.isPassing else { throw error.failure(dialer.name(node)) }
                try await pause(&pauses, error, node, until: deadline)
            }
        }
    }

    private func performAlone(
        _ command: ByteBuffer,
        until deadline: NIODeadline
    ) async throws(TierFailure) -> RedisReply {
        var pauses = Self.pauses[...]
        let node = address.nodes[0]
        while true {
            let reply = try await pool(node).use(until: deadline, connectBefore: deadline) { link throws(TierFailure) in
                try await link.exchange(command, until: deadline)
            }
            guard case .error(let error) = reply else { return reply }
            guard error.isPassing else { throw error.failure(dialer.name(node)) }
            try await pause(&pauses, error, node, until: deadline)
        }
    }

    /// Waits a little before the next attempt; fails when there have been enough, or when there is no time left.
    private func pause(
        _ pauses: inout ArraySlice<Int64>,
        _ error: RedisError,
        _ node: TierAddress.Node,
        until deadline: NIODeadline
    ) async throws(TierFailure) {
        let end = pauses.popFirst().map { NIODeadline.now() + .milliseconds($0) }
        guard let end, end < deadline else { throw error.failure(dialer.name(node)) }
        _ = try? await Waiter<Void>().value(on: dialer.eventLoop, until: end, orElse: error.failure(""))
    }

    private func pool(_ node: TierAddress.Node) throws(TierFailure) -> LinkPool<RedisNodeDialer> {
        if isClosed { throw TierFailure(.unreachable, "\(address.display) is closed.") }
        if let pool = pools[node] { return pool }
        guard pools.count < Self.mostNodes else {
            throw TierFailure(.protocolError, "\(address.display) tells of more nodes than a cluster has.")
        }
        let pool = LinkPool(RedisNodeDialer(dialer: dialer, node: node))
        pools[node] = pool
        return pool
    }

    private func seed() -> TierAddress.Node {
        nextSeed = (nextSeed + 1) % address.nodes.count
        return address.nodes[nextSeed]
    }

    /// Nodes that may be asked instead.
    private func others(than dead: Set<TierAddress.Node>) -> [TierAddress.Node] {
        (address.nodes + slots.nodes).filter { !dead.contains($0) }
    }

    /// Where we are sent by `sender`.
    ///
    /// Not to a host that the address would not have been fine for.
    private func target(
        of node: TierAddress.Node,
        from sender: TierAddress.Node
    ) throws(TierFailure) -> TierAddress.Node {
        let target = TierAddress.Node(host: node.host.isEmpty ? sender.host : node.host, port: node.port)
        var moved = address
        moved.nodes = [target]
        guard address.isInsecureAllowed || address.isPlainBeyondPrivateNetworks || !moved.isPlainBeyondPrivateNetworks
        else { throw TierFailure(.refused, "\(address.display) sends us to a public host without TLS.") }
        return target
    }
}
