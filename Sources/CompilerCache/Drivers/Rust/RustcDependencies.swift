internal import Files

/// What rustc's dependency file says: every file that was read as source or included, and every variable that `env!`,
/// `option_env!` and `proc_macro::tracked_env` asked for.
struct RustcDependencies: Sendable {
    private(set) var files: [Word] = []
    /// The names of the variables.
    private(set) var variables: [Word] = []

    /// Nil where it is not understood.
    ///
    ///     file     ::= (rule | phony | variable | comment | blank)*
    ///     phony    ::= path ":" newline
    ///     variable ::= "# env-dep:" name ("=" value)? newline
    ///
    /// Every file has a phony rule of its own, which is read here: only blanks are escaped in it.
    init?(_ text: [UInt8]) {
        var hasRule = false
        for line in text.split(separator: 10) {
            let line = Word(line)
            if line.first == UInt8(ascii: "#") {
                let mark: StaticString = "# env-dep:"
                guard line.hasPrefix(mark) else { continue }
                variables.append(Word(line[mark.utf8CodeUnitCount...].prefix { $0 != UInt8(ascii: "=") }))
            } else if line.last == UInt8(ascii: ":") {
                guard let path = Self.unescaped(Word(line.dropLast())) else { return nil }
                files.append(path)
            } else {
                hasRule = true
            }
        }
        guard hasRule, !files.isEmpty else { return nil }
    }

    private static func unescaped(_ path: Word) -> Word? {
        guard path.contains(UInt8(ascii: "\\")) else { return path }
        var plain: Word = []
        var index = 0
        while index < path.count {
            if path[index] == UInt8(ascii: "\\") {
                // A backslash of its own is not told from one that escapes.
                guard index + 1 < path.count, path[index + 1] == 32 else { return nil }
                index += 1
            }
            plain.append(path[index])
            index += 1
        }
        return plain
    }

    /// Files that, if they were there, would be taken for modules, or make them ambiguous: `a/mod.rs` and `a.rs`.
    ///
    /// - Parameter source: where it begins, which nothing leads to.
    func rivals(besides source: Word) -> [Word] {
        var rivals: [Word] = []
        for file in files where file.hasSuffix(".rs") && file != source {
            if file.hasSuffix("/mod.rs") {
                rivals.append(Word(file.dropLast(7)) + Word(".rs"))
            } else {
                rivals.append(Word(file.dropLast(3)) + Word("/mod.rs"))
            }
        }
        // Where a file has the directory's name, the command's own output maybe, there is nothing below it.
        let known = Set(files)
        return rivals.filter { path in
            let parent = FileStatus.of(Path(bytes: path).parent)
            return !known.contains(path) && (parent == nil || parent?.kind == .directory)
        }
    }
}
