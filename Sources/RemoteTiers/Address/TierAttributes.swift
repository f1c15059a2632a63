internal import LarderStore

/// The attributes behind a URL.
struct TierAttributes {
    private typealias Problem = TierAddress.Problem

    /// What each name was given; "" for one that takes no value.
    private var values: [String: String] = [:]

    private static let withoutValue: Set = ["read-only", "write-only"]
    private static let withValue = Set(Settings.remoteAttributes.map(\.description)).subtracting(withoutValue)

    /// Reads attributes: `name` or `name=value`.
    ///
    /// What is not known is told by its position: it may be the rest of a password that has a `|` in it.
    init(_ texts: ArraySlice<Substring>) throws(TierAddress.Problem) {
        for (position, text) in zip(1..., texts) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let value = parts.count > 1 ? String(parts[1]) : nil
            if Self.withoutValue.contains(name) {
                guard value == nil else { throw Problem("The attribute \(name) takes no value.") }
            } else if Self.withValue.contains(name) {
                guard let value, !value.isEmpty else { throw Problem("The attribute \(name) is missing its value.") }
            } else {
                let known = Self.withoutValue.union(Self.withValue).sorted().joined(separator: ", ")
                throw Problem("Attribute number \(position) is none of those that are known: \(known).")
            }
            guard values.updateValue(value ?? "", forKey: name) == nil else {
                throw Problem("The attribute \(name) is there twice.")
            }
        }
    }

    func apply(to address: inout TierAddress) throws(TierAddress.Problem) {
        try checkEngine(address)
        guard values["read-only"] == nil || values["write-only"] == nil else {
            throw Problem("A tier that is read-only and write-only is of no use.")
        }
        address.writes = values["read-only"] == nil
        address.reads = values["write-only"] == nil
        if let timeout = values["timeout"] {
            guard let seconds = Self.number(timeout), (1...600).contains(seconds) else {
                throw Problem("timeout is a number of seconds from 1 to 600.")
            }
            address.timeout = seconds
        }
        if let ttl = values["ttl"] {
            guard let seconds = Self.number(ttl), (1...3_153_600_000).contains(seconds) else {
                throw Problem("ttl is a number of seconds from 1 on.")
            }
            address.ttl = seconds
        }
        if let size = values["max-entry"] {
            guard let bytes = Self.size(size), (1...Self.largestEntry).contains(bytes) else {
                throw Problem("max-entry is a number of bytes, with k, M or G behind it, from 1 to 512M.")
            }
            address.maximumEntry = bytes
        }
        if let name = values["layout"] {
            guard let layout = TierAddress.Layout(rawValue: name) else {
                throw Problem("layout is subdirs, flat or bazel.")
            }
            address.layout = layout
        }
        address.isInsecureAllowed = try isYes("insecure")
        try applyBucket(to: &address)
        try applyFiles(to: &address)
    }

    /// No tier keeps entries of half a GiB; it is the largest value of Redis too.
    private static let largestEntry = 512 << 20

    private func checkEngine(_ address: TierAddress) throws(TierAddress.Problem) {
        let isRedis = address.engine == .redis || address.engine == .redisCluster
        let misplaced: Set<String>
        if isRedis {
            misplaced = ["layout", "bearer-token-file", "endpoint", "region", "style", "anonymous"]
        } else if address.engine == .directory {
            misplaced = [
                "ttl", "bearer-token-file", "password-file", "endpoint", "region", "style", "anonymous", "insecure",
            ]
        } else if address.engine == .http {
            misplaced = ["ttl", "endpoint", "region", "style", "anonymous"]
        } else {
            misplaced = ["ttl", "bearer-token-file", "password-file"]
        }
        guard let name = values.keys.sorted().first(where: misplaced.contains) else { return }
        throw Problem("The attribute \(name) is of no use for this kind of tier.")
    }

    private func applyBucket(to address: inout TierAddress) throws(TierAddress.Problem) {
        guard address.engine == .s3 else { return }
        address.isAnonymous = try isYes("anonymous")
        if let region = values["region"] {
            guard HostName.isLabel(region[...]) else { throw Problem("region is a word such as eu-central-1.") }
            address.region = region
        }
        if let endpoint = values["endpoint"] {
            let url: URLParts
            do throws(TierAddress.Problem) { url = try URLParts(endpoint[...]) } catch {
                throw Problem("endpoint is a URL such as https://minio.lan:9000.")
            }
            guard url.scheme == "http" || url.scheme == "https", url.user == nil, url.path.isEmpty, url.query == nil
            else {
                throw Problem("endpoint is http:// or https:// and a host, without a user and a path.")
            }
            address.usesTLS = url.scheme == "https"
            address.nodes = try url.nodes(defaultPort: address.usesTLS ? 443 : 80, several: false)
            address.usesPathStyle = true
        } else {
            address.nodes = [.init(host: "s3.\(address.region).amazonaws.com", port: 443)]
            // The certificate is for one word before the host's name, not for several.
            address.usesPathStyle = address.bucket.contains(".")
        }
        switch values["style"] {
        case nil: break
        case "path": address.usesPathStyle = true
        case "host": address.usesPathStyle = false
        default: throw Problem("style is path or host.")
        }
        guard address.usesPathStyle || !HostName.isLiteral(address.nodes[0].host) else {
            throw Problem("An endpoint that is an IP address takes style=path alone.")
        }
    }

    private func applyFiles(to address: inout TierAddress) throws(TierAddress.Problem) {
        // The daemon's program, which reads them, is in no directory of the user's.
        for name in ["bearer-token-file", "password-file", "ca-file", "cert-file", "key-file"] {
            guard values[name]?.first ?? "/" == "/" else { throw Problem("\(name) is an absolute path.") }
        }
        address.bearerTokenFile = values["bearer-token-file"]
        address.passwordFile = values["password-file"]
        address.authorityFile = values["ca-file"]
        address.certificateFile = values["cert-file"]
        address.keyFile = values["key-file"]
        guard address.passwordFile == nil || address.password == nil else {
            throw Problem("The password is in the address and in password-file.")
        }
        guard address.bearerTokenFile == nil || (address.user == nil && address.passwordFile == nil) else {
            throw Problem("A tier takes either a user and a password or a bearer token.")
        }
        guard (address.certificateFile == nil) == (address.keyFile == nil) else {
            throw Problem("cert-file and key-file belong together.")
        }
        guard address.usesTLS || (address.authorityFile == nil && address.keyFile == nil) else {
            throw Problem("ca-file, cert-file and key-file are of no use for a plain protocol.")
        }
    }

    private func isYes(_ name: String) throws(TierAddress.Problem) -> Bool {
        switch values[name] {
        case nil, "no": false
        case "yes": true
        default: throw Problem("The attribute \(name) is yes or no.")
        }
    }

    /// A number of decimal digits alone: no sign, no space.
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// `64M` in bytes; nil for what is no size or too large a one.
    private static func size(_ text: String) -> Int? {
        let factor: Int
        switch text.last {
        case "k", "K": factor = 1 << 10
        case "M": factor = 1 << 20
        case "G": factor = 1 << 30
        default: factor = 1
        }
        guard let number = number(factor == 1 ? text[...] : text.dropLast()) else { return nil }
        let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: factor)
        return isTooMuch ? nil : bytes
    }
}
