import DaemonCore
import Files
import LarderStore
import Testing
import Wire

private let someKey = EntryKey(digest: Digest.of(Array("key".utf8)))
private let greeting = Greeting(version: "1.2.3", view: FileView(namespace: 1, rootDevice: 2, rootInode: 3))

private let requests: [Request] = [
    .ask(greeting, someKey), .ask(Greeting(version: "", view: nil), someKey),
    .publish(greeting, someKey, job: [1, 2, 3]), .publish(greeting, someKey, job: []), .drain, .status, .stop,
]

@Suite struct WireTests {
    @Test func `what is said is heard`() throws {
        for request in requests {
            guard case .frame(let frame, let length) = Frame.read(request.frame.bytes[...]) else {
                Issue.record("no frame: \(request)")
                continue
            }
            #expect(length == request.frame.bytes.count)
            #expect(try Request(frame) == request)
        }
        var status = DaemonStatus()
        (status.version, status.process, status.residentBytes) = ("7", 8, 9)
        for reply: Reply in [.lead, .wait, .again, .alone, .accepted, .refused("full"), .status(status), .done] {
            #expect(try Reply(reply.frame) == reply)
        }
    }

    @Test func `the bytes of a frame are what they always were`() {
        #expect(Request.drain.frame.bytes == [2, 0, 0, 0, 1, 3])
        #expect(Reply.refused("ab").frame.bytes == [8, 0, 0, 0, 1, 70, 2, 0, 0, 0, 97, 98])
        let ask = Request.ask(Greeting(version: "1", view: nil), someKey).frame.bytes
        #expect(ask == [40, 0, 0, 0, 1, 1, 1, 0, 0, 0, 49, 0] + someKey.digest.bytes)
    }

    @Test func `another version, a length beyond the bound and one too short are malformed`() {
        #expect(Frame.read([2, 0, 0, 0, 2, 3]) == .malformed)
        #expect(Frame.read([1, 0, 0, 0, 1]) == .malformed)
        #expect(Frame.read([0, 0, 0, 0]) == .malformed)
        #expect(Frame.read([255, 255, 255, 255, 1]) == .malformed)
        #expect(Frame.read([3, 0, 0, 0, 1]) == .partial(length: 7))
        #expect(Frame.read([3, 0]) == .partial(length: nil))
    }

    @Test func `a request that is cut short or too long is none`() {
        for request in requests {
            let frame = request.frame
            for length in 0..<frame.payload.count {
                if case .publish = request, length >= frame.payload.count - 3 { continue }
                #expect(throws: ByteReader.Malformed.self) {
                    try Request(Frame(kind: frame.kind, payload: frame.payload.prefix(length)))
                }
            }
            if case .publish = request { continue }
            #expect(throws: ByteReader.Malformed.self) {
                try Request(Frame(kind: frame.kind, payload: frame.payload + [0]))
            }
        }
        #expect(throws: ByteReader.Malformed.self) { try Request(Frame(kind: 99, payload: [])) }
    }

    @Test func `a list cannot ask for more memory than its message has`() {
        var reader = ByteReader([255, 255, 255, 255, 0, 0, 0, 0])
        #expect(throws: ByteReader.Malformed.self) { try reader.list() }
    }

    @Test func `a connection hears the same, in whatever pieces it comes`() throws {
        let bytes = requests.flatMap(\.frame.bytes)
        for size in [1, 2, 3, 7, 64, bytes.count] {
            var connection = Connection(process: 1)
            var heard: [Request] = []
            var start = 0
            while start < bytes.count {
                let end = min(start + size, bytes.count)
                let received = connection.receive(bytes[start..<end], [], at: 0)
                heard += try #require(received).map(\.request)
                start = end
            }
            #expect(heard == requests, "\(size)")
            #expect(connection.deadline == .max)
        }
    }

    @Test func `a frame that does not come to its end has a deadline`() throws {
        var connection = Connection(process: 1)
        _ = connection.receive([2, 0, 0], [], at: 5)
        #expect(connection.deadline == 5 + Connection.frameLimit)
        // One byte now and then does not move it.
        _ = connection.receive([0], [], at: 500)
        #expect(connection.deadline == 5 + Connection.frameLimit)
        _ = connection.receive([1, 3], [], at: 501)
        #expect(connection.deadline == .max)
    }

    @Test func `nonsense ends a connection for good`() {
        var connection = Connection(process: 1)
        let first = connection.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8), [], at: 0)
        #expect(first == nil)
        let second = connection.receive(Request.drain.frame.bytes, [], at: 0)
        #expect(second?.isEmpty ?? true)
    }

    @Test func `a newer version is told from an older one by its numbers`() {
        #expect(Daemon.isNewer("0.10.0", than: "0.9.9"))
        #expect(!Daemon.isNewer("0.9.9", than: "0.10.0"))
        #expect(!Daemon.isNewer("1.0", than: "1.0"))
        #expect(Daemon.isNewer("1.0.1", than: "1.0"))
        #expect(!Daemon.isNewer("nonsense", than: "0.1"))
    }
}

@Suite struct FlightsTests {
    @Test func `whoever leads and ends frees everyone who waited, once`() {
        var flights = Flights()
        flights.lead(someKey, 1)
        #expect(flights.leader(of: someKey) == 1)
        flights.wait(for: someKey, 2)
        flights.wait(for: someKey, 3)
        flights.leave(2)
        #expect(flights.waitingCount == 1)
        let ended = flights.finish(1)
        #expect(ended?.waiting == [3])
        #expect(flights.finish(1) == nil)
        #expect((flights.count, flights.waitingCount) == (0, 0))
        #expect(flights.leader(of: someKey) == nil)
    }

    @Test func `whoever only waits ends nothing`() {
        var flights = Flights()
        flights.lead(someKey, 1)
        flights.wait(for: someKey, 2)
        #expect(flights.finish(2) == nil)
        #expect(flights.count == 1)
    }
}
