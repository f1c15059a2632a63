import Foundation
import TestSupport
import Testing

/// The launcher is killed at each step of publication, and nothing but time is lost.
@Suite struct CrashTests {
    /// What the next ones find: the entry is not there, half there, or there; and then everything is as ever.
    private func expectRecovery(in workshop: Workshop, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try workshop.run(["gcc", "-c", "a.c", "-o", "bare.o"])
        let bare = try #require(workshop.read("bare.o"))
        for round in 1...2 {
            workshop.remove("a.o")
            let counted = try workshop.counting {
                let outcome = try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"])
                #expect(outcome.status == 0, sourceLocation: sourceLocation)
            }
            #expect(workshop.read("a.o") == bare, sourceLocation: sourceLocation)
            if round == 2 { #expect(counted.hits == 1, sourceLocation: sourceLocation) }
        }
        #expect(
            try workshop.larder(["verify"]).status == 0,
            "nothing in the cache is wrong",
            sourceLocation: sourceLocation
        )
    }

    /// Temporaries in the cache, by path.
    private func temporaries(in directory: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains(".tmp.") }
    }

    @Test(arguments: ["written", "flushed", "renamed", "delivered", "published"])
    func `a launcher that is killed while it publishes a result leaves a cache that is right`(point: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        try workshop.write("int b;\n", to: "b.c")
        // The compiler is known already, so that the first thing published is the result.
        try workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
        let killed = try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"], environment: ["LARDER_CRASH_AT": point])
        #expect(killed.status == 128 + 9, "the crash point \(point) is reached")
        let beside = temporaries(in: workshop.directory).filter { !$0.hasPrefix(".cache") }
        if point == "delivered" {
            // What a killed launcher may leave beside the object: never the object itself, which has its name by now.
            #expect(
                beside.allSatisfy {
                    $0.hasPrefix("a.o.d.tmp.") || $0.hasPrefix("a.o.s.tmp.") || $0.hasPrefix("a.o.h.tmp.")
                }
            )
        } else {
            #expect(beside.isEmpty, "once the result is delivered nothing of ours is beside it")
        }
        #expect(workshop.read("a.o") != nil, "the user has the object before the cache has")
        try expectRecovery(in: workshop)
    }

    @Test func `a launcher that is asked to end while it records a result ends, and leaves the object`() throws {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        let compile = ["gcc", "-c", "a.c", "-o", "a.o"]
        let ended = try workshop.larder(
            compile,
            environment: ["LARDER_CRASH_AT": "recording", "LARDER_CRASH_BY": "TERM"]
        )
        #expect(ended.status == 128 + 15)
        #expect(workshop.read("a.o") != nil)
        #expect(temporaries(in: workshop.directory).allSatisfy { $0.hasPrefix(".cache") })
        try expectRecovery(in: workshop)
    }

    @Test(arguments: ["written", "flushed", "renamed"])
    func `a launcher that is killed before it knows the compiler leaves a cache that is right`(point: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        let killed = try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"], environment: ["LARDER_CRASH_AT": point])
        #expect(killed.status == 128 + 9)
        #expect(workshop.read("a.o") == nil)
        try expectRecovery(in: workshop)
    }

    @Test(arguments: ["written", "flushed", "renamed"])
    func `a launcher that is killed during a hit leaves an old, a new or no object, never half of one`(point: String)
        throws
    {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"])
        let object = try #require(workshop.read("a.o"))
        let killed = try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"], environment: ["LARDER_CRASH_AT": point])
        #expect(killed.status == 128 + 9)
        if let left = workshop.read("a.o") { #expect(left == object) }
        try expectRecovery(in: workshop)
    }

    @Test(arguments: [
        ("written", ["gcc", "-c", "a.c", "-o", "out"]), ("staging", ["gcc", "-S", "a.c", "-o", "out"]),
        ("staged", ["gcc", "-S", "a.c", "-o", "out"]),
        (
            "staging",
            ["run", "--input", "a.c", "--output", "out", "--", "sh", "-c", "mkdir -p out; cp a.c out/1; cp a.c out/2"]
        ),
    ])
    func `a launcher that is asked to end during a hit leaves nothing of its own beside the output`(
        point: String,
        words: [String]
    ) throws {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        for _ in 0..<2 {
            workshop.remove("out")
            #expect(try workshop.larder(words).status == 0)
        }
        workshop.remove("out")
        let ended = try workshop.larder(words, environment: ["LARDER_CRASH_AT": point, "LARDER_CRASH_BY": "TERM"])
        #expect(ended.status == 128 + 15)
        #expect(temporaries(in: workshop.directory).allSatisfy { $0.hasPrefix(".cache") })
        workshop.remove("out")
        #expect(try workshop.counting { try workshop.larder(words) }.hits == 1)
    }

    @Test func `what a dead launcher left in the cache stays there while it is young`() throws {
        let workshop = try Workshop()
        try workshop.write("int a(void) { return 1; }\n", to: "a.c")
        try workshop.write("int b;\n", to: "b.c")
        try workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
        try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"], environment: ["LARDER_CRASH_AT": "written"])
        let left = temporaries(in: workshop.cache)
        try #require(left.count == 1)
        #expect(try workshop.larder(["gc"]).status == 0)
        #expect(temporaries(in: workshop.cache) == left, "it is too young")
        // A file's change time cannot be set back, so that it goes when it is older is for the store's own tests to show.
        let path = workshop.cache.appendingPathComponent(left[0]).path
        try workshop.run(["touch", "-d", "2 hours ago", path])
        #expect(try workshop.larder(["gc"]).status == 0)
        #expect(temporaries(in: workshop.cache) == left, "whoever sets its times forges no age")
    }

    @Test func `somebody else's file that merely looks like a temporary of a living process stays`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["gcc", "-c", "a.c", "-o", "a.o"])
        let entries = workshop.cache.appendingPathComponent("entries")
        let first = try #require(
            FileManager.default.enumerator(atPath: entries.path)?.compactMap { $0 as? String }.first { $0.count > 60 }
        )
        let living = entries.appendingPathComponent(first + ".tmp.\(ProcessInfo.processInfo.processIdentifier).abc")
            .path
        try Data("x".utf8).write(to: URL(fileURLWithPath: living))
        try workshop.run(["touch", "-d", "1 minute ago", living])
        try workshop.larder(["gc"])
        #expect(FileManager.default.fileExists(atPath: living))
    }

    @Test func `a result that was published, and its manifest not, is not taken for that of another state`() throws {
        let workshop = try Workshop()
        let words = ["gcc", "-Ii", "-c", "a.c", "-o", "a.o"]
        try workshop.write(
            "#if __has_include(\"o.h\")\nint a = 1;\n#else\nint a = 2;\n#endif\n",
            to: "a.c"
        )
        try workshop.write("", to: "o.h")
        try workshop.larder(words)
        let present = workshop.read("a.o")
        workshop.remove("o.h")
        let killed = try workshop.larder(words, environment: ["LARDER_CRASH_AT": "published"])
        #expect(killed.status == 128 + 9)
        try workshop.write("", to: "o.h")
        workshop.remove("a.o")
        #expect(try workshop.larder(words).status == 0)
        #expect(workshop.read("a.o") == present)
    }
}
