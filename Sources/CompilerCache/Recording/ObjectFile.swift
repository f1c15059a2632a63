/// What we need to know of an object file.
enum ObjectFile {
    /// True when a section is compressed, so that a search of the bytes proves nothing; also for what is no 64-bit ELF file.
    static func hasCompressedSections(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return true }
        return bytes.withUnsafeBytes { bytes in
            // ELF-64: section header offset at 40, entry size at 58, count at 60; a header's flags at 8.
            let start = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self))
            let size = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 58, as: UInt16.self)))
            let count = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 60, as: UInt16.self)))
            // With more than 65279 sections the count is elsewhere: too large to be worth knowing.
            guard count > 0, size >= 64, start < UInt64(bytes.count), Int(start) + count * size <= bytes.count else {
                return true
            }
            let compressed: UInt64 = 1 << 11
            for index in 0..<count {
                let flags = bytes.loadUnaligned(fromByteOffset: Int(start) + index * size + 8, as: UInt64.self)
                if UInt64(littleEndian: flags) & compressed != 0 { return true }
            }
            return false
        }
    }
}
