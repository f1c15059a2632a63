import Foundation
import TestSupport
import Testing

/// What the daemon shows to Prometheus.
@Suite struct MetricsTests {
    /// Prints what a server says; the address is a path or a port.
    private static let scraper = """
        import socket, sys
        address, path = sys.argv[1], sys.argv[2]
        if address.startswith("/"):
            s = socket.socket(socket.AF_UNIX); s.connect(address)
        else:
            s = socket.create_connection(("127.0.0.1", int(address)))
        s.sendall(f"GET {path} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
        text = b""
        while part := s.recv(65536): text += part
        sys.stdout.buffer.write(text)
        """

    @Test(arguments: ["socket", "port"])
    func `a daemon shows its counts`(kind: String) throws {
        let workshop = try Workshop()
        let port = try FreePort.take()
        let address = kind == "socket" ? workshop.url("metrics").path : "\(port)"
        let setting = kind == "socket" ? address : "127.0.0.1:\(port)"
        try workshop.write(Self.scraper, to: "scrape.py")
        try workshop.write("int a;\n", to: "a.c")
        let environment = ["LARDER_METRICS": setting, "LARDER_DAEMON": "auto"]
        defer { _ = try? workshop.larder(["daemon", "stop"]) }
        // One that was killed has left this.
        if kind == "socket" {
            let leave = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
            try workshop.run(["python3", "-c", leave, address])
        }
        #expect(try workshop.larder(["daemon", "start"], environment: environment).status == 0)
        for _ in 0..<2 { try workshop.larder(["gcc", "-c", "a.c"], environment: environment) }
        try workshop.larder(["stats"])
        let answer = try workshop.run(["python3", "scrape.py", address, "/metrics"])
        let text = answer.outputText
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("text/plain; version=0.0.4"), "\(text)")
        for line in [
            "larder_hits_total{cause=\"\"} 1", "larder_misses_total{cause=\"new_command\"} 1",
            "larder_program_hits_total{program=\"gcc\"} 1", "larder_daemon_kept_total 1", "larder_daemon_pending 0",
        ] {
            #expect(text.contains(line + "\n"), "\(line) in \(text)")
        }
        let other = try workshop.run(["python3", "scrape.py", address, "/secret"])
        #expect(other.outputText.hasPrefix("HTTP/1.1 404 "))
        let printed = try workshop.larder(["stats", "--prometheus"]).outputText
        #expect(printed.contains("larder_hits_total{cause=\"\"} 1\n"))
        if let prometheus = Self.prometheus {
            let promtool = URL(fileURLWithPath: prometheus).deletingLastPathComponent().appendingPathComponent(
                "promtool"
            )
            try workshop.write(printed, to: "metrics.txt")
            let words = ["sh", "-c", "\"$1\" check metrics < metrics.txt", "sh", promtool.path]
            let checked = try workshop.run(words)
            #expect(checked.status == 0, "\(checked.errorText)")
        }
    }

    /// Prometheus itself, installed or unpacked by scripts/setup.sh.
    private static let prometheus: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let places = ["/usr/bin/prometheus", root.appendingPathComponent(".build/tools/usr/bin/prometheus").path]
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    @Test(.enabled(if: prometheus != nil, "Prometheus is not here: scripts/setup.sh all"))
    func `a Prometheus scrapes the daemon`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let ports = try [FreePort.take(), FreePort.take()]
        let environment = ["LARDER_METRICS": "127.0.0.1:\(ports[0])", "LARDER_DAEMON": "auto"]
        defer { _ = try? workshop.larder(["daemon", "stop"]) }
        for _ in 0..<3 { try workshop.larder(["gcc", "-c", "a.c"], environment: environment) }
        try workshop.write(
            """
            scrape_configs:
              - job_name: larder
                scrape_interval: 1s
                static_configs: [{ targets: ["127.0.0.1:\(ports[0])"] }]
            """,
            to: "prometheus.yml"
        )
        // Asks until it has scraped once, or has ended.
        let script = """
            "$P" --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:\(ports[1]) 2> log & pid=$!
            ask() { python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())' \
                "http://127.0.0.1:\(ports[1])/api/v1/query?query=$1" 2> /dev/null; }
            while kill -0 $pid && ! ask larder_hits_total | grep -q '"value"'; do sleep 0.1; done
            ask up; ask larder_hits_total; kill $pid; wait $pid
            """
        let outcome = try workshop.run(["bash", "-c", script], environment: ["P": Self.prometheus ?? ""])
        let log = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        let answers = outcome.outputText.split(separator: "\n")
        #expect(answers.count == 2, "\(outcome.outputText) \(log)")
        #expect(answers.first?.contains(#""job":"larder"}"#) == true && answers.first?.contains(#","1"]"#) == true)
        #expect(
            answers.last?.contains(#""__name__":"larder_hits_total""#) == true
                && answers.last?.contains(#","2"]"#) == true
        )
    }

    @Test func `a connection that says nothing keeps nobody else waiting for long`() throws {
        let workshop = try Workshop()
        let address = workshop.url("metrics").path
        try workshop.write(Self.scraper, to: "scrape.py")
        let environment = ["LARDER_METRICS": address, "LARDER_DAEMON": "auto"]
        defer { _ = try? workshop.larder(["daemon", "stop"]) }
        let started = try workshop.larder(["daemon", "start"], environment: environment)
        #expect(started.status == 0, "\(started.errorText)")
        let silent =
            "import socket, subprocess, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
            + "sys.exit(subprocess.run(sys.argv[2:]).returncode)"
        let answer = try workshop.run(["python3", "-c", silent, address, "python3", "scrape.py", address, "/"])
        #expect(answer.outputText.contains("larder_info"), "\(answer.errorText)")
    }

    @Test func `what is no socket of a dead daemon stays where it is`() throws {
        let workshop = try Workshop()
        for make in ["mkfifo there", "echo text > there", "mkdir there"] {
            try workshop.run(["sh", "-c", "rm -rf there; \(make)"])
            let environment = ["LARDER_METRICS": workshop.url("there").path, "LARDER_DAEMON": "auto"]
            let before = try workshop.run(["stat", "-c", "%i %F", "there"]).outputText
            let started = try workshop.larder(["daemon", "start"], environment: environment)
            #expect(started.status == 0, "\(started.errorText)")
            #expect(try workshop.run(["stat", "-c", "%i %F", "there"]).outputText == before)
            let log = try String(contentsOf: workshop.cache.appendingPathComponent("daemon.log"), encoding: .utf8)
            #expect(log.contains("counts cannot be shown at"))
            try workshop.larder(["daemon", "stop"])
            try? FileManager.default.removeItem(at: workshop.cache.appendingPathComponent("daemon.log"))
        }
    }

    @Test(arguments: ["0.0.0.0:9464", "example.org:80", "127.0.0.1:0", "127.0.0.1:99999", "relative/path"])
    func `an address that others reach, or none, is refused in a sentence`(address: String) throws {
        let outcome = try Workshop().larder(["config", "set", "metrics", address])
        #expect(outcome.status == 2 && outcome.errorText.contains("127.0.0.1:9464"), "\(outcome.errorText)")
    }
}
