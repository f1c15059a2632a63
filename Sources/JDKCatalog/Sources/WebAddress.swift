/// The base URL of a source.
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    /// What a value must be, to follow "it must be".
    package static let accepted = "a URL that begins with http:// or https://, or \"off\""

    /// Without a slash at its end.
    private let text: String
    let isSecure: Bool
    /// In lower case, an IPv6 address without its brackets.
    let host: String

    /// Nil for anything but `http://host…` and `https://host…`.
    package init?(_ given: String) {
        var text = given
        while text.hasSuffix("/") { text.removeLast() }
        let lower = text.lowercased()
        isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        let authority = lower.dropFirst(isSecure ? 8 : 7).prefix { !"/?#".contains($0) }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard let (host, _) = HostAndPort.split(place) else { return nil }
        (self.text, self.host) = (text, host)
    }

    /// The address of `path` below this one.
    package func appending(_ path: String) -> String { "\(text)/\(path)" }

    /// The URL without a user and password that may stand in it.
    package var description: String { Self.shown(text) }

    /// `url` without a user and password.
    static func shown(_ url: String) -> String {
        guard let scheme = url.range(of: "://") else { return url }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
    }

    /// A word as it may stand in a query.
    static func escaped(_ word: String) -> String {
        var text = ""
        for byte in word.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isASCIIDigit || "-._~".contains(character) {
                text.append(character)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}

/// `host`, `host:port`, `[address]:port`.
enum HostAndPort {
    static func split(_ text: some StringProtocol) -> (host: String, port: Int?)? {
        var host = Substring(text)
        var tail = Substring()
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            tail = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex)..<end]
        } else if let colon = host.firstIndex(of: ":") {
            tail = host[colon...]
            host = host[..<colon]
        }
        guard !host.isEmpty else { return nil }
        if tail.isEmpty || tail == ":" { return (String(host), nil) }
        guard tail.first == ":", let port = Int(tail.dropFirst()), (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }
}

extension StringProtocol {
    /// Where `needle` first stands: the standard library's own search needs no more.
    func range(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
