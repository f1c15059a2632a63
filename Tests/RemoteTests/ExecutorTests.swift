import Foundation
import NIOCore
import NIOPosix
import RemoteTiers
import Synchronization
import Testing

/// An operation needs no thread of Swift's own pool, which a busy program has few of.
@Suite(.serialized) struct ExecutorTests {
    @Test(arguments: ["redis", "http"]) func poolIsBusy(_ scheme: String) async throws {
        let answer = scheme == "redis" ? "$3\r\nabc\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
        try await FaultyServer.with(.answer(answer)) { server in
            let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
            let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
            let blocked = Counter()
            let gate = DispatchSemaphore(value: 0)
            let blockers = (0..<2 * ProcessInfo.processInfo.activeProcessorCount).map { _ in
                Task.detached {
                    Self.block(gate)
                    blocked.add()
                }
            }
            // Three operations, of which the first one makes a connection.
            let ended = try await Task.detached(executorPreference: executor) {
                for _ in 1...3 { _ = try await tier.get(key(1), within: 60 * second) }
                defer { for _ in blockers { gate.signal() } }
                return blocked.count
            }.value
            for blocker in blockers { await blocker.value }
            #expect(ended == 0, "the operations had to wait for the pool")
            await tier.close()
        }
    }

    private final class Counter: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    /// Until the operations are done; or for a minute, where they need this thread.
    private static func block(_ gate: DispatchSemaphore) { _ = gate.wait(timeout: .now() + 60) }
}
