import Foundation
import TestSupport
import Testing

/// Machines that share a Redis server.
@Suite(
    .enabled(if: LocalServer.has("redis-server", "redis-cli"), "redis-server is not installed: apt install redis-tools")
)
struct RemoteScenarios {
    @Test func `what one machine has compiled is a hit on another`() async throws {
        let commands = [
            ["gcc", "-O2", "-c", "a.c", "-o", "out.o"], ["g++", "-O1", "-MD", "-c", "b.cpp", "-o", "out.o"],
            ["clang", "-c", "a.c", "-o", "out.o"], ["gcc", "-S", "a.c", "-o", "out.o"],
        ]
        try await LocalServer.withRedis { address, _ in
            let (one, other) = (try Machine(["LARDER_REMOTE": address]), try Machine(["LARDER_REMOTE": address]))
            let made = try commands.map { try one.compile($0) }
            try one.settle()
            try one.expect(remote: 0, misses: 4)
            for (command, object) in zip(commands, made) {
                #expect(try other.compile(command) == object, "\(command)")
                #expect(try other.bare(command) == object, "\(command)")
            }
            // A listing that its trace explains is found again in its own directory only.
            try other.expect(remote: 3, misses: 1)
            // Now it is here, and nobody is asked.
            _ = try other.compile(commands[0])
            try other.expect(remote: 3, misses: 1)
        }
    }

    @Test func `another header is another result, and both are found`() async throws {
        try await LocalServer.withRedis { address, _ in
            let one = try Machine(["LARDER_REMOTE": address])
            let three = try one.compile()
            try one.settle()
            let two = try Machine(["LARDER_REMOTE": address], header: "#define H 4\n")
            let four = try two.compile()
            #expect(three != four)
            try two.expect(remote: 0, misses: 1)
            try two.settle()
            let third = try Machine(["LARDER_REMOTE": address])
            #expect(try third.compile() == three)
            try third.workshop.write("#define H 4\n", to: "h.h")
            try third.age("h.h")
            #expect(try third.compile() == four)
            try third.expect(misses: 0)
        }
    }

