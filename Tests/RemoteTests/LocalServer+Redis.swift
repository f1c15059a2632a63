import Foundation
import TestSupport

extension LocalServer {
    /// Runs a Redis server of its own for `body`.
    static func withRedis(
        _ options: [String] = [],
        _ body: (_ address: String, _ cli: (_ words: [String]) throws -> String) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let port = try FreePort.take()
            let all = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory] + options
            try await with("redis-server", all, port: port, in: directory) {
                try await body("redis://127.0.0.1:\(port)|timeout=8") { words in
                    try Workshop().run(["redis-cli", "-p", "\(port)"] + words).outputText
                }
            }
        }
    }

    /// Runs a Redis cluster of three for `body`, which may stop the servers.
    static func withRedisCluster(_ body: (_ nodes: [String], _ servers: [Process]) async throws -> Void) async throws {
        try await withDirectory { directory in
            var ports: [Int] = []
            var servers: [Process] = []
            defer { servers.forEach(stop) }
            for number in 0..<3 {
                let (port, bus) = (try FreePort.take(), try FreePort.take())
                let own = "\(directory)/\(number)"
                try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
                let options = [
                    "--port", "\(port)", "--cluster-port", "\(bus)", "--cluster-enabled", "yes", "--save", "", "--dir",
                    own, "--cluster-require-full-coverage", "no", "--cluster-node-timeout", "60000",
                ]
                let server = try start("redis-server", options, in: own)
                servers.append(server)
                ports.append(port)
                try await waitUntilAnswers(port, orEnded: server)
            }
            let nodes = ports.map { "127.0.0.1:\($0)" }
            try run("redis-cli", ["--cluster", "create"] + nodes + ["--cluster-yes"], in: directory)
            for port in ports {
                try await poll("cluster in order") {
                    try run("redis-cli", ["-p", "\(port)", "cluster", "info"], in: directory)
                        .contains("cluster_state:ok")
                }
            }
            try await body(nodes, servers)
        }
    }
}
