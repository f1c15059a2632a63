import Foundation
import TestSupport
import Testing

/// Signals: those that the caller ignores, and those that end a search or a wait.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "poppler-utils are installed")) struct SignalTests {
    @Test func `a failed extraction fails and is not kept, also where the caller ignores SIGCHLD`() throws {
        let workshop = try PDFWorkshop()
        try workshop.write(Data("%PDF-1.4 broken".utf8), to: "bad.pdf")
        let bare = try workshop.pdf("text", "bad.pdf")
        #expect(bare.status != 0)
        for _ in 1...2 {
            let outcome = try workshop.shop.run(["env", "--ignore-signal=CHLD", PDFWorkshop.program, "text", "bad.pdf"])
            #expect(outcome.status == bare.status && outcome.error == bare.error && outcome.output.isEmpty)
        }
        #expect(try workshop.stats().hits == 0)
    }

    /// Runs a command in the background, waits until its process has used processor time or waits, and asks it to end.
    private func interrupted(_ command: String, _ isReady: String, in workshop: PDFWorkshop) throws -> String {
        let script = """
            set -m; n=0
            \(command) & job=$!
            until \(isReady) || [ $n -ge 2000 ]; do sleep 0.01; n=$((n + 1)); done
            kill -INT $job; wait $job 2>/dev/null; echo $?
            """
        return try workshop.shop.run(["timeout", "100", "bash", "-c", script], environment: ["P": PDFWorkshop.program])
            .outputText
    }

    @Test func `a search that would take for ever ends at a signal`() throws {
        let workshop = try PDFWorkshop()
        try workshop.write(PDFDocument.plain(pages: 1, word: String(repeating: "a", count: 40)), to: "a.pdf")
        #expect(try workshop.pdf("text", "a.pdf").status == 0)
        let busy = "[ $(awk '{ print $14 }' /proc/$job/stat) -gt 100 ]"
        let status = try interrupted("$P grep '(a*)*(a*)*(a*)*(a*)*\\1\\2\\3\\4Z' a.pdf", busy, in: workshop)
        #expect(status == "130\n")
    }

    @Test func `a wait for standard input, or for a password, ends at a signal`() throws {
        let workshop = try PDFWorkshop()
        try workshop.write(PDFDocument.plain(pages: 1), to: "a.pdf")
        try workshop.shop.run(["mkfifo", "pipe"])
        let sleeping = "{ grep -q '^State:.S' /proc/$job/status && [ $n -gt 100 ]; }"
        #expect(try interrupted("$P text - < <(exec sleep 90)", sleeping, in: workshop) == "130\n")
        #expect(try interrupted("$P text --password-file pipe a.pdf", sleeping, in: workshop) == "130\n")
    }
}
