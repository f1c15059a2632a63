import Foundation
import TestSupport
import Testing

/// Where nothing is mounted at /proc, as in a bare chroot, a link to the launcher must not take itself for the compiler.
@Suite(.enabled(if: HiddenProc.isPossible, "needs root and unshare(1), to hide /proc in a namespace of its own"))
struct WithoutProcTests {
    @Test(
        .enabled(if: HiddenProc.isThere(HiddenProc.released), "needs build/larder: make build"),
        arguments: ["larder gcc", "gcc"]
    )
    func `a compile is a compile, and the next one a hit`(compiler: String) throws {
        let workshop = try Workshop()
        let counted = try workshop.counting {
            for _ in 0..<2 {
                let outcome = try compile(compiler, with: HiddenProc.released, workshop)
                #expect(outcome.status == 0 && outcome.error.isEmpty && outcome.output.isEmpty, "\(outcome.errorText)")
                #expect(workshop.read("a.o") != nil)
                workshop.remove("a.o")
            }
        }
        #expect(counted.hits == 1 && counted.misses == 1 && counted.bypasses == 0, "\(counted)")
    }

    /// A dynamic program cannot even see its own words there.
    @Test func `what has not been compiled is no success`() throws {
        let workshop = try Workshop()
        let outcome = try compile("gcc", with: Workshop.larder, workshop)
        #expect((outcome.status == 0) == (workshop.read("a.o") != nil), "\(outcome.status) \(outcome.errorText)")
    }

    private func compile(_ compiler: String, with program: URL, _ workshop: Workshop) throws -> Workshop.Outcome {
        try workshop.write("int x;\n", to: "a.c")
        try FileManager.default.createDirectory(at: workshop.url("links"), withIntermediateDirectories: true)
        for name in ["links/larder", "links/gcc"] {
            workshop.remove(name)
            try FileManager.default.createSymbolicLink(at: workshop.url(name), withDestinationURL: program)
        }
        let path = "\(workshop.url("links").path):/usr/local/bin:/usr/bin:/bin"
        return try workshop.run(HiddenProc.words("exec \(compiler) -c a.c -o a.o"), environment: ["PATH": path])
    }
}

private enum HiddenProc {
    /// The static program that `make test` has built before.
    static let released = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("build/larder")

    static func isThere(_ program: URL) -> Bool { FileManager.default.isExecutableFile(atPath: program.path) }

    /// Runs `words` of a shell without /proc; what would go on for ever is ended, with all that it has started.
    static func words(_ words: String) -> [String] {
        let script = "mount -t tmpfs none /proc; \(words)"
        return ["timeout", "-s", "KILL", "120", "unshare", "-m", "-p", "-f", "--kill-child", "sh", "-ec", script]
    }

    static let isPossible: Bool = {
        guard let workshop = try? Workshop(), let outcome = try? workshop.run(words("[ ! -e /proc/self ]")) else {
            return false
        }
        return outcome.status == 0
    }()
}
