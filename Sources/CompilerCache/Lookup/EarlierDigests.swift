package import Files
package import LarderStore

extension CompilerCache {
    /// What the file at `path` held when the results were made that are kept under `key`, the newest first.
    package static func digests(of path: Path, under key: EntryKey, in store: EntryStore) -> [Digest] {
        guard let manifest = Manifest.load(key, from: store) else { return [] }
        let name = Word(path.bytes)
        let numbers = Set(
            manifest.paths.indices.filter { number in
                let text = manifest.paths[number].text
                // One below a root begins with a slash; one that is relative has none.
                let ending = text.first == UInt8(ascii: "/") ? text : [UInt8(ascii: "/")] + text
                return name.suffix(ending.count).elementsEqual(ending)
            }
        )
        var digests: [Digest] = []
        for candidate in manifest.candidates.reversed() {
            for file in candidate.files.map({ manifest.files[$0] })
            where file.expectation == .content && numbers.contains(file.path) && !digests.contains(file.digest) {
                digests.append(file.digest)
            }
        }
        return digests
    }
}
