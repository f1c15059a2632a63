import Files
import Foundation
import TestSupport
import Testing
import Trace

/// The reader of a log that any traced program may have written to.
@Suite struct NoteReaderTests {
    /// A log that the library wrote for `cat a` in a directory that lacks `a`; the addresses and numbers in it do not matter.
    private func golden() throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/cat-1", withExtension: "log"))
        return Array(try Data(contentsOf: url))
    }

    @Test func `a log of version 1 is read as it was written`() throws {
        let notes = try #require(NoteReader.notes(try golden()))
        #expect(notes.first?.call == .hello)
        #expect(notes.first?.first == Array("/usr/bin/cat".utf8))
        let open = try #require(notes.first { $0.call == .open })
        #expect(open.error == 2)
        #expect(open.first == Array("/tmp/golden/a".utf8))
        #expect(notes.allSatisfy { $0.hasEnded && $0.end > $0.place })
    }

    @Test func `a header that we make is an empty log`() {
        #expect(NoteReader.notes(NoteReader.header(capacity: 4096)) == [])
    }

    @Test func `what is cut short, damaged, too long or of another version is nothing`() throws {
        let bytes = try golden()
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(NoteReader.notes(Array(bytes[..<length])) == nil)
        }
        for place in [0, 8, 12, 64, 68, 69] {
            var damaged = bytes
            damaged[place] ^= 0x80
            #expect(NoteReader.notes(damaged) == nil, "byte \(place)")
        }
        var longer = bytes
        longer[16...23] = [64, 0, 0, 0, 0, 0, 0, 0]
        #expect(NoteReader.notes(longer) == nil)
    }

    @Test func `the library needs no version of a symbol`() throws {
        let library = try #require(PreloadLibrary.path)
        let workshop = try Workshop()
        let symbols = try workshop.run(["objdump", "-T", library.path]).outputText
        #expect(!symbols.contains("GLIBC_"))
        let undefined = symbols.split(separator: "\n").filter { $0.contains("*UND*") }
            .compactMap { $0.split(separator: " ").last }.sorted()
        #expect(undefined == ["__errno_location", "dl_iterate_phdr", "environ"])
        #expect(try !workshop.run(["readelf", "-d", library.path]).outputText.contains("NEEDED"))
    }

    @Test func `the notes of some thirty commands lack nothing that strace sees`() throws {
        let library = try #require(PreloadLibrary.path)
        let workshop = try Workshop()
        let script = PreloadLibrary.repository.appendingPathComponent("Tests/trace/compare").path
        let outcome = try workshop.run(
            ["python3", script, library.path, "--sample"],
            environment: ["PYTHONDONTWRITEBYTECODE": "1"]
        )
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
    }
}
