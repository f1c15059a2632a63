internal import Files
internal import LarderStore

/// Holds a manifest against the world as it is now.
struct ManifestCheck {
    /// Why no result of a manifest holds. The raw value reaches the journal: it never changes its meaning.
    enum Mismatch: String, Sendable {
        case inputChanged = "input_changed"
        case inputMissing = "input_missing"
        case headerAppeared = "header_appeared"
        case condition = "other_place_or_terminal"
        case noCandidate = "no_candidate"
    }

    private(set) var manifest: Manifest
    /// True when a file was found unchanged only by reading it, under an identity that was not yet known.
    private(set) var hasLearned = false
    private let place: Place
    private let now: Int64
    /// What is known of each path: looked at once.
    private var statuses: [FileStatus??]
    private var digests: [Digest??]
    private var mismatch = Mismatch.noCandidate
    private var buffer: [UInt8] = []

    init(_ manifest: Manifest, in place: Place) {
        self.manifest = manifest
        self.place = place
        now = Clock.stamp
        statuses = Array(repeating: nil, count: manifest.paths.count)
        digests = Array(repeating: nil, count: manifest.paths.count)
    }

    /// The newest result whose conditions all hold, or the reason why the newest one does not.
    mutating func findResult() -> Result<EntryKey, Failure> {
        for candidate in manifest.candidates.reversed() where holds(candidate) { return .success(candidate.result) }
        return .failure(Failure(reason: mismatch))
    }

    struct Failure: Error { let reason: Mismatch }

    private mutating func holds(_ candidate: Manifest.Candidate) -> Bool {
        for condition in candidate.conditions where !place.meets(condition) { return fails(.condition) }
        for file in candidate.files {
            if let reason = checkFile(file) { return fails(reason) }
        }
        for directory in candidate.directories where !isStillWithout(directory) { return fails(.headerAppeared) }
        return true
    }

    private mutating func fails(_ reason: Mismatch) -> Bool {
        if mismatch == .noCandidate { mismatch = reason }
        return false
    }

    private mutating func checkFile(_ index: Int) -> Mismatch? {
        let path = manifest.files[index].path
        guard let status = status(path) else { return .inputMissing }
        switch manifest.files[index].expectation {
        // A directory under a header's name is no header.
        case .exists: return status.kind == .directory ? .inputChanged : nil
        case .directory: return status.kind == .directory ? nil : .inputChanged
        case .content: break
        }
        for known in manifest.files[index].identities where known == status.identity { return nil }
        guard status.kind == .regular, status.identity.size == manifest.files[index].size,
            digest(path) == manifest.files[index].digest
        else { return .inputChanged }
        if status.identity.isSettled(before: now), !place.isForeign(status.identity.device, self.path(path)) {
            Manifest.note(status.identity, in: &manifest.files[index].identities)
            hasLearned = true
        }
        return nil
    }

    /// True when none of the names has appeared in the directory.
    private mutating func isStillWithout(_ index: Int) -> Bool {
        let path = manifest.directories[index].path
        // Where there is no directory there is nothing in it.
        guard let status = status(path) else { return true }
        for known in manifest.directories[index].identities where known == status.identity { return true }
        let names = manifest.directories[index].absentNames
        guard let directory = self.path(path), status.kind == .directory else { return false }
        // Asking for a few names is cheaper than listing a large directory.
        if names.count <= 4 || status.size > 1 << 16 {
            for name in names where FileStatus.ofLink(directory.appending(bytes: name)) != nil { return false }
        } else {
            guard let listing = try? Directory.listing(of: directory) else { return false }
            if Self.contains(listing, anyOf: names) { return false }
        }
        // Directories in which a build works change all the time: only what has come to rest is worth remembering.
        if status.identity.isSettled(before: now - 1_000_000_000),
            !place.isForeign(status.identity.device, directory)
        {
            Manifest.note(status.identity, in: &manifest.directories[index].identities)
        }
        return true
    }

    /// True when a listing (names ended by NUL) has one of `names`, which are sorted.
    private static func contains(_ listing: [UInt8], anyOf names: [Word]) -> Bool {
        var start = 0
        while start < listing.count, let end = listing[start...].firstIndex(of: 0) {
            let name = listing[start..<end]
            var (low, high) = (0, names.count)
            while low < high {
                let middle = (low + high) / 2
                if names[middle].lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
            }
            if low < names.count, names[low].elementsEqual(name) { return true }
            start = end + 1
        }
        return false
    }

    private func path(_ index: Int) -> Path? { place.path(of: manifest.paths[index]) }

    private mutating func status(_ index: Int) -> FileStatus? {
        if let known = statuses[index] { return known }
        let stored = manifest.paths[index]
        let found: FileStatus?
        if stored.mark == 0 {
            found = lookAt([], stored.text)
        } else if let root = place.roots.path(of: stored.mark) {
            found = lookAt(root, stored.text)
        } else {
            found = nil
        }
        statuses[index] = .some(found)
        return found
    }

    /// stat(2) of root and rest, joined in one buffer that all paths share.
    private mutating func lookAt(_ root: Word, _ rest: Word) -> FileStatus? {
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: root)
        buffer.append(contentsOf: rest)
        buffer.append(0)
        return buffer.withUnsafeBytes { bytes in
            FileStatus.of(bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }

    private mutating func digest(_ index: Int) -> Digest? {
        if let known = digests[index] { return known }
        var found: Digest?
        if let path = path(index), let file = try? Descriptor(opening: path, openForReading) {
            found = try? Digest.ofFile(file)
        }
        digests[index] = .some(found)
        return found
    }
}
