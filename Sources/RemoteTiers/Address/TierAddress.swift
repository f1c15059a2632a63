/// Where one tier is, and how it is used: a URL and attributes, as ccache writes them.
///
/// For example `redis://cache.lan:6379|read-only|ttl=604800`.
package struct TierAddress: Sendable, Equatable {
    /// What is spoken there.
    package enum Engine: Sendable, Equatable { case redis, redisCluster, http, s3, directory }

    /// One server.
    package struct Node: Sendable, Hashable {
        /// A name or an address literal, an IPv6 one without its brackets.
        package var host: String
        /// From 1 to 65535; 0 only where there is a socket instead.
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// As it stands in a URL.
        package var display: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// How a key becomes a path.
    ///
    /// A key may start with a namespace, which is a directory of its own then.
    package enum Layout: String, Sendable, Equatable, CaseIterable {
        /// `<base>/<namespace>/<2 hex>/<62 hex>`.
        case subdirs
        /// `<base>/<key>`.
        case flat
        /// `<base>/<namespace>/ac/<64 hex>`: bazel-remote takes the namespace for the name of an instance. It has to run
        /// with `--disable_http_ac_validation`.
        case bazel
    }

    package var engine: Engine
    package var usesTLS = false
    /// Never empty.
    ///
    /// Several only for a cluster: any of them may be asked first.
    package var nodes: [Node]
    /// Of a Unix domain socket, which takes the place of the node.
    package var socketPath: String?
    package var user: String?
    package var password: String?
    /// The number of the database for Redis ("" is 0), the prefix of all paths for HTTP, bucket and prefix for S3, and a
    /// directory of this machine.
    ///
    /// Neither starts nor ends with a slash.
    package var path = ""

    package var reads = true
    package var writes = true
    /// After so many seconds the server may forget an entry; nil leaves it to the server.
    ///
    /// Redis only.
    package var ttl: Int?
    /// So many seconds an answer may take, and the tier is asked even where that costs more than it saves; nil leaves both to
    /// what is known of the tier.
    package var timeout: Int?
    /// In bytes.
    ///
    /// Nothing larger is sent, and nothing larger is received.
    package var maximumEntry = 64 << 20
    package var layout = Layout.subdirs

    /// Files that hold what does not belong on a command line; the caller reads them, see ``TierSecrets``.
    package var bearerTokenFile: String?
    package var passwordFile: String?
    /// Certificates in PEM form that are trusted instead of those of the system.
    package var authorityFile: String?
    /// What we show to a server that asks who we are, in PEM form.
    ///
    /// Both or none.
    package var certificateFile: String?
    package var keyFile: String?

    /// The user has said that a plain protocol is fine whatever the host is.
    package var isInsecureAllowed = false

    /// S3 alone: what requests are signed for.
    package var region = "us-east-1"
    /// S3 alone: the bucket is the first part of the path, not of the host's name.
    package var usesPathStyle = false
    /// S3 alone: requests are not signed.
    package var isAnonymous = false

    /// The address without user, password, attributes and secrets.
    package var display: String {
        let secure = usesTLS ? "s" : ""
        let tail = path.isEmpty ? "" : "/\(path)"
        switch engine {
        case .redis:
            if let socketPath { return "redis+unix://\(socketPath)\(path.isEmpty ? "" : "?db=\(path)")" }
            return "redis\(secure)://\(nodes[0].display)\(tail)"
        case .redisCluster: return "redis\(secure)+cluster://\(nodes.map(\.display).joined(separator: ","))"
        case .http: return "http\(secure)://\(nodes[0].display)\(tail)"
        case .directory: return "file:///\(path)"
        case .s3: return "s3://\(path)|endpoint=http\(secure)://\(nodes[0].display)"
        }
    }

    /// What is exchanged could be read and changed on its way over networks that nobody here is in charge of.
    ///
    /// So the protocol is plain, and a host is neither loopback, nor a literal of a private or link-local address, nor
    /// a name without dots or one that ends in `.lan`, `.local`, `.internal` or `.home.arpa`.
    package var isPlainBeyondPrivateNetworks: Bool {
        !usesTLS && socketPath == nil && !nodes.allSatisfy { PrivateNetwork.contains($0.host) }
    }

    /// The first part of the path, for S3.
    package var bucket: String { String(path.prefix { $0 != "/" }) }

    /// What comes before all paths, without slashes at its ends; for S3 it is without the bucket.
    package var prefix: String { engine == .s3 ? String(path.dropFirst(bucket.count + 1)) : path }
}
