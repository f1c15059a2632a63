import Foundation
import RemoteTiers
import TestSupport
import Testing

/// With the real redis-server.
@Suite(
    .serialized,
    .enabled(
        if: LocalServer.has("redis-server", "redis-cli"),
        "redis-server and redis-cli are not installed: apt install redis-tools"
    )
)
struct RedisServerTests {
    private func withRedis(
        _ options: [String] = [],
        _ body: (_ port: Int, _ directory: String) async throws -> Void
    ) async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let all = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory] + options
            try await LocalServer.with("redis-server", all, port: port, in: directory) {
                try await body(port, directory)
            }
        }
    }

    @Test func plain() async throws {
        try await withRedis { port, directory in
            let tier = try open("redis://127.0.0.1:\(port)|ttl=500")
            try await checkRoundTrip(tier)
            let left = try LocalServer.run("redis-cli", ["-p", "\(port)", "ttl", key(1)], in: directory)
            let seconds = Int(left.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
            #expect((1...500).contains(seconds))
            let other = try open("redis://localhost:\(port)/3")
            #expect(try await other.get(key(1), within: 30 * second) == nil)
            await other.close()
            let small = try open("redis://127.0.0.1:\(port)|max-entry=1k")
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                _ = try await small.get(key(4), within: 30 * second)
            }
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                try await small.put(key(9), bytes(1025), within: 30 * second)
            }
            #expect(try await small.get(key(2), within: 30 * second) == bytes(2, seed: 1))
            await small.close()
            await tier.close()
            await expectFailure(.unreachable) { () throws(TierFailure) in _ = try await tier.get(key(1), within: second)
            }
        }
    }

    @Test func socket() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let options = ["--port", "\(port)", "--save", "", "--unixsocket", "\(directory)/s"]
            try await LocalServer.with("redis-server", options, port: port, in: directory) {
                try await LocalServer.poll("socket") { FileManager.default.fileExists(atPath: directory + "/s") }
                let tier = try open("redis+unix://\(directory)/s?db=1")
                try await checkRoundTrip(tier)
                await tier.close()
            }
        }
    }

    @Test func passwords() async throws {
        try await withRedis(["--requirepass", "geheim:1"]) { port, _ in
            let right = try open("redis://geheim%3A1@127.0.0.1:\(port)")
            try await right.put(key(1), bytes(10), within: 30 * second)
            await right.close()
            let given = try open("redis://127.0.0.1:\(port)", TierSecrets(password: "geheim:1"))
            #expect(try await given.get(key(1), within: 30 * second) == bytes(10))
            await given.close()
            for address in [
                "redis://127.0.0.1:\(port)", "redis://:geheim2@127.0.0.1:\(port)",
                "redis://u:geheim3@127.0.0.1:\(port)",
            ] {
                let wrong = try open(address)
                for _ in 1...3 {
                    let failure = await expectFailure(.refused) { () throws(TierFailure) in
                        _ = try await wrong.get(key(1), within: 30 * second)
                    }
                    #expect(failure?.description.contains("geheim") == false)
                }
                await wrong.close()
            }
        }
        try await withRedis { port, _ in
            let needless = try open("redis://u:geheim@127.0.0.1:\(port)")
            await expectFailure(.refused) { () throws(TierFailure) in
                _ = try await needless.get(key(1), within: 30 * second)
            }
            await needless.close()
        }
    }

    @Test func userWhoMayDoLittle() async throws {
        let rules = [
            "--user", "default", "off", "--user", "larder", "on", ">geheim", "~*", "-@all", "+get", "+set", "+select",
            "--user", "reader", "on", ">geheim", "~*", "-@all", "+get",
        ]
        try await withRedis(rules) { port, _ in
            let tier = try open("redis://larder:geheim@127.0.0.1:\(port)/2|ttl=9")
            try await checkRoundTrip(tier, largest: 100_000)
            await tier.close()
            let reader = try open("redis://reader:geheim@127.0.0.1:\(port)")
            #expect(try await reader.get(key(1), within: 30 * second) == nil)
            await expectFailure(.refused) { () throws(TierFailure) in
                try await reader.put(key(1), bytes(1), within: 30 * second)
            }
            await reader.close()
        }
    }

    @Test func noMemoryLeft() async throws {
        try await withRedis(["--maxmemory", "1000000", "--maxmemory-policy", "noeviction"]) { port, _ in
            let tier = try open("redis://127.0.0.1:\(port)")
            await expectFailure(.full) { () throws(TierFailure) in
                for number in 0..<100 { try await tier.put(key(number), bytes(100_000), within: 30 * second) }
            }
            #expect(try await tier.get(key(9999), within: 30 * second) == nil)
            await tier.close()
        }
    }

    @Test func restart() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let options = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory]
            let tier = try open("redis://127.0.0.1:\(port)")
            await expectFailure(.unreachable) { () throws(TierFailure) in
                _ = try await tier.get(key(1), within: 30 * second)
            }
            for _ in 1...2 {
                try await LocalServer.with("redis-server", options, port: port, in: directory) {
                    try await tier.put(key(1), bytes(10), within: 30 * second)
                    #expect(try await tier.get(key(1), within: 30 * second) == bytes(10))
                    try LocalServer.run(
                        "redis-cli",
                        ["-p", "\(port)", "client", "kill", "type", "normal"],
                        in: directory
                    )
                    #expect(try await tier.get(key(1), within: 30 * second) == bytes(10))
                    try LocalServer.run("redis-cli", ["-p", "\(port)", "debug", "sleep", "0"], in: directory)
                }
                await expectFailure(.unreachable) { () throws(TierFailure) in
                    _ = try await tier.get(key(1), within: 30 * second)
                }
            }
            await tier.close()
        }
    }

    @Test(.enabled(if: LocalServer.has("openssl"), "openssl is not installed"))
    func encrypted() async throws {
        try await LocalServer.withDirectory { directory in
            let certificates = try Certificates(in: directory)
            let port = try FreePort.take()
            let options = [
                "--port", "0", "--tls-port", "\(port)", "--save", "", "--tls-cert-file", "\(directory)/server.pem",
                "--tls-key-file", "\(directory)/server.key", "--tls-ca-cert-file", "\(directory)/ca.pem",
                "--requirepass", "geheim",
            ]
            try await LocalServer.with("redis-server", options, port: port, in: directory) {
                let known = try TierSecrets(
                    authority: certificates.bytes("ca.pem"),
                    certificate: certificates.bytes("client.pem"),
                    key: certificates.bytes("client.key")
                )
                for host in ["127.0.0.1", "localhost"] {
                    let tier = try open("rediss://geheim@\(host):\(port)", known)
                    try await checkRoundTrip(tier)
                    // The next round begins with a key that is not there.
                    try LocalServer.run(
                        "redis-cli",
                        [
                            "--tls", "--cacert", "ca.pem", "--cert", "client.pem", "--key", "client.key", "-a",
                            "geheim",
                            "-p", "\(port)", "flushall",
                        ],
                        in: directory
                    )
                    await tier.close()
                }
                let anonymous = try open(
                    "rediss://geheim@127.0.0.1:\(port)",
                    TierSecrets(authority: certificates.bytes("ca.pem"))
                )
                let trusting = try open("rediss://geheim@127.0.0.1:\(port)")
                let plain = try open("redis://geheim@127.0.0.1:\(port)")
                for tier in [anonymous, trusting, plain] {
                    await expectFailure(.unreachable, .protocolError) { () throws(TierFailure) in
                        _ = try await tier.get(key(1), within: 30 * second)
                    }
                    await tier.close()
                }
            }
        }
    }

    @Test func cluster() async throws {
        try await LocalServer.withRedisCluster { nodes, servers in
            let all = try open("redis+cluster://" + nodes.joined(separator: ","))
            try await checkRoundTrip(all)
            let one = try open("redis+cluster://" + nodes[2])
            try await checkManyTasks(one)
            // The second of two dead seeds does not matter, and neither does a dead first one.
            let dead = try FreePort.take()
            let some = try open("redis+cluster://127.0.0.1:\(dead),\(nodes[0])")
            try await checkManyTasks(some)
            // A node dies: its slots fail, and the others go on.
            LocalServer.stop(servers[1])
            var failures = 0
            for number in 100..<140 {
                do throws(TierFailure) {
                    #expect(try await all.get(key(number), within: 60 * second) == bytes(number * 20, seed: number))
                } catch {
                    #expect(error.kind == .unreachable)
                    failures += 1
                }
            }
            #expect((1..<40).contains(failures))
            for tier in [all, one, some] { await tier.close() }
        }
    }
}
