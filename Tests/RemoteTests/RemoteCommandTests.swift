import Foundation
import TestSupport
import Testing

/// Results of `larder run` and of traced compiles on machines that share a server: caches of their own, and the same paths.
@Suite(
    .enabled(if: LocalServer.has("redis-server", "redis-cli"), "redis-server is not installed: apt install redis-tools")
)
struct RemoteCommandScenarios {
    /// A checkout that two machines have at the same place, each with its cache.
    private struct Place {
        let workshop: Workshop
        private let address: String

        init(_ address: String) throws {
            workshop = try Workshop()
            self.address = address
            try workshop.write("#define H 3\n", to: "h.h")
            try workshop.write("#include \"h.h\"\nint f(void) { return H; }\n", to: "a.c")
            try workshop.write("one\n", to: "in.txt")
            // Times differ from machine to machine.
            for name in ["h.h", "a.c", "in.txt"] { try touch(name) }
        }

        func touch(_ name: String) throws {
            let time = Date(timeIntervalSinceNow: -Double.random(in: 10_000...1_000_000))
            try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: workshop.url(name).path)
        }

        private func environment(_ machine: String) -> [String: String] {
            ["LARDER_REMOTE": address, "LARDER_DAEMON": "auto", "LARDER_DIR": workshop.url("cache-\(machine)").path]
        }

        func larder(_ words: [String], on machine: String) throws -> Workshop.Outcome {
            try workshop.larder(words, environment: environment(machine))
        }

        /// Runs the command on a machine whose daemon is there, with no output from before; waits until what it made is sent.
        func run(_ words: [String], on machine: String, sends: Bool = false) throws -> Workshop.Outcome {
            #expect(try larder(["daemon", "start"], on: machine).status == 0)
            workshop.remove("out")
            let outcome = try larder(words, on: machine)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            if sends { #expect(try larder(["daemon", "stop"], on: machine).status == 0) }
            return outcome
        }

        func counts(_ machine: String) throws -> (remote: Int, misses: Int) {
            let json = try JSONSerialization.jsonObject(with: larder(["stats", "--json"], on: machine).output)
            let counts = json as? [String: Any] ?? [:]
            let causes = counts["hits_by_cause"] as? [String: Int] ?? [:]
            return ((causes["remote"] ?? 0) + (causes["run_remote"] ?? 0), counts["misses"] as? Int ?? -1)
        }
    }

    static let commands = [
        ["gcc", "-S", "a.c", "-o", "out"], ["clang", "-S", "-emit-llvm", "a.c", "-o", "out"],
        ["gcc", "--coverage", "-c", "a.c", "-o", "out"],
        ["run", "--input", "in.txt", "--output", "out", "--", "sh", "-c", "tr a-z A-Z < in.txt > out; echo said"],
        ["run", "--trace", "--", "sh", "-c", "cat in.txt in.txt > out; echo said"],
        [
            "run", "--output", "out", "--depfile", "d", "--", "sh", "-c",
            "cp in.txt out; echo 'out: in.txt' > d; echo said",
        ],
    ]

    @Test(arguments: commands)
    func `what one machine has made is a hit on another`(words: [String]) async throws {
        try await LocalServer.withRedis { address, _ in
            let place = try Place(address)
            let made = try place.run(words, on: "one", sends: true)
            let output = try #require(place.workshop.read("out"))
            // A checkout made anew.
            for name in ["h.h", "a.c", "in.txt"] { try place.touch(name) }
            let given = try place.run(words, on: "two")
            #expect(given == made && place.workshop.read("out") == output)
            let why = try place.larder(["why", "--last"], on: "two").outputText
            #expect(try place.counts("two") == (1, 0), "\(why)")
            // Now it is here.
            _ = try place.run(words, on: "two")
            #expect(try place.counts("two") == (1, 0))
            // Another content is another result.
            try place.workshop.write("two\n", to: "in.txt")
            try place.workshop.write("#define H 4\n", to: "h.h")
            _ = try place.run(words, on: "two")
            #expect(try place.counts("two") == (1, 1))
            #expect(place.workshop.read("out") != output)
        }
    }

    @Test func `a result that another machine made of other contents is found by the names that are known here`()
        async throws
    {
        try await LocalServer.withRedis { address, _ in
            let words = ["gcc", "-S", "a.c", "-o", "out"]
            let place = try Place(address)
            _ = try place.run(words, on: "two", sends: true)
            try place.workshop.write("#define H 4\n", to: "h.h")
            try place.touch("h.h")
            _ = try place.run(words, on: "one", sends: true)
            let output = place.workshop.read("out")
            _ = try place.run(words, on: "two")
            #expect(try place.counts("two") == (1, 1) && place.workshop.read("out") == output)
        }
    }

    @Test func `a server whose values are exchanged gives nobody a wrong output, or a file elsewhere`() async throws {
        try await LocalServer.withRedis { address, cli in
            let place = try Place(address)
            let outside = place.workshop.directory.appendingPathComponent("elsewhere").path
            // Coverage of two compiles has two stamps.
            let commands = Self.commands.filter { !$0.contains("--coverage") }
            let made = try commands.map { words in
                let outcome = try place.run(words, on: "one", sends: true)
                return (outcome, place.workshop.read("out"))
            }
            let names = try cli(["KEYS", "*"]).split(separator: "\n").map(String.init)
            #expect(names.count >= 8)
            // Each value under the next key.
            for (name, next) in zip(names, names.dropFirst()) { _ = try cli(["RENAME", next, name + "-new"]) }
            for name in names { _ = try cli(["RENAMENX", name + "-new", name]) }
            for (words, (outcome, output)) in zip(commands, made) {
                #expect(try place.run(words, on: "two") == outcome && place.workshop.read("out") == output, "\(words)")
            }
            #expect(!FileManager.default.fileExists(atPath: outside))
            #expect(try place.larder(["verify"], on: "two").status == 0)
        }
    }
}
