/// A URL in its parts, which are as they were written.
struct URLParts {
    /// In lower case.
    var scheme: String
    /// What stands before the `@`.
    var user: Substring?
    /// What stands between the `@` and the path.
    var hosts: Substring
    /// Without the slash at its start.
    var path: Substring
    /// What stands after the `?`.
    var query: Substring?

    /// Takes `text` apart.
    ///
    /// Its problems never show what it says.
    init(_ text: Substring) throws(TierAddress.Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TierAddress.Problem("The address has a space or another character that has to be written with \"%\".")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw TierAddress.Problem("An address starts with a scheme and \"://\", such as redis://cache.lan.")
        }
        scheme = text[..<colon].lowercased()
        var rest = text[colon...].dropFirst(3)
        guard !rest.contains("#") else { throw TierAddress.Problem("The address of a tier has no fragment (\"#\").") }
        if let mark = rest.firstIndex(of: "?") {
            query = rest[mark...].dropFirst()
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = rest[slash...].dropFirst()
        let authority = rest[..<slash]
        guard !path.contains("@") || authority.contains("@") else {
            // The end of a password with a slash in it would be in the path, and be shown.
            throw TierAddress.Problem("A \"/\" in a password is written %2F, and a \"@\" in a path %40.")
        }
        if let at = authority.lastIndex(of: "@") {
            user = authority[..<at]
            hosts = authority[at...].dropFirst()
        } else {
            hosts = authority
        }
    }

    /// User and password; what has no `:` is all user.
    func decodedUser() throws(TierAddress.Problem) -> (String?, String?) {
        guard let user else { return (nil, nil) }
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let words = parts.compactMap { PercentCoding.decoded($0) }
        guard words.count == parts.count else {
            throw TierAddress.Problem("A \"%\" before the \"@\" is not followed by two hex digits, or not by UTF-8.")
        }
        return (words[0], words.count > 1 ? words[1] : nil)
    }

    /// The servers, each with a port.
    func nodes(defaultPort: Int, several: Bool) throws(TierAddress.Problem) -> [TierAddress.Node] {
        let words = hosts.split(separator: ",", omittingEmptySubsequences: false)
        guard several || words.count == 1 else {
            throw TierAddress.Problem("Only a cluster has several hosts, separated by commas.")
        }
        guard words.count <= 64 else { throw TierAddress.Problem("64 hosts are enough to find a cluster.") }
        var nodes: [TierAddress.Node] = []
        for word in words {
            let node = try Self.node(word, defaultPort)
            if !nodes.contains(node) { nodes.append(node) }
        }
        return nodes
    }

    private static func node(_ word: Substring, _ defaultPort: Int) throws(TierAddress.Problem) -> TierAddress.Node {
        var host = word
        var port: Substring?
        if word.hasPrefix("[") {
            guard let end = word.firstIndex(of: "]") else { throw TierAddress.Problem("A \"[\" has no \"]\".") }
            host = word[..<end].dropFirst()
            let rest = word[end...].dropFirst()
            if rest.hasPrefix(":") { port = rest.dropFirst() } else if !rest.isEmpty { port = "" }
            guard HostName.isIPv6Literal(host) else {
                throw TierAddress.Problem("What stands in brackets is not an IPv6 address.")
            }
        } else {
            if let colon = word.firstIndex(of: ":") {
                host = word[..<colon]
                port = word[colon...].dropFirst()
            }
            guard HostName.isName(host) else {
                throw TierAddress.Problem("The host is missing, or it has characters that no host's name has.")
            }
        }
        guard let port else { return .init(host: host.lowercased(), port: defaultPort) }
        guard let number = TierAttributes.number(port), (1...65535).contains(number) else {
            throw TierAddress.Problem("A port is a number from 1 to 65535.")
        }
        return .init(host: host.lowercased(), port: number)
    }
}
