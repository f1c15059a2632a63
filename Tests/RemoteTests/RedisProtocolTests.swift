import NIOCore
import RemoteTiers
import Testing

@Suite struct RedisProtocolTests {
    private static func read(_ text: String, piece: Int, limit: Int = 100) throws -> [RedisReply] {
        var parser = RedisParser(limit: limit, server: "x")
        var replies: [RedisReply] = []
        var rest = ByteBuffer(string: text)
        while rest.readableBytes > 0 {
            guard var buffer = rest.readSlice(length: min(piece, rest.readableBytes)) else { break }
            while let reply = try parser.next(&buffer) { replies.append(reply) }
        }
        return replies
    }

    @Test(arguments: 1...12) func readsPieces(_ piece: Int) throws {
        let text = "+OK\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n:42\r\n-ERR no\r\n$2\r\n$1\r\n+\r\n"
        let expected: [RedisReply] = [
            .status("OK"), .bulk(Array("a\r\n".utf8)), .bulk([]), .null, .integer(42),
            .error(RedisError(line: "ERR no")), .bulk(Array("$1".utf8)), .status(""),
        ]
        #expect(try Self.read(text, piece: piece) == expected)
    }

    @Test(arguments: [
        "x", "\n", "\r\n", "$\r\n", "$-2\r\n", "$+1\r\n", "$1x\r\n", "$1\nx\r\n", "$1\r\nxy\r\n", "$1\r\nx\ry",
        "*1\r\n",
        "_\r\n", "%1\r\n", ":x\r\n", "HTTP/1.1 200 OK\r\n", "+OK\n", "$ 1\r\n",
    ])
    func refusesGarbage(_ text: String) {
        for piece in 1...4 {
            let failure = #expect(throws: TierFailure.self) { try Self.read(text, piece: piece) }
            #expect(failure?.kind == .protocolError)
        }
    }

    @Test func refusesWhatIsTooLarge() {
        for text in ["$101\r\n", "$99999999999\r\n", "$999999999999999999999999999\r\n"] {
            let failure = #expect(throws: TierFailure.self) { try Self.read(text, piece: 3) }
            #expect(failure?.kind == .tooLarge)
        }
        let long = String(repeating: "x", count: 5000)
        #expect(throws: TierFailure.self) { try Self.read("+\(long)", piece: 100) }
    }

    /// From the specification of Redis cluster, and from redis-cli.
    @Test func slots() {
        #expect(ClusterSlots.slot("123456789") == 0x31C3)
        #expect(ClusterSlots.slot("foo") == 12182)
        #expect(ClusterSlots.slot("") == 0)
    }

    @Test func ownersAreGuessed() {
        var slots = ClusterSlots()
        let (a, b) = (TierAddress.Node(host: "a", port: 1), TierAddress.Node(host: "b", port: 1))
        #expect(slots.owner(5) == nil)
        slots.learn(100, a)
        slots.learn(200, b)
        #expect(slots.owner(150) == a && slots.owner(100) == a && slots.owner(16383) == b && slots.owner(3) != nil)
        slots.forget(b)
        #expect(slots.owner(16383) == a && slots.nodes == [a])
    }

    @Test func redirections() {
        let moved = RedisError(line: "MOVED 3999 127.0.0.1:6381").redirection
        #expect(moved?.slot == 3999 && moved?.node == .init(host: "127.0.0.1", port: 6381) && moved?.isAsk == false)
        #expect(RedisError(line: "ASK 1 ::1:6381").redirection?.node.host == "::1")
        #expect(RedisError(line: "MOVED 1 ?:6381").redirection?.node.host == "")
        #expect(RedisError(line: "MOVED 1 :6381").redirection?.node.host == "")
        for bad in ["MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0", "MOVED 1 a/b:1"] {
            #expect(RedisError(line: bad).redirection == nil)
        }
    }

    @Test func showsNothingThatTheServerMayRepeat() {
        let error = RedisError(line: "ERR unknown command `AUTH`, with args beginning with: `geheim`")
        #expect(!error.failure("x").description.contains("geheim"))
        #expect(!RedisError(line: "Geheim").failure("x").description.contains("Geheim"))
    }
}
