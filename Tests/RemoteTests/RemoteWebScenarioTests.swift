import Foundation
import TestSupport
import Testing

/// Two machines that share results by way of servers for files.
@Suite struct RemoteWebScenarios {
    private func share(_ address: String, _ environment: [String: String] = [:]) throws {
        let settings = environment.merging(["LARDER_REMOTE": address]) { $1 }
        let (one, other) = (try Machine(settings), try Machine(settings))
        let object = try one.compile()
        let test = try one.larder(["remote", "test"])
        #expect(test.status == 0, "\(test.outputText)\(test.errorText)")
        try one.settle()
        #expect(try other.compile() == object)
        try other.expect(remote: 1, misses: 0)
    }

    /// The least that a server may be: GET and PUT.
    @Test(.enabled(if: LocalServer.has("python3"), "python3 is not installed"))
    func `over a few lines of Python`() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let program = """
                import http.server
                kept = {}
                class Handler(http.server.BaseHTTPRequestHandler):
                    protocol_version = "HTTP/1.1"
                    def answer(self, status, body=b""):
                        self.send_response(status)
                        self.send_header("Content-Length", str(len(body)))
                        self.end_headers()
                        self.wfile.write(body)
                    def do_GET(self):
                        body = kept.get(self.path)
                        self.answer(404) if body is None else self.answer(200, body)
                    def do_PUT(self):
                        kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
                        self.answer(201)
                http.server.ThreadingHTTPServer(("127.0.0.1", \(port)), Handler).serve_forever()
                """
            try await LocalServer.with("python3", ["-c", program], port: port, in: directory) {
                try share("http://127.0.0.1:\(port)|layout=flat|timeout=8")
            }
        }
    }

    @Test(
        .enabled(
            if: LocalServer.has("nginx"),
            "nginx is not installed: apt install nginx-light libnginx-mod-http-dav-ext"
        )
    )
    func `over HTTP`() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            let configuration = """
                daemon off; master_process off; pid \(directory)/pid; error_log \(directory)/log;
                events { }
                http {
                    access_log off; client_body_temp_path \(directory)/body;
                    proxy_temp_path \(directory)/t1; fastcgi_temp_path \(directory)/t2; uwsgi_temp_path \(directory)/t3;
                    scgi_temp_path \(directory)/t4; client_max_body_size 64m;
                    server {
                        listen 127.0.0.1:\(port); root \(directory)/root;
                        location / { dav_methods PUT; create_full_put_path on; }
                    }
                }
                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(directory)/nginx.conf"))
            try FileManager.default.createDirectory(atPath: "\(directory)/root", withIntermediateDirectories: true)
            // Its workers are another user's, who has to reach the files.
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(directory)/root")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            let arguments = ["-c", "\(directory)/nginx.conf", "-e", "\(directory)/log"]
            try await LocalServer.with("nginx", arguments, port: port, in: directory) {
                try share("http://127.0.0.1:\(port)/team/cache|timeout=8")
            }
        }
    }

    /// A server of WebDAV that makes no directories unless it is asked.
    @Test(.enabled(if: LocalServer.has("wsgidav"), "wsgidav is not installed: pip install wsgidav cheroot"))
    func `over WebDAV`() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            try FileManager.default.createDirectory(atPath: "\(directory)/root", withIntermediateDirectories: true)
            let words = ["--host", "127.0.0.1", "--port", "\(port)", "--root", "\(directory)/root"]
            try await LocalServer.with("wsgidav", words + ["--auth", "anonymous"], port: port, in: directory) {
                try share("http://127.0.0.1:\(port)/team/cache|timeout=8")
            }
        }
    }

    @Test(.enabled(if: LocalServer.has("moto_server"), "moto_server is not installed: pip install 'moto[server]'"))
    func `over S3`() async throws {
        try await LocalServer.withDirectory { directory in
            let port = try FreePort.take()
            try await LocalServer.with("moto_server", ["-H", "127.0.0.1", "-p", "\(port)"], port: port, in: directory) {
                _ = try Workshop().run(["curl", "-s", "-X", "PUT", "http://127.0.0.1:\(port)/bucket"])
                let address = "s3://bucket/team|endpoint=http://127.0.0.1:\(port)|timeout=8"
                try share(address, ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"])
                // A role of which a token tells.
                try Data("a.token".utf8).write(to: URL(fileURLWithPath: "\(directory)/token"))
                try share(
                    address.replacingOccurrences(of: "/team", with: "/role"),
                    [
                        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/builder",
                        "AWS_WEB_IDENTITY_TOKEN_FILE": "\(directory)/token",
                        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(port)",
                    ]
                )
            }
        }
    }
}