    @Test func `nobody who is not trusted is believed`() async throws {
        try await LocalServer.withRedis { address, cli in
            let keys = try Machine([:])
            let ours = keys.workshop.url("ours").path
            let theirs = keys.workshop.url("theirs").path
            func key(_ path: String) throws -> String {
                try keys.larder(["remote", "keygen", path]).outputText.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            let (trusted, stranger) = (try key(ours), try key(theirs))
            #expect(trusted.count == 64 && stranger.count == 64 && trusted != stranger)
            #expect(try FileManager.default.attributesOfItem(atPath: ours)[.posixPermissions] as? Int == 0o600)
            let signing = ["LARDER_REMOTE": address, "LARDER_REMOTE_KEY": ours, "LARDER_REMOTE_TRUST": trusted]

            let maker = try Machine(signing)
            let right = try maker.compile()
            #expect(try !maker.larder(["doctor"]).outputText.contains("remote_trust"))
            let anybody = try Machine(["LARDER_REMOTE": address]).larder(["doctor"])
            #expect(anybody.outputText.contains("remote_trust is not set"), "\(anybody.outputText)")
            try maker.settle()
            let reader = try Machine(signing)
            #expect(try reader.compile() == right)
            try reader.expect(remote: 1, misses: 0)

            // The stranger makes another object under the same key: its header lies to it alone.
            _ = try cli(["FLUSHALL"])
            let attacker = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_KEY": theirs])
            _ = try attacker.compile()
            try attacker.settle()
            for settings in [signing, signing.merging(["LARDER_REMOTE_KEY": ""]) { $1 }] {
                let wary = try Machine(settings.merging(["LARDER_REMOTE_WRITE": "never"]) { $1 })
                #expect(try wary.compile() == right)
                try wary.expect(remote: 0, misses: 1)
                try wary.settle()
                // Written when the daemon has ended.
                try await LocalServer.poll("count of what is not trusted") {
                    try wary.larder(["remote", "status", "--json"]).outputText.contains("\"untrusted\": 1")
                }
            }
        }
    }

    @Test func `a whole build is brought at once, and compiles then without a question`() async throws {
        try await LocalServer.withRedis { address, cli in
            let commands = [
                ["gcc", "-O2", "-c", "a.c", "-o", "out.o"], ["g++", "-O1", "-c", "b.cpp", "-o", "out.o"],
                // Long results lie apart from their manifests.
                ["gcc", "-c", "big.c", "-o", "out.o"],
            ]
            // Nobody is asked while these compile.
            let alone = ["LARDER_DAEMON": "off", "LARDER_SESSION": "one"]
            func machine() throws -> Machine {
                let machine = try Machine(alone)
                try machine.workshop.write("char big[300000] = {1};\n", to: "big.c")
                try machine.age("big.c")
                return machine
            }
            let one = try machine()
            let objects = try commands.map { try one.compile($0) }
            let remote = ["LARDER_REMOTE": address]
            let pushed = try one.larder(["remote", "push"], remote)
            #expect(pushed.status == 0 && pushed.outputText.hasPrefix("Sent 3 results"), "\(pushed)")
            let other = try machine()
            let pulled = try other.larder(["remote", "pull", "--session", "one"], remote)
            #expect(pulled.status == 0 && pulled.outputText.hasPrefix("Brought 3 results, 0 were here"), "\(pulled)")
            for (command, object) in zip(commands, objects) { #expect(try other.compile(command) == object) }
            try other.expect(misses: 0)
            let third = try machine()
            let begun = try third.larder(["remote", "prefetch", "--session", "one"], remote)
            #expect(begun.status == 0 && begun.output.isEmpty && begun.error.isEmpty, "\(begun)")
            // A manifest and a result each.
            try await LocalServer.poll("three results and their manifests") {
                try third.workshop.counters().entries >= 6
            }
            #expect(try third.compile(commands[0]) == objects[0])
            try third.expect(misses: 0)
            #expect(try third.larder(["remote", "prefetch", "--session", "one"]).status == 1)
            let again = try other.larder(["remote", "pull", "--json"], remote)
            #expect(again.outputText.contains("\"known\": 3"), "\(again)")
            // What nobody trusted has signed is no list, and a name that nobody pushed is none.
            let key = try one.larder(["remote", "keygen", one.workshop.url("key").path]).outputText
            let wary = remote.merging(["LARDER_REMOTE_TRUST": key.trimmingCharacters(in: .whitespacesAndNewlines)]) {
                $1
            }
            #expect(try machine().larder(["remote", "pull"], wary).status == 1)
            #expect(try machine().larder(["remote", "pull", "--session", "two"], remote).status == 1)
            // One that has gone is said, and the others are there.
            let names = try cli(["KEYS", "*"]).split(separator: "\n").map(String.init)
            #expect(names.count == 7)
            for name in names where try Int(cli(["STRLEN", name]).trimmingCharacters(in: .newlines)) ?? 0 > 2_000 {
                _ = try cli(["DEL", name])
                break
            }
            #expect(try machine().larder(["remote", "pull"], remote).outputText.contains("Brought"))
        }
    }

    @Test func `whom a launcher trusts does not depend on what its daemon was started with`() async throws {
        try await LocalServer.withRedis { address, cli in
            let keys = try Workshop()
            let ours = try keys.larder(["remote", "keygen", keys.url("ours").path]).outputText
            let stranger = try Machine(["LARDER_REMOTE": address])
            let right = try stranger.compile()
            try stranger.settle()
            let machine = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "never"])
            // Its daemon and the program that this starts believe everybody.
            try machine.larder(["daemon", "start"])
            let trust = ["LARDER_REMOTE_TRUST": ours.trimmingCharacters(in: .whitespacesAndNewlines)]
            let wary = try machine.larder(["gcc", "-O2", "-c", "a.c", "-o", "out.o"], trust)
            #expect(wary.status == 0 && machine.workshop.read("out.o") == right)
            try machine.expect(remote: 0, misses: 1)
            // Signed by the key that the launcher has, not the daemon.
            let signer = try Machine(["LARDER_REMOTE": address], header: "#define H 4\n")
            try signer.larder(["daemon", "start"])
            try signer.larder(
                ["gcc", "-O2", "-c", "a.c", "-o", "out.o"],
                ["LARDER_REMOTE_KEY": keys.url("ours").path]
            )
            try signer.settle()
            let reader = try Machine(["LARDER_REMOTE": address].merging(trust) { $1 }, header: "#define H 4\n")
            _ = try reader.compile()
            try reader.expect(remote: 1, misses: 0)
        }
    }

