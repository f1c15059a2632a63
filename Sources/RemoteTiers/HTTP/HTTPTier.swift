internal import NIOCore
internal import NIOHTTP1

/// A tier on a server that answers GET and PUT, such as nginx with WebDAV, bazel-remote or ccache's helper.
///
/// nginx needs `dav_methods PUT;` and `create_full_put_path on;`, and `client_max_body_size` for large entries. Without
/// the second one it answers with 500. A server of WebDAV that says 409 (RFC 4918, 9.7.1) is asked for the directories.
struct HTTPTier: RemoteTier {
    private let address: TierAddress
    private let exchange: HTTPExchange
    private let headers: HTTPHeaders
    /// What all paths start with; it starts and ends with a slash.
    private let base: String

    init(_ address: TierAddress, _ authorization: HTTPAuthorization, _ dialer: Dialer) {
        self.address = address
        exchange = HTTPExchange(address, address.nodes[0], dialer)
        base = address.path.isEmpty ? "/" : "/\(address.path)/"
        var headers: HTTPHeaders = ["Host": HTTPExchange.host(address.nodes[0], address), "User-Agent": "larder"]
        if let header = authorization.header { headers.add(name: "Authorization", value: header) }
        self.headers = headers
    }

    func get(_ key: String, within nanoseconds: Int64) async throws(TierFailure) -> [UInt8]? {
        let deadline = NIODeadline.within(nanoseconds)
        let path = base + (try TierKey(key).path(address.layout))
        return try await exchange.send(.GET, path, headers, nil, until: deadline).value(exchange.server)
    }

    func put(_ key: String, _ value: [UInt8], within nanoseconds: Int64) async throws(TierFailure) {
        let deadline = NIODeadline.within(nanoseconds)
        let path = base + (try TierKey(key).path(address.layout))
        guard value.count <= address.maximumEntry else {
            throw TierFailure(.tooLarge, "The entry is larger than \(address.maximumEntry) bytes.")
        }
        var headers = headers
        headers.add(name: "Content-Type", value: "application/octet-stream")
        let body = ByteBuffer(bytes: value)
        var answer = try await exchange.send(.PUT, path, headers, body, until: deadline)
        if answer.status == 409 {
            try await makeDirectories(of: path, until: deadline)
            answer = try await exchange.send(.PUT, path, headers, body, until: deadline)
        }
        try answer.checkStored(exchange.server)
    }

    /// Asks for each directory that leads to `path`, the outermost first.
    ///
    /// What a server says to one that is there, or that it lets nobody make, differs: the next attempt to store shows.
    private func makeDirectories(of path: String, until deadline: NIODeadline) async throws(TierFailure) {
        var end = path.dropFirst().firstIndex(of: "/")
        while let slash = end {
            _ = try await exchange.send(.MKCOL, String(path[...slash]), headers, nil, until: deadline)
            end = path[slash...].dropFirst().firstIndex(of: "/")
        }
    }

    func close() async { await exchange.close() }
}
