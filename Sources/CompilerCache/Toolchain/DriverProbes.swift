internal import Files
internal import LarderStore
internal import Trace

/// What clang looked for, and looked at, to find its directories: its configuration, an installation of gcc, the headers of C++.
///
/// Its answer to `-v` names only what it found. What appears in a better place later is found instead.
struct DriverProbes: Sendable {
    /// Names that were not there.
    var absent: [Word] = []
    /// Files that only had to be there.
    var present: [Word] = []
    /// Directories whose names were read, each with the digest of those names.
    var listed: [(directory: Word, names: Digest)] = []

    init() {}

    /// The probes among what the question has looked at; nil where a directory is gone by now.
    init?(_ accesses: Accesses, of command: CompileCommand) {
        let ownName = command.name.lastComponent
        for path in accesses.absences.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            // It looks for itself in `PATH`, of which we have taken the first.
            if Self.isForOthers(path) || path.lastComponent.elementsEqual(ownName) { continue }
            absent.append(path)
        }
        for path in accesses.presences.union(accesses.statuses).sorted(by: { $0.lexicographicallyPrecedes($1) })
        where !Self.isForOthers(path) {
            let isFile = FileStatus.of(Path(bytes: path))?.kind == .regular
            // What is no file in the place of a configuration may become one.
            if !isFile, path.hasSuffix(".cfg") { return nil }
            if isFile { present.append(path) }
        }
        for path in accesses.listings.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
        where !Self.isForOthers(path) {
            guard let names = Digest.ofNames(in: Path(bytes: path)) else { return nil }
            listed.append((path, names))
        }
    }

    /// True while all of it is as it was.
    var areAsBefore: Bool {
        absent.allSatisfy { FileStatus.ofLink(Path(bytes: $0)) == nil }
            && present.allSatisfy { FileStatus.of(Path(bytes: $0)) != nil }
            && listed.allSatisfy { Digest.ofNames(in: Path(bytes: $0.directory)) == $0.names }
    }

    /// True for what the kernel makes up, and for what clang looks for in every compile and uses for CUDA and HIP alone.
    private static func isForOthers(_ path: Word) -> Bool {
        let kernels: [StaticString] = ["/proc/", "/sys/", "/dev/"]
        let ends: [StaticString] = [
            "/ptxas", "/cuda", "/cuda-8.0", "/cuda-7.5", "/cuda-7.0", "/rocm", "/.hipVersion", "/share/hip",
            "/share/hip/version",
        ]
        return kernels.contains { path.hasPrefix($0) } || ends.contains { path.hasSuffix($0) } || path.equals("/opt")
    }
}
