internal import NIOCore
internal import NIOHTTP1

/// The keys that sign requests to one bucket: those that were given, or those of a role, which are renewed.
actor S3Keys {
    /// Where the keys come from.
    private enum Source {
        case nobody
        case given(S3Credentials)
        case role(WebIdentity, HTTPExchange, TierAddress)
    }

    private let source: Source
    private let eventLoop: any EventLoop
    private var current: (credentials: S3Credentials, until: NIODeadline)?
    /// Those who wait for the keys that are being asked for.
    private var waiting: [Waiter<S3Credentials>] = []
    private var isAsking = false

    /// Keys are renewed when they have lasted so long.
    private static let usefulTime = TimeAmount.seconds(Int64(WebIdentity.lifetime) - 600)
    private static let patience = TimeAmount.seconds(10)

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// Fails where the address needs keys and there are none, or where a role's token would be sent in the open.
    init(_ address: TierAddress, _ secrets: TierSecrets, _ dialer: Dialer) throws(TierFailure) {
        eventLoop = dialer.eventLoop
        if address.isAnonymous {
            source = .nobody
        } else if let identity = secrets.webIdentity {
            let service = try Self.service(of: identity, address.region)
            let exchange = HTTPExchange(service, service.nodes[0], try Dialer(service, secrets))
            source = .role(identity, exchange, service)
        } else {
            source = .given(try S3Credentials(address, secrets))
        }
    }

    /// Where the tokens of `identity` are exchanged.
    private static func service(of identity: WebIdentity, _ region: String) throws(TierFailure) -> TierAddress {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let service: TierAddress
        do throws(TierAddress.Problem) {
            service = try TierAddress(identity.endpoint ?? "https://sts.\(region).\(domain)")
        } catch {
            throw TierFailure(.refused, "AWS_ENDPOINT_URL_STS is no address: \(error)")
        }
        guard service.engine == .http, !service.isPlainBeyondPrivateNetworks else {
            throw TierFailure(.refused, "AWS_ENDPOINT_URL_STS has to begin with https://.")
        }
        return service
    }

    /// The keys to sign with; nil where nobody signs.
    func credentials(until deadline: NIODeadline) async throws(TierFailure) -> S3Credentials? {
        switch source {
        case .nobody: return nil
        case .given(let credentials): return credentials
        case .role(let identity, let exchange, let service):
            if let current, .now() < current.until { return current.credentials }
            let waiter = Waiter<S3Credentials>()
            waiting.append(waiter)
            if !isAsking {
                isAsking = true
                // Longer than one request may wait: the next one has the keys.
                Task { await renew(identity, exchange, service) }
            }
            let late = TierFailure(.timedOut, "\(exchange.server) has given no keys for the role in time.")
            return try await waiter.value(on: eventLoop, until: deadline, orElse: late)
        }
    }

    private func renew(_ identity: WebIdentity, _ exchange: HTTPExchange, _ service: TierAddress) async {
        let asked = NIODeadline.now()
        let result: Result<S3Credentials, TierFailure>
        do throws(TierFailure) {
            result = .success(try await Self.ask(identity, exchange, service))
        } catch {
            result = .failure(error)
        }
        if case .success(let credentials) = result { current = (credentials, asked + Self.usefulTime) }
        isAsking = false
        for waiter in waiting { waiter.resume(result) }
        waiting = []
    }

    private static func ask(_ identity: WebIdentity, _ exchange: HTTPExchange, _ service: TierAddress)
        async throws(TierFailure) -> S3Credentials
    {
        guard let token = identity.token(), !token.isEmpty else {
            throw TierFailure(.refused, "The file in AWS_WEB_IDENTITY_TOKEN_FILE cannot be read, or is empty.")
        }
        let headers: HTTPHeaders = [
            "Host": HTTPExchange.host(service.nodes[0], service), "User-Agent": "larder",
            "Content-Type": "application/x-www-form-urlencoded",
        ]
        let body = ByteBuffer(string: identity.request(token))
        let answer = try await exchange.send(.POST, "/\(service.path)", headers, body, until: .now() + patience)
        switch answer.status {
        case 200: break
        case 400..<500:
            throw TierFailure(.refused, "\(exchange.server) gives no keys for the role (\(answer.shownStatus)).")
        default: throw TierFailure(.unreachable, "\(exchange.server) is not ready (\(answer.shownStatus)).")
        }
        guard let credentials = WebIdentity.credentials(in: answer.body) else {
            throw TierFailure(.protocolError, "\(exchange.server) answered with something else than keys for the role.")
        }
        return credentials
    }

    func close() async {
        if case .role(_, let exchange, _) = source { await exchange.close() }
    }
}
