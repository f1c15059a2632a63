internal import CompilerCache
internal import Files
internal import LarderStore

/// A directory of links to this program that have the names of compilers, for the front of `PATH`.
///
/// A build system notes the path of a compiler that it finds here. So the directory is outside of the cache, each set of names has
/// one of its own, and none of its links is ever removed; all lead over one link, which is right again after this program has
/// moved.
///
///     larder/larder              -> this program
///     larder/bin/DIGEST/NAME     -> larder/larder
struct CompilerLinks {
    let directory: Path

    /// Makes a link for each compiler that `PATH` leads to.
    ///
    /// - Parameter place: where all such directories are.
    init(to launcher: Path, in place: Path) throws(SystemError) {
        let names = Self.compilers(besides: place)
        var key = KeyBuilder(domain: "compiler links")
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) { key.add("name", name) }
        directory = place.appending("bin").appending(String(key.finish().description.prefix(16)))
        try Directory.make(directory)
        // Its name tells every cache what it is.
        let link = place.appending("larder")
        try ProgramLink.make(link, to: launcher)
        for name in names { try ProgramLink.make(directory.appending(bytes: name), to: link) }
    }

    /// `$XDG_DATA_HOME/larder`, else `~/.local/share/larder`; nil where neither variable is set.
    static var place: Path? {
        func absolute(_ variable: StaticString) -> Path? {
            Environment.value(variable).map { Path(bytes: $0) }.flatMap { $0.isAbsolute ? $0 : nil }
        }
        let data = absolute("XDG_DATA_HOME") ?? absolute("HOME")?.appending(".local/share")
        return data?.appending("larder")
    }

    /// The names of the compilers in the directories of `PATH`.
    private static func compilers(besides own: Path) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        for entry in (Environment.value("PATH") ?? []).split(separator: UInt8(ascii: ":")) {
            let directory = Path(bytes: entry)
            // Those of an outer call are no compilers.
            guard directory.isAbsolute, directory.parent.parent != own else { continue }
            for name in (try? Directory.names(in: directory)) ?? [] where CompilerNames.contains(name) {
                if Executable.find(Array(directory.appending(bytes: Array(name)).bytes)) != nil {
                    names.insert(Array(name))
                }
            }
        }
        return names
    }
}
