import Foundation
import TestSupport
import Testing

/// Several files, searches, and looking after the cache.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"))
struct CommandTests {
    @Test func `many files come in order, and a bad one does not keep the others from it`() throws {
        let shop = try PDFWorkshop()
        for number in 0..<12 {
            try shop.write(.plain(pages: number % 3 + 1, word: "w\(number)"), to: "d/sub\(number % 2)/\(number).pdf")
        }
        try shop.write(Data("no".utf8), to: "d/bad.PDF")
        try shop.shop.write("not to be read", to: "d/notes.txt")
        for round in 0..<2 {
            let outcome = try shop.pdf("text", "--jobs", "5", "d")
            #expect(outcome.status == 1)
            let names = try shop.shop.run(["bash", "-c", "LC_ALL=C; shopt -s globstar; ls d/**/[0-9]*.pdf | sort"])
                .outputText
            let expected = try names.split(separator: "\n").map { try shop.bare(String($0)).outputText }.joined()
            #expect(outcome.outputText == expected)
            let how = round == 0 ? "12 extracted" : "12 from the cache"
            #expect(
                outcome.errorText == "larder pdf: d/bad.PDF is not a PDF file\nlarder pdf: 13 files: \(how), 1 failed\n"
            )
        }
        #expect(try shop.pdf("text", "d/sub0", "d/sub1", "-q").error.isEmpty)
    }

    @Test func `results go to a directory, under the names of the files`() throws {
        let shop = try PDFWorkshop()
        for name in ["a.pdf", "d/b.pdf", "d/e/c.pdf", "f.data"] {
            try shop.write(.plain(pages: 2, word: "in\(name.count)"), to: name)
        }
        #expect(try shop.pdf("text", "--output-dir", "out/deep", "a.pdf", "d", "f.data").status == 0)
        for (name, result) in [("a.pdf", "a"), ("d/b.pdf", "b"), ("d/e/c.pdf", "e/c"), ("f.data", "f.data")] {
            #expect(try shop.shop.read("out/deep/\(result).txt") == shop.bare(name).output)
        }
        #expect(try shop.pdf("json", "-o", "json", "a.pdf", "d").status == 0)
        #expect(shop.shop.read("json/e/c.json") != nil)
        let same = try shop.pdf("text", "-o", "out2", "a.pdf", "d/../a.pdf")
        #expect(same.status == 2 && same.errorText.contains("a.pdf and d/../a.pdf would both become"))
        #expect(shop.shop.read("out2/a.txt") == nil)
        #expect(try shop.pdf("json", "a.pdf", "f.data").status == 2)
        #expect(try shop.shop.run(["bash", "-c", "find out json -name '*.tmp.*'"]).output.isEmpty)
        let full = try shop.pdf("text", "-o", "/dev/full/x", "a.pdf")
        #expect(full.status == 1 && full.errorText.contains("/dev/full/x/a.txt cannot be written"))
    }

    @Test func `a reader who has enough is no failure`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 100, lines: 50), to: "a.pdf")
        for more in ["", "", "--no-cache"] {
            let words = "\(PDFWorkshop.program) text \(more) a.pdf | head -1; echo ${PIPESTATUS[0]}"
            let outcome = try shop.shop.run(["bash", "-c", words])
            #expect(outcome.outputText == "Page 1 line 1: the quick brown fox 1001\n0\n" && outcome.error.isEmpty)
        }
        let full = try shop.shop.run(["bash", "-c", "\(PDFWorkshop.program) text a.pdf >/dev/full; echo $?"])
        #expect(full.outputText == "1\n" && full.errorText.contains("cannot write to standard output"))
    }

    @Test func `lines are found with their page`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 3, lines: 3), to: "a.pdf")
        try shop.write(.plain(pages: 1, lines: 3, word: "cat"), to: "b.pdf")
        try shop.write(.unicode, to: "u.pdf")
        func grep(_ words: String...) throws -> String { try shop.pdf(["grep", "-q"] + words).outputText }
        #expect(try shop.pdf("grep", "--no-extract", "fox", "a.pdf", "b.pdf").status == 1)
        let missing = try shop.pdf("grep", "--no-extract", "fox", "a.pdf", "b.pdf").errorText
        #expect(missing == "larder pdf: 2 files are not cached and not searched\n")
        #expect(
            try grep("line [23]: .* fox", "a.pdf", "b.pdf")
                == (1...3).flatMap { page in
                    (2...3).map { "a.pdf:\(page):Page \(page) line \($0): the quick brown fox \(page * 1000 + $0)\n" }
                }.joined()
        )
        #expect(try grep("-c", "FOX", "a.pdf", "b.pdf") == "a.pdf:0\nb.pdf:0\n")
        #expect(try grep("-c", "-i", "FOX", "a.pdf", "b.pdf") == "a.pdf:9\nb.pdf:0\n")
        #expect(try grep("-l", "quick", ".") == "./a.pdf\n./b.pdf\n")
        #expect(
            try grep("--no-extract", "^Page 2 line 1:", "a.pdf") == "a.pdf:2:Page 2 line 1: the quick brown fox 2001\n"
        )
        #expect(try grep("-i", "ωΜΈΓΑ", "u.pdf").hasPrefix("u.pdf:1:Ωμέγα"))
        #expect(
            try grep("-c", "", "b.pdf")
                == "b.pdf:\(shop.bare("b.pdf").outputText.split(separator: "\n", omittingEmptySubsequences: false).count - 1)\n"
        )
        #expect(try shop.pdf("grep", "nothing like it", "a.pdf").status == 1)
        #expect(try shop.pdf("grep", "fox", "a.pdf", "missing.pdf").status == 2)
        // All of it from the cache.
        #expect(try shop.stats().entries == 3)
    }

    @Test func `only entries of PDF files are cleared and purged`() throws {
        let shop = try PDFWorkshop()
        try shop.shop.write("int x;\n", to: "a.c")
        for name in ["a", "b", "c"] { try shop.write(.plain(pages: 1, word: name), to: "\(name).pdf") }
        if PDFWorkshop.isInstalled("gcc") {
            #expect(try shop.shop.larder(["gcc", "-c", "a.c", "-o", "a.o"]).status == 0)
        }
        let others = shop.cacheFiles().filter { $0.path.contains("/entries/") }.count
        try shop.pdf("text", ".")
        let version = try #require(try shop.metadata(["a.pdf"])["poppler_version"] as? String)
        #expect(try shop.stats().entries == 4)
        for words in [["--older-than", "1h"], ["--version", "1.0"], ["--version", "<\(version)"]] {
            #expect(try shop.pdf(["cache", "purge"] + words).outputText == "Removed 0 documents (0 B).\n")
        }
        #expect(try shop.pdf("cache", "purge", "--version", version).outputText.hasPrefix("Removed 4 documents"))
        #expect(try shop.stats().entries == 0)
        try shop.pdf("text", ".")
        #expect(try shop.pdf("cache", "purge", "--version=<\(version).1").outputText.hasPrefix("Removed 3 documents"))
        try shop.pdf("text", ".")
        #expect(try shop.pdf("cache", "purge", "--older-than", "0s").outputText.hasPrefix("Removed 3 documents"))
        try shop.pdf("text", ".")
        #expect(try shop.pdf("cache", "clear", "-y").outputText.hasPrefix("Removed 3 documents"))
        #expect(shop.cacheFiles().filter { $0.path.contains("/entries/") }.count == others)
        for words in [["purge"], ["purge", "--older-than", "long"], ["purge", "--version", "new"], ["sing"]] {
            #expect(try shop.pdf(["cache"] + words).status == 2, "\(words)")
        }
        let empty = try shop.pdf("cache", "stats", "--json", environment: ["LARDER_DIR": shop.shop.url("none").path])
        #expect(empty.status == 0 && empty.outputText.contains("\"entry_count\": 0"))
        if others > 0 {
            let counters = try shop.shop.counting { try shop.shop.larder(["gcc", "-c", "a.c", "-o", "a.o"]) }
            #expect(counters.hits == 1)
        }
    }

    @Test func `a hit starts no program and reads no PDF file`() throws {
        let shop = try PDFWorkshop()
        guard PDFWorkshop.isInstalled("strace") else { try Test.cancel("needs strace") }
        try shop.write(.plain(pages: 3), to: "a.pdf")
        // Once the second look has found the file's identity good for ever.
        for _ in 0..<2 { try shop.pdf("text", "a.pdf") }
        let words = [
            "strace", "-f", "-o", "trace", "-e",
            "trace=execve,open,openat,fork,vfork,clone,clone3,flock,fsync,fdatasync",
        ]
        let outcome = try shop.shop.run(words + [PDFWorkshop.program, "text", "a.pdf"])
        guard let trace = shop.shop.read("trace").map({ String(decoding: $0, as: UTF8.self) }), outcome.status == 0
        else {
            try Test.cancel("strace may not trace here")
        }
        #expect(try outcome == shop.bare("a.pdf"))
        #expect(trace.components(separatedBy: "execve(").count == 2)
        for call in ["a.pdf", "fork(", "clone(", "clone3(", "flock(", "fsync(", "fdatasync(", "/locks/"] {
            #expect(!trace.split(separator: "\n").dropFirst().contains { $0.contains(call) }, "\(call)")
        }
    }

    @Test func `on a terminal a bar shows how far it is, and is gone at the end`() throws {
        let shop = try PDFWorkshop()
        guard PDFWorkshop.isInstalled("script") else { try Test.cancel("needs script") }
        for number in 0..<6 { try shop.write(.plain(pages: 1, word: "\(number)"), to: "d/\(number).pdf") }
        func onTerminal(_ words: String) throws -> String {
            try shop.shop.run(["script", "-qec", "\(PDFWorkshop.program) text \(words)", "/dev/null"]).outputText
        }
        let shown = try onTerminal("-o out d")
        #expect(shown.contains("] 16 % 1/6") && shown.contains("\u{1B}[K"))
        #expect(shown.hasSuffix("larder pdf: 6 files: 6 extracted\r\n"))
        #expect(try !onTerminal("-q -o out d").contains("files"))
        #expect(try !onTerminal("-o out d/0.pdf").contains("files"))
    }

    @Test func `help and version are there`() throws {
        let shop = try PDFWorkshop()
        for words in [["--help"], ["help", "grep"], ["text", "--help"], ["cache", "-h"], ["--version"]] {
            let outcome = try shop.pdf(words)
            #expect(outcome.status == 0 && !outcome.output.isEmpty && outcome.error.isEmpty)
        }
        #expect(try shop.pdf().status == 2)
    }
}
