internal import Files
internal import Trace

/// The directories in which `PATH` has programs searched.
///
/// A compiler depends on them by what it finds there and not by their names: a directory more, without one of the programs that it
/// looks for, is no other compile.
struct PathDirectories {
    /// The directories, by the names that they are given and by their real ones.
    private let directories: Set<[UInt8]>

    /// Nil where a directory is meant from the working directory, or nothing is said.
    static var fromEnvironment: PathDirectories? {
        guard let path = Environment.value(of: Array("PATH".utf8)), !path.isEmpty else { return nil }
        var directories: Set<[UInt8]> = []
        for part in path.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard part.first == UInt8(ascii: "/") else { return nil }
            let directory = Path(bytes: part)
            directories.insert(Array(directory.bytes))
            if let real = Directory.realPath(directory) { directories.insert(Array(real.bytes)) }
        }
        if let current = try? Directory.current(), directories.contains(Array(current.bytes)) { return nil }
        return PathDirectories(directories: directories)
    }

    /// True where all of `programs`, and the `libraries` that they load, lie where the system, or whoever has installed the
    /// compiler, puts them.
    ///
    /// A program of the user's own that is called `as` is in front of the assembler, and may do anything.
    static func areInstalled(_ programs: Set<[UInt8]>, libraries: Set<[UInt8]> = []) -> Bool {
        let real = programs.map { Directory.realPath(Path(bytes: $0)) ?? Path(bytes: $0) }
        let loaded = libraries.map { Directory.realPath(Path(bytes: $0)) ?? Path(bytes: $0) }
        let system: [Path] = ["/usr/bin", "/usr/lib", "/usr/libexec"]
        // PREFIX/bin/gcc has its parts below PREFIX.
        let prefixes = real.filter { !KnownPrograms.isPart(Array($0.bytes)) }.map(\.parent.parent).filter { $0 != "/" }
        return (real + loaded).allSatisfy { file in
            (system + prefixes).contains { OutputPlace.isAtOrBelow(file, $0) }
        }
    }

    /// The names that were looked for there, found or not.
    func names(in accesses: Accesses) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        for set in [accesses.contents, accesses.statuses, accesses.presences, accesses.absences, accesses.realPaths] {
            for name in set {
                let path = Path(bytes: name)
                if directories.contains(Array(path.parent.bytes)) { names.insert(Array(path.name)) }
            }
        }
        return names
    }
}
