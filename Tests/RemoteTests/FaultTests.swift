import RemoteTiers
import TestSupport
import Testing

/// Servers that hang, drip, lie and break off: every operation ends in its time, and the next one works.
@Suite struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var behaviour: FaultyServer.Behaviour
        var get: [TierFailure.Kind]
        var put: [TierFailure.Kind]

        init(_ behaviour: FaultyServer.Behaviour, _ get: TierFailure.Kind..., put: TierFailure.Kind...) {
            self.behaviour = behaviour
            self.get = get
            self.put = put
        }

        var testDescription: String { "\(behaviour)" }
    }

    /// For what ends by the clock alone.
    private static let patience: Int64 = 300_000_000

    /// What is over at once is given time, so that a busy machine is not taken for a silent server.
    private static func patience(_ kinds: [TierFailure.Kind]) -> Int64 {
        kinds.contains(.timedOut) ? patience : 60 * second
    }

    private func check(_ fault: Fault, _ scheme: String, healthyGet: String, healthyPut: String) async throws {
        try await FaultyServer.with(fault.behaviour) { server in
            let tier = try open("\(scheme)://127.0.0.1:\(server.port)|max-entry=1M")
            for _ in 1...2 {
                await Self.expect(fault.get) { () throws(TierFailure) in
                    _ = try await tier.get(key(1), within: Self.patience(fault.get))
                }
                await Self.expect(fault.put) { () throws(TierFailure) in
                    try await tier.put(key(1), bytes(100_000), within: Self.patience(fault.put))
                }
            }
            server.behave(.answer(healthyGet))
            #expect(try await tier.get(key(1), within: 60 * second) == Array("abc".utf8))
            server.behave(.answer(healthyPut))
            try await tier.put(key(1), bytes(10), within: 60 * second)
            await tier.close()
        }
    }

    private static func expect(_ kinds: [TierFailure.Kind], _ body: () async throws(TierFailure) -> Void) async {
        let failure = await expectFailure(
            .unreachable,
            .timedOut,
            .refused,
            .protocolError,
            .full,
            .tooLarge,
            within: patience(kinds),
            body: body
        )
        guard let failure else { return }
        #expect(kinds.contains(failure.kind), "\(failure)")
    }

    private static let redis: [Fault] = [
        Fault(.silence, .timedOut, put: .timedOut),
        Fault(.close, .unreachable, put: .unreachable),
        Fault(.reset, .unreachable, put: .unreachable),
        Fault(.closeAtConnect, .unreachable, put: .unreachable),
        Fault(.answer("$1000\r\nabc"), .timedOut, put: .timedOut),
        Fault(.answer("$1048576\r\nabc"), .timedOut, put: .timedOut),
        Fault(.answerAndClose("$1000\r\nabc"), .unreachable, put: .unreachable),
        Fault(.answerAndClose("$10"), .unreachable, put: .unreachable),
        Fault(.answer("$99999999999\r\n"), .tooLarge, put: .tooLarge),
        Fault(.answer("$99999999999999999999999\r\n"), .tooLarge, put: .tooLarge),
        Fault(.answer("$1048577\r\n"), .tooLarge, put: .tooLarge),
        Fault(.answer("$-7\r\n"), .protocolError, put: .protocolError),
        Fault(.answer("$3\r\nabcdef"), .protocolError, put: .protocolError),
        Fault(.answer("HTTP/1.1 400 Bad Request\r\n\r\n"), .protocolError, put: .protocolError),
        Fault(.answer("\0\u{1}\u{7f}"), .protocolError, put: .protocolError),
        Fault(.answer("*2\r\n+OK\r\n+OK\r\n"), .protocolError, put: .protocolError),
        Fault(.answer(":1\r\n"), .protocolError, put: .protocolError),
        Fault(.answer("+OK\r\n+OK\r\n"), .protocolError, put: .protocolError),
        Fault(.answer("-NOAUTH Authentication required.\r\n"), .refused, put: .refused),
        Fault(.answer("-OOM command not allowed\r\n"), .full, put: .full),
        Fault(.answer("-LOADING Redis is loading\r\n"), .unreachable, put: .unreachable),
        Fault(.answer("-CLUSTERDOWN The cluster is down\r\n"), .unreachable, put: .unreachable),
        Fault(.answer("-MOVED 1 127.0.0.1:1\r\n"), .protocolError, put: .protocolError),
        Fault(.drip("$1000\r\n"), .timedOut, put: .timedOut),
        Fault(.drip("+"), .timedOut, put: .timedOut),
        Fault(.flood("+"), .protocolError, put: .protocolError),
        Fault(.flood("$1000\r\n"), .protocolError, put: .protocolError),
    ]

    @Test(arguments: redis) func redisFaults(_ fault: Fault) async throws {
        try await check(fault, "redis", healthyGet: "$3\r\nabc\r\n", healthyPut: "+OK\r\n")
    }

    private static let web: [Fault] = [
        Fault(.silence, .timedOut, put: .timedOut),
        Fault(.close, .unreachable, put: .unreachable),
        Fault(.reset, .unreachable, put: .unreachable),
        Fault(.closeAtConnect, .unreachable, put: .unreachable),
        Fault(.answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"), .timedOut, put: .timedOut),
        Fault(.answer("HTTP/1.1 200 OK\r\nContent-"), .timedOut, put: .timedOut),
        Fault(
            .answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"),
            .unreachable,
            put: .unreachable
        ),
        Fault(
            .answerAndClose("HTTP/1.1 200 OK\r\nConte"),
            .unreachable,
            .protocolError,
            put: .unreachable,
            .protocolError
        ),
        Fault(.answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), .tooLarge, put: .tooLarge),
        Fault(
            .answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
            .tooLarge,
            .protocolError,
            put: .tooLarge,
            .protocolError
        ),
        Fault(.answer("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), .protocolError, put: .protocolError),
        Fault(
            .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\n"),
            .protocolError,
            put: .protocolError
        ),
        Fault(.answer("+OK\r\n"), .protocolError, put: .protocolError),
        Fault(.answer("\0\u{1}\u{7f}"), .protocolError, put: .protocolError),
        Fault(.answer("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"), .refused, put: .refused),
        Fault(.answer("HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), .refused, put: .refused),
        Fault(.answer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), .unreachable, put: .unreachable),
        Fault(.answer("HTTP/1.1 507 No\r\nContent-Length: 0\r\n\r\n"), .full, put: .full),
        Fault(.drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), .timedOut, put: .timedOut),
        Fault(.drip("HTTP/1.1 200 OK\r\nX: "), .timedOut, put: .timedOut),
        Fault(.flood("HTTP/1.1 200 OK\r\nX: "), .protocolError, put: .protocolError),
        // All that is there until the end of the connection is the value.
        Fault(.flood("HTTP/1.1 200 OK\r\n\r\n"), .tooLarge, .timedOut, put: .tooLarge, .timedOut),
    ]

    @Test(arguments: web) func webFaults(_ fault: Fault) async throws {
        try await check(
            fault,
            "http",
            healthyGet: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            healthyPut: "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test(arguments: ["rediss", "https", "rediss+cluster"]) func slowHandshakes(_ scheme: String) async throws {
        for (behaviour, kinds) in [
            (.silence, [.timedOut]), (.close, [.unreachable]), (.reset, [.unreachable]),
            (.answer("+OK\r\n"), [.unreachable]), (.drip("\u{16}\u{3}\u{1}"), [.timedOut, .unreachable]),
        ] as [(FaultyServer.Behaviour, [TierFailure.Kind])] {
            try await FaultyServer.with(behaviour) { server in
                let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
                await Self.expect(kinds) { () throws(TierFailure) in
                    _ = try await tier.get(key(1), within: Self.patience(kinds))
                }
                await tier.close()
            }
        }
    }

    @Test func idleRedisConnectionThatWasClosed() async throws {
        try await FaultyServer.with(.closeAtSecond("$3\r\nabc\r\n")) { server in
            let tier = try open("redis://127.0.0.1:\(server.port)")
            for _ in 1...4 { #expect(try await tier.get(key(1), within: 60 * second) == Array("abc".utf8)) }
            #expect(server.requests >= 5)
            await tier.close()
        }
    }

    @Test func idleWebConnectionThatWasClosed() async throws {
        try await FaultyServer.with(.closeAtSecond("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")) { server in
            let tier = try open("http://127.0.0.1:\(server.port)")
            for _ in 1...4 { #expect(try await tier.get(key(1), within: 60 * second) == Array("abc".utf8)) }
            await tier.close()
        }
    }

    @Test(arguments: ["redis", "http", "redis+cluster"]) func nobodyListens(_ scheme: String) async throws {
        let port = try FreePort.take()
        let tier = try open("\(scheme)://127.0.0.1:\(port)")
        await Self.expect([.unreachable]) { () throws(TierFailure) in
            _ = try await tier.get(key(1), within: Self.patience([.unreachable]))
        }
        let unknown = try open("\(scheme)://\(String(repeating: "x", count: 64)).invalid")
        await Self.expect([.unreachable, .timedOut]) { () throws(TierFailure) in
            _ = try await unknown.get(key(1), within: Self.patience)
        }
        await tier.close()
        await unknown.close()
    }

    @Test func noTimeAtAll() async throws {
        try await FaultyServer.with(.silence) { server in
            for scheme in ["redis", "http"] {
                let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
                for time: Int64 in [0, -1, .min] {
                    await Self.expect([.timedOut]) { () throws(TierFailure) in
                        _ = try await tier.get(key(1), within: time)
                    }
                }
                await tier.close()
            }
        }
    }

    /// More tasks than connections, and a server that answers nobody: all of them end in their time.
    @Test func manyWhoWaitInVain() async throws {
        try await FaultyServer.with(.silence) { server in
            for scheme in ["redis", "http"] {
                let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            await Self.expect([.timedOut]) { () throws(TierFailure) in
                                _ = try await tier.get(key(number), within: Self.patience)
                            }
                        }
                    }
                }
                await tier.close()
            }
        }
    }

    @Test func closingEndsWhatWaits() async throws {
        try await FaultyServer.with(.silence) { server in
            for scheme in ["redis", "http"] {
                let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
                let before = server.requests
                async let waits: Void = Self.expect([.unreachable]) { () throws(TierFailure) in
                    _ = try await tier.get(key(1), within: 60 * second)
                }
                try await LocalServer.poll("request") { server.requests > before || scheme == "http" }
                await tier.close()
                await waits
            }
        }
    }

    @Test func clusterThatSendsUsRound() async throws {
        try await FaultyServer.with(.silence) { server in
            let slot = ClusterSlots.slot(key(1))
            let tier = try open("redis+cluster://127.0.0.1:\(server.port)")
            server.behave(.answer("-MOVED \(slot) 127.0.0.1:\(server.port)\r\n"))
            await Self.expect([.unreachable]) { () throws(TierFailure) in
                _ = try await tier.get(key(1), within: 60 * second)
            }
            server.behave(.answer("-MOVED \(slot) 8.8.8.8:\(server.port)\r\n"))
            await Self.expect([.refused]) { () throws(TierFailure) in
                _ = try await tier.get(key(1), within: 60 * second)
            }
            server.behave(.answer("-MOVED \(slot) x:99999999\r\n"))
            await Self.expect([.protocolError]) { () throws(TierFailure) in
                _ = try await tier.get(key(1), within: 60 * second)
            }
            try await FaultyServer.with(.answer("$3\r\nabc\r\n")) { other in
                server.behave(.answer("-MOVED \(slot) :\(other.port)\r\n"))
                #expect(try await tier.get(key(1), within: 60 * second) == Array("abc".utf8))
                let before = server.requests
                #expect(try await tier.get(key(1), within: 60 * second) == Array("abc".utf8))
                #expect(server.requests == before)
                // For ASK each of two commands gets an answer, and only the second one counts.
                let asked = try open("redis+cluster://127.0.0.1:\(server.port)")
                server.behave(.answer("-ASK \(slot) 127.0.0.1:\(other.port)\r\n"))
                #expect(try await asked.get(key(1), within: 60 * second) == Array("abc".utf8))
                #expect(try await asked.get(key(1), within: 60 * second) == Array("abc".utf8))
                #expect(server.requests == before + 2)
                await asked.close()
            }
            await tier.close()
        }
    }
}
