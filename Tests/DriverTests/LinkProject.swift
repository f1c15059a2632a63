import Foundation
import TestSupport
import Testing

/// Objects to be linked and archived, with and without the cache in front.
final class LinkProject: Sendable {
    /// All that can be seen of a run.
    struct Observation: Equatable {
        var outcome: Workshop.Outcome
        var files: DirectorySnapshot
    }

    let workshop: Workshop

    /// Compiles what all tests link.
    init() throws {
        workshop = try Workshop()
        try workshop.write("int f(void);\nint main(void) { return f(); }\n", to: "project/main.c")
        try workshop.write("int f(void) { return 1; }\n", to: "project/f1.c")
        try workshop.write("int f(void) { return 2; }\nint more = 3;\n", to: "project/f2.c")
        try workshop.write("int g(void);\nint f(void) { return g(); }\n", to: "project/needs.c")
        try workshop.write("int g(void) { return 7; }\n", to: "project/g.c")
        try workshop.write("int other;\n", to: "project/other.c")
        let setup = """
            mkdir one two three crt tools
            gcc -O1 -fPIC -c main.c f1.c f2.c needs.c g.c other.c
            for name in main f1 f2; do gcc -O1 -flto -c $name.c -o $name.lto.o; done
            echo '{ global: f; local: *; };' >v.map
            echo '{ f; };' >dynamic.list
            """
        let outcome = try workshop.run(["sh", "-ec", setup], in: "project")
        try #require(outcome.status == 0, "\(outcome.errorText)")
        try FileManager.default.createDirectory(at: workshop.url("bin"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: workshop.url("bin/larder"),
            withDestinationURL: Workshop.larder
        )
    }

    /// Runs a line of shell; `$CC`, `$AR` and `$LD` have the launcher in front where it is to be used.
    func run(_ line: String, cc: String, larder: Bool, _ extra: [String: String] = [:]) throws -> Observation {
        let prefix = larder ? "larder " : ""
        var environment = [
            "CC": prefix + cc, "AR": prefix + "ar", "GCC_AR": prefix + "gcc-ar", "LLVM_AR": prefix + "llvm-ar",
            "LD": prefix + "ld",
            "LLD": prefix + "ld.lld", "GOLD": prefix + "ld.gold", "LARDER_CACHE_LINK": "1",
            "PATH": "\(workshop.url("bin").path):/usr/local/bin:/usr/bin:/bin",
        ]
        environment.merge(extra) { $1 }
        let outcome = try workshop.run(["sh", "-c", line], in: "project", environment: environment)
        return Observation(outcome: outcome, files: DirectorySnapshot(of: workshop.url("project").path))
    }

    /// Runs a line of shell to prepare something.
    func prepare(_ line: String) throws {
        let outcome = try workshop.run(["sh", "-ec", line], in: "project")
        try #require(outcome.status == 0, "\(line)\n\(outcome.errorText)")
    }

    /// Removes what a run makes.
    func clean() throws { try prepare("rm -rf out out.* out-*") }

    /// What is seen of the bare tool, everything put back afterwards.
    func bare(_ line: String, cc: String) throws -> Observation {
        let seen = try run(line, cc: cc, larder: false)
        try clean()
        return seen
    }

    /// The names and texts in which two runs differ.
    static func difference(_ bare: Observation, _ seen: Observation) -> String {
        var found: [String] = []
        if bare.outcome != seen.outcome {
            found.append(
                "status \(bare.outcome.status), not \(seen.outcome.status); '\(bare.outcome.errorText)', not "
                    + "'\(seen.outcome.errorText)'; '\(bare.outcome.outputText)', not '\(seen.outcome.outputText)'"
            )
        }
        for name in Set(bare.files.items.keys).union(seen.files.items.keys).sorted()
        where bare.files.items[name] != seen.files.items[name] {
            let (first, second) = (bare.files.items[name]?.summary, seen.files.items[name]?.summary)
            found.append("\(name): \(first ?? "nothing"), not \(second ?? "nothing")")
        }
        return found.joined(separator: "\n  ")
    }
}
