internal import Files

/// Code that is compiled while it is linked: of what that reads, such as a file that its assembly includes, a linker lists nothing.
enum LinkTimeCode {
    /// The beginning of LLVM's bitcode, as it is and in a wrapper.
    private static let bitcode: [[UInt8]] = [[0x42, 0x43, 0xC0, 0xDE], [0xDE, 0xC0, 0x17, 0x0B]]
    private static let archive = Array("!<arch>\n".utf8)

    /// True where the words ask a compiler's driver, or lld, for it.
    static func isAsked(by words: [Word]) -> Bool {
        words.contains { $0.hasPrefix("-flto") || $0.hasPrefix("--fat-lto-objects") }
    }

    /// True where a linker that lists what it has read has compiled something: files of others' that are gone again, or bitcode.
    static func isRead(_ listed: [Word]) -> Bool {
        listed.contains { path in
            if path.isTemporaryOfGCC, FileStatus.of(Path(bytes: path)) == nil { return true }
            guard let file = try? RegularFile(at: Path(bytes: path)) else { return false }
            return holdsBitcode(file)
        }
    }

    private static func holdsBitcode(_ file: borrowing RegularFile) -> Bool {
        guard let head = try? file.bytes(at: 0, count: archive.count) else { return false }
        guard head == archive else { return bitcode.contains { head.starts(with: $0) } }
        // ar(5): a header of 60 bytes, the size in decimal digits from the 48th on, members at even places.
        var offset = archive.count
        while let header = try? file.bytes(at: offset, count: 64), header.count > 60 {
            if bitcode.contains(where: { header[60...].starts(with: $0) }) { return true }
            guard let size = Int(String(decoding: header[48..<58].prefix { $0 != 0x20 }, as: UTF8.self)), size >= 0
            else { return true }
            let (next, overflow) = offset.addingReportingOverflow(60 + size + size % 2)
            guard !overflow else { return true }
            offset = next
        }
        return false
    }
}
