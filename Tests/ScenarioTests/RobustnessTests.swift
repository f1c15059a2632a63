import Foundation
import TestSupport
import Testing

/// A cache that is missing, refused, full or badly set costs time only.
@Suite struct RobustnessTests {
    private let compile = ["gcc", "-Wall", "-c", "a.c", "-o", "a.o"]

    private func workshop() throws -> (Workshop, Workshop.Outcome, Data) {
        let workshop = try Workshop()
        try workshop.write("int a(void) { int unused; return 1; }\n", to: "a.c")
        let bare = try workshop.run(compile)
        return (workshop, bare, try #require(workshop.read("a.o")))
    }

    /// Two compiles as the bare compiler does them, whatever `environment` says of the cache.
    private func expectRight(
        _ scene: (workshop: Workshop, bare: Workshop.Outcome, object: Data),
        _ environment: [String: String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for round in 1...2 {
            scene.workshop.remove("a.o")
            let outcome = try scene.workshop.larder(compile, environment: environment)
            #expect(outcome == scene.bare, "\(environment), round \(round)", sourceLocation: sourceLocation)
            #expect(
                scene.workshop.read("a.o") == scene.object,
                "\(environment), round \(round)",
                sourceLocation: sourceLocation
            )
        }
    }

    // MARK: - Places

    @Test func `a cache in an impossible place is no cache`() throws {
        let scene = try workshop()
        let file = scene.0.url("a.c").path
        for place in [file, file + "/below/it", "/proc/larder", "/dev/null", "/dev/null/cache", "/"] {
            try expectRight(scene, ["LARDER_DIR": place, "LARDER_DISABLE": place == "/" ? "1" : ""])
        }
        let strict = try scene.0.larder(compile, environment: ["LARDER_DIR": file + "/below", "LARDER_STRICT": "1"])
        #expect(strict.status == 1 && strict.errorText.contains("Not a directory"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.0.directory.path).sorted() == ["a.c", "a.o"])
    }

    @Test func `without a home there is no cache, and the commands say what to set`() throws {
        let scene = try workshop()
        let homeless = ["HOME": "", "LARDER_DIR": "", "XDG_CACHE_HOME": ""]
        try expectRight(scene, homeless)
        let refused = try scene.0.larder(["stats"], environment: homeless)
        #expect(refused.status == 2 && refused.errorText.contains("LARDER_DIR"))
    }

    @Test func `a cache of somebody else's is used as far as it can be read`() throws {
        let scene = try workshop()
        guard try scene.0.run(["id", "-u"]).outputText == "0\n" else {
            try Test.cancel("only root can be somebody else")
        }
        try scene.0.larder(compile)
        try scene.0.run(["chmod", "711", scene.0.directory.path])
        let script =
            "umask 022; mkdir mine; chown nobody mine; cp a.c mine; cd mine; exec setpriv --reuid=65534 --clear-groups \(Workshop.larder.path) gcc -Wall -c a.c -o a.o"
        for mode in ["700", "755"] {
            scene.0.remove("mine")
            try scene.0.run(["chmod", "-R", mode, scene.0.cache.path])
            let outcome = try scene.0.run(["bash", "-c", script])
            // Where the build directory is, nobody may perhaps not go.
            guard !outcome.errorText.contains("larder: Permission denied"),
                !outcome.errorText.contains("failed to execute")
            else { return }
            #expect(outcome == scene.1)
            #expect(scene.0.read("mine/a.o") == scene.2)
        }
    }

    /// Runs `script` with a small file system at `disk`, or nothing where mounting is not permitted.
    private func withDisk(_ workshop: Workshop, _ options: String, _ body: (String) throws -> Void) throws {
        let disk = workshop.url("disk").path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        guard try workshop.run(["mount", "-t", "tmpfs", "-o", options, "larder-test", disk]).status == 0 else {
            try Test.cancel("mounting is not permitted here")
        }
        defer { _ = try? workshop.run(["umount", "-l", disk]) }
        try body(disk)
    }

    @Test(arguments: ["size=64k", "size=16k", "size=8k", "size=4k", "nr_inodes=2", "nr_inodes=6", "nr_inodes=12"])
    func `a cache on a full disk is no cache, and clear makes room again`(options: String) throws {
        let scene = try workshop()
        try withDisk(scene.0, options) { disk in
            let cache = ["LARDER_DIR": disk + "/cache"]
            try expectRight(scene, cache)
            for number in 1...4 {
                let outcome = try scene.0.larder(
                    ["gcc", "-DN=\(number)", "-c", "a.c", "-o", "b.o"],
                    environment: cache
                )
                #expect(outcome.status == 0)
            }
            try expectRight(scene, cache)
            #expect(try scene.0.larder(["verify"], environment: cache).status == 0, "what is there is whole")
            let full = try scene.0.run(["bash", "-c", "cat /dev/zero > \(disk)/fill"])
            #expect(full.status != 0)
            try expectRight(scene, cache)
            if !options.contains("inodes=2"), !options.contains("size=4k") {
                try scene.0.larder(["clear", "-y"], environment: cache)
                let left = FileManager.default.enumerator(atPath: disk)?.compactMap { $0 as? String } ?? []
                #expect(!left.contains { $0.contains(".tmp.") || $0.count > 60 }, "\(left)")
            }
        }
    }

    @Test func `a sum without a block on a full disk ends nobody`() throws {
        let scene = try workshop()
        try withDisk(scene.0, "size=64k") { disk in
            let cache = ["LARDER_DIR": disk + "/cache"]
            try expectRight(scene, cache)
            try scene.0.run([
                "bash", "-c",
                "rm \(disk)/cache/usage; truncate -s 4096 \(disk)/cache/usage; cat /dev/zero > \(disk)/fill",
            ])
            try expectRight(scene, cache.merging(["LARDER_RECACHE": "1"]) { $1 })
            #expect(try scene.0.larder(["gc"], environment: cache).status < 128)
            #expect(try scene.0.larder(["clear", "-y"], environment: cache).status < 128)
        }
    }

    @Test func `a read-only file system serves hits and stores nothing`() throws {
        let scene = try workshop()
        try withDisk(scene.0, "size=1m") { disk in
            let cache = ["LARDER_DIR": disk + "/cache"]
            try expectRight(scene, cache)
            try scene.0.run(["mount", "-o", "remount,ro", disk])
            try expectRight(scene, cache)
            #expect(try scene.0.larder(["gcc", "-DB", "-c", "a.c", "-o", "b.o"], environment: cache).status == 0)
            for command in ["stats", "verify"] {
                #expect(try scene.0.larder([command], environment: cache).status == 0)
            }
            for command in [["gc"], ["clear", "-y"]] {
                let refused = try scene.0.larder(command, environment: cache)
                #expect(refused.status == 1 && refused.errorText.contains("Read-only"))
            }
        }
    }

    // MARK: - Settings

    @Test(arguments: [
        ("LARDER_DIR", "relative"), ("LARDER_MAX_SIZE", "much"), ("LARDER_MAX_SIZE", "0"), ("LARDER_DISABLE", "maybe"),
        ("LARDER_READONLY", "2"), ("LARDER_RECACHE", "x"), ("LARDER_COMPRESSION", "lzma"), ("LARDER_BASE_DIR", "src"),
    ])
    func `a setting that does not parse stops commands with one sentence, and no compile`(name: String, value: String)
        throws
    {
        let scene = try workshop()
        try expectRight(scene, [name: value])
        for command in ["stats", "verify", "gc"] {
            let refused = try scene.0.larder([command], environment: [name: value])
            #expect(refused.status == 2)
            #expect(refused.errorText.contains(name) && refused.errorText.split(separator: "\n").count == 1)
        }
        let strict = try scene.0.larder(compile, environment: [name: value, "LARDER_STRICT": "1"])
        #expect(strict.status == 2 && strict.errorText.contains(name))
    }

    @Test(arguments: ["max_size = much", "nonsense", "= 3", "disable = perhaps"])
    func `a line of the settings file that does not parse stops commands and no compile`(line: String) throws {
        let scene = try workshop()
        try scene.0.write(line + "\n", to: ".cache/larder.conf")
        try expectRight(scene, [:])
        let refused = try scene.0.larder(["stats"])
        #expect(refused.status == 2 && refused.errorText.contains("larder.conf"))
        scene.0.remove(".cache/larder.conf")
        try FileManager.default.createDirectory(
            at: scene.0.url(".cache/larder.conf"),
            withIntermediateDirectories: true
        )
        try expectRight(scene, [:])
    }

    @Test func `disabled, read-only and recaching do what they say`() throws {
        let scene = try workshop()
        try expectRight(scene, ["LARDER_DISABLE": "1"])
        try expectRight(scene, ["LARDER_READONLY": "1"])
        #expect(scene.0.read(".cache/format") == nil, "nothing was stored")
        try expectRight(scene, [:])
        let counted = try scene.0.counting { try expectRight(scene, ["LARDER_READONLY": "1"]) }
        #expect(counted.hits == 0 && counted.misses == 0, "read-only counts nothing")
        let recached = try scene.0.counting { try expectRight(scene, ["LARDER_RECACHE": "1"]) }
        #expect(recached.misses == 2 && recached.hits == 0)
        // A result that is there is given although nothing may be written: the compiler need not even work.
        scene.0.remove("a.o")
        let readOnly = try scene.0.larder(compile, environment: ["LARDER_READONLY": "yes", "TMPDIR": "/nowhere"])
        #expect(readOnly == scene.1 && scene.0.read("a.o") == scene.2)
    }

    // MARK: - Budget

    @Test func `a small budget is kept, the least recently used goes first, and what is evicted is compiled again`()
        throws
    {
        let workshop = try Workshop()
        let small = ["LARDER_MAX_SIZE": "300000"]
        let count = 30
        for number in 0..<count {
            try workshop.write("int a\(number)[4000] = { \(number), 1 };\n", to: "a\(number).c")
            let compile = ["gcc", "-c", "a\(number).c", "-o", "a\(number).o"]
            #expect(try workshop.larder(compile, environment: small).status == 0)
            #expect(try workshop.larder(["gcc", "-c", "a0.c", "-o", "a0.o"], environment: small).status == 0)
        }
        let json = try JSONSerialization.jsonObject(
            with: workshop.larder(["stats", "--json"], environment: small).output
        )
        let bytes = try #require((json as? [String: Any])?["bytes"] as? Int)
        #expect(bytes <= 300_000 && bytes > 50_000)
        #expect(try #require((json as? [String: Any])?["evictions"] as? Int) > 0)
        for number in (0..<count).reversed() {
            let compile = ["gcc", "-c", "a\(number).c", "-o", "a.o"]
            try workshop.run(compile)
            let bare = workshop.read("a.o")
            #expect(try workshop.larder(compile, environment: small).status == 0)
            #expect(workshop.read("a.o") == bare)
        }
        #expect(try workshop.larder(["verify"]).status == 0)
    }

    @Test func `a manifest that outlives its result is a miss, and then whole again`() throws {
        let scene = try workshop()
        try scene.0.larder(compile)
        // The result is the entry that holds the diagnostics.
        let script = "grep -rl 'unused variable' .cache/entries | tee gone | xargs rm; wc -l < gone"
        #expect(try scene.0.run(["bash", "-c", script]).outputText == "1\n")
        let first = try scene.0.counting { try scene.0.larder(compile) }
        #expect(first.misses == 1)
        let second = try scene.0.counting { try expectRight(scene, [:]) }
        #expect(second.hits == 2)
    }
}
