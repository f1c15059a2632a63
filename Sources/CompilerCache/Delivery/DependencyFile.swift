internal import Files

/// A rule for make that names what a compile read.
enum DependencyFile {
    /// The dependencies of the first rule, in order, as the compiler wrote their paths; nil where there is no rule.
    static func dependencies(in bytes: [UInt8]) -> [Word]? {
        var index = 0
        // The colon that ends the targets is followed by a blank or the end of the line.
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: ":"), index + 1 == bytes.count || isBlank(bytes[index + 1]) { break }
            index += 1
        }
        guard index < bytes.count else { return nil }
        index += 1
        var found: [Word] = []
        var word: Word = []
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch byte {
            case UInt8(ascii: "\\") where next == 10:
                if !word.isEmpty { found.append(word) }
                word = []
                index += 2
                continue
            case UInt8(ascii: "\\"):
                let run = bytes[index...].prefix { $0 == UInt8(ascii: "\\") }.count
                let after = index + run < bytes.count ? bytes[index + run] : 0
                if after == UInt8(ascii: " ") || after == 9 {
                    // Backslashes before a blank are doubled, and one more takes the blank.
                    word += [UInt8](repeating: UInt8(ascii: "\\"), count: run / 2)
                    if run % 2 == 1 {
                        word.append(after)
                        index += 1
                    }
                } else if after == UInt8(ascii: "#") {
                    word += [UInt8](repeating: UInt8(ascii: "\\"), count: run - 1)
                    word.append(after)
                    index += 1
                } else {
                    word += [UInt8](repeating: UInt8(ascii: "\\"), count: run)
                }
                index += run
                continue
            case UInt8(ascii: "$") where next == UInt8(ascii: "$"):
                word.append(byte)
                index += 1
            case UInt8(ascii: " "), 9:
                if !word.isEmpty { found.append(word) }
                word = []
            case 10:
                if !word.isEmpty { found.append(word) }
                return found
            default:
                word.append(byte)
            }
            index += 1
        }
        if !word.isEmpty { found.append(word) }
        return found
    }

    /// The file with none of the names for which `isDropped` says so, and with one blank less for each.
    static func without(_ isDropped: (Word) -> Bool, _ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let start = index
            while index < bytes.count, !isBlank(bytes[index]) {
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            index = min(index, bytes.count)
            let word = bytes[start..<index]
            if isDropped(word.filter { $0 != UInt8(ascii: "\\") }) {
                if text.last == UInt8(ascii: " ") { text.removeLast() }
            } else {
                text += word
            }
            if index < bytes.count {
                text.append(bytes[index])
                index += 1
            }
        }
        return text
    }

    /// The file as a compiler of `family` would write it.
    ///
    /// Where lines are broken is each compiler's own habit: gcc counts to 72 columns (libcpp's mkdeps), clang to 75
    /// (its DependencyFileGenerator). Whoever uses this compares it once with what the compiler wrote.
    static func text(_ family: Family, targets: [DependencyRequest.Target], dependencies: [Word], phony: Bool)
        -> [UInt8]
    {
        let targets = targets.map { target in
            let text = family == .gcc ? withoutLeadingDots(target.text) : target.text
            return target.isQuoted ? escaped(text) : text
        }
        let paths = dependencies.map(escaped)
        var text: [UInt8]
        switch family {
        case .gcc: text = gccRule(targets, paths)
        case .clang: text = clangRule(targets, paths)
        }
        if phony {
            for path in paths.dropFirst() {
                if family == .clang { text.append(10) }
                text += path
                text += ":\n".utf8
            }
        }
        return text
    }

    /// A target as gcc takes it: without `./` at its beginning, and without the slashes that follow.
    private static func withoutLeadingDots(_ text: Word) -> Word {
        var rest = text[...]
        while rest.starts(with: "./".utf8) {
            rest = rest.dropFirst(2)
            while rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        }
        return Word(rest)
    }

    private static func gccRule(_ targets: [Word], _ paths: [Word]) -> [UInt8] {
        var text: [UInt8] = []
        var column = 0
        func write(_ word: Word) {
            if column > 0 {
                if column + word.count > 72 {
                    text += " \\\n".utf8
                    column = 0
                }
                column += 1
                text.append(UInt8(ascii: " "))
            }
            column += word.count
            text += word
        }
        for target in targets { write(target) }
        text.append(UInt8(ascii: ":"))
        column += 1
        for path in paths { write(path) }
        text.append(10)
        return text
    }

    private static func clangRule(_ targets: [Word], _ paths: [Word]) -> [UInt8] {
        var text: [UInt8] = []
        var columns = 0
        for target in targets {
            if columns == 0 {
                columns += target.count
            } else if columns + target.count + 2 > 75 {
                columns = target.count + 2
                text += " \\\n  ".utf8
            } else {
                columns += target.count + 1
                text.append(UInt8(ascii: " "))
            }
            text += target
        }
        text.append(UInt8(ascii: ":"))
        columns += 1
        for path in paths {
            if columns + path.count + 1 + 2 > 75 {
                text += " \\\n ".utf8
                columns = 2
            }
            text.append(UInt8(ascii: " "))
            text += path
            columns += path.count + 1
        }
        text.append(10)
        return text
    }

    /// The path with what make would take for its own syntax escaped.
    private static func escaped(_ path: Word) -> Word {
        guard path.contains(where: { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "#") }) else {
            return path
        }
        var text: Word = []
        for (index, byte) in path.enumerated() {
            switch byte {
            case 32, 9:
                text += path[..<index].reversed().prefix { $0 == UInt8(ascii: "\\") }
                text.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "$"): text.append(byte)
            case UInt8(ascii: "#"): text.append(UInt8(ascii: "\\"))
            default: break
            }
            text.append(byte)
        }
        return text
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
}

extension DependencyFile {
    /// Gives a new dependency file the permissions of the one that it replaces, which a compiler would write into.
    static func keepPermissions(of file: Path, for new: Path) {
        guard let old = FileStatus.ofLink(file), old.kind == .regular else { return }
        Directory.setPermissions(old.mode & 0o7777, of: new)
    }
}
