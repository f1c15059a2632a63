import Foundation
import TestSupport
import Testing

/// What `push`, `pull` and `prefetch` may send, say and hold, with a directory as the remote cache.
@Suite struct TransferScenarios {
    private let compile = ["gcc", "-O2", "-c", "a.c", "-o", "out.o"]

    /// A machine that compiles in the session `one` and asks nobody meanwhile.
    private func machine() throws -> Machine { try Machine(["LARDER_DAEMON": "off", "LARDER_SESSION": "one"]) }

    /// An empty directory that machines share.
    private func tier(_ name: String = "tier", in workshop: Workshop) throws -> (url: URL, address: String) {
        let url = workshop.url(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return (url, "file://" + url.path)
    }

    private func files(below url: URL) -> Int {
        (FileManager.default.enumerator(atPath: url.path)?.allObjects as? [String] ?? []).count
    }

    @Test(arguments: [
        ("never", "remote_write is never"), ("protected", "no protected branch"),
    ]) func `nothing is sent where remote_write forbids it`(_ write: String, _ reason: String) throws {
        let one = try machine()
        let shared = try tier(in: one.workshop)
        _ = try one.compile(compile)
        let remote = ["LARDER_REMOTE": shared.address, "LARDER_REMOTE_WRITE": write]
        let pushed = try one.larder(["remote", "push"], remote)
        #expect(pushed.status == 1 && pushed.errorText.contains(reason), "\(pushed)")
        let tested = try one.larder(["remote", "test"], remote)
        #expect(tested.status == 0 && tested.outputText.contains("Nothing is sent"), "\(tested)")
        #expect(files(below: shared.url) == 0)
        // What is found behind is sent to no one in front.
        #expect(try one.larder(["remote", "push"], ["LARDER_REMOTE": shared.address]).status == 0)
        let front = try tier("front", in: one.workshop)
        let both = ["LARDER_REMOTE": front.address + " " + shared.address]
        let wary = try machine()
        let pulled = try wary.larder(["remote", "pull"], both.merging(remote) { mine, _ in mine })
        #expect(pulled.status == 0, "\(pulled)")
        #expect(files(below: front.url) == 0)
        // Where it is not forbidden, it is there when the command has ended.
        let open = try machine()
        #expect(try open.larder(["remote", "pull"], both).status == 0)
        #expect(files(below: front.url) > 1)
    }

    @Test func `only tiers that are written to are pushed to`() throws {
        let one = try machine()
        let shared = try tier(in: one.workshop)
        _ = try one.compile(compile)
        let pushed = try one.larder(["remote", "push"], ["LARDER_REMOTE": shared.address + "|read-only"])
        #expect(pushed.status == 1 && pushed.errorText.contains("is written to"), "\(pushed)")
        let small = try one.larder(["remote", "push"], ["LARDER_REMOTE": shared.address + "|max-entry=10"])
        #expect(small.outputText.contains("Longer than max-entry: 1."), "\(small)")
    }

    @Test func `what has gone from the cache is no failure, and each result counts once`() throws {
        let one = try machine()
        let shared = try tier(in: one.workshop)
        let remote = ["LARDER_REMOTE": shared.address]
        _ = try one.compile(compile)
        #expect(try one.larder(["gc", "--older-than", "0s"]).status == 0)
        try one.workshop.write("#define H 5\n", to: "h.h")
        try one.age("h.h")
        for _ in 1...3 { _ = try one.compile(compile) }
        let pushed = try one.larder(["remote", "push"], remote)
        #expect(pushed.status == 0 && pushed.outputText.hasPrefix("Sent 1 result "), "\(pushed)")
        #expect(pushed.outputText.contains("Not in the cache any more, or only for this machine: 1."), "\(pushed)")
        let other = try machine()
        let pulled = try other.larder(["remote", "pull", "--json"], remote)
        #expect(pulled.status == 0 && pulled.outputText.contains("\"brought\": 1"), "\(pulled)")
    }

    @Test func `lists of projects with namespaces of their own lie beside each other`() throws {
        let shared = try Workshop()
        let remote = ["LARDER_REMOTE": try tier(in: shared).address]
        var objects: [Data?] = []
        for name in ["a", "b"] {
            let machine = try machine()
            try machine.workshop.write("namespace = \(name)\n", to: ".larder.conf")
            try machine.workshop.write("#define H \(name == "a" ? 1 : 2)\n", to: "h.h")
            try machine.age("h.h")
            objects.append(try machine.compile(compile))
            #expect(try machine.larder(["remote", "push"], remote).status == 0)
        }
        let other = try machine()
        try other.workshop.write("namespace = a\n", to: ".larder.conf")
        try other.workshop.write("#define H 1\n", to: "h.h")
        try other.age("h.h")
        #expect(try other.larder(["remote", "pull"], remote).status == 0)
        #expect(try other.compile(compile) == objects[0])
        try other.expect(misses: 0)
    }

    @Test func `prefetch holds nothing of the caller's`() throws {
        let machine = try machine()
        // It answers when somebody has written into the pipe, which no one does before the test's end.
        let script = """
            import http.server, os, sys
            class Slow(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    open(sys.argv[2], "w").close()
                    os.read(0, 1)
                    self.send_error(404)
                def log_message(self, *words): pass
            server = http.server.HTTPServer(("127.0.0.1", 0), Slow)
            with open(sys.argv[1] + ".new", "w") as port: port.write(str(server.server_port))
            os.rename(sys.argv[1] + ".new", sys.argv[1])
            server.serve_forever()
            """
        try machine.workshop.write(script, to: "server.py")
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        let (port, asked) = (machine.workshop.url("port"), machine.workshop.url("asked"))
        server.arguments = [machine.workshop.url("server.py").path, port.path, asked.path]
        let silence = Pipe()
        server.standardInput = silence
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        while !FileManager.default.fileExists(atPath: port.path) { usleep(10_000) }
        let number = try String(contentsOf: port, encoding: .utf8)
        let words = "exec 9>held; flock 9; exec \(Workshop.larder.path) remote prefetch --session two"
        let begun = try machine.workshop.run(
            ["bash", "-c", words],
            environment: ["LARDER_REMOTE": "http://127.0.0.1:\(number)/x|timeout=600"]
        )
        #expect(begun.status == 0, "\(begun)")
        while !FileManager.default.fileExists(atPath: asked.path) { usleep(10_000) }
        #expect(try machine.workshop.run(["flock", "-n", "held", "true"]).status == 0)
    }

    @Test func `files of secrets are named by absolute paths`() throws {
        let machine = try machine()
        let tested = try machine.larder(["remote", "test", "--remote", "http://u@127.0.0.1:1/x|password-file=pw"])
        #expect(tested.status == 1 && tested.errorText.contains("password-file is an absolute path"), "\(tested)")
    }

    @Test func `a file that cannot be read does not keep others from being imported`() throws {
        let one = try machine()
        _ = try one.compile(compile)
        let pack = one.workshop.url("build.pack").path
        #expect(try one.larder(["session", "export", "one", "-o", pack]).status == 0)
        let other = try machine()
        let imported = try other.larder(["import", "--json", pack, "nowhere"])
        #expect(imported.status == 1 && imported.outputText.contains("\"results\": 1"), "\(imported)")
        #expect(imported.errorText.contains("nowhere cannot be read"), "\(imported)")
    }
}
