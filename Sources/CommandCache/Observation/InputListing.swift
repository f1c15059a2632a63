package import Files

/// The files that the inputs of a command stand for, in the order of their names' bytes, each once.
///
/// A directory stands for itself and all that is in it. Symbolic links are followed, and count themselves as well; a
/// link to a directory that we are in ends there.
package struct InputListing {
    package struct Item {
        package let name: [UInt8]
        /// What has the name; nil where nothing has.
        package let status: FileStatus?
    }

    package private(set) var items: [Item] = []
    /// The directories that we are in, innermost last, each with the number of components of a pattern that were left to match.
    private var ancestors: [(device: UInt64, inode: UInt64, left: Int)] = []

    /// More would make every run slow, and are a slip.
    static let limit = 1_000_000

    /// Lists what the paths and patterns stand for now, seen from the working directory.
    package init(_ inputs: [[UInt8]]) throws(Refusal) {
        for given in inputs {
            var input = given
            while input.count > 1, input.last == UInt8(ascii: "/") { input.removeLast() }
            if let pattern = FilePattern(input) {
                try walk(pattern.root, pattern.components[...])
                // A file may be called like a pattern.
                if let status = FileStatus.ofLink(Path(bytes: input)) { try add(input, status) }
            } else {
                let status = FileStatus.ofLink(Path(bytes: input))
                // What must not be looked at is not absent.
                guard status != nil || FileStatus.isAbsent(Path(bytes: input)) else { throw .inputUnreadable }
                try add(input, status)
            }
        }
        items.sort { $0.name.lexicographicallyPrecedes($1.name) }
        removeTwins()
    }

    private mutating func removeTwins() {
        var count = 0
        for index in items.indices where index == 0 || items[index].name != items[count - 1].name {
            items[count] = items[index]
            count += 1
        }
        items.removeLast(items.count - count)
    }

    private mutating func add(_ name: [UInt8], _ status: FileStatus?) throws(Refusal) {
        guard items.count < Self.limit else { throw .tooManyInputs }
        items.append(Item(name: name, status: status))
        guard let status else { return }
        var directory: FileStatus?
        if status.kind == .directory {
            directory = status
        } else if status.kind == .symbolicLink, let target = FileStatus.of(Path(bytes: name)), target.kind == .directory
        {
            directory = target
        }
        guard let directory else { return }
        try inside(directory, left: 0) { (listing) throws(Refusal) in
            for child in try Self.names(in: name) {
                let path = Self.joined(name, child)
                try listing.add(path, FileStatus.ofLink(Path(bytes: path)))
            }
        }
    }

    /// Calls `body` unless we are in that directory already, at the same place of a pattern.
    private mutating func inside(
        _ directory: FileStatus,
        left: Int,
        _ body: (inout InputListing) throws(Refusal) -> Void
    ) throws(Refusal) {
        let id = (directory.identity.device, directory.identity.inode, left)
        if ancestors.contains(where: { $0 == id }) { return }
        ancestors.append(id)
        try body(&self)
        ancestors.removeLast()
    }

    private mutating func walk(_ base: [UInt8], _ components: ArraySlice<FilePattern.Component>) throws(Refusal) {
        guard let first = components.first else {
            if let status = FileStatus.ofLink(Path(bytes: base)) { try add(base, status) }
            return
        }
        let rest = components.dropFirst()
        switch first {
        case .name(let name):
            try walk(Self.joined(base, name[...]), rest)
        case .pattern(let pattern):
            for name in try Self.namesIfDirectory(base) where FilePattern.matches(pattern, name) {
                try walk(Self.joined(base, name), rest)
            }
        case .anyDirectories:
            guard let here = FileStatus.of(base.isEmpty ? "." : Path(bytes: base)), here.kind == .directory else {
                return
            }
            try inside(here, left: components.count) { (listing) throws(Refusal) in
                if !rest.isEmpty { try listing.walk(base, rest) }
                for name in try Self.names(in: base) {
                    let path = Self.joined(base, name)
                    // At the end of a pattern: everything.
                    if rest.isEmpty {
                        try listing.add(path, FileStatus.ofLink(Path(bytes: path)))
                    } else if FileStatus.of(Path(bytes: path))?.kind == .directory {
                        try listing.walk(path, components)
                    }
                }
            }
        }
    }

    private static func namesIfDirectory(_ base: [UInt8]) throws(Refusal) -> [ArraySlice<UInt8>] {
        let path = base.isEmpty ? "." : Path(bytes: base)
        return FileStatus.of(path)?.kind == .directory ? try names(in: base) : []
    }

    private static func names(in base: [UInt8]) throws(Refusal) -> [ArraySlice<UInt8>] {
        do throws(SystemError) {
            return try Directory.names(in: base.isEmpty ? "." : Path(bytes: base))
        } catch {
            throw .inputUnreadable
        }
    }

    private static func joined(_ base: [UInt8], _ name: ArraySlice<UInt8>) -> [UInt8] {
        if base.isEmpty { return Array(name) }
        return base.last == UInt8(ascii: "/") ? base + name : base + [UInt8(ascii: "/")] + name
    }
}
