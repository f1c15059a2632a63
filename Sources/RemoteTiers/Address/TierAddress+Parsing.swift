extension TierAddress {
    /// What is wrong with an address.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// One sentence, without anything that may be part of a password.
        package let description: String

        init(_ description: String) { self.description = description }
    }

    /// Reads `text`: a URL, and attributes that are separated from it and from each other by `|`.
    ///
    /// A `|` or an `@` in a user or a password is written `%7C` or `%40`.
    package init(_ text: String) throws(Problem) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        let url = try URLParts(parts[0])
        try self.init(url)
        let attributes = try TierAttributes(parts.dropFirst())
        try attributes.apply(to: &self)
    }

    private init(_ url: URLParts) throws(Problem) {
        switch url.scheme {
        case "redis": self.init(engine: .redis, nodes: [])
        case "rediss": self.init(engine: .redis, usesTLS: true, nodes: [])
        case "redis+cluster": self.init(engine: .redisCluster, nodes: [])
        case "rediss+cluster": self.init(engine: .redisCluster, usesTLS: true, nodes: [])
        case "redis+unix": self.init(engine: .redis, nodes: [])
        case "http": self.init(engine: .http, nodes: [])
        case "https": self.init(engine: .http, usesTLS: true, nodes: [])
        case "file": self.init(engine: .directory, nodes: [Node(host: "localhost", port: 0)])
        case "s3": self.init(engine: .s3, usesTLS: true, nodes: [])
        default:
            throw Problem(
                "An address starts with redis, rediss, redis+cluster, rediss+cluster, redis+unix, http, https, s3 or file, "
                    + "and then \"://\"."
            )
        }
        guard url.query == nil || url.scheme == "redis+unix" else {
            throw Problem("The address of a tier has no query (\"?\").")
        }
        switch engine {
        case .redis where url.scheme == "redis+unix": try readSocket(url)
        case .redis, .redisCluster: try readRedis(url)
        case .http: try readHTTP(url)
        case .s3: try readBucket(url)
        case .directory: try readDirectory(url)
        }
    }

    private mutating func readRedis(_ url: URLParts) throws(Problem) {
        nodes = try url.nodes(defaultPort: 6379, several: engine == .redisCluster)
        try readRedisUser(url)
        try readDatabase(url.path)
    }

    private mutating func readSocket(_ url: URLParts) throws(Problem) {
        guard url.hosts.isEmpty || url.hosts == "localhost" else {
            throw Problem("The address of a socket has three slashes: redis+unix:///run/redis.sock.")
        }
        guard !url.path.isEmpty, let path = PercentCoding.decoded(url.path), path.utf8.count <= 100 else {
            throw Problem("The path of the socket is missing, too long or wrongly encoded.")
        }
        nodes = [Node(host: "localhost", port: 0)]
        socketPath = "/" + path
        try readRedisUser(url)
        guard let query = url.query else { return }
        guard query.hasPrefix("db=") else {
            throw Problem("A socket's address may have \"?db=NUMBER\" and nothing else.")
        }
        try readDatabase(query.dropFirst(3))
    }

    private mutating func readDatabase(_ text: Substring) throws(Problem) {
        guard !text.isEmpty else { return }
        guard let number = TierAttributes.number(text), number <= 1_000_000 else {
            throw Problem("After the host of a Redis server there is the number of a database, or nothing.")
        }
        guard engine == .redis || number == 0 else { throw Problem("A Redis cluster has just the database 0.") }
        path = number == 0 ? "" : String(number)
    }

    /// A single word before the `@` is the password, as it is for ccache.
    private mutating func readRedisUser(_ url: URLParts) throws(Problem) {
        let (first, second) = try url.decodedUser()
        if let second {
            user = first.flatMap { $0.isEmpty ? nil : $0 }
            password = second
        } else {
            password = first
        }
    }

    private mutating func readHTTP(_ url: URLParts) throws(Problem) {
        nodes = try url.nodes(defaultPort: usesTLS ? 443 : 80, several: false)
        (user, password) = try url.decodedUser()
        let kept = url.path.split(separator: "/", omittingEmptySubsequences: true)
        guard PercentCoding.decoded(url.path) != nil, url.path.utf8.allSatisfy(PercentCoding.isFineInPath) else {
            throw Problem("The path has characters that have to be written with \"%\".")
        }
        guard !kept.contains("."), !kept.contains("..") else { throw Problem("The path has a \".\" or \"..\" in it.") }
        path = kept.joined(separator: "/")
    }

    private mutating func readDirectory(_ url: URLParts) throws(Problem) {
        guard url.user == nil, url.hosts.isEmpty || url.hosts == "localhost" else {
            throw Problem("The address of a directory has three slashes: file:///srv/larder.")
        }
        guard let decoded = PercentCoding.decoded(url.path) else {
            throw Problem("The path has characters that have to be written with \"%\".")
        }
        let kept = decoded.split(separator: "/", omittingEmptySubsequences: true)
        guard !kept.isEmpty, !kept.contains("."), !kept.contains(".."), !decoded.utf8.contains(0) else {
            throw Problem("The path of the directory is missing, or has a \".\" or \"..\" in it.")
        }
        path = kept.joined(separator: "/")
    }

    private mutating func readBucket(_ url: URLParts) throws(Problem) {
        guard url.user == nil else { throw Problem("The keys of S3 do not stand in its address.") }
        guard HostName.isBucket(url.hosts) else {
            throw Problem("After s3:// there is the name of a bucket: lower case letters, digits, dots and hyphens.")
        }
        let kept = url.path.split(separator: "/", omittingEmptySubsequences: true)
        guard url.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%") }),
            !kept.contains("."), !kept.contains("..")
        else { throw Problem("The prefix in the bucket has characters that do not fit.") }
        path = ([url.hosts] + kept).joined(separator: "/")
    }
}
