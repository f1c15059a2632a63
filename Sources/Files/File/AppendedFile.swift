internal import Glibc

/// A file that several processes add lines to.
package enum AppendedFile {
    /// Adds `bytes` at the end, in one write; a file that cannot be written is left alone.
    ///
    /// So is a FIFO that nobody reads, or whose reader is behind: no line is worth waiting for.
    package static func append(_ bytes: [UInt8], to path: Path) {
        guard let file = try? Descriptor(appendingTo: path) else { return }
        try? file.write(bytes)
    }

    /// Adds a line, in which a name with a line break does not begin another one.
    package static func append(line text: String, to path: Path) {
        append(text.utf8.map { $0 == 10 || $0 == 13 ? UInt8(ascii: "?") : $0 } + [10], to: path)
    }
}
