import Files
import LarderStore
import Testing

struct DigestTableTests {
    private let scratch: Scratch
    private let table: DigestTable
    private var path: Path { scratch.store().directory.appending("digests") }

    init() throws {
        scratch = try Scratch()
        try scratch.store().publish(key(1), parts: [NewPart("a", .bytes([1]))])
        table = DigestTable(in: scratch.store().directory)
    }

    private func identity(inode: UInt64 = 7, changed: Int64 = 1_000) -> FileIdentity {
        FileIdentity(device: 0x801, inode: inode, size: 70_000, modified: 900, changed: changed)
    }

    private func digest(_ number: Int) -> Digest { Digest.of(Array("\(number)".utf8)) }

    @Test func `what is remembered is found, and nothing else is`() {
        #expect(table.digest(of: identity()) == nil)
        table.remember(digest(1), of: identity())
        #expect(table.digest(of: identity()) == digest(1))
        #expect(table.digest(of: identity(inode: 8)) == nil)
        #expect(table.digest(of: identity(changed: 1_001)) == nil)
        table.remember(digest(2), of: identity(changed: 1_001))
        #expect(table.digest(of: identity(changed: 1_001)) == digest(2))
        #expect(table.digest(of: identity()) == nil, "a file has one state at a time, and one slot")
    }

    @Test func `it stays small, and forgets the oldest`() throws {
        for number in 0..<40_000 {
            table.remember(digest(number), of: identity(inode: UInt64(number), changed: Int64(number)))
        }
        let found = (0..<40_000).filter { number in
            let known = table.digest(of: identity(inode: UInt64(number), changed: Int64(number)))
            #expect(known == nil || known == digest(number))
            return known != nil
        }
        #expect(found.count > 14_000)
        #expect(found.count <= 4096 * 4)
        #expect(found.reduce(0, +) / found.count > 25_000, "the younger ones")
        #expect(try Descriptor(reading: path).status().identity.size <= 4096 * 4 * 96)
    }

    @Test(arguments: [0, 7, 8, 30, 50, 75, 80, 95]) func `a slot with a wrong byte is empty`(_ offset: Int) throws {
        table.remember(digest(1), of: identity())
        let file = try Descriptor(openingForUpdate: path)
        let start = try file.status().identity.size - 96
        let byte = try file.bytes(at: Int(start) + offset, count: 1)[0]
        try file.write([byte ^ 0x10], at: Int(start) + offset)
        #expect(table.digest(of: identity()) == nil)
        table.remember(digest(3), of: identity())
        #expect(table.digest(of: identity()) == digest(3))
    }

    @Test func `a table that is cut short, a directory, a link or absent costs nothing`() throws {
        table.remember(digest(1), of: identity())
        let bytes = try Descriptor(reading: path).bytes(at: 0, count: 1 << 22)
        try Directory.removeFile(path)
        try Descriptor(appendingTo: path).write(Array(bytes.dropLast(1)))
        #expect(table.digest(of: identity()) == nil)
        table.remember(digest(1), of: identity())
        #expect(table.digest(of: identity()) == digest(1))
        try Directory.removeFile(path)
        try Directory.make(path)
        table.remember(digest(1), of: identity())
        #expect(table.digest(of: identity()) == nil)
        #expect(DigestTable(in: scratch.path.appending("nowhere")).digest(of: identity()) == nil)
    }

    @Test func `a table makes the cache that it is for, but not of other files`() throws {
        let new = scratch.path.appending("new")
        DigestTable(in: new).remember(digest(1), of: identity())
        #expect(DigestTable(in: new).digest(of: identity()) == digest(1))
        #expect(FileStatus.of(new.appending("format"))?.kind == .regular)
        let foreign = scratch.path.appending("foreign")
        try Directory.make(foreign)
        try Descriptor(appendingTo: foreign.appending("letter")).write([1])
        DigestTable(in: foreign).remember(digest(1), of: identity())
        #expect(try Directory.names(in: foreign).count == 1)
    }

    @Test func `the format is the one that is documented`() throws {
        func little(_ number: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        func sum(_ bytes: [UInt8]) -> Checksum { bytes.withUnsafeBytes { Checksum(of: $0) } }
        var slot: [UInt8] = [0x89] + Array("LARDG".utf8) + [0x0A, 0x01]
        slot +=
            little(UInt64(0x801)) + little(UInt64(7)) + little(Int64(70_000)) + little(Int64(900))
            + little(Int64(1_000))
        slot += digest(1).bytes
        let check = sum(slot)
        slot += little(check.low) + little(check.high)
        let row = Int(sum(little(UInt64(0x801)) + little(UInt64(7))).low % 4096)
        try Descriptor(openingForUpdate: path).write(slot, at: row * 384 + 2 * 96)
        #expect(table.digest(of: identity()) == digest(1))
        try Directory.removeFile(path)
        table.remember(digest(1), of: identity())
        #expect(try Descriptor(reading: path).bytes(at: row * 384, count: 384) == slot)
    }

    @Test func `clearing a cache removes it`() throws {
        table.remember(digest(1), of: identity())
        #expect(table.digest(of: identity()) != nil)
        try scratch.store().clear()
        #expect(table.digest(of: identity()) == nil)
    }

    @Test(arguments: ["larder 2\n", "something else\n"])
    func `a directory that holds no cache of this format is left alone`(_ format: String) throws {
        let marker = scratch.store().directory.appending("format")
        try Directory.removeFile(marker)
        try Descriptor(appendingTo: marker).write(Array(format.utf8))
        table.remember(digest(1), of: identity())
        #expect(FileStatus.ofLink(path) == nil)
    }
}
