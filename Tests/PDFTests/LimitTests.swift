import Foundation
import TestSupport
import Testing

/// Files that are no good, and tools that do not come to an end.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"))
struct LimitTests {
    @Test func `each kind of trouble has a status and a sentence`() throws {
        let shop = try PDFWorkshop()
        let good = PDFDocument.plain(pages: 1).data
        try shop.write(good.prefix(400), to: "damaged.pdf")
        try shop.write(Data("Dear reader, this is a letter.\n".utf8), to: "letter.pdf")
        try shop.write(Data(), to: "empty.pdf")
        try FileManager.default.createDirectory(at: shop.shop.url("none"), withIntermediateDirectories: true)
        let cases: [([String], Int32, String)] = [
            (["text", "damaged.pdf"], 5, "damaged.pdf is damaged: Syntax Error: "),
            (["text", "letter.pdf"], 3, "letter.pdf is not a PDF file\n"),
            (["json", "empty.pdf"], 3, "empty.pdf is not a PDF file\n"),
            (["info", "damaged.pdf"], 5, "damaged.pdf is damaged: Syntax Error: "),
            (["text", "nothing.pdf"], 1, "nothing.pdf cannot be read: No such file or directory\n"),
            (["info", "none"], 0, ""), (["text", "/dev/null"], 1, "/dev/null is no regular file"),
            (["text"], 2, "too few arguments"), (["text", "--pages", "x", "a.pdf"], 2, "--pages is x, but"),
            (["text", "--surprise", "a.pdf"], 2, "unknown option '--surprise'"),
            (["sing"], 2, "there is no command 'sing'"),
            (["text", "--jobs", "0", "a"], 2, "--jobs is 0"),
            (["text", "--timeout", "soon", "a"], 2, "--timeout is soon"),
            (["text", "--max-memory", "5%", "a"], 2, "--max-memory is 5%"),
            (["info", "a", "b"], 2, "unexpected argument 'b'"),
            (["grep", "(", "letter.pdf"], 2, "the pattern '(' is no regular expression"),
            (["text", "--password-file", "no", "a.pdf"], 1, "the password file no cannot be read"),
        ]
        for (words, status, sentence) in cases {
            for more in [[], ["--no-cache"]] where !words.contains("--surprise") && words != ["sing"] || more.isEmpty {
                let outcome = try shop.pdf(words + more)
                #expect(outcome.status == status, "\(words) \(outcome.errorText)")
                if status != 0 {
                    #expect(outcome.errorText.hasPrefix("larder pdf: " + sentence), "\(outcome.errorText)")
                }
                #expect(outcome.errorText.split(separator: "\n").count <= 1)
                #expect(outcome.output.isEmpty)
            }
        }
    }

    @Test func `a poppler that is not there is said to be, with what to do`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 1), to: "a.pdf")
        for more in [[], ["--no-cache"]] {
            let words = ["/usr/bin/env", "PATH=/nowhere", PDFWorkshop.program, "text", "a.pdf"] + more
            let outcome = try shop.shop.run(words)
            #expect(outcome.status == 69)
            #expect(
                outcome.errorText.hasPrefix(
                    "larder pdf: pdftotext is not installed; on Debian `apt install poppler-utils`"
                )
            )
        }
    }

    @Test(arguments: [[], ["--no-cache"]])
    func `a tool without end is ended with all that it has started`(_ more: [String]) throws {
        let shop = try PDFWorkshop()
        let path = try endlessTool(in: shop)
        let outcome = try shop.pdf(["text", "a.pdf", "--timeout", "5s"] + more, environment: path)
        #expect(outcome.status == 6)
        #expect(
            outcome.errorText
                == "larder pdf: a.pdf was given up, because pdftotext took longer than 5s; --timeout allows more\n"
        )
        try #require(eventually { Self.isGone(shop, "child") && Self.isGone(shop, "tool") })
    }

    @Test func `Ctrl-C ends the tool and what it has started`() throws {
        let shop = try PDFWorkshop()
        let path = try endlessTool(in: shop)
        let process = try start(shop, ["text", "a.pdf"], path)
        try #require(eventually { Self.number(shop, "child") != nil })
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
        try #require(eventually { Self.isGone(shop, "child") && Self.isGone(shop, "tool") })
    }

    @Test func `a tool does not outlive a killed larder`() throws {
        let shop = try PDFWorkshop()
        let path = try endlessTool(in: shop)
        let process = try start(shop, ["text", "a.pdf"], path)
        try #require(eventually { Self.number(shop, "child") != nil })
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try #require(eventually { Self.isGone(shop, "tool") })
        if let child = Self.number(shop, "child") { kill(child, SIGKILL) }
    }

    @Test func `what needs too much memory or room is given up`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 60, lines: 50), to: "a.pdf")
        let output = try shop.pdf("text", "a.pdf", "--max-output", "64KiB")
        #expect(output.status == 6 && output.errorText.hasSuffix("wrote more than 64KiB; --max-output allows more\n"))
        let memory = try shop.pdf("text", "a.pdf", "--max-memory", "8MiB")
        #expect(
            memory.status == 6
                && memory.errorText.hasSuffix("wanted more than 8MiB of memory; --max-memory allows more\n")
        )
        #expect(try shop.stats().entries == 0)
        #expect(try shop.pdf("text", "a.pdf") == shop.bare("a.pdf"))
    }

    /// A pdftotext that starts another process and waits for it for ever; both numbers are in files.
    private func endlessTool(in shop: PDFWorkshop) throws -> [String: String] {
        try shop.write(.plain(pages: 1), to: "a.pdf")
        let directory = shop.shop.directory.path
        try shop.script(
            """
            if [ "$1" = -v ]; then echo "pdftotext version 1.0" >&2; exit; fi
            echo $$ >\(directory)/tool
            sleep 100000 & echo $! >\(directory)/child.new; mv \(directory)/child.new \(directory)/child
            wait
            """,
            to: "bin/pdftotext"
        )
        return ["PATH": "\(shop.shop.url("bin").path):/usr/bin:/bin"]
    }

    private func start(_ shop: PDFWorkshop, _ words: [String], _ environment: [String: String]) throws -> Process {
        let process = Process()
        // Whoever runs the tests may have interrupts ignored or blocked, which a user's shell has not.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--default-signal", PDFWorkshop.program] + words
        process.environment = shop.shop.environment(environment)
        process.currentDirectoryURL = shop.shop.directory
        for stream in [\Process.standardInput, \.standardOutput, \.standardError] {
            process[keyPath: stream] = FileHandle.nullDevice
        }
        try process.run()
        return process
    }

    private static func number(_ shop: PDFWorkshop, _ file: String) -> Int32? {
        shop.shop.read(file).flatMap {
            Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    private static func isGone(_ shop: PDFWorkshop, _ file: String) -> Bool {
        guard let number = number(shop, file) else { return false }
        let state = (try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8))?.split(separator: ")").last
        return state == nil || state?.hasPrefix(" Z") == true
    }
}

/// Looks again and again, for at most half a minute.
func eventually(_ isTrue: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(30)
    while Date() < end {
        if isTrue() { return true }
        usleep(5000)
    }
    return isTrue()
}
