internal import CompilerCache
internal import Files

/// A directory of links to this program that have the names of compilers, for the front of `PATH`.
///
/// It stays where it is, outside of the cache directory: a build system may note the path of a compiler that it finds here.
struct CompilerLinks {
    let directory: Path

    /// Makes a link for each compiler that `PATH` leads to, and removes those that lead to none any more.
    init(to launcher: Path) throws(SystemError) {
        directory = try Self.place()
        try Directory.make(directory)
        let names = Self.compilers(besides: directory)
        for name in names { try ProgramLink.make(directory.appending(bytes: name), to: launcher) }
        for name in try Directory.names(in: directory) where !names.contains(Array(name)) {
            let path = directory.appending(bytes: Array(name))
            // Nothing but links is ours.
            if CompilerNames.contains(name), FileStatus.ofLink(path)?.kind == .symbolicLink {
                try? Directory.removeFile(path)
            }
        }
    }

    /// `$XDG_DATA_HOME/larder/bin`, else `~/.local/share/larder/bin`.
    private static func place() throws(SystemError) -> Path {
        func absolute(_ variable: StaticString) -> Path? {
            Environment.value(variable).map { Path(bytes: $0) }.flatMap { $0.isAbsolute ? $0 : nil }
        }
        let data = absolute("XDG_DATA_HOME") ?? absolute("HOME")?.appending(".local/share")
        guard let data else { throw SystemError("find", at: "~/.local/share", code: 2) }
        return data.appending("larder/bin")
    }

    /// The names of the compilers in the directories of `PATH`.
    private static func compilers(besides own: Path) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        for entry in (Environment.value("PATH") ?? []).split(separator: UInt8(ascii: ":")) {
            let directory = Path(bytes: entry)
            guard directory.isAbsolute, directory != own else { continue }
            for name in (try? Directory.names(in: directory)) ?? [] where CompilerNames.contains(name) {
                if Executable.find(Array(directory.appending(bytes: Array(name)).bytes)) != nil {
                    names.insert(Array(name))
                }
            }
        }
        return names
    }
}
