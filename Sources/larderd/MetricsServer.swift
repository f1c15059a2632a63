internal import Files
internal import LarderStore
internal import Reports
internal import Wire

/// Shows the counts of a cache to Prometheus: a server of HTTP on a thread of its own, which answers one connection after the
/// other and says the same to each.
///
///     request  ::= "GET " ("/metrics" | "/") " HTTP/1." digit CR LF … CR LF CR LF
///
/// What the daemon does it asks of the daemon as any command does; so a daemon that is looked at does not end for want of work.
struct MetricsServer: Sendable {
    private let cache: Path
    private let settings: Settings
    private let listener: SharedDescriptor

    private static let requestLimit = 8192
    /// How long a scraper may take to ask, and to read the answer.
    private static let patience: Int64 = 2_000_000_000

    /// Listens at the address of the settings; nil where they have none.
    init?(of cache: Path, _ settings: Settings) throws(SystemError) {
        guard let address = settings.metrics else { return nil }
        (self.cache, self.settings) = (cache, settings)
        switch address {
        case .loopback(let port): listener = SharedDescriptor(try LocalSocket.listen(atLoopbackPort: port))
        case .socket(let path):
            // What a daemon that was killed has left; a socket at which somebody listens stays.
            // Nothing else is ever removed: S_IFSOCK.
            if let status = FileStatus.ofLink(path), status.mode & 0o170000 == 0o140000,
                status.owner == CurrentProcess.user, (try? LocalSocket.connect(to: path)) == nil
            {
                try? Directory.removeFile(path)
            }
            listener = SharedDescriptor(try LocalSocket.listen(at: path))
        }
    }

    /// Answers for as long as the process lives.
    func start() throws(SystemError) {
        try BackgroundThread.start {
            while true {
                guard LocalSocket.wait(for: listener.descriptor, upTo: 60_000_000_000) else { continue }
                guard let accepted = try? LocalSocket.accept(listener.descriptor) else {
                    // No descriptor is free, say.
                    Clock.sleep(100_000_000)
                    continue
                }
                serve(accepted)
            }
        }
    }

    private func serve(_ connection: borrowing Descriptor) {
        guard let path = request(connection) else { return }
        let isKnown = path == "/metrics" || path == "/"
        let body = isKnown ? metrics : "There is nothing here but /metrics.\n"
        let head =
            "HTTP/1.1 \(isKnown ? "200 OK" : "404 Not Found")\r\n"
            + "Content-Type: \(isKnown ? PrometheusText.contentType : "text/plain; charset=utf-8")\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        send(Array((head + body).utf8), to: connection)
    }

    /// The path that is asked for; nil where nothing is asked in time.
    private func request(_ connection: borrowing Descriptor) -> String? {
        var bytes: [UInt8] = []
        let end = Clock.monotonic + Self.patience
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let rest = end - Clock.monotonic
            guard rest > 0, bytes.count < Self.requestLimit, LocalSocket.wait(for: connection, upTo: rest) else {
                return nil
            }
            var descriptors: [SharedDescriptor] = []
            let chunk = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer -> [UInt8]? in
                switch try? LocalSocket.receive(into: buffer, from: connection, descriptors: &descriptors) {
                case .bytes(let count): Array(buffer[..<count])
                case .wouldBlock: []
                case .ended, nil: nil
                }
            }
            guard let chunk else { return nil }
            bytes += chunk
        }
        let words = bytes.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard words.count == 3, words[0].elementsEqual("GET".utf8) else { return "" }
        return String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    private func send(_ bytes: [UInt8], to connection: borrowing Descriptor) {
        var rest = bytes[...]
        let end = Clock.monotonic + Self.patience
        while !rest.isEmpty {
            switch rest.withUnsafeBytes({ try? LocalSocket.send($0, to: connection) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wouldBlock:
                let left = end - Clock.monotonic
                guard left > 0, LocalSocket.wait(for: connection, toWrite: true, upTo: left) else { return }
            case .ended, nil: return
            }
        }
    }

    private var metrics: String {
        let store = EntryStore(at: cache, options: settings.storeOptions)
        let statistics = Journal(at: cache).statistics()
        let status = DaemonClient.of(cache)?.status()
        return CacheMetrics(statistics, usage: store.usage(), maximum: store.maximumSize)
            .text(daemon: status.map { CacheMetrics.DaemonLevels($0) })
    }
}
