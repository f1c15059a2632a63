internal import AsyncHTTPClient
internal import Files

/// The proxy that the environment asks for: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, with exceptions in `NO_PROXY`.
///
/// As with other tools the names may be in lower case, which wins, and a value without a scheme means `http://`.
package struct ProxyChoice: Sendable, Hashable {
    enum Kind: Sendable { case http, socks }

    let kind: Kind
    let host: String
    let port: Int
    let user: String?
    let password: String?

    /// A variable that cannot be used, as one sentence.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    /// The proxy for `address`, or nil for none.
    package static func forAddress(
        _ address: WebAddress,
        environment: (StaticString) -> String? = Environment.text
    ) throws(Unusable) -> ProxyChoice? {
        func first(_ names: [StaticString]) -> (name: StaticString, value: String)? {
            for name in names { if let value = environment(name), !value.isEmpty { return (name, value) } }
            return nil
        }
        let exceptions = first(["no_proxy", "NO_PROXY"])?.value ?? ""
        if isExempt(address.host, from: exceptions) { return nil }
        let names: [StaticString] =
            address.isSecure
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        guard let (name, value) = first(names) else { return nil }
        guard let choice = ProxyChoice(value) else {
            let shown = WebAddress.shown(value)
            throw Unusable(
                description:
                    "\(name) is \"\(CatalogFormat.field(shown))\", but it must be http://host:port or socks5://host:port"
            )
        }
        return choice
    }

    /// Nil for what is no proxy's address, or one of a kind that we do not speak with.
    package init?(_ text: String) {
        var rest = Substring(text)
        var kind = Kind.http
        if let scheme = text.range(of: "://") {
            switch text[..<scheme.lowerBound].lowercased() {
            case "http": kind = .http
            case "socks", "socks5", "socks5h": kind = .socks
            default: return nil
            }
            rest = text[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let words = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = Self.unescaped(words[0])
            password = words.count > 1 ? Self.unescaped(words[1]) : ""
            rest = rest[rest.index(after: at)...]
        }
        guard let (host, port) = HostAndPort.split(rest) else { return nil }
        (self.kind, self.host, self.port) = (kind, host, port ?? (kind == .http ? 80 : 1080))
        (self.user, self.password) = (user, password)
    }

    var proxy: HTTPClient.Configuration.Proxy {
        switch kind {
        case .socks: .socksServer(host: host, port: port)
        case .http:
            .server(
                host: host,
                port: port,
                authorization: user.map { .basic(username: $0, password: password ?? "") }
            )
        }
    }

    /// `NO_PROXY` is a list of hosts and domains; `*` is every host, a leading dot or `*.` is optional.
    private static func isExempt(_ host: String, from list: String) -> Bool {
        let words = list.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }
        return words.contains { word in
            if word == "*" { return true }
            // A port in an exception is taken to hold for the whole host.
            guard let domain = HostAndPort.split(word)?.host else { return false }
            let bare = domain.drop { $0 == "*" || $0 == "." }
            return !bare.isEmpty && (host == bare || host.hasSuffix("." + bare))
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
