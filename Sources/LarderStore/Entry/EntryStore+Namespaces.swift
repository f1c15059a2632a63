internal import Files

/// Namespaces, each of which may take so much of the disk.
///
///     <directory>/namespaces/<64 hex>      ``UsageCounters`` of a namespace that has a limit; the digest of its name
extension EntryStore {
    /// The part of an entry that says to which namespace it belongs; an entry of none has no such part.
    static let namespacePart = ".namespace"

    static func namespacesPath(in directory: Path) -> Path { directory.appending("namespaces") }

    /// The parts of an entry, and the one that names the namespace of whoever publishes.
    func withNamespace(_ parts: [NewPart]) -> [NewPart] {
        if options.namespace.isEmpty || parts.contains(where: { $0.name == Self.namespacePart }) { return parts }
        return parts + [NewPart(Self.namespacePart, .bytes(options.namespace), codec: .stored)]
    }

    /// To which namespace the entry belongs; empty for none, and where it cannot be read.
    package func namespace(of key: EntryKey) -> [UInt8] {
        switch reader.open(key) {
        case .miss: []
        case .hit(let entry): Self.namespace(of: entry)
        }
    }

    static func namespace(of entry: borrowing OpenEntry) -> [UInt8] {
        entry.index(of: namespacePart).flatMap { try? entry.bytes($0) } ?? []
    }

    /// This store for a look only: what is damaged stays.
    package var reader: EntryStore {
        var options = options
        options.isReadOnly = true
        return EntryStore(at: directory, options: options)
    }

    /// The entries of the namespace `name`.
    package func entries(of name: [UInt8]) -> [EntryKey] {
        var keys: [EntryKey] = []
        forEachEntry {
            if namespace(of: $0.key) == name { keys.append($0.key) }
            return true
        }
        return keys
    }

    // MARK: - Limits

    /// Has each namespace that takes more than it may lose what was used least recently, down to four fifths.
    ///
    /// - Parameters:
    ///   - keys: those of all entries, the least recently used first.
    ///   - remove: see ``EntrySelection/take(_:of:because:if:)``.
    /// - Returns: the entries of each namespace that has a limit, by their places in `keys`; nothing where none has one.
    @discardableResult
    func limitNamespaces(
        _ keys: [EntryKey],
        on fileSystem: FileSystem?,
        in selection: inout EntrySelection,
        if remove: (Int) -> Bool = { _ in true }
    ) -> [[UInt8]: [Int]] {
        guard !options.namespaceSizes.isEmpty else { return [:] }
        var members: [[UInt8]: [Int]] = [:]
        for (index, key) in keys.enumerated() where selection.reasons[index] == nil {
            let name = namespace(of: key)
            if namespaceLimit(of: name, on: fileSystem) != nil { members[name, default: []].append(index) }
        }
        for (name, indices) in members {
            guard let limit = namespaceLimit(of: name, on: fileSystem) else { continue }
            let excess = Self.bytesToRemove(of: selection.kept(of: indices), missing: 0, maximumSize: limit)
            selection.take(excess, of: indices, because: .namespace, if: remove)
        }
        return members
    }

    private func namespaceLimit(of name: [UInt8], on fileSystem: FileSystem?) -> Int64? {
        options.namespaceSizes.limit(of: name)?.bytes(of: fileSystem?.capacity ?? 0)
    }

    /// Adds a publication to the sums of its namespace; says whether that takes more than it may now, or was never counted.
    func namespaceExceeds(adding bytes: Int64, entries: Int64, on fileSystem: FileSystem) -> Bool {
        let name = options.namespace
        guard let limit = namespaceLimit(of: name, on: fileSystem) else { return false }
        try? Directory.make(Self.namespacesPath(in: directory))
        guard let counters = try? UsageCounters(at: counterPath(of: name)),
            let sum = counters.add(bytes: bytes, entries: entries)
        else { return false }
        return sum.bytes > limit || sum.bytes < 0 || !counters.isCounted
    }

    private func counterPath(of name: [UInt8]) -> Path {
        Self.namespacesPath(in: directory).appending(Digest.of(name).hex)
    }

    /// The sums of all namespaces as they stand, by the names of their files.
    var namespaceSums: [Path: Usage] {
        guard !options.namespaceSizes.isEmpty else { return [:] }
        let place = Self.namespacesPath(in: directory)
        var sums: [Path: Usage] = [:]
        for name in (try? Directory.names(in: place)) ?? [] {
            let path = place.appending(bytes: name)
            sums[path] = (try? UsageCounters(at: path))?.sums
        }
        return sums
    }

    /// Replaces the sums `before`, as a walk began, by what it found.
    func correctNamespaces(from before: [Path: Usage], to found: [[UInt8]: Usage]) {
        let none = Usage(entries: 0, bytes: 0)
        let found = Dictionary(uniqueKeysWithValues: found.map { (counterPath(of: $0.key), $0.value) })
        for path in before.keys where found[path] == nil { try? Directory.removeFile(path) }
        guard !found.isEmpty else { return }
        try? Directory.make(Self.namespacesPath(in: directory))
        for (path, usage) in found {
            guard let counters = try? UsageCounters(at: path) else { continue }
            counters.correct(from: before[path] ?? none, to: usage)
        }
    }
}
