internal import Files

/// Paths as they were noted, and what is the same for every way to write one.
struct PathNames {
    private var parents: [[UInt8]: [UInt8]] = [:]
    private var missing: [[UInt8]: [UInt8]?] = [:]

    /// Without what does not matter to the kernel, such as `//` and `/./`.
    ///
    /// `..` stays: a link may be before it.
    static func tidy(_ path: [UInt8]) -> [UInt8] {
        let parts = path.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }
        return parts.isEmpty ? [UInt8(ascii: "/")] : parts.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }

    /// The path without `..`, as if no directory were a link.
    static func lexical(_ path: [UInt8]) -> [UInt8] {
        var parts: [ArraySlice<UInt8>] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.isEmpty ? [UInt8(ascii: "/")] : parts.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }

    static func parent(_ path: [UInt8]) -> [UInt8] { Array(Path(bytes: path).parent.bytes) }

    /// The path with the links of its directories followed, its last name left alone.
    mutating func canonical(_ path: [UInt8]) -> [UInt8] {
        let whole = Path(bytes: path)
        if whole.name.elementsEqual("..".utf8) || path.count <= 1 {
            return Directory.realPath(whole).map { Array($0.bytes) } ?? path
        }
        let parent = Self.parent(path)
        let real: [UInt8]
        if let known = parents[parent] {
            real = known
        } else {
            real = Directory.realPath(whole.parent).map { Array($0.bytes) } ?? canonical(parent)
            parents[parent] = real
        }
        return Array(Path(bytes: real).appending(bytes: whole.name).bytes)
    }

    /// The first part of `path` that is not there; nil where all of it is.
    mutating func firstMissing(_ path: [UInt8]) -> [UInt8]? {
        if let known = missing[path] { return known }
        var found: [UInt8]?
        if FileStatus.ofLink(Path(bytes: path)) == nil {
            let parent = Self.parent(path)
            found = parent == path ? path : firstMissing(parent) ?? path
        } else if FileStatus.of(Path(bytes: path)) == nil {
            // A link that leads nowhere.
            found = path
        }
        missing[path] = .some(found)
        return found
    }
}
