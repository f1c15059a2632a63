internal import NIOCore

/// The few commands that we need, as RESP has them: an array of bulk strings.
enum RedisCommand {
    static func get(_ key: String) -> ByteBuffer { encoded([Array("GET".utf8), Array(key.utf8)]) }

    /// `ttl` is in seconds.
    static func set(_ key: String, _ value: [UInt8], ttl: Int?) -> ByteBuffer {
        var words = [Array("SET".utf8), Array(key.utf8), value]
        if let ttl { words += [Array("EX".utf8), Array(String(ttl).utf8)] }
        return encoded(words)
    }

    /// Servers before 6.0 know no users.
    static func auth(user: String?, password: String) -> ByteBuffer {
        encoded(["AUTH"] + (user.map { [$0] } ?? []) + [password])
    }

    static func select(_ database: String) -> ByteBuffer { encoded(["SELECT", database]) }

    static func asking() -> ByteBuffer { encoded(["ASKING"]) }

    private static func encoded(_ words: [String]) -> ByteBuffer { encoded(words.map { Array($0.utf8) }) }

    private static func encoded(_ words: [[UInt8]]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(words.reduce(16) { $0 + $1.count + 16 })
        buffer.writeString("*\(words.count)\r\n")
        for word in words {
            buffer.writeString("$\(word.count)\r\n")
            buffer.writeBytes(word)
            buffer.writeString("\r\n")
        }
        return buffer
    }
}
