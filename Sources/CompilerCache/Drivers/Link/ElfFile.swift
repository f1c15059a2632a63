internal import Files

/// A look into a 64-bit ELF file.
struct ElfFile {
    let bytes: [UInt8]

    /// Nil for what is no such file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        self.bytes = bytes
    }

    /// True for a file that starts as ELF files do.
    static func isElf(_ path: Path) -> Bool {
        (try? RegularFile.head(of: path, count: 4)) == [0x7f, 0x45, 0x4c, 0x46]
    }

    /// The sections' contents that have `name`; nil where the table is not understood.
    func section(_ name: StaticString) -> ArraySlice<UInt8>? {
        let (table, size, count) = (number(at: 40, 8), number(at: 58, 2), number(at: 60, 2))
        guard size >= 64, count > 0, table <= bytes.count, size * count <= bytes.count - table else { return nil }
        func header(_ index: Int) -> Int { table + index * size }
        let nameTable = number(at: 62, 2)
        guard nameTable < count else { return nil }
        let names = number(at: header(nameTable) + 24, 8)
        for index in 0..<count {
            let start = names + number(at: header(index), 4)
            let length = name.utf8CodeUnitCount
            guard start >= 0, start < bytes.count - length, bytes[start + length] == 0,
                Word(bytes[start..<(start + length)]).equals(name)
            else { continue }
            let (offset, extent) = (number(at: header(index) + 24, 8), number(at: header(index) + 32, 8))
            guard offset <= bytes.count, extent <= bytes.count - offset else { return nil }
            return bytes[offset..<(offset + extent)]
        }
        return nil
    }

    /// A little-endian number; a huge one counts as past the end.
    private func number(at offset: Int, _ width: Int) -> Int {
        guard offset >= 0, offset <= bytes.count - width else { return Int.max >> 8 }
        let value = bytes[offset..<(offset + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(min(value, UInt64(Int.max >> 8)))
    }
}
