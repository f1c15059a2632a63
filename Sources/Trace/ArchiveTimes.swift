internal import Files

/// Whether an archive says when its members were last changed, and whose they are (ar(5)).
///
/// An archiver leaves that out where it is asked to, or was built so. Then what it makes follows from what its members hold.
package enum ArchiveTimes {
    private static let magic = Array("!<arch>\n".utf8)
    private static let headerLength = 60

    /// The archive that was made and holds times; nil for none.
    package static func output(of accesses: Accesses) -> [UInt8]? {
        guard accesses.programs.contains(where: KnownPrograms.isArchiver) else { return nil }
        return accesses.outputs.map(\.path).first { isHeld(in: Path(bytes: $0)) }
    }

    /// True for an archive with a member whose date is not 0, and for one that cannot be read.
    static func isHeld(in path: Path) -> Bool {
        guard let file = try? RegularFile(at: path), let head = try? file.bytes(at: 0, count: magic.count) else {
            return FileStatus.of(path)?.kind == .regular
        }
        guard head == magic else { return false }
        var offset = magic.count
        while let header = try? file.bytes(at: offset, count: headerLength), header.count == headerLength {
            // A name of 16 bytes, the date of 12, and from the 48th on the size, in decimal digits; members lie at even places.
            guard number(header[16..<28]) ?? 0 == 0, let size = number(header[48..<58]) else { return true }
            let (next, overflow) = offset.addingReportingOverflow(headerLength + size + size % 2)
            guard !overflow else { return true }
            offset = next
        }
        return false
    }

    /// Nil for a field without digits, such as those of the table of names.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: field.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
    }
}
