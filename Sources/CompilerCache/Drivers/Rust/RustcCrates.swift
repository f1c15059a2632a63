internal import Files

/// The crates that a compile reads: those that the command names, and those that they name in turn.
///
/// A crate's metadata holds the names of the files of those that it needs: what cargo puts behind a crate's name tells
/// each file from all others. Whatever a crate of ours mentions in this way is taken for read.
struct RustcCrates {
    private(set) var files: [Word] = []
    private(set) var listings: [Word] = []
    private(set) var variables: [Word] = []
    /// True where a macro may run within the compiler.
    private(set) var hasMacros = false
    /// True where one says by its names that it looks at files, the clock, other programs or the network, or says nothing.
    private(set) var mayReadFiles = false
    /// True where a macro could put a variable's value into what is made.
    private(set) var hasEnvironment = false

    /// Files of crates in the searched directories, by what stands behind the crate's name.
    private var places: [Word: [Word]] = [:]
    /// Files that nothing stands behind: each of them may be meant.
    private var nameless: [Word] = []
    private var seen: Set<Word> = []
    private let named: Set<Word>
    private let links: Bool

    /// - Parameter sources: the text of the crate, which may ask for others by their names alone.
    init(of command: RustcCommand, sources: [Word]) throws(Recorder.Refusal) {
        links = command.links || command.kinds.contains(.staticLibrary)
        named = Set(command.externs.compactMap(\.path))
        let crates = command.searchPaths.filter { $0.kind != .native && $0.kind != .framework }
        for search in crates { list(search) }
        var waiting = Array(named)
        var asked = Set(command.externs.filter { $0.path == nil }.map(\.name))
        let places = crates.filter { $0.kind != .dependency }.map(\.path)
        for source in places.isEmpty ? [] : sources {
            guard let text = try? RegularFile.bytes(of: Path(bytes: source)) else { throw .inputUnreadable }
            asked.formUnion(RustcText.externalCrates(in: text))
        }
        for name in asked { waiting += places.flatMap { files(called: name, in: $0) } }
        waiting += nameless
        while let file = waiting.popLast() { waiting += try read(file) }
        files.sort { $0.lexicographicallyPrecedes($1) }
    }

    // MARK: - Where crates are

    /// Every crate in the directories that are searched, and those that the command names.
    static func filesNear(_ command: RustcCommand) -> [Word] {
        var files = command.externs.compactMap(\.path)
        for search in command.searchPaths where search.kind != .native && search.kind != .framework {
            let names = (try? Directory.names(in: Path(bytes: search.path))) ?? []
            files += names.map { Word($0) }.filter(isCrate).map { search.path + Word("/") + $0 }
        }
        return files
    }

    private mutating func list(_ search: RustcCommand.SearchPath) {
        guard let names = try? Directory.names(in: Path(bytes: search.path)) else { return }
        // In these a crate is searched by its name alone, so that another file could be found first.
        if search.kind != .dependency { listings.append(search.path) }
        for name in names.map({ Word($0) }) where Self.isCrate(name) {
            let path = search.path + Word("/") + name
            if let mark = Self.mark(of: name) {
                places[mark, default: []].append(path)
            } else if !name.hasSuffix(".so") {
                nameless.append(path)
            }
        }
    }

    private func files(called name: Word, in directory: Word) -> [Word] {
        let prefix = Word("lib") + name
        let names = (try? Directory.names(in: Path(bytes: directory))) ?? []
        return names.map { Word($0) }
            .filter { name in
                guard name.starts(with: prefix), Self.isCrate(name) else { return false }
                return name[prefix.count] == UInt8(ascii: ".") || name[prefix.count] == UInt8(ascii: "-")
            }
            .map { directory + Word("/") + $0 }
    }

    static func isCrate(_ name: Word) -> Bool {
        name.hasPrefix("lib") && (name.hasSuffix(".rlib") || name.hasSuffix(".rmeta") || name.hasSuffix(".so"))
    }

    /// What tells a crate's file from all others, where it has such a mark.
    static func mark(of name: Word) -> Word? {
        let stem = name[..<(name.lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex)]
        return stem.count > 17 && isMark(stem.suffix(17)) ? Word(stem.suffix(17)) : nil
    }

    /// A hyphen and sixteen hexadecimal digits.
    private static func isMark(_ text: ArraySlice<UInt8>) -> Bool {
        text.first == UInt8(ascii: "-") && text.dropFirst().allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    // MARK: - What they name

    /// Notes a crate's file, and returns the files of the crates that it names.
    private mutating func read(_ path: Word) throws(Recorder.Refusal) -> [Word] {
        guard seen.insert(path).inserted else { return [] }
        let metadata = path.hasSuffix(".rlib") ? Word(path.dropLast(4)) + Word("rmeta") : []
        if !metadata.isEmpty, FileStatus.of(Path(bytes: metadata)) != nil {
            // Both say the same, and the library is being written while those who need no more than this are compiled.
            if links || named.contains(path) { files.append(path) }
            return [metadata]
        }
        // A library may be longer than any text.
        guard let bytes = try? RegularFile.bytes(of: Path(bytes: path), limit: 1 << 30) else { throw .inputUnreadable }
        files.append(path)
        if path.hasSuffix(".so"), let macro = ProcMacroLibrary(bytes) {
            if macro.readsUnseen { throw .macroReadsFiles }
            hasMacros = true
            if macro.readsFiles { mayReadFiles = true }
            if macro.readsEnvironment {
                hasEnvironment = true
                variables += macro.variables
            }
            // Its own crates are within it. A library of its own runs in the compiler as it does, and nobody looks into that.
            guard macro.neededLibraries?.allSatisfy(Self.isCompilers) == true else { throw .sharedLibrary }
            return []
        }
        // Metadata that is compressed, as older compilers have it in shared libraries, names nothing that can be read.
        if path.hasSuffix(".so"), bytes.firstIndex(of: Word("sNaPpY")) != nil { throw .opaqueCrate }
        return Self.marks(in: bytes).flatMap { places[$0] ?? [] }
    }

    /// True for a library of the system or of the compiler, which count with it.
    private static func isCompilers(_ library: Word) -> Bool {
        let names: [StaticString] = [
            "libstd-", "librustc_driver-", "libc.so.", "libgcc_s.so.", "libm.so.", "libdl.so.", "libpthread.so.",
            "librt.so.", "ld-linux",
        ]
        return names.contains { library.hasPrefix($0) }
    }

    private static func marks(in bytes: [UInt8]) -> Set<Word> {
        var marks: Set<Word> = []
        bytes.withUnsafeBytes { bytes in
            var index = 0
            while index + 17 <= bytes.count {
                // The last digit is looked at first: what is none rules out all places before it.
                guard isHexadecimal(bytes[index + 16]) else {
                    index += 16
                    continue
                }
                if bytes[index] == UInt8(ascii: "-"), (1...15).allSatisfy({ isHexadecimal(bytes[index + $0]) }) {
                    marks.insert(Word(bytes[index..<(index + 17)]))
                    index += 17
                } else {
                    index += 1
                }
            }
        }
        return marks
    }
}
