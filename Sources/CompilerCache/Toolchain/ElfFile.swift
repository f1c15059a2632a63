internal import Files

/// A look into a 64-bit ELF file whose numbers are little-endian (elf(5)).
package struct ElfFile {
    package let bytes: [UInt8]

    /// One section.
    package struct Section {
        package let name: ArraySlice<UInt8>
        /// What it is: 2 for symbols.
        package let kind: Int
        /// The number of the section that belongs to it: of symbols the one with their names.
        package let link: Int
        /// What the file holds of it; empty where it takes no room there.
        package let content: ArraySlice<UInt8>
    }

    /// Nil for what is no such file.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        self.bytes = bytes
    }

    /// True for a file that starts as ELF files do.
    static func isElf(_ path: Path) -> Bool {
        (try? RegularFile.head(of: path, count: 4)) == [0x7f, 0x45, 0x4c, 0x46]
    }

    /// The content of the first section called `name`; nil where there is none, or the table is not understood.
    func section(_ name: StaticString) -> ArraySlice<UInt8>? { sections?.first { Word($0.name).equals(name) }?.content }

    /// The libraries that the file says it needs; nil where that is not understood.
    var neededLibraries: [Word]? {
        guard let table = section(".dynamic"), let names = section(".dynstr") else { return nil }
        var libraries: [Word] = []
        for place in stride(from: table.startIndex, through: table.endIndex - 16, by: 16) {
            // DT_NULL ends the table, DT_NEEDED names a library.
            let (tag, offset) = (number(at: place, 8), number(at: place + 8, 8))
            if tag == 0 { break }
            guard tag == 1 else { continue }
            guard offset < names.count else { return nil }
            libraries.append(Word(names.dropFirst(offset).prefix { $0 != 0 }))
        }
        return libraries
    }

    /// All sections in the order of their numbers; nil where the table is not understood.
    package var sections: [Section]? {
        let (table, size, count) = (number(at: 40, 8), number(at: 58, 2), number(at: 60, 2))
        guard size >= 64, count > 0, table <= bytes.count, size * count <= bytes.count - table else { return nil }
        func header(_ index: Int) -> Int { table + index * size }
        let nameTable = number(at: 62, 2)
        guard nameTable < count else { return nil }
        let names = number(at: header(nameTable) + 24, 8)
        guard names < bytes.count else { return nil }
        var sections: [Section] = []
        for index in 0..<count {
            let start = names + number(at: header(index), 4)
            guard start < bytes.count else { return nil }
            let kind = number(at: header(index) + 4, 4)
            // SHT_NOBITS
            let isEmpty = kind == 8
            let offset = isEmpty ? 0 : number(at: header(index) + 24, 8)
            let extent = isEmpty ? 0 : number(at: header(index) + 32, 8)
            guard offset <= bytes.count, extent <= bytes.count - offset else { return nil }
            sections.append(
                Section(
                    name: bytes[start...].prefix { $0 != 0 },
                    kind: kind,
                    link: number(at: header(index) + 40, 4),
                    content: bytes[offset..<(offset + extent)]
                )
            )
        }
        return sections
    }

    /// A little-endian number; a huge one counts as past the end.
    package func number(at offset: Int, _ width: Int) -> Int {
        guard offset >= 0, offset <= bytes.count - width else { return Int.max >> 8 }
        let value = bytes[offset..<(offset + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(min(value, UInt64(Int.max >> 8)))
    }
}
