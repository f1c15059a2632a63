internal import Files
internal import LarderStore

/// Manifests as entries of the store: searched, changed, published.
extension Manifest {
    /// Why a search gave no result.
    struct Absence {
        /// One token, for the journal.
        var reason: String
        /// What it is about: a path, a variable's name; empty where it is about nothing in particular.
        var subject: Word = []
        /// The result that holds and is not in the store; nil where none holds.
        var result: EntryKey?
    }

    /// Finds the newest result of the manifest under `key` whose conditions hold, and calls `give` with it.
    ///
    /// Returns nil where the result was delivered, else why not. `give` returns nil or a reason in the same way.
    ///
    /// - Parameters:
    ///   - isReadOnly: whether what large files hold is not to be remembered.
    ///   - give: also gets what was found unchanged only by reading it.
    static func search(
        _ key: EntryKey,
        in store: EntryStore,
        at context: CompileContext,
        isReadOnly: Bool,
        give: (EntryKey, [ManifestCheck.NewIdentity]) -> String?
    ) -> Absence? {
        var reason: String? = "new_command"
        var subject: Word = []
        var wanted: EntryKey?
        switch store.open(key) {
        case .miss(.absent): break
        case .miss(let defect): reason = "manifest_\(defect.rawValue)"
        case .hit(let entry):
            do throws(StoreError) {
                try entry.withBytes(0) { bytes in
                    guard let view = ManifestView(bytes) else {
                        reason = "manifest_unknown"
                        return
                    }
                    var check = ManifestCheck(
                        view,
                        in: context,
                        KnownContent(in: store.directory, isReadOnly: isReadOnly)
                    )
                    switch check.find() {
                    case .nothing(let mismatch):
                        reason = mismatch.rawValue
                        subject = check.subject
                    case .result(let result):
                        reason = give(result, check.newIdentities)
                        wanted = result
                    }
                }
            } catch {
                store.discard(key)
                reason = "manifest_corrupt"
            }
        }
        return reason.map { Absence(reason: $0, subject: subject, result: wanted) }
    }

    /// Saves the next hit from reading the same files again.
    static func remember(_ identities: [ManifestCheck.NewIdentity], _ key: EntryKey, in store: EntryStore) {
        guard var manifest = load(key, from: store) else { return }
        for identity in identities { manifest.add(identity) }
        try? manifest.publish(key, in: store)
    }

    /// Puts one more result into the manifest that is kept under `key`.
    static func add(_ recording: Recording, to key: EntryKey, in store: EntryStore) throws(StoreError) {
        var manifest = load(key, from: store) ?? Manifest()
        manifest.add(recording)
        try manifest.publish(key, in: store)
    }

    /// The manifest as it is kept; nil where there is none, or none that can be read.
    static func load(_ key: EntryKey, from store: EntryStore) -> Manifest? {
        guard case .hit(let entry) = store.open(key) else { return nil }
        var manifest: Manifest?
        do throws(StoreError) {
            try entry.withBytes(0) { manifest = ManifestFormat.decode($0) }
        } catch {
            store.discard(key)
        }
        return manifest
    }

    func publish(_ key: EntryKey, in store: EntryStore) throws(StoreError) {
        try store.publish(
            key,
            kind: EntryKind.manifest.rawValue,
            parts: [NewPart("manifest", .bytes(ManifestFormat.encode(self)), codec: .stored)]
        )
    }
}

extension Manifest.Recording {
    /// Makes the key of the result: the request's key and everything that was recorded.
    ///
    /// Also what is absent, and what is only there: a result that replaced one of another state would be given out for
    /// that one until the manifest says otherwise, and a process that is killed in between never says so.
    mutating func seal(under manifest: EntryKey) {
        var key = KeyBuilder(domain: "compile-result-3")
        key.add("manifest", manifest.digest.bytes)
        for file in files {
            key.add("expectation", Int64(file.expectation.rawValue))
            key.add("root", Int64(file.path.mark))
            key.add("path", file.path.text)
            // A variable that is not set has the digest of one that is empty.
            key.add("size", file.size)
            key.add("digest", file.digest.bytes)
        }
        for directory in directories {
            key.add("root", Int64(directory.path.mark))
            key.add("directory", directory.path.text)
            for name in directory.absentNames { key.add("absent", name) }
        }
        for condition in conditions {
            key.add("condition", Int64(condition.kind.rawValue))
            key.add("value", condition.value.bytes)
        }
        result = key.finish()
    }
}

extension EntryStore {
    /// Why the result that is kept under `key` could not be given; nil where it could.
    func obstacle(to key: EntryKey) -> String? {
        switch open(key) {
        case .hit: nil
        case .miss(let reason): "result_\(reason.rawValue)"
        }
    }
}
