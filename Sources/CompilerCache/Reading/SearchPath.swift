internal import Files
internal import LarderStore

/// The directories in which a compiler searches for headers by itself.
struct SearchPath: Sendable {
    /// Those that are searched for `"name"` only, in order.
    var quoted: [Word] = []
    /// Those that are searched behind the command line's `-I` and before its `-isystem`: those of `CPATH`.
    ///
    /// Behind a front all that are searched for `<name>`.
    var own: [Word] = []
    /// Those that are searched behind the command line's `-isystem`.
    var system: [Word] = []
    /// Those that would be searched too, if they existed.
    var missing: [Word] = []
    /// Those that are passed over because they are the same as another one.
    var doubled: [Word] = []
    /// What clang looked at to find them.
    var probes = DriverProbes()
    /// True when the command line's own directories are among them, in their places.
    var isWhole = false

    /// The search path of a request's compiler, from the store or, once for each set of options that move it, from the
    /// compiler; nil when it does not say.
    static func load(
        for request: CompileRequest,
        command: CompileCommand,
        environment: CompileEnvironment,
        toolchain: Toolchain,
        from store: EntryStore,
        isReadOnly: Bool
    ) -> SearchPath? {
        if request.front != nil {
            return loadWhole(request, command: command, environment, toolchain, from: store, isReadOnly: isReadOnly)
        }
        let options = options(of: request)
        var key = KeyBuilder(domain: "search-path-3")
        key.add("toolchain", toolchain.digest.bytes)
        key.add("name", command.name)
        key.add("language", Int64(request.language.rawValue))
        for option in options { key.add("option", option) }
        // gcc names what lies below a root by where that really is.
        for root in systemRoots(of: request) { key.add("root", Directory.realPath(Path(bytes: root))?.bytes ?? []) }
        for variable in environment.keyed { key.add("variable", variable) }
        // Relative directories in the environment are relative to here.
        key.add("directory", command.directory.bytes)
        let entry = key.finish()
        // What has appeared since would be searched.
        if case .hit(let parts) = store.value(for: entry), let part = parts.first,
            let known = decode(part.bytes), known.missing.allSatisfy({ FileStatus.of(Path(bytes: $0)) == nil }),
            known.probes.areAsBefore
        {
            return known
        }
        let question =
            options + [
                Word("-isystem"), mark, Word("-x"), Word(request.language.option), Word("-E"), Word("-v"), Word("-o"),
                Word("/dev/null"),
                Word("/dev/null"),
            ]
        var seen = CompilerQuery.Seen.nothing
        let answer =
            toolchain.family == .clang
            ? CompilerQuery.ask(command, question, trustsClock: true, seen: &seen)
            : CompilerQuery.ask(command, question)
        guard let answer, var found = parse(answer) else { return nil }
        var probes: DriverProbes?
        switch seen {
        case .nothing: probes = DriverProbes()
        case .doubt: break
        case .all(let accesses): probes = DriverProbes(accesses, of: command)
        }
        guard let probes else { return nil }
        found.probes = probes
        guard found.split() else { return nil }
        if !isReadOnly {
            _ = try? store.publish(
                entry,
                kind: EntryKind.searchPath.rawValue,
                parts: [NewPart("directories", .bytes(encode(found)), codec: .stored)]
            )
        }
        return found
    }

    /// The search path behind a front, which puts directories of its own anywhere: all of it, the command line's own
    /// among the others.
    private static func loadWhole(
        _ request: CompileRequest,
        command: CompileCommand,
        _ environment: CompileEnvironment,
        _ toolchain: Toolchain,
        from store: EntryStore,
        isReadOnly: Bool
    ) -> SearchPath? {
        var question: [Word] = []
        for word in request.runArguments where word != request.source && !word.equals("-c") { question.append(word) }
        question += ["-E", "-v", "-x"].map { Word($0.utf8) } + [Word(request.language.option)]
        question += ["-o", "/dev/null", "/dev/null"].map { Word($0.utf8) }
        var key = KeyBuilder(domain: "search-path-whole-1")
        key.add("toolchain", toolchain.digest.bytes)
        key.add("name", command.name)
        for word in question { key.add("word", word) }
        for variable in environment.keyed { key.add("variable", variable) }
        key.add("directory", command.directory.bytes)
        // Which of the directories are there, and which are the same one, shapes the answer.
        for entry in request.search {
            let identity = FileStatus.of(Path(bytes: entry.path))?.identity
            key.add("device", Int64(truncatingIfNeeded: identity?.device ?? 0))
            key.add("inode", Int64(truncatingIfNeeded: identity?.inode ?? 0))
        }
        let entry = key.finish()
        if case .hit(let parts) = store.value(for: entry), let part = parts.first, var known = decode(part.bytes),
            known.missing.allSatisfy({ FileStatus.of(Path(bytes: $0)) == nil })
        {
            known.isWhole = true
            return known
        }
        guard let answer = CompilerQuery.ask(command, question), var found = parse(answer) else { return nil }
        found.isWhole = true
        if !isReadOnly {
            _ = try? store.publish(
                entry,
                kind: EntryKind.searchPath.rawValue,
                parts: [NewPart("directories", .bytes(encode(found)), codec: .stored)]
            )
        }
        return found
    }

