internal import Glibc

/// What a program in the kernel's own format says of how it is started (elf(5), little end first).
///
/// Read from the file, so that nothing has to run to be known.
package struct ProgramFile: Sendable {
    /// What the kernel starts to load it; nil for a program that needs nobody.
    package private(set) var loader: Path?
    /// True for this program or another copy of it, of any version; see `Note.c`.
    package private(set) var isLarder = false

    private static let (interpreter, note): (Int, Int) = (3, 4)
    private static let longest = 4096

    /// Nil where the file is another thing, such as a script, or cannot be read.
    package init?(at path: Path) {
        guard let file = try? RegularFile(at: path), let head = try? file.bytes(at: 0, count: 64), head.count == 64,
            head.starts(with: [0x7F, 0x45, 0x4C, 0x46]), head[5] == 1
        else { return nil }
        let isWide = head[4] == 2
        let start = isWide ? Self.number(head, 32, 8) : Self.number(head, 28, 4)
        let size = Self.number(head, isWide ? 54 : 42, 2)
        let count = Self.number(head, isWide ? 56 : 44, 2)
        guard size == (isWide ? 56 : 32), count < 1024, start < 1 << 40,
            let table = try? file.bytes(at: start, count: size * count), table.count == size * count
        else { return nil }
        for place in stride(from: 0, to: table.count, by: size) {
            let kind = Self.number(table, place, 4)
            guard kind == Self.interpreter || kind == Self.note else { continue }
            let offset = isWide ? Self.number(table, place + 8, 8) : Self.number(table, place + 4, 4)
            let length = isWide ? Self.number(table, place + 32, 8) : Self.number(table, place + 16, 4)
            guard offset < 1 << 40, let text = try? file.bytes(at: offset, count: min(length, Self.longest)) else {
                return nil
            }
            if kind == Self.interpreter {
                loader = Path(bytes: text.prefix { $0 != 0 })
            } else if Self.contains(text, Array("Larder\0".utf8)) {
                isLarder = true
            }
        }
    }

    private static func contains(_ text: [UInt8], _ name: [UInt8]) -> Bool {
        text.withUnsafeBytes { text in name.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: text) != nil } }
    }

    /// A number of `width` bytes; one past the end, or a huge one, is no place in any file.
    private static func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> Int {
        guard place + width <= bytes.count else { return Int.max >> 1 }
        let value = bytes[place..<(place + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(min(value, UInt64(Int.max >> 1)))
    }
}

// MARK: - Libraries

extension ProgramFile {
    /// The command that makes the loader say which libraries it would map for the program at `path`, which does not run.
    ///
    /// Nil where the loader is none of those that are known to answer (ld.so(8)): a program must never be started to learn
    /// about it, and a loader that did not know the question would do that.
    package func question(about path: Path) -> [[UInt8]]? {
        guard let loader, Self.isKnown(loader) else { return nil }
        return [Array(loader.bytes), Array("--list".utf8), Array(path.bytes)]
    }

    /// The loaders of glibc and musl, which need no loader themselves.
    private static func isKnown(_ loader: Path) -> Bool {
        let names = ["ld-linux", "ld-musl-", "ld64.so."]
        guard loader.isAbsolute, names.contains(where: { loader.name.starts(with: $0.utf8) }),
            let program = ProgramFile(at: loader)
        else { return false }
        return program.loader == nil
    }

    /// The libraries in a loader's answer, itself among them.
    ///
    ///     <tab>libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x...)
    ///     <tab>/lib64/ld-linux-x86-64.so.2 (0x...)
    package static func libraries(in answer: [UInt8]) -> [Path] {
        answer.split(separator: 0x0A).compactMap { line in
            guard line.first == 0x09, let slash = line.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            return Path(bytes: line[slash...].prefix { $0 != 0x20 })
        }
    }
}
