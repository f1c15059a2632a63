internal import Files
internal import LarderStore

/// The directories in which a compiler searches for headers by itself.
struct SearchPath: Sendable {
    /// Those that are searched, in order.
    var directories: [Word]
    /// Those that would be searched too, if they existed.
    var missing: [Word]

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
        let options = options(of: request)
        var key = KeyBuilder(domain: "search-path-1")
        key.add("toolchain", toolchain.digest.bytes)
        key.add("name", command.name)
        key.add("language", Int64(request.language.rawValue))
        for option in options { key.add("option", option) }
        for variable in environment.keyed { key.add("variable", variable) }
        // Relative directories in the environment are relative to here.
        key.add("directory", command.directory.bytes)
        let entry = key.finish()
        if !toolchain.isWrapper, case .hit(let parts) = store.value(for: entry), let part = parts.first {
            return decode(part.bytes)
        }
        let question =
            options + [
                Word("-x"), Word(request.language.option), Word("-E"), Word("-v"), Word("-o"), Word("/dev/null"),
                Word("/dev/null"),
            ]
        guard let answer = CompilerQuestion.ask(command, question), let found = parse(answer) else { return nil }
        if !isReadOnly {
            _ = try? store.publish(
                entry,
                kind: EntryKind.searchPath,
                parts: [NewPart("directories", .bytes(encode(found)), codec: .stored)]
            )
        }
        return found
    }

    /// The words that decide where a compiler searches by itself.
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
            ]
            guard joined.contains(where: { word.hasPrefix($0) }) || separate.contains(where: { word.equals($0) }) else {
                continue
            }
            options.append(word)
            takesNext = separate.contains { word.equals($0) }
        }
        return options
    }

    private static func parse(_ answer: [UInt8]) -> SearchPath? {
        var path = SearchPath(directories: [], missing: [])
        var isInList = false
        var isEnded = false
        for line in answer.split(separator: 10).map({ Word($0) }) {
            if line.hasPrefix("ignoring nonexistent directory \""), line.last == UInt8(ascii: "\"") {
                path.missing.append(Word(line[Word("ignoring nonexistent directory \"").count...].dropLast()))
            } else if line.hasPrefix("#include ") {
                isInList = true
            } else if line.hasPrefix("End of search list") {
                isInList = false
                isEnded = true
            } else if isInList, line.first == 32 {
                if line.hasSuffix(" (framework directory)") || line.hasSuffix(" (headermap)") { return nil }
                path.directories.append(Word(line.dropFirst()))
            }
        }
        return isEnded ? path : nil
    }

    // directories ::= (("+" | "-") path NUL)*       searched, or missing
    static func encode(_ path: SearchPath) -> [UInt8] {
        var bytes: [UInt8] = []
        for directory in path.directories { bytes += [UInt8(ascii: "+")] + directory + [0] }
        for directory in path.missing { bytes += [UInt8(ascii: "-")] + directory + [0] }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) -> SearchPath? {
        var path = SearchPath(directories: [], missing: [])
        for item in bytes.split(separator: 0) {
            if item.first == UInt8(ascii: "+") {
                path.directories.append(Word(item.dropFirst()))
            } else {
                path.missing.append(Word(item.dropFirst()))
            }
        }
        return path
    }
}