    /// Stands in the answer where the command line's `-isystem` directories will; nobody else searches it for headers.
    private static let mark = Word("/")

    /// Tells the directories before the mark from those behind it; false where the mark is not in its place.
    private mutating func split() -> Bool {
        guard let place = own.firstIndex(of: Self.mark), place == own.lastIndex(of: Self.mark),
            !doubled.contains(Self.mark)
        else { return false }
        system = Array(own[(place + 1)...])
        own = Array(own[..<place])
        return true
    }

    /// The words that decide where a compiler searches by itself, for headers and for other files of its own.
    private static func options(of request: CompileRequest) -> [Word] {
        var options: [Word] = []
        var takesNext = false
        for word in request.words {
            if takesNext {
                options.append(word)
                takesNext = false
                continue
            }
            let separate: [StaticString] = ["-isysroot", "-target", "--sysroot"]
            let joined: [StaticString] = [
                "-m", "-std", "--std", "--sysroot", "-isysroot", "-nostd", "--target", "-stdlib", "-ansi",
                "-no-canonical-prefixes",
                // clang has lists of its own for sanitizers, where it finds them.
                "-fsanitize=", "-fno-sanitize=",
            ]
            guard joined.contains(where: { word.hasPrefix($0) }) || separate.contains(where: { word.equals($0) }) else {
                continue
            }
            options.append(word)
            takesNext = separate.contains { word.equals($0) }
        }
        return options
    }

    /// The roots of the system that the command line names.
    static func systemRoots(of request: CompileRequest) -> [Word] {
        var roots: [Word] = []
        var takesNext = false
        for word in request.words {
            if takesNext {
                roots.append(word)
                takesNext = false
            } else if word.equals("--sysroot") || word.equals("-isysroot") {
                takesNext = true
            } else {
                for option in ["--sysroot=", "-isysroot"] as [StaticString] where word.hasPrefix(option) {
                    roots.append(Word(word.dropFirst(option.utf8CodeUnitCount)))
                }
            }
        }
        return roots
    }

    static func parse(_ answer: [UInt8]) -> SearchPath? {
        var path = SearchPath()
        var list: WritableKeyPath<SearchPath, [Word]>?
        var isEnded = false
        for line in answer.split(separator: 10).map({ Word($0) }) {
            if let directory = name(in: line, behind: "ignoring nonexistent directory \"") {
                path.missing.append(directory)
            } else if let directory = name(in: line, behind: "ignoring duplicate directory \"") {
                path.doubled.append(directory)
            } else if line.hasPrefix("#include ") {
                list = line.contains(UInt8(ascii: "<")) ? \.own : \.quoted
            } else if line.hasPrefix("End of search list") {
                list = nil
                isEnded = true
            } else if let list, line.first == 32 {
                if line.hasSuffix(" (framework directory)") || line.hasSuffix(" (headermap)") { return nil }
                path[keyPath: list].append(Word(line.dropFirst()))
            }
        }
        return isEnded ? path : nil
    }

    private static func name(in line: Word, behind text: StaticString) -> Word? {
        guard line.hasPrefix(text), line.last == UInt8(ascii: "\"") else { return nil }
        return Word(line[text.utf8CodeUnitCount...].dropLast())
    }

    // directories ::= (kind path NUL)*       in order
    // kind        ::= '"' | "<" | "+" | "-" | "="     for quotes only, the user's, the system's, missing, doubled
    //               | "!" | "." | "#" names           probed: absent, present, listed; names has 64 hex digits
    private static nonisolated(unsafe) let kinds: [(mark: UInt8, list: WritableKeyPath<SearchPath, [Word]>)] = [
        (UInt8(ascii: "!"), \.probes.absent), (UInt8(ascii: "."), \.probes.present),
        (UInt8(ascii: "\""), \.quoted), (UInt8(ascii: "<"), \.own), (UInt8(ascii: "+"), \.system),
        (UInt8(ascii: "-"), \.missing), (UInt8(ascii: "="), \.doubled),
    ]

    private static let listing = UInt8(ascii: "#")

    static func encode(_ path: SearchPath) -> [UInt8] {
        var bytes: [UInt8] = []
        for kind in kinds {
            for directory in path[keyPath: kind.list] { bytes += [kind.mark] + directory + [0] }
        }
        for (directory, names) in path.probes.listed { bytes += [listing] + Array(names.hex.utf8) + directory + [0] }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) -> SearchPath? {
        var path = SearchPath()
        for item in bytes.split(separator: 0) {
            if item.first == listing {
                guard let names = Digest(hexBytes: item.dropFirst().prefix(64)) else { return nil }
                path.probes.listed.append((Word(item.dropFirst(65)), names))
                continue
            }
            guard let kind = kinds.first(where: { $0.mark == item.first }) else { return nil }
            path[keyPath: kind.list].append(Word(item.dropFirst()))
        }
        return path
    }
}
