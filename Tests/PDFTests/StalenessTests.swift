import Foundation
import TestSupport
import Testing

/// Nothing old is ever taken for something new.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"))
struct StalenessTests {
    @Test func `an edit that keeps size and time is seen, at once and a hundred times`() throws {
        let shop = try PDFWorkshop()
        let file = shop.shop.url("a.pdf").path
        let words = ["fox", "cat", "dog", "owl"]
        for round in 0..<100 {
            let document = PDFDocument.plain(pages: 1, lines: 2, word: words[round % 4])
            // In place: same inode, and the time that it had before.
            let script = "cp new.pdf keep; touch -d 2020-01-01 keep; cat keep >a.pdf; touch -r keep a.pdf"
            try shop.write(document, to: "new.pdf")
            try shop.shop.run(["bash", "-c", script])
            let outcome = try shop.pdf("text", file)
            #expect(outcome.outputText.contains("brown \(words[round % 4]) 1001"), "round \(round)")
        }
        // Four contents, each extracted once.
        #expect(try shop.stats().entries == 4)
    }

    @Test func `what decides about the result decides about the entry`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 5), to: "a.pdf")
        for words in [["--pages", "2"], ["--pages", "2-3"], [], ["--layout"], ["--layout", "--pages", "2"]] {
            let before = try shop.stats()
            try shop.pdf(["text", "a.pdf"] + words)
            let after = try shop.stats()
            // The last one is answered by all pages in that layout.
            let isHit = words.count == 3
            #expect(after.hits - before.hits == (isHit ? 1 : 0), "\(words)")
        }
        #expect(try shop.cacheStatus("a.pdf") == "miss")
        #expect(try shop.cacheStatus("a.pdf") == "hit")
        // The same content under another name.
        try shop.write(.plain(pages: 5), to: "other/b.pdf")
        #expect(try shop.cacheStatus("other/b.pdf") == "hit")
    }

    @Test func `another poppler is another result`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 2), to: "a.pdf")
        #expect(try shop.cacheStatus("a.pdf") == "miss")
        #expect(try shop.cacheStatus("a.pdf") == "hit")
        let version = try #require(try shop.metadata(["a.pdf"])["poppler_version"] as? String)
        let path = ["PATH": "\(shop.shop.url("bin").path):/usr/bin:/bin"]
        let original = try Data(contentsOf: URL(fileURLWithPath: "/usr/bin/pdftotext"))

        // The same bytes at another place are the same program.
        try shop.script("", to: "bin/pdftotext")
        try shop.write(original, to: "bin/pdftotext")
        #expect(try shop.cacheStatus("a.pdf", environment: path) == "hit")
        // One byte more, and nothing that one could see.
        try shop.write(original + Data([0]), to: "bin/pdftotext")
        #expect(try shop.cacheStatus("a.pdf", environment: path) == "miss")
        #expect(try shop.cacheStatus("a.pdf", environment: path) == "hit")
        // Behind a script there may be anything, so nothing is kept.
        try shop.script("exec /usr/bin/pdftotext \"$@\"\n", to: "bin/pdftotext")
        for _ in 0..<2 {
            #expect(try shop.cacheStatus("a.pdf", environment: path) == "disabled")
            #expect(try shop.pdf("text", "a.pdf", environment: path) == shop.bare("a.pdf"))
        }
        #expect(try shop.metadata(["a.pdf"], environment: path)["poppler_version"] as? String == version)
        // Nor where it does not say its version: it is used all the same.
        try shop.script("[ $1 = -v ] || exec /usr/bin/pdftotext \"$@\"\n", to: "bin/pdftotext")
        #expect(try shop.pdf("text", "a.pdf", environment: path) == shop.bare("a.pdf"))
        #expect(try shop.metadata(["a.pdf"], environment: path)["poppler_version"] is NSNull)
        // The same holds for the programs that know the fonts and the facts.
        for tool in ["pdffonts", "pdfinfo"] {
            try shop.write(original, to: "bin/pdftotext")
            try shop.script("exec /usr/bin/\(tool) \"$@\"\n", to: "bin/\(tool)")
            #expect(try shop.cacheStatus("a.pdf", environment: path) == "disabled")
            shop.shop.remove("bin/\(tool)")
            #expect(try shop.cacheStatus("a.pdf", environment: path) == "hit")
        }
        // Back again, and what was there is there.
        #expect(try shop.cacheStatus("a.pdf") == "hit")
    }

    @Test func `a library that would be loaded instead is seen`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 2), to: "a.pdf")
        try FileManager.default.createDirectory(at: shop.shop.url("lib"), withIntermediateDirectories: true)
        let variables = ["LD_LIBRARY_PATH": shop.shop.url("lib").path]
        // A directory that may change again within the same tick of its clock proves nothing.
        Workshop.waitForNextTick()
        #expect(try shop.cacheStatus("a.pdf", environment: variables) == "miss")
        #expect(try shop.cacheStatus("a.pdf", environment: variables) == "hit")
        let maps = try shop.shop.run([
            "bash", "-c", "ldd /usr/bin/pdftotext | sed -n 's/.*=> \\(.*libpoppler[^ ]*\\).*/\\1/p'",
        ])
        let library = maps.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(!library.isEmpty)
        let copy = shop.shop.url("lib").appendingPathComponent(URL(fileURLWithPath: library).lastPathComponent)
        try (Data(contentsOf: URL(fileURLWithPath: library)) + Data([0])).write(to: copy)
        Workshop.waitForNextTick()
        #expect(try shop.cacheStatus("a.pdf", environment: variables) == "miss")
        #expect(try shop.cacheStatus("a.pdf", environment: variables) == "hit")
    }

    @Test func `a file that changes while it is read gives one content or the other`() throws {
        let shop = try PDFWorkshop()
        let (one, other) = (PDFDocument.plain(pages: 3, word: "one"), PDFDocument.plain(pages: 3, word: "two"))
        try shop.write(one, to: "one.pdf")
        try shop.write(other, to: "two.pdf")
        let expected = try [shop.bare("one.pdf").output, shop.bare("two.pdf").output]
        try shop.shop.run(["cp", "one.pdf", "a.pdf"])
        let script = "until [ -e stop ]; do cp one.pdf n; mv n a.pdf; cp two.pdf n; mv n a.pdf; done"
        let changer = Process()
        changer.executableURL = URL(fileURLWithPath: "/bin/bash")
        changer.arguments = ["-c", script]
        changer.currentDirectoryURL = shop.shop.directory
        try changer.run()
        defer {
            try? shop.shop.write("", to: "stop")
            changer.waitUntilExit()
        }
        for _ in 0..<60 { #expect(expected.contains(try shop.pdf("text", "a.pdf").output)) }
        #expect(try shop.pdf("text", "one.pdf").output == expected[0])
        #expect(try shop.pdf("text", "two.pdf").output == expected[1])
    }
}