    @Test func `who signs takes nothing that anybody may have sent`() async throws {
        try await LocalServer.withRedis { address, _ in
            let keys = try Workshop()
            let ours = try keys.larder(["remote", "keygen", keys.url("ours").path]).outputText
            let stranger = try Machine(["LARDER_REMOTE": address])
            _ = try stranger.compile()
            try stranger.settle()
            let signing = ["LARDER_REMOTE": address, "LARDER_REMOTE_KEY": keys.url("ours").path]
            let builder = try Machine(signing)
            _ = try builder.compile()
            try builder.settle()
            try builder.expect(remote: 0, misses: 1)
            // What it has sent has taken the place of what was there, and is its own.
            let trust = ["LARDER_REMOTE_TRUST": ours.trimmingCharacters(in: .whitespacesAndNewlines)]
            for settings in [signing, ["LARDER_REMOTE": address].merging(trust) { $1 }] {
                let reader = try Machine(settings)
                _ = try reader.compile()
                try reader.expect(remote: 1, misses: 0)
            }
            #expect(try builder.larder(["remote", "test"]).outputText.contains("because remote_trust names no other"))
        }
    }

    @Test func `a server whose values are swapped, cut and replaced changes no object`() async throws {
        try await LocalServer.withRedis { address, cli in
            let maker = try Machine(["LARDER_REMOTE": address])
            let right = try maker.compile()
            let other = try maker.compile(["gcc", "-O0", "-c", "a.c", "-o", "out.o"])
            try maker.settle()
            #expect(right != other)
            let names = try cli(["KEYS", "*"]).split(separator: "\n").map(String.init)
            #expect(names.count == 4)
            // Each takes the place of the next.
            let last = try #require(names.last)
            _ = try cli(["COPY", last, "kept"])
            for (from, to) in zip(names, names.dropFirst()).reversed() { _ = try cli(["COPY", from, to, "REPLACE"]) }
            _ = try cli(["COPY", "kept", names[0], "REPLACE"])
            let reader = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "never"])
            #expect(try reader.compile() == right)
            try reader.expect(remote: 0, misses: 1)
            for name in names { _ = try cli(["SETRANGE", name, "40", "garbage"]) }
            let second = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "never"])
            #expect(try second.compile() == right)
            for name in names { _ = try cli(["SET", name, ""]) }
            let third = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "never"])
            #expect(try third.compile() == right)
            try third.expect(remote: 0, misses: 1)
        }
    }

    @Test func `what is only read is not written, and the other way round`() async throws {
        try await LocalServer.withRedis { address, cli in
            let reader = try Machine(["LARDER_REMOTE": address + "|read-only"])
            _ = try reader.compile()
            try reader.settle()
            let never = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "never"])
            _ = try never.compile()
            try never.settle()
            let unprotected = try Machine(["LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "protected"])
            _ = try unprotected.compile()
            try unprotected.settle()
            #expect(try cli(["DBSIZE"]).contains("0"))
            let protected = try Machine([
                "LARDER_REMOTE": address, "LARDER_REMOTE_WRITE": "protected", "CI_COMMIT_REF_PROTECTED": "true",
            ])
            _ = try protected.compile()
            try protected.settle()
            #expect(try cli(["DBSIZE"]).contains("2"))
            let writer = try Machine(["LARDER_REMOTE": address + "|write-only"])
            _ = try writer.compile()
            try writer.expect(remote: 0, misses: 1)
        }
    }

    @Test func `a password is nowhere to be read`() async throws {
        try await LocalServer.withRedis(["--requirepass", "open-sesame"]) { address, _ in
            let secret = address.replacingOccurrences(of: "redis://", with: "redis://:open-sesame@")
            let one = try Machine(["LARDER_REMOTE": secret])
            _ = try one.compile()
            #expect(try !one.larder(["config"]).outputText.contains("sesame"))
            try one.settle()
            let wrong = address.replacingOccurrences(of: "redis://", with: "redis://:shut-sesame@")
            let two = try Machine(["LARDER_REMOTE": wrong])
            _ = try two.compile()
            let test = try two.larder(["remote", "test"])
            #expect(test.status == 1)
            #expect(!test.outputText.contains("sesame") && !test.errorText.contains("sesame"))
            try two.settle()
            for machine in [one, two] {
                let found = try machine.workshop.run(["grep", "-rl", "sesame", machine.workshop.cache.path])
                #expect(found.outputText == "")
            }
            let third = try Machine(["LARDER_REMOTE": secret])
            _ = try third.compile()
            try third.expect(remote: 1, misses: 0)
        }
    }

    @Test func `without a server, or without the program, every compile is as it was`() async throws {
        let port = try FreePort.take()
        for settings in [
            ["LARDER_REMOTE": "redis://127.0.0.1:\(port)"],
            ["LARDER_REMOTE": "redis://127.0.0.1:\(port) https://127.0.0.1:1/x"],
            // Nothing that can be an address.
            ["LARDER_REMOTE": "redis://:|"],
        ] {
            let machine = try Machine(settings)
            let object = try machine.compile()
            #expect(try machine.bare(["gcc", "-O2", "-c", "a.c", "-o", "out.o"]) == object)
            try machine.expect(remote: 0, misses: 1)
            try machine.settle()
        }
    }

    @Test func `a program that was stopped is let go, and the compile goes on`() async throws {
        try await LocalServer.withRedis { address, _ in
            let machine = try Machine(["LARDER_REMOTE": address])
            _ = try machine.compile(["gcc", "-c", "-DA", "a.c", "-o", "out.o"])
            let report = machine.workshop.cache.appendingPathComponent("remote.json")
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: report)) as? [String: Any]
            let process = try #require(json?["process"] as? Int)
            kill(pid_t(process), SIGSTOP)
            defer { kill(pid_t(process), SIGKILL) }
            let object = try machine.compile()
            #expect(try machine.bare(["gcc", "-O2", "-c", "a.c", "-o", "out.o"]) == object)
            let log = try String(
                contentsOf: machine.workshop.cache.appendingPathComponent("daemon.log"),
                encoding: .utf8
            )
            #expect(log.contains("larder-remote does not answer"))
            // Another one is started in its place.
            try await LocalServer.poll("result in the server") {
                _ = try machine.compile(["gcc", "-c", "-DB\(UInt32.random(in: 0...(.max)))", "a.c", "-o", "out.o"])
                return try machine.larder(["remote", "status", "--json"]).outputText.contains("\"process\": \(process)")
                    == false
            }
            try machine.settle()
        }
    }

    @Test func `of two servers the second one has it, and the first one gets it`() async throws {
        try await LocalServer.withRedis { near, nearCLI in
            try await LocalServer.withRedis { far, _ in
                let maker = try Machine(["LARDER_REMOTE": far])
                let object = try maker.compile()
                try maker.settle()
                let reader = try Machine(["LARDER_REMOTE": "\(near) \(far)|read-only"])
                #expect(try reader.compile() == object)
                try reader.expect(remote: 1, misses: 0)
                try await LocalServer.poll("manifest in the near server") {
                    try !nearCLI(["DBSIZE"]).contains("0")
                }
            }
        }
    }
}
