import Files
import Foundation
import LarderStore
import TestSupport
import Testing
import Wire

/// Who talks to the daemon without being a launcher, or is one that behaves as none does.
@Suite struct HostileTests {
    private func withDaemon(_ body: (HeldDaemon, Workshop) throws -> Void) throws {
        let workshop = try Workshop()
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        try body(daemon, workshop)
        #expect(daemon.status?.process == Int64(getpid()), "it is there, and answers")
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 0, 0, 0], [255, 255, 255, 255, 1, 4], [2, 0, 0, 0, 2, 4],
        [2, 0, 0, 0, 1, 99], [3, 0, 0, 0, 1, 4, 0], [2, 0, 0, 0, 1, 1],
    ])
    func `what is no request of this version ends the connection`(bytes: [UInt8]) throws {
        try withDaemon { daemon, _ in
            let client = try HostileClient(daemon.place)
            client.send(bytes)
            #expect(client.isClosed)
        }
    }

    @Test func `half a frame waits for its other half, and takes nobody else's time`() throws {
        try withDaemon { daemon, _ in
            let frame = Request.status.frame.bytes
            let client = try HostileClient(daemon.place)
            client.send(Array(frame[..<3]))
            #expect(daemon.status != nil)
            client.send(Array(frame[3...]))
            guard case .status? = client.answer() else {
                Issue.record("it is answered when it is whole")
                return
            }
        }
    }

    @Test func `one that never reads is let go`() throws {
        try withDaemon { daemon, _ in
            let client = try HostileClient(daemon.place)
            // Whole requests, one after the other: half of one would end the connection for another reason. The answers fill
            // the socket first, then what the daemon keeps for a connection, which are some hundred of each.
            let frame = Request.status.frame.bytes
            var isConnected: Bool? = true
            for _ in 0..<20_000 where isConnected == true { isConnected = client.sendAll(frame) }
            #expect(isConnected == false, "the daemon ends the connection")
            #expect(eventually { daemon.status?.connections == 1 }, "and keeps nothing of it")
        }
    }

    @Test func `five thousand connections at once keep nobody from being answered`() throws {
        try withDaemon { daemon, _ in
            var clients: [HostileClient] = []
            let wanted = DetachedProcess.raiseDescriptorLimit() > 12000 ? 5000 : 1500
            for _ in 0..<wanted {
                // Where the queue is full, it is full.
                if let client = try? HostileClient(daemon.place) { clients.append(client) }
            }
            #expect(clients.count > wanted / 2)
            clients = []
            #expect(eventually { (daemon.status?.connections ?? .max) <= 2 }, "all are forgotten")
        }
    }

    @Test func `whoever asks a second time on one connection is no launcher`() throws {
        try withDaemon { daemon, _ in
            let client = try HostileClient(daemon.place)
            client.send(.ask(.ours, .numbered(1)))
            #expect(client.answer() == .lead)
            client.send(.ask(.ours, .numbered(2)))
            #expect(client.isClosed)
            #expect(eventually { daemon.status?.flights == 0 }, "nothing is under way any more")
            let next = try HostileClient(daemon.place)
            next.send(.ask(.ours, .numbered(1)))
            #expect(next.answer() == .lead)
        }
    }

    @Test func `whoever waits for one that ends is told to look`() throws {
        try withDaemon { daemon, _ in
            let leader = try OtherProcess(daemon.place, asksFor: .numbered(1))
            defer { leader.end() }
            #expect(try leader.answer() == .lead)
            let waiting = try HostileClient(daemon.place)
            waiting.send(.ask(.ours, .numbered(1)))
            #expect(waiting.answer() == .wait)
            #expect(daemon.status?.waiting == 1)
            leader.end()
            #expect(waiting.answer() == .again)
            #expect(eventually { daemon.status?.flights == 0 }, "nothing is under way any more")
        }
    }

    @Test func `whoever waits in another process is told to look, and nobody waits for its own descendant`() throws {
        try withDaemon { daemon, _ in
            let leader = try OtherProcess(daemon.place, asksFor: .numbered(1))
            defer { leader.end() }
            #expect(try leader.answer() == .lead)
            let waiting = try OtherProcess(daemon.place, asksFor: .numbered(1))
            defer { waiting.end() }
            #expect(try waiting.answer() == .wait)
            leader.end()
            #expect(try waiting.answer() == .again)

            // A process that this one has started would wait for this one.
            let here = try HostileClient(daemon.place)
            here.send(.ask(.ours, .numbered(2)))
            #expect(here.answer() == .lead)
            let below = try OtherProcess(daemon.place, asksFor: .numbered(2))
            defer { below.end() }
            #expect(try below.answer() == .alone)
        }
    }

    @Test func `a publication of another version, of another view, or without its files is sent back`() throws {
        try withDaemon { daemon, workshop in
            let file = try FileHandle(forReadingFrom: workshop.directory)
            var (older, elsewhere, nowhere) = (Greeting.ours, Greeting.ours, Greeting.ours)
            older.version = "0.0.0"
            elsewhere.view?.namespace += 1
            nowhere.view = nil
            for (greeting, count) in [(older, 2), (elsewhere, 2), (nowhere, 2), (.ours, 1), (.ours, 0)] {
                let client = try HostileClient(daemon.place)
                let descriptors = [CInt](repeating: file.fileDescriptor, count: count)
                client.send(.publish(greeting, .numbered(1), job: [1, 2, 3]), descriptors)
                guard case .refused? = client.answer() else {
                    Issue.record("\(greeting) with \(count) descriptors was not refused")
                    continue
                }
            }
            let many = try HostileClient(daemon.place)
            many.send(.publish(.ours, .numbered(1), job: []), [CInt](repeating: file.fileDescriptor, count: 4))
            #expect(many.isClosed)
            #expect(daemon.status?.pending == 0)
        }
    }

    @Test func `a publication that is no job is dropped, and the next one of its key is sent back`() throws {
        try withDaemon { daemon, workshop in
            let file = try FileHandle(forReadingFrom: workshop.directory)
            let descriptors = [file.fileDescriptor, file.fileDescriptor]
            let client = try HostileClient(daemon.place)
            client.send(.publish(.ours, .numbered(1), job: [1, 2, 3]), descriptors)
            #expect(client.answer() == .accepted)
            #expect(daemon.settle())
            #expect(eventually { daemon.status?.dropped == 1 })
            let next = try HostileClient(daemon.place)
            next.send(.publish(.ours, .numbered(1), job: [1, 2, 3]), descriptors)
            guard case .refused? = next.answer() else {
                Issue.record("it was not refused")
                return
            }
        }
    }

    @Test func `no descriptor stays open for a publication that is over or refused`() throws {
        try withDaemon { daemon, workshop in
            func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
            // Whether one of these very files is open says it better than a count that other tests share.
            try workshop.write("", to: "marked")
            func isOpen() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
                        == workshop.url("marked").path
                }
            }
            let file = try FileHandle(forReadingFrom: workshop.url("marked"))
            for number in 0..<100 {
                let client = try HostileClient(daemon.place)
                client.send(.publish(.ours, .numbered(number), job: []), [file.fileDescriptor, file.fileDescriptor])
                _ = client.answer()
            }
            #expect(try isOpen() > 100)
            #expect(daemon.settle())
            #expect(try eventually { try isOpen() == 1 })
        }
    }

    @Test func `directories of daemons that were killed are removed by the next one`() throws {
        let (workshop, other) = (try Workshop(), try Workshop())
        try FileManager.default.createDirectory(at: other.cache, withIntermediateDirectories: true)
        let place = try #require(DaemonPlace.of(Path(other.cache.path)))
        let directory = URL(fileURLWithPath: "\(place.directory)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        // The lock last: without one nobody touches the place.
        for name in ["socket", "lock"] { try Data().write(to: directory.appendingPathComponent(name)) }
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        #expect(eventually { !FileManager.default.fileExists(atPath: directory.path) })
    }
}
