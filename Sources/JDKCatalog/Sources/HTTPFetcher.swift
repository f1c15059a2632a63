internal import AsyncHTTPClient
internal import Files
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import NIOPosix

/// Fetches documents by HTTP: with time-outs, bounds, retries and conditional requests.
///
/// One for each source, because the proxy depends on the address. Safe to use from many tasks at once.
package struct HTTPFetcher: Sendable {
    package struct Options: Sendable {
        /// For a connection to be made, in seconds.
        package var connectTimeout: Int64 = 10
        /// The longest silence in the middle of an answer, in seconds.
        package var idleTimeout: Int64 = 30
        /// For one attempt as a whole, in seconds.
        package var totalTimeout: Int64 = 300
        /// Attempts for each document.
        package var attempts = 3
        /// Before the second attempt, in milliseconds; it doubles from then on.
        package var firstPause: Int64 = 500
        /// A server that asks for more than so many seconds is not waited for.
        package var longestPause: Int64 = 60
        /// In bytes, unpacked; the largest answer of the real API is about a quarter of it.
        package var largestBody = 128 << 20
        package var userAgent = "larder-jdk"

        package init() {}
    }

    /// What came.
    enum Answer: Sendable {
        case document([UInt8], Catalog.Validators)
        /// The document is as it was when the server gave us the validators.
        case unchanged
    }

    private let client: HTTPClient
    private let options: Options
    private let report: @Sendable (RefreshEvent) -> Void

    /// Calls `body` with a fetcher for documents at `address`, and closes its connections afterwards.
    package static func with<Result: Sendable>(
        _ address: WebAddress,
        _ options: Options,
        report: @escaping @Sendable (RefreshEvent) -> Void,
        _ body: (HTTPFetcher) async throws(FetchError) -> Result
    ) async throws(FetchError) -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: 5, allowCycles: false),
            timeout: .init(connect: .seconds(options.connectTimeout), read: .seconds(options.idleTimeout)),
            decompression: .enabled(limit: .size(options.largestBody))
        )
        // It would try again without a word until the time for a connection is over; `attempts` are ours.
        configuration.connectionPool.retryConnectionEstablishment = false
        do {
            configuration.proxy = try ProxyChoice.forAddress(address)?.proxy
        } catch {
            throw FetchError(.misconfigured, error.description)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Swift.Result<Result, FetchError>
        do throws(FetchError) {
            result = .success(try await body(HTTPFetcher(client: client, options: options, report: report)))
        } catch { result = .failure(error) }
        try? await client.shutdown()
        return try result.get()
    }

    /// Fetches the document at `url`, or learns that it is still the one that `validators` belong to.
    func get(_ url: String, unlessUnchangedSince validators: Catalog.Validators?) async throws(FetchError) -> Answer {
        var pause = options.firstPause
        var attempt = 0
        while true {
            attempt += 1
            let outcome = await self.attempt(url, validators)
            let failure: Failure
            switch outcome {
            case .success(let answer): return answer
            case .failure(let found): failure = found
            }
            if Task.isCancelled { throw .cancelled }
            guard failure.isTransient, attempt < options.attempts else { throw failure.error }
            if let asked = failure.retryAfter {
                guard asked <= options.longestPause else {
                    throw FetchError(
                        failure.error.kind,
                        "\(failure.error.description), and asks for \(asked) seconds of patience"
                    )
                }
                pause = max(pause, asked * 1000)
            }
            report(.pausing(seconds: Double(pause) / 1000, reason: failure.error.description))
            do { try await Task.sleep(for: .milliseconds(pause)) } catch { throw .cancelled }
            pause *= 2
        }
    }

    /// Why an attempt failed, and whether another one may do better.
    private struct Failure: Error {
        var error: FetchError
        var isTransient = false
        /// In seconds.
        var retryAfter: Int64?
    }

    private func attempt(_ url: String, _ validators: Catalog.Validators?) async -> Result<Answer, Failure> {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: options.userAgent)
        request.headers.add(name: "Accept", value: "application/json")
        if let validators {
            if !validators.entityTag.isEmpty {
                request.headers.add(name: "If-None-Match", value: validators.entityTag)
            } else if !validators.lastModified.isEmpty {
                request.headers.add(name: "If-Modified-Since", value: validators.lastModified)
            }
        }
        let deadline = Clock.monotonic + options.totalTimeout * 1_000_000_000
        do {
            let response = try await client.execute(request, timeout: .seconds(options.totalTimeout))
            if response.status == .notModified, validators != nil { return .success(.unchanged) }
            guard response.status == .ok else { return .failure(Self.refusal(url, response)) }
            var bytes: [UInt8] = []
            if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }) {
                guard length <= options.largestBody else { return .failure(tooLarge(url)) }
                bytes.reserveCapacity(length)
            }
            for try await part in response.body {
                // The client itself looks at the clock only until the answer begins; a server that sends a byte now and
                // then would hold us for ever.
                guard Clock.monotonic < deadline else { throw HTTPClientError.deadlineExceeded }
                guard bytes.count + part.readableBytes <= options.largestBody else { return .failure(tooLarge(url)) }
                bytes.append(contentsOf: part.readableBytesView)
            }
            let validators = Catalog.Validators(
                entityTag: response.headers.first(name: "etag") ?? "",
                lastModified: response.headers.first(name: "last-modified") ?? ""
            )
            return .success(.document(bytes, validators))
        } catch {
            let (reason, isTransient) = Self.reason(error)
            return .failure(
                Failure(
                    error: FetchError(.unreachable, "\(WebAddress.shown(url)) could not be fetched: \(reason)"),
                    isTransient: isTransient
                )
            )
        }
    }

    private func tooLarge(_ url: String) -> Failure {
        Failure(error: .unusable(url, "it is larger than \(options.largestBody >> 20) MiB"))
    }

    private static func refusal(_ url: String, _ response: HTTPClientResponse) -> Failure {
        let code = Int(response.status.code)
        let asked = response.headers.first(name: "retry-after").flatMap {
            RetryAfter.seconds($0, now: Clock.wall / 1_000_000_000)
        }
        let reason = CatalogFormat.field(response.status.reasonPhrase)
        let error = FetchError(
            .refused(status: code),
            "\(WebAddress.shown(url)) answered with \(code)\(reason.isEmpty ? "" : " \(reason)")"
        )
        // 408, 429 and the 5xx that are not "never".
        let isTransient = [408, 425, 429, 500, 502, 503, 504].contains(code)
        return Failure(error: error, isTransient: isTransient, retryAfter: asked)
    }

    private static let brokenOff = "the server broke off in the middle"

    /// A failure in a few words, and whether it may pass.
    private static func reason(_ error: any Error) -> (String, Bool) {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return ("the connection was not made in time", true)
            case .readTimeout: return ("the server fell silent", true)
            case .deadlineExceeded: return ("it took too long", false)
            case .remoteConnectionClosed: return (brokenOff, true)
            case .redirectLimitReached, .redirectCycleDetected: return ("it redirects without end", false)
            default: return ("the exchange with the server failed (\(error.shortDescription))", true)
            }
        case let error as HTTPParserError where error == .invalidEOFState: return (brokenOff, true)
        case is HTTPParserError: return ("what the server sent is not HTTP", false)
        case NIOHTTPDecompression.DecompressionError.limit: return ("it is too large when it is unpacked", false)
        case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
            return ("what the server sent is damaged and cannot be unpacked", false)
        case let error as NIOConnectionError:
            if let io = error.connectionErrors.lazy.compactMap({ $0.error as? IOError }).first {
                return (SystemError.text(of: io.errnoCode), true)
            }
            return ("the host \(error.host) is not known", true)
        case let error as IOError: return (SystemError.text(of: error.errnoCode), true)
        default: return (CatalogFormat.field("\(error)"), true)
        }
    }
}
