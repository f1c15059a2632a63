import Files
import Foundation
import LarderStore
import Testing

@Suite struct MissLogTests {
    private let scratch: Scratch
    private let log: MissLog
    private var journal: String { "\(scratch.path)/journal" }

    init() throws {
        scratch = try Scratch()
        log = MissLog(at: scratch.path, bound: 2000)
    }

    private static let example: MissRecord = {
        var record = MissRecord(.miss, cause: "input_changed")
        record.time = 1_795_910_548_769
        record.key = EntryKey(digest: Digest.of([1]))
        record.session = "a b"
        (record.subject, record.directory) = (Array("inc/x y%.h".utf8), Array("/home/u/\u{e4}".utf8))
        (record.program, record.source, record.output) = (Array("gcc".utf8), Array("a\tb.c".utf8), [])
        record.ingredients = [
            .init(label: "word", value: Array("-DX=1\n".utf8)), .init(label: "path", value: [0, 1, 0x2F]),
        ]
        return record
    }()

    /// The format of version 1, which records on disk have.
    private static let line =
        "1\t1795910548769\tmiss\tinput_changed\t4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\ta%20b"
        + "\tinc/x%20y%25.h\t/home/u/\u{e4}\tgcc\ta%09b.c\t\tword=-DX=1%0A\tpath=%00%01/\n"

    @Test func `a record is written as the format says and read again`() {
        #expect(String(decoding: MissLine.encode(Self.example), as: UTF8.self) == Self.line)
        #expect(MissLine.decode(Array(Self.line.utf8).dropLast()) == Self.example)
    }

    @Test(arguments: [
        "", "1", "2" + line.dropFirst(), String(line.replacing("miss\t", with: "mist\t")),
        String(line.replacing("4bf5", with: "4bg5")),
        String(line.replacing("1795910548769", with: "-1")), String(line.replacing("path=", with: "path")),
        line.split(separator: "\t")[..<10].joined(separator: "\t"),
    ])
    func `what is no record is none`(text: String) {
        #expect(MissLine.decode(Array(text.utf8.filter { $0 != 10 })[...]) == nil)
    }

    @Test func `a log gives back what was recorded, and keeps to its bound`() throws {
        for number in 0..<100 {
            var record = Self.example
            record.cause = "number_\(number)"
            log.record(record)
        }
        let records = log.records()
        #expect(records.last?.cause == "number_99" && records.count >= 7 && records.count <= 24)
        #expect(records.map(\.cause) == records.indices.map { "number_\(100 - records.count + $0)" })
        let names = try FileManager.default.contentsOfDirectory(atPath: journal)
        #expect(names.sorted() == ["misses", "misses.before"])
        log.clear()
        #expect(log.records().isEmpty)
    }

    @Test func `a line that was cut off spoils no other`() throws {
        log.record(Self.example)
        let file = URL(fileURLWithPath: "\(journal)/misses")
        let whole = try Data(contentsOf: file)
        try (whole + whole.dropLast(40) + Data("\n".utf8) + Data([0xFF, 0x0A]) + whole).write(to: file)
        #expect(log.records().filter { $0.ingredients.count == 2 }.count == 2)
    }

    @Test func `a line is no longer than one write may be`() {
        var record = Self.example
        record.ingredients = (0..<5000).map { .init(label: "word", value: Array("-DNAME_\($0)=\($0)".utf8)) }
        record.subject = [UInt8](repeating: 1, count: 100_000)
        let line = MissLine.encode(record)
        #expect(line.count <= MissLine.maximumLength && line.last == 10)
        #expect(MissLine.decode(line[...].dropLast())?.ingredients.count ?? 0 > 500)
    }
}
