import DaemonCore
import LarderStore
import Testing
import Wire

/// What the daemon keeps of its questions to `larder-remote`.
@Suite struct RemoteLinkTests {
    private let second: Int64 = 1_000_000_000
    private static let access = RemoteAccess(addresses: [1, 2], trusted: [3], key: [4])

    private func key(_ text: String) -> EntryKey { EntryKey(digest: Digest.of(Array(text.utf8))) }

    @Test func `a key is asked for once, and all who wait hear the answer`() {
        var link = RemoteLink()
        link.begin(1, for: .none)
        let questions = [
            link.ask(key("a"), for: 2, at: 0), link.ask(key("a"), for: 3, at: 0), link.ask(key("b"), for: 4, at: 0),
        ]
        #expect(questions == [.wanted(1, key("a")), nil, .wanted(2, key("b"))])
        #expect(!link.isIdle)
        let first = link.answered(1)
        let again = link.answered(1)
        #expect(first == [2, 3] && again == [])
        let anew = link.ask(key("a"), for: 5, at: 0)
        #expect(anew == .wanted(3, key("a")))
        // An answer that nobody has asked for.
        let foreign = link.answered(99)
        #expect(foreign == [])
    }

    @Test func `where it ends nobody waits on, and it is started again later each time`() {
        var (link, now) = (RemoteLink(), 0 as Int64)
        for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] as [Int64] {
            #expect(link.mayStart(at: now))
            link.begin(1, for: Self.access)
            #expect(!link.mayStart(at: now))
            _ = link.ask(key("a"), for: 2, at: 0)
            _ = link.send(manifest: key("m"), result: key("r"))
            let waiting = link.fail(at: now)
            #expect(waiting == [2])
            #expect(link.isIdle && link.member == nil)
            #expect(!link.mayStart(at: now + pause * second - 1))
            now += pause * second
        }
        // One that has answered is as new.
        link.begin(1, for: .none)
        _ = link.ask(key("a"), for: 2, at: 0)
        for number in 0...100 { _ = link.answered(UInt64(number)) }
        _ = link.fail(at: now)
        #expect(link.mayStart(at: now + second))
    }

    @Test func `one that does not answer is not waited for`() {
        var link = RemoteLink()
        link.begin(1, for: .none)
        #expect(!link.isOverdue(at: .max))
        _ = link.ask(key("a"), for: 2, at: 0)
        #expect(!link.isOverdue(at: RemoteLink.patience) && link.isOverdue(at: RemoteLink.patience + 1))
        _ = link.answered(1)
        #expect(!link.isOverdue(at: .max))
    }

    @Test func `what is to be sent has a bound, and is counted beyond it`() {
        var link = RemoteLink()
        link.begin(1, for: .none)
        for _ in 0..<RemoteLink.sendingLimit {
            let order = link.send(manifest: key("m"), result: key("r"))
            #expect(order != nil)
        }
        let beyond = link.send(manifest: key("m"), result: key("r"))
        #expect(beyond == nil && link.dropped == 1)
        link.sent(1)
        let next = link.send(manifest: key("m"), result: key("r"))
        #expect(next != nil)
    }

    @Test(arguments: [
        Request.fetch(.ours, remote: Self.access, EntryKey(digest: Digest.of([1]))),
        .offer(
            .ours,
            remote: .none,
            manifest: EntryKey(digest: Digest.of([1])),
            result: EntryKey(digest: Digest.of([2]))
        ),
        .brought(1 << 40, true), .sent(0),
    ])
    func `what is said about remote caches is read as it was meant`(_ request: Request) throws {
        let bytes = request.frame.bytes
        guard case .frame(let frame, let length) = Frame.read(bytes[...]) else {
            Issue.record("no frame")
            return
        }
        #expect(length == bytes.count)
        #expect(try Request(frame) == request)
        for count in 0..<frame.payload.count {
            let cut = Frame(kind: frame.kind, payload: frame.payload.prefix(count))
            #expect(throws: ByteReader.Malformed.self) { try Request(cut) }
        }
    }
}
