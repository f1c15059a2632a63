internal import NIOCore
internal import NIOHTTP1

/// A tier in a bucket of S3, or of a server that speaks like it.
///
/// Who may not list the bucket is told 403 for what is not there, so users need `s3:ListBucket` besides `s3:GetObject`
/// and `s3:PutObject`: a miss would be a refusal otherwise.
package struct S3Tier: RemoteTier {
    private let address: TierAddress
    private let exchange: HTTPExchange
    private let keys: S3Keys
    private let unixTime: @Sendable () -> Int64
    /// The value of the `Host` header.
    private let host: String
    /// What all paths start with, encoded: it starts and ends with a slash.
    private let base: String

    private static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    init(
        _ address: TierAddress,
        _ keys: S3Keys,
        _ dialer: Dialer,
        _ unixTime: @escaping @Sendable () -> Int64
    ) {
        self.address = address
        self.unixTime = unixTime
        exchange = HTTPExchange(address, Self.node(address), dialer)
        self.keys = keys
        host = HTTPExchange.host(Self.node(address), address)
        base = Self.base(address)
    }

    /// The server to speak to: the endpoint, or a host below it that is the bucket's own.
    package static func node(_ address: TierAddress) -> TierAddress.Node {
        var node = address.nodes[0]
        if !address.usesPathStyle { node.host = "\(address.bucket).\(node.host)" }
        return node
    }

    /// What all paths start with, encoded.
    package static func base(_ address: TierAddress) -> String {
        let words = [address.usesPathStyle ? address.bucket : "", address.prefix].filter { !$0.isEmpty }
        return words.isEmpty ? "/" : "/\(PercentCoding.encoded(words.joined(separator: "/")))/"
    }

    package func get(_ key: String, within nanoseconds: Int64) async throws(TierFailure) -> [UInt8]? {
        let deadline = NIODeadline.within(nanoseconds)
        let path = base + (try TierKey(key).path(address.layout))
        let headers = headers("GET", path, payload: Self.emptyPayload, try await keys.credentials(until: deadline))
        return try await exchange.send(.GET, path, headers, nil, until: deadline).value(exchange.server)
    }

    package func put(_ key: String, _ value: [UInt8], within nanoseconds: Int64) async throws(TierFailure) {
        let deadline = NIODeadline.within(nanoseconds)
        let path = base + (try TierKey(key).path(address.layout))
        guard value.count <= address.maximumEntry else {
            throw TierFailure(.tooLarge, "The entry is larger than \(address.maximumEntry) bytes.")
        }
        let credentials = try await keys.credentials(until: deadline)
        let payload = credentials == nil ? "" : S3Signature.digest(value)
        let headers = headers("PUT", path, payload: payload, credentials)
        try await exchange.send(.PUT, path, headers, ByteBuffer(bytes: value), until: deadline)
            .checkStored(exchange.server)
    }

    package func close() async {
        await exchange.close()
        await keys.close()
    }

    private func headers(_ method: String, _ path: String, payload: String, _ credentials: S3Credentials?)
        -> HTTPHeaders
    {
        guard let credentials else { return ["Host": host, "User-Agent": "larder"] }
        let signature = S3Signature(credentials: credentials, region: address.region)
        let headers = signature.headers(method, host: host, path: path, payload: payload, unixTime: unixTime())
        return HTTPHeaders(headers.map { ($0.name, $0.value) } + [("User-Agent", "larder")])
    }
}
