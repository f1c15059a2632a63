internal import Files

/// The directories whose names a command line carries only because somebody checked the project out there.
///
/// Two checkouts of one project differ in these names and nothing else, so keys and manifests hold a mark in their
/// place. Any choice of roots is correct: what they decide is only how often checkouts meet, because a result in
/// which a root's name is found is bound to it.
struct CheckoutRoots: Sendable {
    /// Longest first, so that the most specific one is taken.
    private(set) var paths: [Word] = []
    /// The mark of each path, never 0.
    private var marks: [UInt8] = []

    /// No roots: every path stays as it is.
    static let none = CheckoutRoots()

    private init() {}

    /// True for what dependency files and messages write as it is; other letters of a root they may write in ways of their own.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: ","):
            true
        default: false
        }
    }

    /// The roots that a dialect has found.
    init(at paths: [Word]) {
        for (number, path) in paths.prefix(5).enumerated() { add(UInt8(2 + number), path) }
    }

    /// Finds the roots of a request without a look at the disk.
    ///
    /// They are the source's directory, as far up as the absolute header
    /// directories beside it lead; the working directory; and what these two have in common.
    init(of request: CompileRequest, in directory: Path) {
        let working = Word(directory.bytes)
        guard request.source.first == UInt8(ascii: "/") else {
            add(3, working)
            var nearest: Word = []
            for index in request.search.indices where request.search[index].path.first == UInt8(ascii: "/") {
                let shared = Self.commonDirectory(working, request.search[index].path)
                if shared.count < working.count, shared.count > nearest.count { nearest = shared }
            }
            addShared(nearest)
            return
        }
        let source = Word(Path(bytes: request.source).parent.bytes)
        let common = Self.commonDirectory(source, working)
        var project = source
        for index in request.search.indices where request.search[index].path.first == UInt8(ascii: "/") {
            let shared = Self.commonDirectory(project, request.search[index].path)
            // As far up as a header directory shares more with the source than the working directory does.
            if shared.count > common.count { project = shared }
        }
        add(2, project)
        add(3, working)
        addShared(common)
    }

    /// Directories that are on every machine, below which are checkouts and what all programs use: results are full of their names.
    private static let ofAll: [StaticString] = [
        "/usr", "/usr/include", "/usr/lib", "/usr/local", "/usr/share", "/usr/src", "/opt", "/var", "/tmp", "/home",
    ]

    /// Adds what two directories have in common, if that may be a checkout.
    private mutating func addShared(_ path: Word) {
        guard !Self.ofAll.contains(where: { path.equals($0) }) else { return }
        add(4, path)
    }

    /// Makes what a map replaces the only root there; see ``RequestKey``.
    mutating func cover(_ map: PrefixMap) {
        var index = 0
        while index < paths.count {
            let isWithin = paths[index].starts(with: map.old)
            // What a map puts into the output would be taken for the name of the place where it was made.
            let isPut = map.new.firstIndex(of: paths[index]) != nil
            if isWithin || isPut {
                paths.remove(at: index)
                marks.remove(at: index)
            } else {
                index += 1
            }
        }
        // Every map has a mark of its own: 8 and up where it covers macros, 128 and up where it does not.
        let first: UInt8 = map.scope == .debug ? 128 : 8
        var mark = first
        while marks.contains(mark), mark < first + 100 { mark += 1 }
        add(mark, map.old)
    }

    /// True when a map replaces one of the roots.
    var hasMapped: Bool { marks.contains { $0 >= 8 } }

    /// True for a root whose name `__FILE__` cannot show, because it is mapped.
    static func isMapped(_ mark: UInt8) -> Bool { mark >= 8 && mark < 128 }

    private mutating func add(_ mark: UInt8, _ path: Word) {
        guard path.count > 1, path.first == UInt8(ascii: "/"), !paths.contains(path) else { return }
        paths.append(path)
        marks.append(mark)
        // Into its place by swapping: `insert` would have the runtime build a type for moving words.
        var index = paths.count - 1
        while index > 0, paths[index - 1].count < path.count {
            paths.swapAt(index - 1, index)
            marks.swapAt(index - 1, index)
            index -= 1
        }
    }

    /// The directory that both paths are in or are.
    private static func commonDirectory(_ one: Word, _ other: Word) -> Word {
        var length = 0
        var end = 0
        while length < one.count, length < other.count, one[length] == other[length] {
            if one[length] == UInt8(ascii: "/") { end = length }
            length += 1
        }
        let isWholeOfOne = length == one.count && (length == other.count || other[length] == UInt8(ascii: "/"))
        let isWholeOfOther = length == other.count && (length == one.count || one[length] == UInt8(ascii: "/"))
        if isWholeOfOne || isWholeOfOther { end = length }
        return Word(one[..<end])
    }

    /// The word with a mark in the place of every root.
    ///
    /// A NUL cannot occur in a word, so nothing else gives the same.
    func abstract(_ word: Word) -> Word {
        guard !paths.isEmpty, word.contains(UInt8(ascii: "/")) else { return word }
        var word = word
        for (index, root) in paths.enumerated() {
            word = Self.replacing(root, by: marks[index], in: word) { end in
                end == word.count || !Self.isPartOfName(word[end])
            }
        }
        return word
    }

    /// The text with a NUL and `mark` where `root` stands and `isWhole` says so of the place behind it.
    ///
    /// Made anew, since moving what is behind each place would take its square.
    private static func replacing(_ root: Word, by mark: UInt8, in text: Word, _ isWhole: (Int) -> Bool) -> Word {
        guard var found = text.firstIndex(of: root) else { return text }
        var marked: Word = []
        var kept = 0
        while true {
            let end = found + root.count
            if isWhole(end) {
                marked += text[kept..<found]
                marked.append(0)
                marked.append(mark)
                kept = end
            }
            guard let next = text.firstIndex(of: root, from: end) else { break }
            found = next
        }
        return kept == 0 ? text : marked + text[kept...]
    }

    /// Text with a mark in the place of every root that stands there as a path or as the beginning of one; nil for text
    /// that could not be told from the marks.
    func marked(_ text: [UInt8]) -> [UInt8]? {
        guard !text.contains(0) else { return nil }
        var text = text
        for (index, root) in paths.enumerated() {
            text = Self.replacing(root, by: marks[index], in: text) { end in
                let before = end - root.count
                return (end == text.count || !Self.isPartOfName(text[end]))
                    && (before == 0 || Self.endsWord(text[before - 1]) || Self.endsEscape(text[..<before]))
            }
        }
        return text
    }

    /// What ``marked(_:)`` has made, with these roots in the places of the marks; nil where there is another mark.
    func unmarked(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(0) else { return text }
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count + 256)
        var index = 0
        while index < text.count {
            if text[index] == 0 {
                // A text of marks alone must not grow without bounds.
                guard index + 1 < text.count, let root = path(of: text[index + 1]), plain.count < 256 << 20 else {
                    return nil
                }
                plain += root
                index += 2
            } else {
                plain.append(text[index])
                index += 1
            }
        }
        return plain
    }

    /// True behind a sequence that sets a terminal's colours, such as `ESC [ 01 m` or `ESC [ K`.
    private static func endsEscape(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.last == UInt8(ascii: "m") || text.last == UInt8(ascii: "K") else { return false }
        let start = text.suffix(16).dropLast().lastIndex(of: UInt8(ascii: "[")) ?? text.startIndex
        let isNumber = text[(start + 1)...].dropLast().allSatisfy { byte in
            byte == UInt8(ascii: ";") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        }
        return start > text.startIndex && text[start - 1] == 27 && isNumber
    }

    /// What stands before a path in the texts that compilers write.
    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "'")
    }

    /// True where a path lies in a root, or may be the beginning of one's name.
    func mayLead(from path: Word) -> Bool {
        paths.contains { path.starts(with: $0) || $0.starts(with: path) }
    }

    /// The root that `path` lies in, by its mark, and the rest of the path; mark 0 and the whole where there is none.
    func split(_ path: Word) -> (mark: UInt8, rest: ArraySlice<UInt8>) {
        for (index, root) in paths.enumerated() where path.count >= root.count {
            guard path.count == root.count || path[root.count] == UInt8(ascii: "/") else { continue }
            if path.starts(with: root) { return (marks[index], path[root.count...]) }
        }
        return (0, path[...])
    }

    /// The path of the root with this mark; nil when this request has no such root.
    func path(of mark: UInt8) -> Word? { marks.firstIndex(of: mark).map { paths[$0] } }

    /// True when one of the roots' names is in `bytes`, as it is or the way gcc makes symbols of file names.
    func occur(in bytes: UnsafeRawBufferPointer) -> Bool {
        for root in paths {
            let symbol = root.map { Self.isPartOfSymbol($0) ? $0 : UInt8(ascii: "_") }
            for form in [root, symbol] {
                let isFound = form.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: bytes) != nil }
                if isFound { return true }
            }
        }
        return false
    }

    /// True when the first bytes of one of the roots' names are in `bytes`: as many as stand where the name of a file is cut off.
    func beginIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        paths.contains { root in
            root.prefix(12).withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: bytes) != nil }
        }
    }

    private static func isPartOfSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        isPartOfSymbol(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte >= 0x80
    }
}
