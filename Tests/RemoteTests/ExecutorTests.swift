import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import RemoteTiers

/// An operation needs no thread of Swift's own pool, which a busy program has few of.
@Suite(.serialized) struct ExecutorTests {
    private actor Caller {
        private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

        nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

        func time(_ tier: any RemoteTier) async throws -> Duration {
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 1...3 { _ = try await tier.get(key(1), within: 60 * second) }
            return clock.now - start
        }
    }

    @Test(arguments: ["redis", "http"]) func poolIsBusy(_ scheme: String) async throws {
        let answer = scheme == "redis" ? "$3\r\nabc\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
        try await FaultyServer.with(.answer(answer)) { server in
            let tier = try open("\(scheme)://127.0.0.1:\(server.port)")
            let caller = Caller()
            // A new connection may cost a turn there; one that is open does not.
            _ = try await caller.time(tier)
            let start = ContinuousClock().now
            let blockers = (0..<2 * ProcessInfo.processInfo.activeProcessorCount).map { _ in
                Task.detached { Self.block() }
            }
            let time = try await caller.time(tier)
            for blocker in blockers { await blocker.value }
            #expect(time < .milliseconds(1500))
            #expect(ContinuousClock().now - start > .milliseconds(1900), "nothing was blocked")
            await tier.close()
        }
    }

    private static func block() { Thread.sleep(forTimeInterval: 2) }
}
