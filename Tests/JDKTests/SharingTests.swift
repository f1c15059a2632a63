import Foundation
import TestSupport
import Testing

/// Many processes at once.
struct SharingTests {
    let world = World()

    @Test func `twenty processes that refresh at once fetch once`() throws {
        let server = try MetadataServer { [world] request in
            // Long enough for all of them to be there.
            request.path == "/v3.0/distributions" ? .late(10_000, world.foojayDistributions) : world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        let processes = try (0..<20).map { _ in try shop.start("refresh", "--lock-timeout", "60") }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        #expect(server.count("/v3.0/distributions") == 1)
        #expect(server.requests.count == 1 + world.distributions.count)
    }

    @Test func `who waited for a refresh for less than it was asked for does its own`() throws {
        let server = try MetadataServer { [world] request in
            request.path == "/index.json" ? .late(1500, world.mirrorIndex) : world.mirror(request)
        }
        let shop = try JDKWorkshop(mirror: server.url)
        let narrow = try shop.start("refresh")
        try eventually { !server.requests.isEmpty }
        #expect(try shop.jdk("refresh", "--all-platforms").status == 0)
        narrow.waitUntilExit()
        #expect(server.count("/index.json") == 2)
        #expect(try shop.jdk("info", "--json").outputText.contains("\"platforms\": \"all\""))
    }

    @Test func `twenty searches in an empty cache fetch once`() throws {
        let server = try MetadataServer { [world] request in
            request.path == "/v3.0/distributions" ? .late(2000, world.foojayDistributions) : world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        let processes = try (0..<20).map { _ in try shop.start("search", "21", "--lock-timeout", "60") }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        #expect(server.count("/v3.0/distributions") == 1)
    }

    @Test func `readers see a whole catalogue while another process refreshes`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        try shop.jdk("refresh")
        let expected = try shop.jdk("search", "--offline", "--json", "zulu@21").output
        let refreshing = try (0..<3).map { _ in try shop.start("refresh") }
        for _ in 0..<15 {
            let outcome = try shop.jdk("search", "--offline", "--json", "zulu@21")
            #expect(outcome.status == 0)
            #expect(outcome.output == expected)
        }
        for process in refreshing { process.waitUntilExit() }
    }

    @Test func `a wait for the lock ends in time with the status 75`() throws {
        let server = try MetadataServer { _ in .silent("{") }
        let shop = try JDKWorkshop(foojay: server.url)
        let holder = try shop.start("refresh", "--timeout", "3600")
        defer { holder.kill() }
        try eventually { !server.requests.isEmpty }
        let outcome = try shop.jdk("refresh", "--lock-timeout", "200ms")
        #expect(outcome.status == 75)
        #expect(outcome.errorText.contains("held by process \(holder.processIdentifier)"), "\(outcome.errorText)")
        #expect(try shop.jdk("clear", "--lock-timeout", "0").status == 75)
    }

    @Test func `Ctrl-C ends a fetch at once with the status 130, and the lock is free`() throws {
        let server = try MetadataServer { _ in .silent("{") }
        let shop = try JDKWorkshop(foojay: server.url)
        let process = try shop.start("refresh", "--timeout", "3600")
        try eventually { !server.requests.isEmpty }
        let started = ContinuousClock.now
        process.interrupt()
        process.waitUntilExit()
        #expect(ContinuousClock.now - started < .seconds(60))
        #expect(process.terminationStatus == 130)
        #expect(shop.leftovers().isEmpty)
        #expect(try shop.jdk("clear", "--lock-timeout", "0").status == 0)
    }

    @Test func `a fetcher that is killed leaves nothing in the way`() throws {
        let isGood = Flag()
        let server = try MetadataServer { [world] in isGood.isSet ? world.foojay($0) : .silent("{") }
        let shop = try JDKWorkshop(foojay: server.url)
        let process = try shop.start("refresh", "--timeout", "3600")
        try eventually { !server.requests.isEmpty }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        isGood.set()
        #expect(try shop.jdk("refresh", "--lock-timeout", "5").status == 0)
    }

    /// Waits until `condition` holds, two minutes at most.
    ///
    /// On this thread: a task that sleeps comes back when hundreds of other tests have had their turn.
    private func eventually(_ condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            usleep(10_000)
        }
    }
}
