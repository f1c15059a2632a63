package import LarderStore

/// The results of compiles among those of a file.
///
/// A manifest keeps many paths without their beginning: relative ones as the command line had them, and those in a checkout
/// behind the mark of its root. Such a path may be that of another file of the same name. It is taken for this one where
/// the manifest has seen this very file, or the same content: the next compile of this file could then be given that result.
extension SoughtFile {
    /// The results that the entry of `key` holds, or leads to, and that the file had a part in: they were made from it, or
    /// hold it.
    package func compileResults(in entry: borrowing OpenEntry, under key: EntryKey) -> [EntryKey] {
        switch EntryKind(rawValue: entry.kind) {
        case .manifest:
            var results: [EntryKey] = []
            try? entry.withBytes(0) { bytes in
                if let manifest = ManifestFormat.decode(bytes) { results = self.results(in: manifest) }
            }
            return results
        case .object:
            return entry.index(of: CompileResult.object).map { isPart($0, of: entry) } == true ? [key] : []
        case .outputs:
            // The outputs' names are their numbers.
            for (index, name) in entry.partNames.enumerated() where name.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            {
                if isPart(index, of: entry) { return [key] }
            }
            return []
        default:
            return []
        }
    }

    private func results(in manifest: Manifest) -> [EntryKey] {
        let own = Set(manifest.files.indices.filter { isSought(manifest.files[$0], manifest.paths) })
        if own.isEmpty { return [] }
        return manifest.candidates.filter { $0.files.contains { own.contains($0) } }.map(\.result)
    }

    private func isSought(_ file: Manifest.FileRecord, _ paths: [Manifest.StoredPath]) -> Bool {
        guard file.expectation == .content || file.expectation == .status, paths.indices.contains(file.path) else {
            return false
        }
        if let identity, file.identities.contains(identity) { return true }
        let path = paths[file.path]
        if path.mark == 0, path.text.first == UInt8(ascii: "/") { return isNamed(path.text) }
        guard isNamed(endingIn: path.text) else { return false }
        if file.identities.contains(where: { $0.device == identity?.device && $0.inode == identity?.inode }) {
            return true
        }
        return file.expectation == .content && file.digest == digest
    }
}
