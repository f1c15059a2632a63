import Foundation
import TestSupport
import Testing

/// A password opens a file, and is nowhere to be found afterwards or meanwhile.
@Suite(.enabled(if: PDFWorkshop.hasPoppler && PDFWorkshop.hasQPDF, "needs poppler-utils and qpdf"))
struct PasswordTests {
    static let secret = "Rumpelstilzchen-4711"

    private func workshop() throws -> PDFWorkshop {
        let shop = try PDFWorkshop()
        try shop.write(.plain(pages: 3), to: "plain.pdf")
        try shop.encrypt("plain.pdf", as: "a.pdf", password: Self.secret)
        try shop.shop.write(Self.secret + "\nnot this\n", to: "password")
        try shop.shop.write("wrong\n", to: "wrong")
        return shop
    }

    @Test func `the text is what poppler gives for the password`() throws {
        let shop = try workshop()
        let bare = try shop.shop.run(["pdftotext", "-upw", Self.secret, "a.pdf", "-"])
        try #require(bare.status == 0)
        for more in [[], [], ["--no-cache"], ["--pages", "1-"]] {
            #expect(try shop.pdf(["text", "--password-file", "password", "a.pdf"] + more) == bare)
        }
        #expect(try shop.stats().hits == 2)
        let metadata = try shop.metadata(["--password-file", "password", "a.pdf"])
        #expect(metadata["encrypted"] as? Bool == true && metadata["page_count"] as? Int == 3)
        #expect(try shop.cacheStatus("--password-file", "password", "a.pdf") == "hit")
        let words = "\(PDFWorkshop.program) text --password-file <(read line <password; echo $line; echo more) a.pdf"
        #expect(try shop.shop.run(["bash", "-c", words]) == bare)
        // The owner's password opens it as well; a file that needs none takes any.
        try shop.shop.write("owner\n", to: "owner")
        #expect(try shop.pdf("text", "--password-file", "owner", "a.pdf") == bare)
        #expect(try shop.pdf("text", "--password-file", "wrong", "plain.pdf") == shop.bare("plain.pdf"))
    }

    @Test func `without it, or with another, there is nothing, cached or not`() throws {
        let shop = try workshop()
        for _ in 0..<2 {
            let none = try shop.pdf("text", "a.pdf")
            #expect(none.status == 4 && none.output.isEmpty)
            #expect(
                none.errorText == "larder pdf: a.pdf is encrypted; name a file with its password by --password-file\n"
            )
            let wrong = try shop.pdf("text", "--password-file", "wrong", "a.pdf")
            #expect(wrong.status == 4 && wrong.output.isEmpty)
            #expect(wrong.errorText == "larder pdf: a.pdf is encrypted, and the password in wrong does not open it\n")
            try shop.pdf("text", "--password-file", "password", "a.pdf")
            try shop.pdf("json", "--password-file", "password", "a.pdf")
            #expect(try shop.pdf("grep", "fox", "a.pdf").status == 2)
        }
    }

    @Test func `no argument list, no environment, no file and no log has the password`() throws {
        let shop = try workshop()
        let record = shop.shop.url("record").path
        // What everybody may read of the processes, and what only we may.
        let looks = """
            for process in $$ $PPID; do
                for file in cmdline environ; do tr '\\0' '\\n' </proc/$process/$file; done
            done >>\(record)
            echo seen >>\(record)
            """
        for tool in ["pdftotext", "pdfinfo", "pdffonts", "qpdf"] {
            try shop.script("\(looks)\nexec /usr/bin/\(tool) \"$@\"\n", to: "bin/\(tool)")
        }
        let path = ["PATH": "\(shop.shop.url("bin").path):/usr/bin:/bin", "LARDER_LOG": shop.shop.url("log").path]
        for words in [["text"], ["json"], ["info"], ["text", "--no-cache"], ["text", "--pages", "2"]] {
            let outcome = try shop.pdf(words + ["--password-file", "password", "a.pdf"], environment: path)
            #expect(outcome.status == 0)
            #expect(!outcome.errorText.contains(Self.secret))
        }
        // Through a script nothing is kept, least of all where it is found without the password.
        #expect(try shop.pdf("text", "a.pdf").status == 4)
        // Once more with the cache in use.
        try shop.pdf(
            "text",
            "--password-file",
            "password",
            "a.pdf",
            environment: ["LARDER_LOG": path["LARDER_LOG"] ?? ""]
        )
        let seen = try #require(shop.shop.read("record"))
        #expect(seen.range(of: Data("seen".utf8)) != nil)
        #expect(seen.range(of: Data(Self.secret.utf8)) == nil)
        let files = shop.cacheFiles() + [shop.shop.url("log")]
        #expect(files.count > 4)
        for file in files {
            let content = (try? Data(contentsOf: file)) ?? Data()
            #expect(content.range(of: Data(Self.secret.utf8)) == nil, "\(file.lastPathComponent)")
            #expect(!file.path.contains(Self.secret))
        }
    }

    @Test func `a qpdf that wraps another keeps nothing where it is found without a password`() throws {
        let shop = try workshop()
        try shop.script("exec /usr/bin/qpdf \"$@\"\n", to: "bin/qpdf")
        let path = ["PATH": "\(shop.shop.url("bin").path):/usr/bin:/bin"]
        #expect(try shop.pdf("text", "--password-file", "password", "a.pdf", environment: path).status == 0)
        #expect(try shop.pdf("text", "a.pdf").status == 4)
        #expect(try shop.stats().entries == 0)
    }

    @Test func `what is cached is the user's alone`() throws {
        let shop = try workshop()
        try shop.shop.run(["bash", "-c", "umask 0; \(PDFWorkshop.program) text --password-file password a.pdf"])
        for file in shop.cacheFiles() {
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o77 } == 0, "\(file.path)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: shop.shop.cache.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }
}
