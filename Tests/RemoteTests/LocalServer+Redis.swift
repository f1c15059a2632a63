import Foundation
import TestSupport

extension LocalServer {
    /// Runs a Redis server of its own for `body`.
    static func withRedis(
        _ options: [String] = [],
        _ body: (_ address: String, _ cli: (_ words: [String]) throws -> String) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let port = try await freePort()
            let all = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory] + options
            try await with("redis-server", all, port: port, in: directory) {
                try await body("redis://127.0.0.1:\(port)|timeout=8") { words in
                    try Workshop().run(["redis-cli", "-p", "\(port)"] + words).outputText
                }
            }
        }
    }
}
