import Files
import Foundation
import LarderStore
import PDFText
import TestSupport
import Testing

/// What is parsed, and what lies in the cache.
struct FormatTests {
    @Test(arguments: [
        ("1-3,7", "1-3,7"), ("7,1-3", "1-3,7"), ("1,2,3", "1-3"), ("5-", "5-"), ("-2", "1-2"), ("1-", "all"),
        ("2-4,3-9", "2-9"), ("4,4", "4"), ("1,3-,5", "1,3-"),
    ])
    func `page ranges that mean the same are the same`(_ text: String, _ expected: String) {
        #expect(PageRanges(parsing: Array(text.utf8))?.description == expected)
    }

    @Test(arguments: [
        "", "0", "3-1", "-", "a", "1,,2", "1-2-3", "99999999999999999999", "1 2", "-0", "+1", "1-99999999",
    ])
    func `what names no pages is refused`(_ text: String) { #expect(PageRanges(parsing: Array(text.utf8)) == nil) }

    @Test func `an entry of version 1 is read for ever`() throws {
        let shop = try Workshop()
        let golden = try #require(
            Bundle.module.url(forResource: "extraction-1", withExtension: "entry", subdirectory: "Fixtures")
        )
        let key = EntryKey(digest: Digest.of(Array("golden".utf8)))
        let store = EntryStore(at: Path(shop.cache.path))
        let hex = key.digest.hex
        let directory = shop.cache.appendingPathComponent("entries/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: golden, to: directory.appendingPathComponent(String(hex.dropFirst(4))))
        #expect(ExtractionCodec.load(key, from: store) == Self.golden)
    }

    /// What stands in `Fixtures/extraction-1.entry`, published under the digest of the word golden.
    static var golden: Extraction {
        var extraction = Extraction(
            form: .text,
            extractedAt: 1_700_000_000_123,
            microseconds: 45_678,
            poppler: "22.12.0"
        )
        extraction.messages = Array("Syntax Warning: Mismatch\n".utf8)
        extraction.head = Array("\"page_count\": 2\u{0}".utf8)
        extraction.body = Array("First page\n\u{0C}Zweite Seite\n\u{0C}".utf8)
        extraction.pages = [.init(number: 1, length: 12), .init(number: 2, length: 14)]
        return extraction
    }

    @Test func `an extraction comes back as it was`() throws {
        let shop = try Workshop()
        let store = EntryStore(at: Path(shop.cache.path))
        let key = EntryKey(digest: Digest.of([1]))
        try ExtractionCodec.save(Self.golden, key, in: store)
        #expect(ExtractionCodec.load(key, from: store) == Self.golden)
    }

    @Test(arguments: [
        "larder-pdf 2 text 1 2 3\n", "larder-pdf 1 novel 1 2 3\n", "larder-pdf 1 text -1 2 3\n",
        "larder-pdf 1 text 1 2 3",
        "larder-pdf 1 text 1 2\n", "larder-pdf 1 text 1 2 \n", "larder-pdf 1 text 99999999999999999999 2 3\n", "", "\n",
        "larder-pdf 1 text 1 2 3 4\n", "larder-pdf 1 text 1 2 " + String(repeating: "9", count: 300) + "\n",
    ])
    func `a line about an extraction that is not quite right is none`(_ line: String) throws {
        #expect(try Self.decoded(about: Array(line.utf8), pages: []) == nil)
    }

    @Test(arguments: [
        // One byte too few; a length beyond the body; lengths that do not add up; pages that go backwards; a huge length.
        [UInt8](repeating: 0, count: 11),
        [1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
        [0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
    ])
    func `a table of pages that cannot be is none`(_ table: [UInt8]) throws {
        #expect(try Self.decoded(about: Array("larder-pdf 1 text 1 2 3\n".utf8), pages: table) == nil)
    }

    private static func decoded(about: [UInt8], pages: [UInt8]) throws -> Extraction? {
        let shop = try Workshop()
        let store = EntryStore(at: Path(shop.cache.path))
        let key = EntryKey(digest: Digest.of([2]))
        let contents: [(String, [UInt8])] = [
            ("about", about), ("pages", pages), ("messages", []), ("head", []), ("body", Array("abc".utf8)),
        ]
        try store.publish(key, kind: 34, parts: contents.map { NewPart($0.0, .bytes($0.1)) })
        return ExtractionCodec.load(key, from: store)
    }
}
