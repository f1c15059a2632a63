import Foundation
import LarderStore
import RemoteStore
import TestSupport
import Testing

/// A build's results in one file, through the built programs.
@Suite struct PackScenarios {
    private let commands = [
        ["gcc", "-O2", "-c", "a.c", "-o", "out.o"], ["g++", "-O1", "-MD", "-c", "b.cpp", "-o", "out.o"],
        ["gcc", "-O1", "-c", "a.c", "-o", "out.o"],
    ]
    private let off = ["LARDER_DAEMON": "off", "LARDER_SESSION": "one"]

    /// A machine that has compiled, and what it has got.
    private func maker() throws -> (machine: Machine, objects: [Data?]) {
        // Where somebody installs a part of a compiler meanwhile, a result is rightly not kept.
        let made = try Workshop().repeating({ $0.stored == commands.count }) {
            () -> (machine: Machine, objects: [Data?], stored: Int) in
            let machine = try Machine(off)
            let objects = try commands.map { try machine.compile($0) }
            return (machine, objects, try machine.stored())
        }
        return (made.machine, made.objects)
    }

    private func pack(of machine: Machine, _ words: [String] = [], _ more: [String: String] = [:]) throws -> URL {
        let file = machine.workshop.url("build.pack")
        let outcome = try machine.larder(["session", "export", "one", "-o", file.path] + words, more)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return file
    }

