import Foundation
import TestSupport
import Testing

/// A machine for these tests: a checkout and a cache of its own, and a daemon.
struct Machine {
    let workshop: Workshop
    private let settings: [String: String]

    /// With the sources of a small project, whose times are of the past.
    init(_ settings: [String: String], header: String = "#define H 3\n") throws {
        workshop = try Workshop()
        self.settings = settings.merging(["LARDER_DAEMON": "auto"]) { mine, _ in mine }
        try workshop.write(header, to: "h.h")
        try workshop.write("#include <stdio.h>\n#include \"h.h\"\nint f(void) { return H; }\n", to: "a.c")
        try workshop.write("#include <vector>\n#include \"h.h\"\nstd::vector<int> v{H};\n", to: "b.cpp")
        for name in ["h.h", "a.c", "b.cpp"] { try age(name) }
    }

    /// Gives the file a time of the past, another one on each machine.
    func age(_ name: String) throws {
        let time = Date(timeIntervalSinceNow: -Double.random(in: 10_000...1_000_000))
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: workshop.url(name).path)
    }

    @discardableResult
    func larder(_ words: [String], _ more: [String: String] = [:]) throws -> Workshop.Outcome {
        try workshop.larder(words, environment: settings.merging(more) { $1 })
    }

    /// Compiles, with a daemon that is there: on a machine with much to do the first miss does not wait for it.
    func compile(_ words: [String] = ["gcc", "-O2", "-c", "a.c", "-o", "out.o"]) throws -> Data? {
        if settings["LARDER_DAEMON"] == "auto" {
            let started = try larder(["daemon", "start"])
            #expect(started.status == 0, "\(started.outputText)\(started.errorText)")
        }
        workshop.remove("out.o")
        let outcome = try larder(words)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return workshop.read("out.o")
    }

    /// Waits until what was compiled has been kept and sent, and the daemon has ended.
    func settle() throws {
        let outcome = try larder(["daemon", "stop"])
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    /// Expects so many hits from a remote cache and so many misses; says what the programs have noted where it is otherwise.
    func expect(remote: Int? = nil, misses: Int, at place: SourceLocation = #_sourceLocation) throws {
        let json = try JSONSerialization.jsonObject(with: larder(["stats", "--json"]).output) as? [String: Any] ?? [:]
        let causes = json["hits_by_cause"] as? [String: Int] ?? [:]
        let found = (remote: causes["remote"] ?? 0, misses: json["misses"] as? Int ?? -1)
        guard found != (remote ?? found.remote, misses) else { return }
        let log = try? String(contentsOf: workshop.cache.appendingPathComponent("daemon.log"), encoding: .utf8)
        let story = try [["why", "--last"], ["remote", "status"]].map { try larder($0).outputText }.joined()
        Issue.record("\(found)\n\(story)\n\(log ?? "no daemon.log")", sourceLocation: place)
    }

    /// How many results have been kept.
    func stored() throws -> Int {
        let json = try JSONSerialization.jsonObject(with: larder(["stats", "--json"]).output) as? [String: Any]
        return json?["publishes"] as? Int ?? -1
    }

    func bare(_ words: [String]) throws -> Data? {
        workshop.remove("out.o")
        try workshop.run(words)
        return workshop.read("out.o")
    }
}
