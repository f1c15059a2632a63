package import Files

/// Finds programs as a shell does.
package enum ProgramSearch {
    /// What a search for a compiler has found.
    package enum Finding {
        /// A program; `isShadowed` where one of that name stands before it that is none to be run.
        case found(Path, isShadowed: Bool)
        case missing
        /// Programs of that name there are, but each of them leads to this launcher or to another cache.
        case onlyFronts
    }

    /// The program that `name` leads to: itself where it holds a slash, else the first executable in `PATH`.
    package static func find(_ name: [UInt8]) -> Path? {
        guard name.contains(UInt8(ascii: "/")) else { return first(named: name) { _, _ in true } }
        let path = Path(bytes: name)
        return path.withCString { program($0) } == nil ? nil : path
    }

    /// The compiler that `name` leads to, as ``find(_:)``, but none that would lead back here.
    ///
    /// This launcher may stand under a compiler's name in `PATH`, and so may other caches, each of which runs the next
    /// program of that name that it does not know: each other. Passed over are this launcher itself, links to it or to another
    /// cache by their targets' names, and what ``WayBack`` says has been run already. Whatever is passed over, the next
    /// program in `PATH` counts, also where the name is a path.
    static func findCompiler(_ name: [UInt8], ourself: FileIdentity?) -> Finding {
        let own = Word(name.lastComponent)
        let wayBack = WayBack(for: own)
        var isShadowed = false
        func isTaken(_ path: Path, _ status: FileStatus) -> Bool {
            let isFront =
                status.isSameFile(as: ourself) || isFront(path, named: own) || wayBack.excludes(status.identity)
            if isFront { isShadowed = true }
            return !isFront
        }
        if name.contains(UInt8(ascii: "/")) {
            let path = Path(bytes: name)
            guard let status = path.withCString({ program($0) }) else { return .missing }
            if isTaken(path, status) { return .found(path, isShadowed: false) }
        }
        if let path = first(named: own, isTaken) { return .found(path, isShadowed: isShadowed) }
        return isShadowed ? .onlyFronts : .missing
    }

    /// The first executable in `PATH` that is called `name` and that `isTaken` takes.
    private static func first(named name: [UInt8], _ isTaken: (Path, FileStatus) -> Bool) -> Path? {
        guard !name.isEmpty else { return nil }
        let search = Environment.value("PATH") ?? Array("/usr/local/bin:/bin:/usr/bin".utf8)
        // One buffer for all candidates: this runs on every hit.
        var candidate: [UInt8] = []
        candidate.reserveCapacity(256)
        var start = 0
        while start <= search.count {
            var end = start
            while end < search.count, search[end] != UInt8(ascii: ":") { end += 1 }
            candidate.removeAll(keepingCapacity: true)
            // An empty entry means the working directory.
            if end == start { candidate.append(UInt8(ascii: ".")) }
            candidate.append(contentsOf: search[start..<end])
            if candidate.last != UInt8(ascii: "/") { candidate.append(UInt8(ascii: "/")) }
            candidate.append(contentsOf: name)
            candidate.append(0)
            let status = candidate.withUnsafeBytes { bytes in
                program(bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
            }
            if let status {
                let path = Path(bytes: candidate)
                if isTaken(path, status) { return path }
            }
            start = end + 1
        }
        return nil
    }

    private static func program(_ path: UnsafePointer<CChar>) -> FileStatus? {
        guard let status = FileStatus.of(path), status.kind == .regular, status.mode & 0o111 != 0 else { return nil }
        return status
    }

    // MARK: - Fronts

    /// Caches of compilers that stand under compilers' names, by links.
    private static let caches: [StaticString] = ["larder", "ccache", "sccache", "zccache", "buildcache", "cachepot"]

    /// True for a link under the name of a compiler that leads to this or another cache.
    ///
    /// One look at most links, because every hit gets here: only a link to another one of the same name, as
    /// `/etc/alternatives` has them, is followed further.
    static func isFront(_ path: Path, named name: Word) -> Bool {
        var path = path
        for _ in 0..<8 {
            guard let target = Directory.target(ofLink: path) else { return false }
            if !target.name.elementsEqual(name) {
                let target = Word(target.name)
                return !isCache(name) && isCache(target)
            }
            path = target.resolved(in: path.parent)
        }
        return false
    }

    /// True for the name of a cache, a version behind it or not.
    package static func isCache(_ name: [UInt8]) -> Bool {
        caches.contains { cache in
            name.hasPrefix(cache)
                && (name.count == cache.utf8CodeUnitCount || name[cache.utf8CodeUnitCount] == UInt8(ascii: "-"))
        }
    }
}

extension FileStatus {
    fileprivate func isSameFile(as other: FileIdentity?) -> Bool {
        guard let other else { return false }
        return identity.inode == other.inode && identity.device == other.device
    }
}
