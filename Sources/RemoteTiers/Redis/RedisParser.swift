package import NIOCore

/// Reads one reply after the other from bytes that come in pieces of any size.
///
/// Knows the kinds of RESP2 that GET, SET, AUTH and SELECT are answered with, and no others.
package struct RedisParser {
    private enum Phase { case line, bulk, end }

    /// Of a value, in bytes.
    private let limit: Int
    private let server: String
    private var phase = Phase.line
    private var line: [UInt8] = []
    private var bulk: [UInt8] = []
    /// Bytes of the value that are still to come.
    private var missing = 0

    private static let longestLine = 4096
    /// Memory for so much is there at once; for more of it only when more has come.
    private static let firstReserve = 1 << 20

    package init(limit: Int, server: String) {
        self.limit = limit
        self.server = server
    }

    /// Takes bytes out of `buffer` until a reply is complete; nil when it needs more of them.
    ///
    /// After a failure there is no telling where the next reply begins.
    package mutating func next(_ buffer: inout ByteBuffer) throws(TierFailure) -> RedisReply? {
        while buffer.readableBytes > 0 {
            switch phase {
            case .line:
                guard try readLine(&buffer) else { return nil }
                defer { line.removeAll(keepingCapacity: true) }
                if let reply = try reply() { return reply }
            case .bulk:
                let count = min(missing, buffer.readableBytes)
                buffer.readWithUnsafeReadableBytes { bytes in
                    bulk.append(contentsOf: bytes.prefix(count))
                    return count
                }
                missing -= count
                if missing == 0 { phase = .end }
            case .end:
                guard try readLine(&buffer) else { return nil }
                guard line.isEmpty else { throw unexpected }
                phase = .line
                let value = bulk
                bulk = []
                return .bulk(value)
            }
        }
        return nil
    }

    /// Moves bytes to `line` until it is complete, without the end of the line.
    private mutating func readLine(_ buffer: inout ByteBuffer) throws(TierFailure) -> Bool {
        let isFirst = line.isEmpty
        let view = buffer.readableBytesView
        let end = view.firstIndex(of: UInt8(ascii: "\n"))
        let part = view[..<(end ?? view.endIndex)]
        guard line.count + part.count <= Self.longestLine else { throw unexpected }
        line.append(contentsOf: part)
        buffer.moveReaderIndex(forwardBy: part.count + (end == nil ? 0 : 1))
        // After a value there is the end of a line and nothing else; otherwise the first byte says what follows.
        if phase == .end {
            guard line.allSatisfy({ $0 == UInt8(ascii: "\r") }), line.count < 2 else { throw unexpected }
        } else if isFirst, let first = line.first, !"+-:$*".utf8.contains(first) {
            throw unexpected
        }
        guard end != nil else { return false }
        guard line.popLast() == UInt8(ascii: "\r") else { throw unexpected }
        return true
    }

    /// What the line says; nil for the beginning of a value.
    private mutating func reply() throws(TierFailure) -> RedisReply? {
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch line.first {
        case UInt8(ascii: "+"): return .status(text)
        case UInt8(ascii: "-"): return .error(RedisError(line: text))
        case UInt8(ascii: ":"):
            guard let number = Int(text) else { throw unexpected }
            return .integer(number)
        case UInt8(ascii: "$"):
            if text == "-1" { return .null }
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw unexpected }
            // A number that does not fit an Int is too large in any case.
            guard let length = Int(text), length <= limit else {
                throw TierFailure(.tooLarge, "\(server) has a value of more than \(limit) bytes.")
            }
            missing = length
            phase = length == 0 ? .end : .bulk
            bulk.reserveCapacity(min(length, Self.firstReserve))
            return nil
        default: throw unexpected
        }
    }

    private var unexpected: TierFailure {
        TierFailure(.protocolError, "What \(server) answered is not what a Redis server answers.")
    }
}
