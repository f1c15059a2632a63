import Foundation
import TestSupport
import Testing

/// A cache that fails costs time only.
@Suite(.enabled(if: PDFWorkshop.hasPoppler, "needs poppler-utils"))
struct RobustnessTests {
    @Test func `a cache that cannot be used changes nothing`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 4), to: "a.pdf")
        try shop.shop.write("", to: "file")
        let bare = try shop.bare("a.pdf")
        let places: [[String: String]] = [
            ["LARDER_READONLY": "1"], ["LARDER_DIR": shop.shop.url("file").path], ["LARDER_DIR": "/proc/larder"],
            ["LARDER_DISABLE": "1"], ["LARDER_DIR": "/dev/full/larder"], ["LARDER_MAX_SIZE": "1"],
        ]
        for environment in places {
            for _ in 0..<2 {
                #expect(try shop.pdf("text", "a.pdf", environment: environment) == bare, "\(environment)")
            }
        }
        // Read-only, but with something in it.
        try shop.pdf("text", "a.pdf")
        let files = shop.cacheFiles().count
        #expect(try shop.pdf("text", "a.pdf", environment: ["LARDER_READONLY": "1"]) == bare)
        #expect(try shop.cacheStatus("a.pdf", environment: ["LARDER_READONLY": "1"]) == "miss")
        #expect(shop.cacheFiles().count == files)
    }

    @Test func `strict says that nothing could be kept`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 1), to: "a.pdf")
        let outcome = try shop.pdf("text", "a.pdf", environment: ["LARDER_DIR": "/proc/larder", "LARDER_STRICT": "1"])
        #expect(outcome.status == 1 && outcome.errorText.contains("LARDER_STRICT"))
    }

    @Test func `a limit of the length of files is no reason to fail`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 30), to: "a.pdf")
        let bare = try shop.bare("a.pdf")
        let outcome = try shop.shop.run(["bash", "-c", "(ulimit -f 1; \(PDFWorkshop.program) text a.pdf) | cat"])
        #expect(outcome.output == bare.output && outcome.status == 0)
    }

    @Test func `missing streams and few descriptors give the right text or none`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 3), to: "a.pdf")
        let bare = try shop.bare("a.pdf")
        for closed in ["<&-", "2>&-", "<&- 2>&-"] {
            for more in ["", "", "--no-cache"] {
                let outcome = try shop.shop.run(["bash", "-c", "\(PDFWorkshop.program) text \(more) a.pdf \(closed)"])
                #expect(outcome == bare, "\(closed) \(more)")
            }
        }
        let nowhere = try shop.shop.run(["bash", "-c", "\(PDFWorkshop.program) text a.pdf >&-"])
        #expect(nowhere.status == 1 && nowhere.errorText.contains("cannot write to standard output"))
        #expect(
            try shop.shop.run(["bash", "-c", "\(PDFWorkshop.program) text --output-dir out a.pdf >&-"]).status == 0
        )
        #expect(shop.shop.read("out/a.txt") == bare.output)
        for limit in 3..<24 {
            for more in ["", "--no-cache"] {
                let words =
                    "cat a.pdf | (ulimit -n \(limit); exec \(PDFWorkshop.program) text --pages \(limit % 3 + 1) \(more) a.pdf)"
                let outcome = try shop.shop.run(["bash", "-c", words])
                let page = try shop.bare("-f", "\(limit % 3 + 1)", "-l", "\(limit % 3 + 1)", "a.pdf")
                if outcome.status == 0 { #expect(outcome.output == page.output, "\(limit)") }
            }
        }
        #expect(try shop.pdf("text", "a.pdf") == bare)
        #expect(try shop.shop.larder(["verify"]).status == 0)
    }

    @Test func `a full disk is no reason to fail`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 100, lines: 50), to: "a.pdf")
        let disk = shop.shop.url("disk").path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let mount = try shop.shop.run(["mount", "-t", "tmpfs", "-o", "size=64k", "larder-test", disk])
        guard mount.status == 0 else { try Test.cancel("needs the right to mount") }
        defer { _ = try? shop.shop.run(["umount", disk]) }
        let bare = try shop.bare("a.pdf")
        for _ in 0..<3 { #expect(try shop.pdf("text", "a.pdf", environment: ["LARDER_DIR": disk + "/cache"]) == bare) }
        try shop.shop.run(["bash", "-c", "head -c 1000000 /dev/zero >disk/fill"])
        #expect(try shop.pdf("text", "a.pdf", environment: ["LARDER_DIR": disk + "/cache"]) == bare)
    }

    @Test func `whatever is damaged is made again`() throws {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 4), to: "a.pdf")
        let bare = try shop.bare("a.pdf")
        try shop.pdf("text", "a.pdf")
        let entries = shop.cacheFiles().filter { $0.path.contains("/entries/") }
        #expect(entries.count >= 3)
        for file in entries {
            for damage in 0..<4 {
                // Each entry is replaced when it is needed, so it is there again.
                guard var content = try? Data(contentsOf: file), !content.isEmpty else { continue }
                switch damage {
                case 0: content[content.count - 1] ^= 1
                case 1: content[content.count / 2] ^= 0x80
                case 2: content = content.prefix(content.count / 2)
                default: content = Data(count: content.count)
                }
                try content.write(to: file)
                for _ in 0..<2 { #expect(try shop.pdf("text", "a.pdf") == bare, "\(file.lastPathComponent) \(damage)") }
                #expect(try shop.pdf("text", "--pages", "3", "a.pdf") == shop.bare("-f", "3", "-l", "3", "a.pdf"))
                // What is known of pdfinfo only a miss needs.
                #expect(try shop.pdf("text", "a.pdf", environment: ["LARDER_RECACHE": "1"]) == bare)
            }
        }
        let verified = try shop.shop.larder(["verify"])
        #expect(verified.status == 0, "\(verified.outputText)\(verified.errorText)")
    }
}
