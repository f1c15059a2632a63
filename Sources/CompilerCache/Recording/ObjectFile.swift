internal import Files

/// What we need to know of an object file.
enum ObjectFile {
    /// True where text may stand in it in a form in which a search of the bytes does not find it, and for what is no object
    /// file that is known: then nobody can tell which paths are in it.
    static func hidesText(_ bytes: [UInt8]) -> Bool {
        // The older way to compress debug information says so in the sections' names only.
        let isOld = bytes.withUnsafeBytes { bytes in
            Array(".zdebug_".utf8).withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: bytes) != nil }
        }
        if isOld { return true }
        if bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return hasCompressedSections(bytes) }
        return !isMachO(bytes) && !isWebAssembly(bytes) && !isWindowsObject(bytes)
    }

    /// Of an ELF file of either width and either order of bytes (elf(5)); also true where its table is not understood.
    private static func hasCompressedSections(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 52, bytes[4] == 1 || bytes[4] == 2, bytes[5] == 1 || bytes[5] == 2 else { return true }
        let (isWide, isLittle) = (bytes[4] == 2, bytes[5] == 1)
        guard !isWide || bytes.count >= 64 else { return true }
        return bytes.withUnsafeBytes { bytes in
            func number(_ offset: Int, _ width: Int) -> UInt64 {
                let field = bytes[offset..<(offset + width)]
                return isLittle
                    ? field.reversed().reduce(0) { $0 << 8 | UInt64($1) } : field.reduce(0) { $0 << 8 | UInt64($1) }
            }
            // e_shoff, e_shentsize, e_shnum; a header's sh_flags.
            let start = isWide ? number(40, 8) : number(32, 4)
            let size = Int(number(isWide ? 58 : 46, 2))
            let count = Int(number(isWide ? 60 : 48, 2))
            // With more than 65279 sections the count is elsewhere: too large to be worth knowing.
            guard count > 0, size >= (isWide ? 64 : 40), start < UInt64(bytes.count),
                Int(start) + count * size <= bytes.count
            else { return true }
            // SHF_COMPRESSED
            let compressed: UInt64 = 1 << 11
            for index in 0..<count where number(Int(start) + index * size + 8, isWide ? 8 : 4) & compressed != 0 {
                return true
            }
            return false
        }
    }

    /// A Mach-O object of 32 or 64 bits, least byte first.
    private static func isMachO(_ bytes: [UInt8]) -> Bool {
        // MH_OBJECT
        (bytes.starts(with: [0xCE, 0xFA, 0xED, 0xFE]) || bytes.starts(with: [0xCF, 0xFA, 0xED, 0xFE]))
            && bytes.count > 16 && bytes[12...15].elementsEqual([1, 0, 0, 0])
    }

    private static func isWebAssembly(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0])
    }

    /// A COFF object for x86, x86-64, 32-bit or 64-bit ARM; no image, and not the form with very many sections.
    private static func isWindowsObject(_ bytes: [UInt8]) -> Bool {
        let machines: [[UInt8]] = [[0x4C, 0x01], [0x64, 0x86], [0xC4, 0x01], [0x64, 0xAA]]
        // SizeOfOptionalHeader is 0 in an object.
        return bytes.count > 20 && machines.contains { bytes.starts(with: $0) } && bytes[16] == 0 && bytes[17] == 0
    }

    /// True for an object in which the name of a file may stand cut off: COFF has 18 bytes for the names of sources.
    static func cutsNames(_ bytes: [UInt8]) -> Bool { isWindowsObject(bytes) }
}
