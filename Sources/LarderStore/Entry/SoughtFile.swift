package import Files

/// A file whose cached results are looked for: what it is called, which file it is, and what it holds.
///
/// Each front end knows for its own entries what a file had to do with them.
package struct SoughtFile: Sendable {
    /// From the root on, without `.` and `..`: as it was named, and with every symbolic link followed.
    private let names: [[ArraySlice<UInt8>]]
    /// Nil where there is no such file.
    package let identity: FileIdentity?
    /// Nil where it cannot be read.
    package let digest: Digest?
    /// Its length in bytes, and the checksum of its content; nil also for an empty file, which says nothing about who made it.
    private let content: (length: Int, checksum: Checksum)?

    /// Looks at the file at `path`, which is an absolute one; there need not be one any more.
    package init(at path: Path) {
        names = [path, Directory.realPath(path)].compactMap { $0.map { Self.components(of: $0.bytes) } }
        let bytes = try? RegularFile.bytes(of: path)
        identity = FileStatus.of(path)?.identity
        digest = bytes.map { Digest.of($0) }
        content = bytes.flatMap { bytes in
            bytes.isEmpty ? nil : (bytes.count, bytes.withUnsafeBytes { Checksum(of: $0) })
        }
    }

    /// True where part `index` of the entry, once decoded, is what the file holds.
    package func isPart(_ index: Int, of entry: borrowing OpenEntry) -> Bool {
        guard let content else { return false }
        return entry.trueLength(index) == content.length && entry.checksum(index) == content.checksum
    }

    /// True where `bytes` are what the file holds.
    package func isEqual(to bytes: ArraySlice<UInt8>) -> Bool {
        guard let content, bytes.count == content.length else { return false }
        return bytes.withUnsafeBytes { Checksum(of: $0) } == content.checksum
    }

    /// True for the file's own path, from the root on.
    package func isNamed(_ path: [UInt8]) -> Bool {
        path.first == UInt8(ascii: "/") && names.contains(Self.components(of: path[...]))
    }

    /// True where the file's path ends as `path` does, which may begin anywhere.
    package func isNamed(endingIn path: [UInt8]) -> Bool {
        let end = Self.components(of: path[...])
        return !end.isEmpty && names.contains { $0.suffix(end.count).elementsEqual(end) }
    }

    /// The names on a path; what `..` takes back is left out, and a `..` at the beginning, too.
    private static func components(of path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        for name in path.split(separator: UInt8(ascii: "/")) where !name.elementsEqual(".".utf8) {
            if name.elementsEqual("..".utf8) { _ = names.popLast() } else { names.append(name) }
        }
        return names
    }
}
