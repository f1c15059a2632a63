internal import Glibc

/// A file that several processes add lines to.
package enum AppendedFile {
    /// Adds `bytes` at the end, in one write; a file that cannot be written is left alone.
    package static func append(_ bytes: [UInt8], to path: Path) {
        guard let file = try? Descriptor(opening: path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o600) else { return }
        try? file.write(bytes)
    }
}
