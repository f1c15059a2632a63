package import LarderStore

/// A manifest as other machines can use it: without the identities of files, which mean something on one machine only.
package struct PortableManifest: Sendable {
    private let manifest: Manifest
    /// The bytes of the manifest's part, as ``ManifestFormat`` has them.
    package var bytes: [UInt8] { ManifestFormat.encode(manifest) }
    /// The results that it knows, the newest first.
    package var results: [EntryKey] { manifest.candidates.reversed().map(\.result) }

    /// The one that `store` keeps under `key`; nil where there is none.
    package init?(_ key: EntryKey, from store: EntryStore) {
        guard var manifest = Manifest.load(key, from: store) else { return nil }
        for index in manifest.files.indices { manifest.files[index].identities = [] }
        for index in manifest.directories.indices { manifest.directories[index].identities = [] }
        self.manifest = manifest
    }

    /// The one in `bytes`, which come from elsewhere; nil where they are none of `key`.
    ///
    /// A result's key is made of the conditions under which it holds. So a result that stands under other conditions than its
    /// own is seen, and left out, and so is one of another request.
    package init?(decoding bytes: [UInt8], of key: EntryKey) {
        guard let decoded = bytes.withUnsafeBytes({ ManifestFormat.decode($0) }) else { return nil }
        var manifest = decoded
        for index in manifest.files.indices { manifest.files[index].identities = [] }
        for index in manifest.directories.indices { manifest.directories[index].identities = [] }
        manifest.candidates = decoded.candidates.filter { candidate in
            guard var recording = decoded.recording(of: candidate) else { return false }
            recording.seal(under: key)
            return recording.result == candidate.result
        }
        guard !manifest.candidates.isEmpty else { return nil }
        self.manifest = manifest
    }

    /// Adds the results that `store` does not know under `key`; what it knows stays the newest.
    ///
    /// - Parameter files: gives the files of this machine their identities.
    package func merge(into store: EntryStore, under key: EntryKey, _ files: LocalIdentities) throws(StoreError) {
        let known = Manifest.load(key, from: store) ?? Manifest()
        let ours = Set(known.candidates.map(\.result))
        var merged = Manifest()
        for candidate in manifest.candidates where !ours.contains(candidate.result) {
            guard var recording = manifest.recording(of: candidate) else { continue }
            for (index, file) in recording.files.enumerated() where file.expectation == .content && file.path.mark == 0
            {
                recording.files[index].identity =
                    files.identity(of: file.path.text, holding: file.digest, size: file.size)
            }
            merged.add(recording)
        }
        guard !merged.candidates.isEmpty else { return }
        for candidate in known.candidates {
            if let recording = known.recording(of: candidate) { merged.add(recording) }
        }
        try merged.publish(key, in: store)
    }
}

extension Manifest {
    /// What was recorded for a candidate; nil where it names what is not in the manifest.
    fileprivate func recording(of candidate: Candidate) -> Recording? {
        var recording = Recording(result: candidate.result, conditions: candidate.conditions)
        for index in candidate.files {
            guard files.indices.contains(index), paths.indices.contains(files[index].path) else { return nil }
            let file = files[index]
            recording.files.append((paths[file.path], file.expectation, file.size, file.digest, file.identities.last))
        }
        for index in candidate.directories {
            guard directories.indices.contains(index), paths.indices.contains(directories[index].path) else {
                return nil
            }
            let directory = directories[index]
            recording.directories.append((paths[directory.path], directory.absentNames, directory.identities.last))
        }
        return recording
    }
}
