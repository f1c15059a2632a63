import Foundation
import RemoteTiers
import TestSupport
import Testing

/// With the real nginx.
@Suite(
    .serialized,
    .enabled(if: LocalServer.has("nginx", "openssl"), "nginx or openssl is not installed")
)
struct WebServerTests {
    private func withNginx(
        _ body: (_ port: Int, _ securePort: Int, _ certificates: Certificates) async throws -> Void
    ) async throws {
        try await LocalServer.withDirectory { directory in
            let certificates = try Certificates(in: directory)
            let port = try FreePort.take()
            let securePort = try FreePort.take()
            try FileManager.default.createDirectory(atPath: "\(directory)/www", withIntermediateDirectories: true)
            try LocalServer.run("chmod", ["-R", "a+rwX", directory], in: directory)
            let hash = try LocalServer.run("openssl", ["passwd", "-apr1", "geheim"], in: directory)
            let locations = """
                location / { dav_methods PUT; create_full_put_path on; }
                location /flat/ { dav_methods PUT; }
                location /private/ { dav_methods PUT; create_full_put_path on; auth_basic x; auth_basic_user_file users; }
                location /token/ { dav_methods PUT; create_full_put_path on;
                    if ($http_authorization != "Bearer geheim") { return 401; } }
                location /readonly/ { }
                location /full/ { return 507; }
                location /gone/ { return 410; }
                location /busy/ { return 503; }
                location /conflict/ { return 409; }
                location /moved/ { return 302 /x; }
                location /empty/ { return 200; }
                """
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
                "\($0)_temp_path \(directory)/\($0);"
            }
            let text = """
                daemon off; master_process off; pid \(directory)/pid; error_log \(directory)/errors;
                events { }
                http {
                    access_log off; client_max_body_size 8m; root \(directory)/www; keepalive_requests 50;
                    \(temporary.joined(separator: " "))
                    server { listen 127.0.0.1:\(port); \(locations) }
                    server {
                        listen 127.0.0.1:\(securePort) ssl; \(locations)
                        ssl_certificate server.pem; ssl_certificate_key server.key;
                        ssl_client_certificate ca.pem; ssl_verify_client on;
                    }
                }
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/conf"))
            try Data("me:\(hash)".utf8).write(to: URL(fileURLWithPath: "\(directory)/users"))
            let options = ["-p", directory, "-c", "\(directory)/conf", "-e", "\(directory)/errors"]
            try await LocalServer.with("nginx", options, port: port, in: directory) {
                try await body(port, securePort, certificates)
            }
        }
    }

    @Test func plain() async throws {
        try await withNginx { port, _, certificates in
            let web = "http://127.0.0.1:\(port)"
            for (path, layout) in [("", "subdirs"), ("/a/b", "subdirs"), ("/c%20d", "flat"), ("/e", "bazel")] {
                let tier = try open("\(web)\(path)|layout=\(layout)")
                try await checkRoundTrip(tier)
                await tier.close()
            }
            let files = FileManager.default
            let digits = key(1, namespace: nil)
            let root = certificates.directory + "/www"
            #expect(files.fileExists(atPath: "\(root)/team1/\(digits.prefix(2))/\(digits.dropFirst(2))"))
            #expect(files.fileExists(atPath: "\(root)/c d/team1-\(digits)"))
            #expect(files.fileExists(atPath: "\(root)/e/team1/ac/\(digits)"))
        }
    }

    @Test func answers() async throws {
        try await withNginx { port, _, _ in
            let web = "http://127.0.0.1:\(port)"
            let wanted: [(String, get: TierFailure.Kind?, put: TierFailure.Kind)] = [
                ("flat", nil, .unreachable), ("conflict", .protocolError, .refused), ("private", .refused, .refused),
                ("readonly", nil, .refused),
                ("full", .full, .full), ("gone", nil, .protocolError), ("busy", .unreachable, .unreachable),
                ("moved", .refused, .refused), ("token", .refused, .refused),
            ]
            for (path, get, put) in wanted {
                let tier = try open("\(web)/\(path)")
                if let get {
                    await expectFailure(get, comment: "\(path)") { () throws(TierFailure) in
                        _ = try await tier.get(key(1), within: 30 * second)
                    }
                } else {
                    #expect(try await tier.get(key(1), within: 30 * second) == nil, "\(path)")
                }
                await expectFailure(put, comment: "\(path)") { () throws(TierFailure) in
                    try await tier.put(key(1), bytes(1000), within: 30 * second)
                }
                await tier.close()
            }
            let empty = try open("\(web)/empty")
            await expectFailure(.protocolError) { () throws(TierFailure) in
                _ = try await empty.get(key(1), within: 30 * second)
            }
            await empty.close()
            let small = try open("\(web)|max-entry=1k")
            let large = try open(web)
            try await large.put(key(1), bytes(1025), within: 30 * second)
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                _ = try await small.get(key(1), within: 30 * second)
            }
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                try await small.put(key(1), bytes(1025), within: second)
            }
            // nginx says 413 to the head of the request and breaks off.
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                try await large.put(key(2), bytes(9 << 20), within: 30 * second)
            }
            #expect(try await large.get(key(1), within: 30 * second) == bytes(1025))
            await small.close()
            await large.close()
        }
    }

    @Test func introductions() async throws {
        try await withNginx { port, _, _ in
            let right = try open("http://me:geheim@127.0.0.1:\(port)/private")
            try await checkRoundTrip(right)
            await right.close()
            let given = try open("http://me@127.0.0.1:\(port)/private", TierSecrets(password: "geheim"))
            #expect(try await given.get(key(1), within: 30 * second) != nil)
            await given.close()
            let token = try open("http://127.0.0.1:\(port)/token", TierSecrets(bearerToken: "geheim\n"))
            try await checkRoundTrip(token, largest: 100_000)
            await token.close()
            let wrong = try open("http://me:geheim2@127.0.0.1:\(port)/private")
            let failure = await expectFailure(.refused) { () throws(TierFailure) in
                _ = try await wrong.get(key(1), within: 30 * second)
            }
            #expect(failure?.description.contains("geheim") == false)
            await wrong.close()
        }
    }

    @Test func encrypted() async throws {
        try await withNginx { _, port, certificates in
            let known = try TierSecrets(
                authority: certificates.bytes("ca.pem"),
                certificate: certificates.bytes("client.pem"),
                key: certificates.bytes("client.key")
            )
            let tier = try open("https://localhost:\(port)/tls", known)
            try await checkRoundTrip(tier)
            await tier.close()
            let strange = try open("https://127.0.0.1:\(port)/tls")
            await expectFailure(.unreachable) { () throws(TierFailure) in
                _ = try await strange.get(key(1), within: 30 * second)
            }
            await strange.close()
            // nginx says 400 to a client without a certificate.
            let anonymous = try open(
                "https://127.0.0.1:\(port)/tls",
                TierSecrets(authority: certificates.bytes("ca.pem"))
            )
            await expectFailure(.protocolError, .unreachable, .refused) { () throws(TierFailure) in
                _ = try await anonymous.get(key(1), within: 30 * second)
            }
            await anonymous.close()
        }
    }
}

/// With the server of moto, which speaks S3.
@Suite(.serialized, .enabled(if: LocalServer.has("moto_server", "curl"), "moto_server or curl is not installed"))
struct S3ServerTests {
    @Test func role() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let options = ["-H", "127.0.0.1", "-p", "\(port)"]
            try await LocalServer.with("moto_server", options, port: port, in: directory) {
                let endpoint = "http://127.0.0.1:\(port)"
                try LocalServer.run("curl", ["-sS", "-f", "-X", "PUT", "\(endpoint)/larder-cache"], in: directory)
                func identity(_ token: String?, _ service: String? = nil) -> TierSecrets {
                    TierSecrets(
                        webIdentity: WebIdentity(
                            role: "arn:aws:iam::123456789012:role/a b&c",
                            session: "larder",
                            token: { token },
                            endpoint: service ?? endpoint
                        )
                    )
                }
                let address = "s3://larder-cache/builds|endpoint=\(endpoint)"
                let tier = try open(address, identity("a.b+c/d=="))
                try await checkRoundTrip(tier, largest: 300_000)
                await tier.close()
                // No token, and a server that gives none: no request goes to the bucket.
                for secrets in [identity(nil), identity(""), identity("a", "\(endpoint)/larder-cache")] {
                    let tier = try open(address, secrets)
                    await expectFailure(.refused, .protocolError) { () throws(TierFailure) in
                        _ = try await tier.get(key(1), within: 30 * second)
                    }
                    await tier.close()
                }
                for service in ["http://sts.example.com", "redis://127.0.0.1", "nowhere"] {
                    #expect(throws: TierFailure.self) { try open(address, identity("a", service)) }
                }
            }
        }
    }

    @Test(arguments: [
        (
            "<a><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>b/+=</SecretAccessKey><SessionToken>\n t \n</SessionToken>",
            "A b/+= t"
        ),
        ("<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>b</SecretAccessKey>", nil),
        ("<AccessKeyId>A</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>t</SessionToken>", nil),
        (
            "<Credentials><AccessKeyId>A\r\nX: y</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>t</SessionToken>",
            nil
        ),
        (
            "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey></SecretAccessKey><SessionToken>t</SessionToken>",
            nil
        ),
        ("<Credentials><AccessKeyId>A", nil), ("", nil),
    ])
    func `keys of a role are taken where they are whole, and can be sent`(answer: String, keys: String?) {
        let found = WebIdentity.credentials(in: Array(answer.utf8))
        #expect(found.map { "\($0.accessKey) \($0.secretKey) \($0.sessionToken ?? "")" } == keys)
    }

    @Test func bucket() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let options = ["-H", "127.0.0.1", "-p", "\(port)"]
            try await LocalServer.with("moto_server", options, port: port, in: directory) {
                let endpoint = "http://127.0.0.1:\(port)"
                try LocalServer.run("curl", ["-sS", "-f", "-X", "PUT", "\(endpoint)/larder-cache"], in: directory)
                let keys = TierSecrets(accessKey: "key", secretKey: "secret", sessionToken: "token")
                let tier = try open("s3://larder-cache/builds/x=1|endpoint=\(endpoint)", keys)
                try await checkRoundTrip(tier, largest: 300_000)
                let anonymous = try open("s3://larder-cache/builds/x=1|endpoint=\(endpoint)|anonymous=yes")
                // moto lets nobody in who has no name, unless the object is public.
                do throws(TierFailure) {
                    _ = try await anonymous.get(key(1), within: 30 * second)
                } catch {
                    #expect(error.kind == .refused)
                }
                let missing = try open("s3://no-such-bucket|endpoint=\(endpoint)", keys)
                await expectFailure(.refused) { () throws(TierFailure) in
                    _ = try await missing.get(key(1), within: 30 * second)
                }
                await expectFailure(.refused) { () throws(TierFailure) in
                    try await missing.put(key(1), bytes(10), within: 30 * second)
                }
                for tier in [tier, anonymous, missing] { await tier.close() }
            }
        }
    }
}
