internal import Files
internal import LarderStore

/// Which command it is, whatever its inputs are just now.
struct CommandKey {
    /// The same in every working directory.
    let command: EntryKey
    /// Where is kept what was seen here the last time.
    let observation: EntryKey
    /// Where is kept what the tool has named in its dependency files.
    let dependencies: EntryKey

    init(_ request: CommandRequest, in directory: Path) {
        var key = KeyBuilder(domain: "command-1")
        key.add("words", Int64(request.words.count))
        for word in request.words { key.add("word", word) }
        for input in request.inputs { key.add("input", input) }
        for output in request.outputs { key.add("output", output) }
        if let file = request.dependencyFile { key.add("dependency file", file) }
        for variable in request.variables { key.add("variable", variable) }
        key.add("reads input", request.readsInput ? 1 : 0)
        key.add("counts directory", request.countsDirectory ? 1 : 0)
        command = key.finish()
        observation = Self.derived("command-observed-1", command, Array(directory.bytes))
        dependencies = Self.derived("command-dependencies-1", command, [])
    }

    /// The key of the result under what was observed.
    func result(_ observation: Observation) -> EntryKey {
        Self.derived("command-result-1", command, observation.digest.bytes)
    }

    private static func derived(_ domain: String, _ command: EntryKey, _ more: [UInt8]) -> EntryKey {
        var key = KeyBuilder(domain: domain)
        command.digest.withBytes { key.add("command", $0) }
        key.add("more", more)
        return key.finish()
    }
}

/// The sets of files that a tool has named in its dependency files, the latest first.
///
///     dependencies ::= version:u32 sets:u32 set*
///     set          ::= names:u32 name*
///     name         ::= length:u32 byte*
///
/// What is in the files is not noted: a result is found under their content, so each set that was ever named is tried.
/// History: 1, the first.
struct DependencySets {
    static let version: UInt32 = 1
    /// More than a tool has in practice, few enough to try all.
    static let limit = 16

    private(set) var sets: [[[UInt8]]] = []

    init() {}

    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == Self.version, let count = reader.integer(UInt32.self), count <= Self.limit
        else { return nil }
        for _ in 0..<count {
            guard let names = reader.integer(UInt32.self), Int(names) <= bytes.count else { return nil }
            var set: [[UInt8]] = []
            for _ in 0..<names {
                guard let name = reader.text() else { return nil }
                set.append(name)
            }
            sets.append(set)
        }
        guard reader.isAtEnd else { return nil }
    }

    var encoded: [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.integer(UInt32(sets.count))
        for set in sets {
            out.integer(UInt32(truncatingIfNeeded: set.count))
            for name in set { out.text(name) }
        }
        return out.bytes
    }

    /// Puts `set` in front; the one that was longest without use goes where there are too many.
    mutating func add(_ set: [[UInt8]]) {
        sets.removeAll { $0 == set }
        sets.insert(set, at: 0)
        if sets.count > Self.limit { sets.removeLast() }
    }
}
