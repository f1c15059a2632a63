/// What a Redis server answers with.
package enum RedisReply: Sendable, Equatable {
    case status(String)
    case error(RedisError)
    case integer(Int)
    case bulk([UInt8])
    case null
}

/// A server's `-` line.
package struct RedisError: Sendable, Equatable {
    /// Without the `-`.
    ///
    /// It may repeat what we sent, so it is never shown.
    package let line: String

    package init(line: String) { self.line = line }

    /// The first word, which says what it is; "" when it is no word of capital letters.
    package var code: String {
        let word = line.prefix { $0 != " " }
        let isCode = (1...20).contains(word.utf8.count) && word.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        return isCode ? String(word) : ""
    }

    /// It may be gone in a moment.
    package var isPassing: Bool { ["LOADING", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MASTERDOWN"].contains(code) }

    /// The slot and the node of `MOVED 3999 10.0.0.1:6381` and of `ASK`.
    ///
    /// The host may be "" or "?", which is the one that was asked.
    package var redirection: (slot: Int, node: TierAddress.Node, isAsk: Bool)? {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[0] == "MOVED" || words[0] == "ASK",
            let slot = TierAttributes.number(words[1]), slot < ClusterSlots.count,
            let colon = words[2].lastIndex(of: ":"),
            let port = TierAttributes.number(words[2][colon...].dropFirst()), (1...65535).contains(port)
        else { return nil }
        let host = words[2][..<colon]
        guard host.isEmpty || host == "?" || HostName.isName(host) || HostName.isIPv6Literal(host) else { return nil }
        return (slot, .init(host: host == "?" ? "" : String(host), port: port), words[0] == "ASK")
    }

    /// As a failure of what was asked of `server`.
    package func failure(_ server: String) -> TierFailure {
        switch code {
        case "NOAUTH": TierFailure(.refused, "\(server) asks for a password.")
        case "WRONGPASS": TierFailure(.refused, "\(server) does not take the user and the password.")
        case "NOPERM": TierFailure(.refused, "\(server) does not let this user do that.")
        case "DENIED": TierFailure(.refused, "\(server) is in protected mode and wants a password to be set.")
        case "READONLY": TierFailure(.refused, "\(server) is a replica, which takes no entries.")
        case "OOM": TierFailure(.full, "\(server) has no memory left.")
        case "MISCONF": TierFailure(.full, "\(server) cannot write to its disk, and takes no entries.")
        case "ERR" where line.hasPrefix("ERR max number of clients"):
            TierFailure(.unreachable, "\(server) has too many clients.")
        case "ERR" where line.hasPrefix("ERR invalid password"):
            TierFailure(.refused, "\(server) does not take the user and the password.")
        case "ERR" where line.hasPrefix("ERR operation not permitted"):
            TierFailure(.refused, "\(server) asks for a password.")
        case _ where isPassing: TierFailure(.unreachable, "\(server) is not ready (\(code)).")
        case "": TierFailure(.protocolError, "\(server) answered with an error.")
        default: TierFailure(.protocolError, "\(server) answered with an error (\(code)).")
        }
    }
}
