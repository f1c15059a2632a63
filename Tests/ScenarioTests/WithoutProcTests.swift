import Foundation
import TestSupport
import Testing

/// Where nothing is mounted at /proc, as in a bare chroot, a link to the launcher must not take itself for the compiler.
@Suite(.enabled(if: HiddenProc.isPossible, "needs root and unshare(1), to hide /proc in a namespace of its own"))
struct WithoutProcTests {
    @Test(arguments: ["larder gcc", "gcc"])
    func `a compile is a compile, and the next one a hit`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int x;\n", to: "a.c")
        for name in ["larder", "gcc"] {
            try FileManager.default.createDirectory(at: workshop.url("links"), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                at: workshop.url("links/\(name)"),
                withDestinationURL: Workshop.larder
            )
        }
        let path = "\(workshop.url("links").path):/usr/local/bin:/usr/bin:/bin"
        let counted = try workshop.counting {
            for _ in 0..<2 {
                let outcome = try workshop.run(
                    HiddenProc.words("exec \(compiler) -c a.c -o a.o"),
                    environment: ["PATH": path]
                )
                #expect(outcome.status == 0, "\(outcome.errorText)")
                #expect(outcome.error.isEmpty && outcome.output.isEmpty)
            }
        }
        #expect(counted.hits == 1 && counted.misses == 1 && counted.bypasses == 0, "\(counted)")
    }
}

private enum HiddenProc {
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
