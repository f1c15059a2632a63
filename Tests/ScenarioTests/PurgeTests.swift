import Foundation
import TestSupport
import Testing

/// `larder purge`: what it removes, and what it leaves.
@Suite struct PurgeTests {
    /// Compiles `source` in its directory, and says whether it was a hit.
    private func isHit(_ workshop: Workshop, _ source: String) throws -> Bool {
        let parts = source.split(separator: "/").map(String.init)
        let outcome = try workshop.larder(
            ["gcc", "-c", parts[parts.count - 1]],
            in: parts.dropLast().joined(separator: "/"),
            environment: ["LARDER_LOG": workshop.url("log").path]
        )
        #expect(outcome.status == 0, "\(outcome)")
        let log = String(decoding: workshop.read("log") ?? Data(), as: UTF8.self)
        let decision = try #require(log.split(separator: "\n").last).split(separator: " ")[1]
        #expect(["hit", "miss"].contains(decision))
        return decision == "hit"
    }

    /// Two directories with sources of the same names and other contents, all compiled.
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for (number, directory) in ["one", "two"].enumerated() {
            for name in ["a", "b"] {
                try workshop.write("#include \"h.h\"\nint \(name)\(number);\n", to: "\(directory)/\(name).c")
            }
            try workshop.write("int a\(number), b\(number);\n", to: "\(directory)/h.h")
        }
        for source in sources { #expect(try !isHit(workshop, source)) }
        return workshop
    }

    private let sources = ["one/a.c", "one/b.c", "two/a.c", "two/b.c"]

    /// Which of the sources miss now; they are stored anew by that.
    private func missing(_ workshop: Workshop) throws -> [String] { try sources.filter { try !isHit(workshop, $0) } }

    @Test func `the next compile of a source misses, and that of no other, of the same name neither`() throws {
        let workshop = try workshop()
        #expect(try workshop.larder(["purge", "one"]).errorText == "larder: one is a directory; name files\n")
        #expect(try workshop.larder(["purge"]).status == 2)
        let readOnly = try workshop.larder(["purge", "one/a.c"], environment: ["LARDER_READONLY": "1"])
        #expect(readOnly.status == 1 && readOnly.errorText.contains("cannot be written"), "\(readOnly)")
        let dry = try workshop.larder(["purge", "--dry-run", "one/a.c"])
        #expect(dry.outputText == "Would remove 1 result of one/a.c.\n" && dry.status == 0, "\(dry)")
        #expect(try missing(workshop).isEmpty)
        let outcome = try workshop.larder(["purge", "one/a.c"])
        #expect(outcome.outputText == "Removed 1 result of one/a.c.\n" && outcome.error.isEmpty, "\(outcome)")
        #expect(try missing(workshop) == ["one/a.c"])
        #expect(try missing(workshop).isEmpty, "it was stored anew")
        #expect(try workshop.larder(["purge", "one/none.c"]).outputText == "Removed 0 results of one/none.c.\n")
        // A header's results are those of the sources that include it.
        #expect(try workshop.larder(["purge", "two/h.h"]).outputText == "Removed 2 results of two/h.h.\n")
        #expect(try missing(workshop) == ["two/a.c", "two/b.c"])
    }

    @Test func `every way of naming a source leads to its results`() throws {
        let workshop = try workshop()
        try workshop.run(["ln", "-s", "one", "link"])
        let whole = workshop.url("two/a.c").path
        try workshop.larder(["gcc", "-g", "-c", whole, "-o", "whole.o"])
        try workshop.larder(["gcc", "-g", "-c", "one/../two/./a.c", "-o", "dotted.o"])
        for name in ["./one/a.c", "two/../one/a.c", "link/a.c"] {
            #expect(try workshop.larder(["purge", "-n", name]).outputText == "Would remove 1 result of \(name).\n")
        }
        #expect(try workshop.larder(["purge", "two/a.c"]).outputText == "Removed 3 results of two/a.c.\n")
        for words in [["-g", "-c", whole, "-o", "whole.o"], ["-g", "-c", "one/../two/./a.c", "-o", "dotted.o"]] {
            #expect(try workshop.counting { try workshop.larder(["gcc"] + words) }.misses == 1)
        }
        #expect(try missing(workshop) == ["two/a.c"])
    }

    @Test func `an output leads to the results that hold it, compressed or not`() throws {
        let workshop = try Workshop()
        for (name, compression) in [("a", "zstd"), ("b", "none"), ("c", "zstd")] {
            try workshop.write("int \(name)[1000];\n", to: "\(name).c")
            try workshop.larder(["gcc", "-c", "\(name).c"], environment: ["LARDER_COMPRESSION": compression])
        }
        let outcome = try workshop.larder(["purge", "a.o", "b.o"])
        #expect(outcome.outputText == "Removed 1 result of a.o.\nRemoved 1 result of b.o.\n")
        #expect(try ["a.c", "b.c", "c.c"].map { try isHit(workshop, $0) } == [false, false, true])
    }

    @Test func `outputs of commands lead to their results, and what a traced one has read, too`() throws {
        let workshop = try Workshop()
        try workshop.write("text\n", to: "in")
        let script = "sort in > small; yes larder | head -n 100000 > large; echo > other"
        let run = ["run", "--output", "small", "--output", "large", "--output", "other", "--", "sh", "-c", script]
        let traced = ["run", "--trace", "--", "sh", "-c", "wc -l < in > counted"]
        func hits(_ words: [String]) throws -> Int { try workshop.counting { try workshop.larder(words) }.hits }
        for words in [run, traced] { #expect(try hits(words) == 0) }
        for words in [run, traced] { #expect(try hits(words) == 1) }
        for output in ["large", "small"] {
            #expect(try workshop.larder(["purge", output]).outputText == "Removed 1 result of \(output).\n")
            #expect(try hits(run) == 0)
            #expect(try hits(traced) == 1)
        }
        // Only the traced command says that it has read `in`; that the bytes of `small` are the same is a result, too.
        #expect(try workshop.larder(["purge", "--json", "in"]).outputText.contains("\"results\": 2"))
        #expect(try hits(traced) == 0)
        #expect(try hits(traced) == 1)
    }

    @Test func `what the daemon has taken over is removed, and it does not bring it back`() throws {
        let workshop = try Workshop()
        let environment = ["LARDER_DAEMON": "auto"]
        // Long enough that its result is not yet stored when its compile has ended.
        try workshop.write("#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\nint a;\n", to: "a.c")
        try workshop.write("int b;\n", to: "b.c")
        defer { _ = try? workshop.larder(["daemon", "stop"], environment: environment) }
        try workshop.larder(["daemon", "start"], environment: environment)
        for name in ["b.c", "a.c"] { try workshop.larder(["gcc", "-c", name], environment: environment) }
        let outcome = try workshop.larder(["purge", "a.c"], environment: environment)
        #expect(outcome.outputText == "Removed 1 result of a.c.\n", "\(outcome)")
        for (name, hits) in [("a.c", 0), ("b.c", 1), ("a.c", 1)] {
            let counts = try workshop.counting { try workshop.larder(["gcc", "-c", name], environment: environment) }
            #expect(counts.hits == hits && counts.misses == 1 - hits, "\(name): \(counts)")
        }
    }
}
