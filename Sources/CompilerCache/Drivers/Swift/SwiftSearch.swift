internal import Files

/// Where a compile of Swift has looked, and would find something else if it were there.
///
/// Every name that it may have searched is held against every directory in which it may have: what is there counts by its
/// content, what is not must not appear. In which order the compiler searches plays no part, so that it cannot be got wrong;
/// too much costs a miss one day. Only the system's own directories, hundreds of headers each, end the search for a name
/// where it was found.
struct SwiftSearch {
    /// Files that were read, and others that were in the way.
    private(set) var files: [Word] = []
    private(set) var listings: [Word] = []
    private(set) var absent: [Word] = []

    private let command: SwiftInvocation
    private let toolchain: SwiftToolchain
    private let read: Set<Word>
    /// Files whose text is in the key.
    private let quoted: Set<Word>
    private var looked: Set<Word> = []

    /// - Parameter read: what the compiler says it has read.
    init(_ command: SwiftInvocation, _ toolchain: SwiftToolchain, read: [Word], quoted: Set<Word>) {
        (self.command, self.toolchain, self.quoted) = (command, toolchain, quoted)
        self.read = Set(read)
        files = command.inputs + read.filter { !quoted.contains($0) }
        looked = self.read
    }

    mutating func follow(in directory: Path) throws(Recorder.Refusal) {
        let searched = distinct(command.searched)
        let macros = distinct(command.pluginDirectories)
        listings = toolchain.listings

        var names: Set<Word> = []
        for source in command.sources {
            guard let text = try? RegularFile.bytes(of: Path(bytes: source), limit: 64 << 20) else {
                throw .inputUnreadable
            }
            names.formUnion(SwiftImports.names(in: text))
        }
        var moduleDirectories: Set<Word> = []
        for file in read {
            guard let name = Self.moduleName(of: file) else { continue }
            names.insert(name.name)
            moduleDirectories.insert(name.directory)
        }
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) { look(forModule: name, searched) }
        for name in macros {
            if FileStatus.of(Path(bytes: name))?.kind == .directory {
                listings.append(name)
            } else {
                absent.append(name)
            }
        }
        // A directory that appears may hold the map of a module: but where modules are built, names come all the time.
        if let path = command.modulePath { moduleDirectories.insert(Word(Path(bytes: path).parent.bytes)) }
        for path in searched {
            guard FileStatus.of(Path(bytes: path))?.kind == .directory else {
                absent.append(path)
                continue
            }
            if !moduleDirectories.contains(path) { listings.append(path) }
            for name in (try? Directory.names(in: Path(bytes: path))) ?? [] {
                let inner = Path(bytes: path).appending(bytes: Array(name))
                if FileStatus.of(inner)?.kind == .directory { look(forMapsIn: Word(inner.bytes)) }
            }
        }
        for path in searched { look(forMapsIn: path) }
        try followHeaders(searched)
    }

    // MARK: - Modules

    /// `Name` and the directory of `…/Name.swiftmodule`, be that a file or a directory.
    private static func moduleName(of file: Word) -> (name: Word, directory: Word)? {
        var path = Path(bytes: file)
        if Word(path.parent.bytes).hasSuffix(".swiftmodule") { path = path.parent }
        for suffix in [".swiftmodule", ".swiftinterface"] as [StaticString] where Word(path.name).hasSuffix(suffix) {
            return (Word(Word(path.name).dropLast(suffix.utf8CodeUnitCount)), Word(path.parent.bytes))
        }
        return nil
    }

    private mutating func look(forModule name: Word, _ directories: [Word]) {
        for directory in directories {
            let base = Path(bytes: directory).appending(bytes: name)
            for suffix in [
                ".swiftmodule", ".swiftinterface", ".private.swiftinterface", ".package.swiftinterface", ".framework",
                ".swiftcrossimport", ".apinotes", "_private.apinotes",
            ] {
                look(at: Word(base.appending(suffix: suffix).bytes))
            }
            look(forMapsIn: Word(base.bytes))
        }
    }

    private mutating func look(forMapsIn directory: Word) {
        for name in ["module.modulemap", "module.map", "module.private.modulemap"] {
            look(at: Word(Path(bytes: directory).appending(name).bytes))
        }
    }

    // MARK: - Headers

    /// Follows what headers include, or ask for, in all branches.
    private mutating func followHeaders(_ searched: [Word]) throws(Recorder.Refusal) {
        let system = toolchain.headerDirectories
        for file in read.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let isMap = file.hasSuffix(".modulemap")
            guard isMap || !file.hasSuffix(".swift") && Self.moduleName(of: file) == nil && !file.hasSuffix(".so")
            else { continue }
            let directory = Word(Path(bytes: file).parent.bytes)
            look(forMapsIn: directory)
            if isMap {
                if !toolchain.owns(file) { try followMap(file, in: Path(bytes: directory)) }
                continue
            }
            guard let text = try? RegularFile.bytes(of: Path(bytes: file), limit: 64 << 20) else { continue }
            let scan = SourceScan(text, isAssembler: false)
            if !toolchain.owns(file) {
                if scan.usesDate || scan.usesTime || scan.usesTimestamp { throw .timeMacro }
                let asksByName = !scan.questionMacros.isEmpty || !scan.namedInclusions.isEmpty
                if scan.computesInclusion || scan.asksForComputedHeader || asksByName {
                    throw .computedHasInclude
                }
                if scan.embeds { throw .embed }
            }
            for inclusion in scan.inclusions {
                let own = inclusion.form == .quoted ? [directory] : []
                look(forHeader: inclusion.name, own + searched, system)
            }
        }
    }

    /// Looks at each file and directory that a module map names; in an umbrella directory each header counts, at any depth.
    private mutating func followMap(_ file: Word, in directory: Path) throws(Recorder.Refusal) {
        guard let text = try? RegularFile.bytes(of: Path(bytes: file), limit: 64 << 20) else { throw .inputUnreadable }
        // Within quotes or not: a comment may have a single one.
        let parts = text.split(separator: UInt8(ascii: "\""))
        // What tells Swift more of a module stands beside its map.
        for part in parts {
            var isName = false
            for word in part.split(whereSeparator: { $0 <= 32 || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
                if isName {
                    for suffix in [".apinotes", "_private.apinotes"] as [StaticString] {
                        look(at: Word(directory.appending(bytes: Array(word)).bytes) + Word(suffix))
                    }
                }
                isName = Word(word).equals("module")
            }
        }
        for part in parts where !part.contains(10) {
            var waiting = [Path(bytes: Array(part)).resolved(in: directory)]
            while let path = waiting.popLast() {
                look(at: Word(path.bytes))
                guard FileStatus.of(path)?.kind == .directory else { continue }
                guard listings.count < 4096, let names = try? Directory.names(in: path) else { throw .inputUnreadable }
                waiting += names.map { path.appending(bytes: Array($0)) }.filter {
                    FileStatus.ofLink($0)?.kind == .directory
                }
            }
        }
    }

    private mutating func look(forHeader name: Word, _ directories: [Word], _ system: [Word]) {
        if name.first == UInt8(ascii: "/") { return look(at: name) }
        for directory in directories { look(at: Word(Path(bytes: directory).appending(bytes: name).bytes)) }
        for directory in system {
            let path = Word(Path(bytes: directory).appending(bytes: name).bytes)
            if read.contains(path) { return }
            look(at: path)
        }
    }

    // MARK: - Looks

    private mutating func look(at path: Word) {
        guard looked.insert(path).inserted, !quoted.contains(path) else { return }
        switch FileStatus.of(Path(bytes: path))?.kind {
        case nil:
            // A link that leads nowhere: what it names must not appear.
            var place = Path(bytes: path)
            for _ in 0..<8 {
                guard let target = Directory.target(ofLink: place) else { break }
                place = target.resolved(in: place.parent)
            }
            absent.append(Word(place.bytes))
        case .regular: files.append(path)
        case .directory: listings.append(path)
        default: break
        }
    }

    private func distinct(_ words: [Word]) -> [Word] {
        var seen: Set<Word> = []
        return words.filter { seen.insert($0).inserted }
    }
}
