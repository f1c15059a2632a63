package import Files

extension PreloadLibrary {
    /// Whether the library may be loaded into `program`.
    ///
    /// That is one of this word size that glibc's loader starts, and that has no sanitizer which wants to come first. The
    /// library itself asks the same of every other program.
    package static func canBeLoaded(into program: Path) -> Bool {
        guard let last = ProcessTree.interpreters(of: Array(program.bytes)).last,
            let file = try? Descriptor(reading: Path(bytes: last)), let head = try? file.bytes(at: 0, count: 1 << 16),
            head.starts(with: [0x7F, 0x45, 0x4C, 0x46]), head.count > 64, head[4] == 2
        else { return false }
        // The loader's name and the needed libraries' stand near the start of what links them.
        return contains(head, "/ld-linux") && !wantsToBeFirst(head)
    }

    private static func wantsToBeFirst(_ head: [UInt8]) -> Bool {
        contains(head, "libasan.so") || contains(head, "libtsan.so") || contains(head, "liblsan.so")
            || contains(head, "libhwasan.so")
    }

    private static func contains(_ bytes: [UInt8], _ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            guard let first = text.first else { return false }
            var index = 0
            while index + text.count <= bytes.count {
                if bytes[index] == first, bytes[index..<(index + text.count)].elementsEqual(text) { return true }
                index += 1
            }
            return false
        }
    }
}
