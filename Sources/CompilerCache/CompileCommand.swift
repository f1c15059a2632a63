package import Files

/// A command line as it came: the compiler's name, its arguments, and where it runs.
package struct CompileCommand: Sendable {
    /// What the compiler sees as its own name: as the user wrote it, or its path where that name in `PATH` is a link to us.
    package let name: [UInt8]
    /// The program that this name leads to.
    package let compiler: Path
    /// What follows the name.
    package let arguments: [[UInt8]]
    /// The working directory as the kernel names it.
    package let directory: Path

    package init(name: [UInt8], compiler: Path, arguments: [[UInt8]], directory: Path) {
        self.name = name
        self.compiler = compiler
        self.arguments = arguments
        self.directory = directory
    }
}

/// Finds programs as a shell does.
package enum ProgramSearch {
    /// The program that `name` leads to: itself where it holds a slash, else the first executable in `PATH`.
    ///
    /// A program whose device and inode are those of `excluded` is passed over, so that a symbolic link to this
    /// launcher that stands in `PATH` never finds itself.
    package static func find(_ name: [UInt8], except excluded: FileIdentity?) -> Path? {
        var isShadowed = false
        return find(name, except: excluded, isShadowed: &isShadowed)
    }

    /// As ``find(_:except:)``; also says whether a program that is `excluded` stands before the one that is found.
    package static func find(_ name: [UInt8], except excluded: FileIdentity?, isShadowed: inout Bool) -> Path? {
        if name.contains(UInt8(ascii: "/")) {
            let path = Path(bytes: name)
            return isProgram(path, except: excluded) ? path : nil
        }
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
            let isFound = candidate.withUnsafeBytes { bytes in
                let path = bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped
                guard let status = program(path) else { return false }
                if status.isSameFile(as: excluded) { isShadowed = true }
                return !status.isSameFile(as: excluded)
            }
            if isFound { return Path(bytes: candidate) }
            start = end + 1
        }
        return nil
    }

    private static func isProgram(_ path: Path, except excluded: FileIdentity?) -> Bool {
        path.withCString { program($0).map { !$0.isSameFile(as: excluded) } ?? false }
    }

    private static func program(_ path: UnsafePointer<CChar>) -> FileStatus? {
        guard let status = FileStatus.of(path), status.kind == .regular, status.mode & 0o111 != 0 else { return nil }
        return status
    }
}

extension FileStatus {
    fileprivate func isSameFile(as other: FileIdentity?) -> Bool {
        guard let other else { return false }
        return identity.inode == other.inode && identity.device == other.device
    }
}
