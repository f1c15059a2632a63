internal import Files

/// What settings say of remote caches.
extension Settings {
    /// When results are sent to remote caches; the raw values stand in `larder.conf`.
    package enum RemoteWrite: String, CaseIterable, Sendable {
        case always
        /// Only where a CI system says that it builds a protected branch.
        case protected
        case never
    }

    /// The longest text of addresses, in bytes.
    static let longestRemote = 4096

    /// How the address of a remote cache may begin.
    static let remoteSchemes: [StaticString] = [
        "redis://", "rediss://", "redis+unix://", "redis+cluster://", "rediss+cluster://", "http://", "https://",
        "s3://", "file:///",
    ]

    /// What may stand behind an address, after `|`.
    package static let remoteAttributes: [StaticString] = [
        "anonymous", "bearer-token-file", "ca-file", "cert-file", "endpoint", "insecure", "key-file", "layout",
        "max-entry",
        "password-file", "read-only", "region", "style", "timeout", "ttl", "write-only",
    ]

    /// Whether all attributes in a list of addresses are known: one that is not keeps a cache from being used, and nobody hears of it.
    static func hasKnownAttributes(_ addresses: [UInt8]) -> Bool {
        addresses.split(separator: UInt8(ascii: " ")).allSatisfy { address in
            address.split(separator: UInt8(ascii: "|")).dropFirst().allSatisfy { attribute in
                let name = attribute.prefix { $0 != UInt8(ascii: "=") }
                return remoteAttributes.contains { $0.isSpelled(by: name) }
            }
        }
    }

    static func remote(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count <= longestRemote else { return nil }
        for address in text.split(separator: UInt8(ascii: " ")) {
            let isKnown = remoteSchemes.contains { scheme in
                scheme.withUTF8Buffer { address.starts(with: $0) && address.count > $0.count }
            }
            guard isKnown else { return nil }
        }
        return Array(text)
    }

    /// Whether ``remote`` is a list of addresses as far as that can be told here; what is not is left out where it is used.
    package var isRemoteFit: Bool { Self.remote(remote[...]) != nil }

    static func remoteWrite(_ text: ArraySlice<UInt8>) -> RemoteWrite? {
        RemoteWrite(rawValue: String(decoding: text, as: UTF8.self))
    }

    /// Nil where there is none: nothing but blanks is a mistake, and would be trust in everybody.
    static func publicKeys(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
        var keys: [[UInt8]] = []
        for word in text.split(separator: UInt8(ascii: " ")) {
            guard Digest(hexBytes: word) != nil else { return nil }
            keys.append(Array(word))
        }
        return keys.isEmpty ? nil : keys
    }

    /// True where GitHub, GitLab or the user says that a protected branch is built.
    static func isProtected() -> Bool {
        ["GITHUB_REF_PROTECTED", "CI_COMMIT_REF_PROTECTED", "LARDER_PROTECTED"].contains { (name: StaticString) in
            Environment.value(name).flatMap { boolean($0[...]) } ?? false
        }
    }

    /// Addresses as they may be shown: without users and passwords, which stand between `//` and `@`.
    static func withoutSecrets(_ addresses: [UInt8]) -> String {
        var shown: [UInt8] = []
        var rest = addresses[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "/")) {
            let next = rest.index(after: start)
            shown += rest[..<next]
            rest = rest[next...]
            guard rest.first == UInt8(ascii: "/") else { continue }
            shown.append(UInt8(ascii: "/"))
            rest = rest.dropFirst()
            let host = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "|") }
            if let at = host.lastIndex(of: UInt8(ascii: "@")) { rest = rest[rest.index(after: at)...] }
        }
        return String(decoding: shown + rest, as: UTF8.self)
    }
}
