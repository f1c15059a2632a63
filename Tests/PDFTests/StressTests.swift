import Foundation
import TestSupport
import Testing

/// Many processes at once, and files that nobody should have to read.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"), .serialized)
struct StressTests {
    @Test func `four processes, a hundred times each, over ten files, killed now and then`() throws {
        let shop = try PDFWorkshop()
        for number in 0..<10 {
            try shop.write(.plain(pages: number + 1, word: "word\(number)"), to: "\(number).pdf")
            try shop.shop.run(["pdftotext", "\(number).pdf", "\(number).expected"])
        }
        // Each in its own order; every seventh is killed at once, every thirtieth clears what there is.
        let script = """
            seed=$1; wrong=0
            for ((i = 0; i < 100; i++)); do
                seed=$(((seed * 1103515245 + 12345) % 2147483648)); n=$((seed / 65536 % 10))
                if ((i % 7 == 3)); then \(PDFWorkshop.program) text $n.pdf >/dev/null 2>&1 & kill -9 $! 2>/dev/null; wait $! 2>/dev/null; fi
                if ((i % 30 == 29)); then \(PDFWorkshop.program) cache clear -y >/dev/null || wrong=$((wrong + 1)); fi
                \(PDFWorkshop.program) text $n.pdf 2>&1 | cmp -s - $n.expected || wrong=$((wrong + 1))
            done
            echo $wrong
            """
        try shop.shop.write(script, to: "loop")
        let all = try shop.shop.run(["bash", "-c", "for s in 1 2 3 4; do bash loop $s & done; wait"])
        #expect(all.outputText == "0\n0\n0\n0\n")
        #expect(try shop.shop.larder(["verify"]).status == 0)
        for number in 0..<10 {
            #expect(try shop.pdf("text", "\(number).pdf").output == shop.shop.read("\(number).expected"))
        }
    }

    @Test func `two that extract the same file both succeed, and no lock is taken`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 50, lines: 40), to: "a.pdf")
        let command = "\(PDFWorkshop.program) text a.pdf | cmp - <(pdftotext a.pdf -) && echo good"
        let both = try shop.shop.run(["bash", "-c", "\(command) & \(command) & wait"])
        #expect(both.outputText == "good\ngood\n")
        let journal = shop.shop.cache.appendingPathComponent("journal/current")
        let events = String(decoding: (try? Data(contentsOf: journal)) ?? Data(), as: UTF8.self)
        #expect(!events.contains("lock_contended"))
    }

    @Test func `a thousand malformed files give what bare poppler gives, or a failure`() throws {
        let shop = try PDFWorkshop()
        let originals = [
            PDFDocument.plain(pages: 2, lines: 2).data, PDFDocument.unicode.data, PDFDocument.columns.data,
        ]
        var random = Seeded(state: 20_261_121)
        for number in 0..<1000 {
            try shop.write(Self.mutated(originals[number % 3], &random), to: "in/\(number).pdf")
        }
        // Some are beyond repair; then there is no text, and none of that is a crash of ours. None takes poppler long, but
        // a machine may: the time limits are there for a tool that would never end.
        let bare = """
            mkdir bare; cd in
            printf '%s\\n' *.pdf | xargs -P 2 -n 50 sh -c '
                for f; do timeout 600 pdftotext $f ../bare/${f%.pdf}.txt 2>/dev/null || rm -f ../bare/${f%.pdf}.txt; done' sh
            """
        try shop.shop.run(["bash", "-c", bare])
        func extract(to output: String) throws -> Int {
            let before = try shop.stats().hits
            let outcome = try shop.pdf("text", "-q", "--timeout", "10m", "--output-dir", output, "in")
            #expect(outcome.status == 1 || outcome.status == 0, "\(outcome.status) \(outcome.errorText.suffix(3000))")
            let differing = try shop.shop.run(["diff", "-rq", "bare", output])
            #expect(differing.output.isEmpty, "\(differing.outputText.prefix(300))")
            return try shop.stats().hits - before
        }
        _ = try extract(to: "first")
        // Everything that gave a text is in the cache now.
        let texts = try FileManager.default.contentsOfDirectory(atPath: shop.shop.url("first").path).count
        #expect(texts > 300)
        let hits = try shop.shop.repeating({ $0 >= texts }) { try extract(to: "second") }
        #expect(hits >= texts)
        try shop.shop.run(["bash", "-c", "mkdir some; cp in/1??.pdf some"])
        #expect(try shop.pdf("json", "-q", "--timeout", "10m", "--output-dir", "json", "some").status <= 1)
        let invalid = try shop.shop.run(["bash", "-c", "find json -name '*.json' | xargs jq empty"])
        if PDFWorkshop.isInstalled("jq") { #expect(invalid.status == 0, "\(invalid.errorText.prefix(300))") }
    }

    private static func mutated(_ original: Data, _ random: inout Seeded) -> Data {
        var data = original
        for _ in 0...random.below(4) {
            guard data.count > 20 else { return data }
            let place = data.startIndex + random.below(data.count)
            switch random.below(6) {
            case 0: data[place] ^= UInt8(1 << random.below(8))
            case 1: data[place] = UInt8(random.below(256))
            case 2: data.removeSubrange(place..<min(data.endIndex, place + random.below(40)))
            case 3:
                data.insert(contentsOf: Data((0..<random.below(20)).map { _ in UInt8(random.below(256)) }), at: place)
            case 4: data = data.prefix(random.below(data.count) + 1)
            default:
                data.replaceSubrange(place..<min(data.endIndex, place + 1), with: Data("\(random.below(1 << 40))".utf8))
            }
            data = Data(data)
        }
        return data
    }
}

/// The same numbers every time.
struct Seeded {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
