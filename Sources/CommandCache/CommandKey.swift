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
    /// Where is kept what traces of it have named, and why the last one was not kept.
    let traces: EntryKey
    let doubt: EntryKey
    /// What ``command`` was made of.
    let ingredients: KeyBuilder

    init(_ request: CommandRequest, in directory: Path, _ settings: Settings) {
        var key = KeyBuilder(domain: "command-5")
        var words = request.words
        if request.compile != nil, !settings.ignoredOptions.isEmpty {
            words = words.prefix(1) + words.dropFirst().filter { !settings.ignoresOption($0) }
            for option in settings.ignoredOptions { key.add("ignored option", option) }
        }
        // However a compiler was called, it is found by its path.
        if request.compile != nil { words[0] = Array(Path(bytes: words[0]).name) }
        key.add("words", Int64(words.count))
        for word in words { key.add("word", word) }
        for input in request.inputs { key.add("input", input) }
        for output in request.outputs { key.add("output", output) }
        if let file = request.dependencyFile { key.add("dependency file", file) }
        for variable in request.variables { key.add("variable", variable) }
        key.add("reads input", request.readsInput ? 1 : 0)
        key.add("counts directory", request.countsDirectory ? 1 : 0)
        if request.isTraced {
            key.add("traced", 1)
            key.add("in", Array(directory.bytes))
            key.add("trusts clock", request.trustsClock ? 1 : 0)
            // No note says that a process has read what it was given, nor who it was.
            if request.compile == nil {
                if !request.readsInput { key.add("kind of input", Int64(GivenInput.kind)) }
                key.add("kinds of descriptors", InheritedDescriptors.kinds)
                for group in CurrentProcess.groups { key.add("group", Int64(group)) }
            }
        }
        // How PWD counts; it was any value once.
        if request.compile != nil { key.add("directory names", 2) }
        settings.addIngredients(to: &key)
        command = key.finish()
        ingredients = key
        observation = Self.derived("command-observed-1", command, Array(directory.bytes))
        dependencies = Self.derived("command-dependencies-1", command, [])
        traces = Self.derived("command-traces-1", command, [])
        doubt = Self.derived("command-doubt-1", command, [])
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
///     dependencies ::= version:u32 sets:u32 set* names:u32 name*     all names that were ever named, sorted, behind the sets
///     set          ::= names:u32 name*
///     name         ::= length:u32 byte*
///
/// What is in the files is not noted: a result is found under the content of the files that this very run has named, so
/// each set is tried; and under whether the others were there, since a tool may do without a file that is missing, and
/// then does not name it. History: 1, the first.
package struct DependencySets {
    static let version: UInt32 = 1
    /// More than a tool has in practice, few enough to try all.
    package static let limit = 16

    package private(set) var sets: [[[UInt8]]] = []
    private var names: [[UInt8]] = []

    /// A tool that has named more is not understood.
    static let nameLimit = 100_000

    /// The names that were ever named but not in `set`, in the order of their bytes.
    func others(than set: [[UInt8]]) -> [[UInt8]] {
        if sets.count == 1, names.count == set.count { return [] }
        let own = Set(set)
        return names.filter { !own.contains($0) }
    }

    /// False where more was named than can be kept in mind.
    var isBounded: Bool { names.count <= Self.nameLimit }

    package init() {}

    package init?(decoding bytes: [UInt8]) {
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
        guard let others = reader.integer(UInt32.self), Int(others) <= bytes.count else { return nil }
        for _ in 0..<others {
            guard let name = reader.text() else { return nil }
            names.append(name)
        }
        guard reader.isAtEnd else { return nil }
    }

    package var encoded: [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.integer(UInt32(sets.count))
        for set in sets {
            out.integer(UInt32(truncatingIfNeeded: set.count))
            for name in set { out.text(name) }
        }
        out.integer(UInt32(names.count))
        for name in names { out.text(name) }
        return out.bytes
    }

    /// Puts `set` in front; the one that was longest without use goes where there are too many.
    package mutating func add(_ set: [[UInt8]]) {
        sets.removeAll { $0 == set }
        sets.insert(set, at: 0)
        if sets.count > Self.limit { sets.removeLast() }
        names = Set(names).union(set).sorted { $0.lexicographicallyPrecedes($1) }
    }
}
