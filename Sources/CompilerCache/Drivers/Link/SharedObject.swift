internal import Files

/// What a shared library of this machine's kind says that it needs (ELF, 64 bits, little end first; elf(5)).
struct SharedObject {
    private(set) var needed: [Word] = []
    /// Where it wants that to be searched.
    private(set) var searched: [Word] = []

    private static let (loadable, dynamic): (UInt32, UInt32) = (1, 2)

    /// Nil where the file is no library or program that is linked at run time; throws where it cannot be read.
    init?(at path: Word) throws(Recorder.Refusal) {
        guard let file = try? RegularFile(at: Path(bytes: path)), let head = try? file.bytes(at: 0, count: 64) else {
            throw .inputUnreadable
        }
        guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]), head.count == 64 else { return nil }
        guard head[4] == 2, head[5] == 1 else { throw .sharedLibrary }
        // ET_DYN; an object for the linker has no segments.
        guard Self.number(head, 16, 2) == 3 else { return nil }
        let (start, size, count) = (Self.number(head, 32, 8), Self.number(head, 54, 2), Self.number(head, 56, 2))
        guard size == 56, count < 256, start < 1 << 40,
            let segments = try? file.bytes(at: Int(start), count: Int(size * count)), segments.count == size * count
        else { throw .sharedLibrary }
        var loads: [(offset: UInt64, address: UInt64, size: UInt64)] = []
        var table: [UInt8]?
        for place in stride(from: 0, to: segments.count, by: 56) {
            let kind = UInt32(truncatingIfNeeded: Self.number(segments, place, 4))
            let (offset, address) = (Self.number(segments, place + 8, 8), Self.number(segments, place + 16, 8))
            let length = Self.number(segments, place + 32, 8)
            if kind == Self.loadable { loads.append((offset, address, length)) }
            guard kind == Self.dynamic else { continue }
            guard offset < 1 << 40, length < 1 << 20 else { throw .sharedLibrary }
            table = try? file.bytes(at: Int(offset), count: Int(length))
        }
        guard let table else { return nil }
        var (names, paths): ([UInt64], [UInt64]) = ([], [])
        var text: (address: UInt64, size: UInt64) = (0, 0)
        for place in stride(from: 0, through: table.count - 16, by: 16) {
            let value = Self.number(table, place + 8, 8)
            switch Self.number(table, place, 8) {
            case 1: names.append(value)
            case 5: text.address = value
            case 10: text.size = value
            case 15, 29: paths.append(value)
            default: break
            }
        }
        guard !names.isEmpty || !paths.isEmpty else { return }
        guard let load = loads.first(where: { $0.address <= text.address && text.address - $0.address < $0.size }),
            text.size < 1 << 28, load.offset < 1 << 40, text.address - load.address < 1 << 40,
            let strings = try? file.bytes(at: Int(load.offset + (text.address - load.address)), count: Int(text.size))
        else { throw .sharedLibrary }
        for name in names { needed.append(try Self.string(strings, name)) }
        for path in paths { searched += LinkWords.list(try Self.string(strings, path)) }
    }

    /// The libraries that come with a plugin: where it says itself that they are, and where all are.
    static func libraries(ofPlugin path: Word) -> [Word] {
        guard let plugin = Directory.realPath(Path(bytes: path)),
            let library = try? SharedObject(at: Word(plugin.bytes))
        else { return [] }
        let own = library.searched.compactMap { try? LibrarySearch.expanded($0, Word(plugin.parent.bytes)) }
        let standard = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
        return (own + standard.map { Word($0.utf8) }).flatMap { directory in
            library.needed.map { Word(Path(bytes: directory).appending(bytes: $0).bytes) }
                .filter { FileStatus.of(Path(bytes: $0))?.kind == .regular }
        }
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
        guard place + count <= bytes.count else { return .max }
        return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func string(_ strings: [UInt8], _ place: UInt64) throws(Recorder.Refusal) -> Word {
        guard place < strings.count else { throw .sharedLibrary }
        return Word(strings[Int(place)...].prefix { $0 != 0 })
    }
}
