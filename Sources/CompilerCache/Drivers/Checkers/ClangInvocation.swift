internal import Files

/// How a tool on clang's libraries ran its clang, as it says itself when it is given `-v`.
struct ClangInvocation {
    /// The words of clang's inner program, behind `-cc1`.
    let words: [Word]
    let source: Word
    let language: Language
    /// The directory in which relative paths are meant.
    let directory: Word
    /// Where headers are searched, the command line's directories among the others.
    let searchPath: SearchPath
    /// Where versions of gcc lie beside one another, of which clang takes the newest one's headers.
    private(set) var compilers: Word?

    /// Nil where the tool ran no clang, several, or one that does more than read.
    ///
    /// - Parameter mayWriteDependencies: the tool's driver notes a dependency file, whatever becomes of that.
    init?(saidIn answer: [UInt8], in directory: Path, mayWriteDependencies: Bool = false) {
        let lines = answer.split(separator: 10)
        let chosen: StaticString = "Selected GCC installation: "
        for line in lines where line.starts(with: Word(chosen)) {
            let path = Word(line.dropFirst(chosen.utf8CodeUnitCount))
            compilers = path.lastIndex(of: UInt8(ascii: "/")).map { Word(path[..<$0]) }
        }
        let invocations = lines.filter {
            $0.starts(with: " \"".utf8) && Word($0).firstIndex(of: Word("\"-cc1\"")) != nil
        }
        guard invocations.count == 1, let line = invocations.first, let words = Self.words(of: Word(line)),
            let start = words.firstIndex(where: { $0.equals("-cc1") })
        else { return nil }
        self.words = Array(words[(start + 1)...])
        // What follows is about the source, and may look like anything.
        let end = Word("End of search list.\n")
        guard let last = answer.firstIndex(of: end), var path = SearchPath.parse(Word(answer[..<(last + end.count)]))
        else { return nil }
        path.isWhole = true
        var found = Word(directory.bytes)
        var language: Language?
        for (position, word) in self.words.enumerated() {
            if Self.changesMore(word), !mayWriteDependencies || !word.hasPrefix("-dependency-file") { return nil }
            let next = position + 1 < self.words.count ? self.words[position + 1] : []
            if word.equals("-x") { language = Language(option: next) }
            if word.hasPrefix("-fdebug-compilation-dir=") { found = Word(word.dropFirst(24)) }
            if word.equals("-fdebug-compilation-dir") { found = next }
        }
        guard let source = self.words.last, source.first != UInt8(ascii: "-"), let language else { return nil }
        found = Word(Path(bytes: found).resolved(in: directory).bytes)
        (self.language, self.directory) = (language, found)
        // A tool that works elsewhere means its paths there.
        let isElsewhere = !found.elementsEqual(directory.bytes)
        let place = found
        self.isElsewhere = isElsewhere
        self.source = Self.path(source, in: found, isElsewhere)
        for list in [\SearchPath.quoted, \.own, \.missing, \.doubled] {
            path[keyPath: list] = path[keyPath: list].map { Self.path($0, in: place, isElsewhere) }
        }
        searchPath = path
    }

    private let isElsewhere: Bool

    /// What `name` means from here.
    func path(_ name: Word) -> Word { Self.path(name, in: directory, isElsewhere) }

    private static func path(_ name: Word, in directory: Word, _ isElsewhere: Bool) -> Word {
        isElsewhere && name.first != UInt8(ascii: "/") ? directory + [UInt8(ascii: "/")] + name : name
    }

    /// Options of clang's inner program by which it reads or writes files that nobody here follows.
    private static func changesMore(_ word: Word) -> Bool {
        let names: [StaticString] = [
            "-dependency-", "-load", "-fmodule", "-fplugin", "-plugin", "-add-plugin", "-include-p", "-ivfsoverlay",
            "-vfsoverlay", "-fprofile", "-fsanitize-", "-header-include-file", "-serialize-diagnostic", "-token-cache",
            "-fmodules", "-iframework", "-F", "-index-store", "-ast-merge", "-fcuda", "-fopenmp", "-fms-compat",
            "-fapinotes", "-analyzer-config", "-fwarn-nonportable", "-emit-", "-stats-file", "-ftime-", "-print-stats",
        ]
        return names.contains { word.hasPrefix($0) }
    }

    /// The words of a line in which each is quoted.
    private static func words(of line: Word) -> [Word]? {
        var words: [Word] = []
        var word: Word?
        var isEscaped = false
        for byte in line {
            guard let open = word else {
                if byte == UInt8(ascii: "\"") { word = [] } else if byte != 32 { return nil }
                continue
            }
            if isEscaped || byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") {
                word = open + [byte]
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                words.append(open)
                word = nil
            }
        }
        return word == nil ? words : nil
    }
}
