internal import Files
internal import LarderStore

extension Digest {
    /// What identifies the names in a directory; nil where it cannot be listed.
    static func ofNames(in directory: Path) -> Digest? {
        guard let names = try? Directory.names(in: directory) else { return nil }
        var key = KeyBuilder(domain: "names")
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) { key.add("name", name) }
        return key.finish().digest
    }
}
