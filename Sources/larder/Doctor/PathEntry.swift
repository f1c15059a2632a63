internal import CompilerCache
internal import Files
internal import Terminal

/// What stands under a program's name in a directory of PATH.
struct PathEntry {
    var path: Path
    /// The cache that it is a link to; nil for a program.
    var cache: String?
    var isBroken: Bool

    var isLarder: Bool { cache?.hasPrefix("larder") == true }

    static let compilerNames = [
        "gcc", "g++", "cc", "c++", "clang", "clang++", "rustc", "swiftc", "emcc", "ld", "ar",
    ]

    /// All of that name, in the order of PATH.
    static func all(_ name: String) -> [PathEntry] {
        var entries: [PathEntry] = []
        var seen: Set<[UInt8]> = []
        for directory in (Environment.value("PATH") ?? []).split(separator: UInt8(ascii: ":"))
        where seen.insert(Array(directory)).inserted {
            let path = Path(bytes: Array(directory)).appending(bytes: Array(name.utf8))
            guard let link = FileStatus.ofLink(path) else { continue }
            let target = link.kind == .symbolicLink ? Directory.target(ofLink: path) : nil
            let cache = target.flatMap { ProgramSearch.isCache(Array($0.name)) ? Text.shown($0.name) : nil }
            entries.append(PathEntry(path: path, cache: cache, isBroken: FileStatus.of(path) == nil))
        }
        return entries
    }
}
