package import Files

/// Where the daemon shows its counts: a socket of this machine, which nobody else reaches.
package enum MetricsAddress: Hashable, Sendable, CustomStringConvertible {
    /// 127.0.0.1 with this port.
    case loopback(port: UInt16)
    /// A Unix socket at this absolute path.
    case socket(Path)

    /// An address, or none: what the setting can say.
    struct Choice {
        let address: MetricsAddress?

        /// Reads `127.0.0.1:PORT`, `localhost:PORT`, an absolute path, or a word for none.
        init?(parsing text: ArraySlice<UInt8>) {
            if Settings.boolean(text) == false {
                address = nil
                return
            }
            if let path = Settings.absolutePath(text) {
                address = .socket(path)
                return
            }
            guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return nil }
            let host = text[..<colon]
            guard StaticString("127.0.0.1").isSpelled(by: host) || StaticString("localhost").isSpelled(by: host),
                let port = UInt16(String(decoding: text[(colon + 1)...], as: UTF8.self)), port > 0
            else { return nil }
            address = .loopback(port: port)
        }
    }

    package var description: String {
        switch self {
        case .loopback(let port): "127.0.0.1:\(port)"
        case .socket(let path): path.description
        }
    }
}