    private func json(_ outcome: Workshop.Outcome) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
        return (json["files"] as? [[String: Any]])?.first ?? json
    }

    @Test func `what a build has made is a hit on another machine`() throws {
        let (one, objects) = try maker()
        let file = try pack(of: one)
        #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)
        let other = try Machine(off)
        let outcome = try other.larder(["import", file.path])
        #expect(outcome.status == 0 && outcome.outputText.contains("took 3 results, 0 were here"), "\(outcome)")
        for (command, object) in zip(commands, objects) {
            #expect(try other.compile(command) == object)
            #expect(try other.bare(command) == object)
        }
        try other.expect(misses: 0)
        // Once more changes nothing, and another content is another result.
        #expect(try json(other.larder(["import", "--json", file.path]))["known"] as? Int == 3)
        // Several behind each other are one, and what is none is said.
        let twice = other.workshop.url("twice.pack")
        let whole = try Data(contentsOf: file)
        try (whole + whole).write(to: twice)
        let both = try json(other.larder(["import", "--json", twice.path]))
        #expect(both["known"] as? Int == 6 && both["is_cut"] as? Bool == false)
        try (whole + Data("x".utf8)).write(to: twice)
        #expect(try other.larder(["import", twice.path]).status == 1)
        let third = try Machine(off, header: "#define H 4\n")
        try third.larder(["import", file.path])
        #expect(try third.compile(commands[0]) == third.bare(commands[0]))
        try third.expect(misses: 1)
    }

    @Test(arguments: RemoteCommandScenarios.commands)
    func `results of commands, and of compiles that a trace explains, are in it`(words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("#define H 3\n", to: "h.h")
        try workshop.write("#include \"h.h\"\nint f(void) { return H; }\n", to: "a.c")
        try workshop.write("one\n", to: "in.txt")
        func larder(_ words: [String], on machine: String) throws -> Workshop.Outcome {
            workshop.remove("out")
            // Times differ from machine to machine.
            for name in ["h.h", "a.c", "in.txt"] {
                let time = Date(timeIntervalSinceNow: -Double.random(in: 10_000...1_000_000))
                try FileManager.default.setAttributes(
                    [.modificationDate: time],
                    ofItemAtPath: workshop.url(name).path
                )
            }
            let cache = ["LARDER_DIR": workshop.url("cache-\(machine)").path]
            return try workshop.larder(words, environment: off.merging(cache) { $1 })
        }
        let made = try larder(words, on: "one")
        let output = try #require(workshop.read("out"))
        #expect(try larder(["session", "export", "one", "-o", "build.pack"], on: "one").status == 0)
        let taken = try larder(["import", "build.pack"], on: "two")
        #expect(taken.status == 0 && taken.outputText.contains("took 1 result, 0 were here"), "\(taken)")
        #expect(try larder(words, on: "two") == made && workshop.read("out") == output)
        let counts = try JSONSerialization.jsonObject(with: larder(["stats", "--json"], on: "two").output)
        #expect((counts as? [String: Any])?["hits"] as? Int == 1, "\(counts)")
        #expect((counts as? [String: Any])?["misses"] as? Int == 0, "\(counts)")
        #expect(try json(larder(["import", "--json", "build.pack"], on: "two"))["known"] as? Int == 1)
    }

    @Test func `a second file has what the first one has not`() throws {
        let (one, _) = try maker()
        let first = try pack(of: one)
        let base = one.workshop.url("base.pack")
        try FileManager.default.moveItem(at: first, to: base)
        _ = try one.compile(["gcc", "-O3", "-c", "a.c", "-o", "out.o"])
        let second = try pack(of: one, ["--since", base.path])
        let other = try Machine(off)
        #expect(try json(other.larder(["import", "--json", second.path]))["results"] as? Int == 1)
        _ = try other.compile(["gcc", "-O3", "-c", "a.c", "-o", "out.o"])
        try other.expect(misses: 0)
    }

    @Test func `only what a trusted key has signed is taken`() throws {
        let (one, objects) = try maker()
        let (key, stranger) = (one.workshop.url("key").path, one.workshop.url("stranger").path)
        let ours = try one.larder(["remote", "keygen", key]).outputText
        _ = try one.larder(["remote", "keygen", stranger])
        let trust = off.merging(["LARDER_REMOTE_TRUST": ours.trimmingCharacters(in: .whitespacesAndNewlines)]) { $1 }
        for signer in [[:], ["LARDER_REMOTE_KEY": stranger]] {
            let other = try Machine(trust)
            let outcome = try other.larder(["import", "--json", pack(of: one, [], signer).path])
            #expect(outcome.status == 1)
            #expect(try json(outcome)["rejected"] as? [String: Int] == ["untrusted": 3])
            _ = try other.compile(commands[0])
            try other.expect(misses: 1)
        }
        let other = try Machine(trust)
        #expect(try other.larder(["import", pack(of: one, [], ["LARDER_REMOTE_KEY": key]).path]).status == 0)
        #expect(try other.compile(commands[0]) == objects[0])
        try other.expect(misses: 0)
    }

    @Test func `a damaged file gives no wrong object`() throws {
        let (one, objects) = try maker()
        let whole = try Data(contentsOf: pack(of: one))
        #expect(whole.prefix(9) == Data("LARDERPK".utf8) + [1])
        // Its end: no pairs, and how many results there are.
        #expect(whole.suffix(12) == Data([0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]))
        var damaged = stride(from: 0, to: whole.count, by: max(1, whole.count / 12)).map { whole.prefix($0) }
        for place in stride(from: 3, to: whole.count, by: max(1, whole.count / 24)) {
            var bytes = whole
            bytes[place] ^= 0x41
            damaged.append(bytes)
        }
        var huge = whole
        huge.replaceSubrange(9..<21, with: [0xFF, 0xFF, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 8))
        damaged.append(huge)
        // Little that becomes much, and a hole in a file.
        let pair = [UInt8](repeating: 7, count: 64)
        func record(_ length: Int, _ value: [UInt8]) -> Data {
            Data(whole.prefix(9)) + Data([1, 0, 0, 0])
                + Data((0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + pair + value)
        }
        for raw in [
            [UInt8](repeating: 0, count: 64 << 20),
            pair.prefix(32) + [1, 255, 255, 255, 0] + [UInt8](repeating: 0, count: 64 << 20),
        ] {
            let frame = try #require(raw.withUnsafeBytes { Zstd.encode($0, level: 1) })
            let length = (0..<4).map { UInt8(truncatingIfNeeded: raw.count >> ($0 * 8)) }
            let value = Array("LARDERRM".utf8) + [1, 0] + length + frame
            damaged.append(record(value.count, value))
        }
        damaged.append(record(32 << 20, [UInt8](repeating: 0, count: 32 << 20)))
        damaged.append(whole.prefix(9) + Data(count: 12))
        // Very many packs with nothing in them.
        damaged.append(Data(repeatElement(whole.prefix(9) + Data(count: 12), count: 200_000).joined()))
        for bytes in damaged {
            let other = try Machine(off)
            let file = other.workshop.url("damaged.pack")
            try bytes.write(to: file)
            let outcome = try other.larder(["import", file.path])
            #expect([0, 1].contains(outcome.status), "\(outcome)")
            #expect(outcome.status == 0 || outcome.errorText.hasPrefix("larder remote: "), "\(outcome)")
            #expect(try other.compile(commands[0]) == objects[0])
        }
    }

    @Test func `what is no regular file is not replaced`() throws {
        let (one, _) = try maker()
        let device = one.workshop.url("device")
        try one.workshop.run(["sh", "-c", "mkfifo \(device.path); ln -s nowhere link; mkdir dir"])
        for name in ["device", "link", "dir"] {
            let outcome = try one.larder(["session", "export", "one", "-o", one.workshop.url(name).path])
            #expect(outcome.status == 1 && outcome.errorText.contains("no regular file"), "\(outcome)")
        }
        #expect(try one.workshop.run(["test", "-p", device.path]).status == 0)
        #expect(try one.workshop.run(["test", "-L", "link"]).status == 0)
    }

    @Test func `a session that nobody knows is one clear sentence`() throws {
        let machine = try Machine(off)
        for words in [["session", "export", "nope", "-o", "x"], ["import", "nowhere"], ["import", "a.c"]] {
            let outcome = try machine.larder(words)
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errorText.split(separator: "\n").count == 1, "\(outcome.errorText)")
        }
        #expect(try machine.larder(["session", "export", "one"]).status == 2)
        #expect(try machine.larder(["session", "start", "-o", "x"]).status == 2)
    }
}
