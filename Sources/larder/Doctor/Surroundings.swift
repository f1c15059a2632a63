internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal
internal import Trace
internal import Wire

/// What `larder doctor --verbose` has looked at, whether anything is wrong with it or not.
struct Surroundings {
    /// A fact: what it is about, of what, and what is known.
    struct Fact {
        var area: String
        var name: String
        var value: String
    }

    private let directory: Path
    /// Nil where they cannot be read.
    private let settings: Settings?

    init(_ directory: Path, _ settings: Settings?) { (self.directory, self.settings) = (directory, settings) }

    var facts: [Fact] { cache + fileSystem + service + compilers + otherCaches }

    private var cache: [Fact] {
        var facts = [Fact(area: "cache", name: "directory", value: Text.shown(directory.bytes))]
        guard let status = FileStatus.of(directory) else {
            return facts + [Fact(area: "cache", name: "state", value: "not made yet")]
        }
        let owner = status.owner == CurrentProcess.user ? "you" : "user \(status.owner)"
        facts.append(Fact(area: "cache", name: "owner", value: "\(owner), mode \(Self.octal(status.mode & 0o7777))"))
        guard let settings else { return facts }
        let store = EntryStore(at: directory, options: settings.storeOptions)
        let usage = store.usage()
        let size = "\(Text.size(usage.bytes)) of \(Text.size(store.maximumSize))"
        return facts + [Fact(area: "cache", name: "size", value: size)]
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

    /// Of the cache directory, or of the one in which it is going to be.
    private var fileSystem: [Fact] {
        var place = directory
        while FileStatus.of(place)?.kind != .directory, place.parent != place { place = place.parent }
        func fact(_ name: String, _ value: String) -> Fact { Fact(area: "file system", name: name, value: value) }
        func said(_ answer: Bool?, _ yes: String, _ no: String) -> String {
            answer.map { $0 ? yes : no } ?? "cannot be tried"
        }
        var facts = [fact("type", FileSystem.name(of: place))]
        if let system = try? FileSystem.of(place) {
            let space = "\(Text.size(system.free)) free of \(Text.size(system.capacity))"
            facts.append(fact("space", system.isMeasured ? space : "it does not say"))
            facts.append(fact("inodes", system.freeFiles.map { "\($0) free" } ?? "without a limit"))
        }
        facts.append(fact("reflinks", said(FileSystem.clones(in: place), "yes", "no")))
        facts.append(fact("locks", said(FileSystem.locks(in: place), "the kernel's", "keep nobody out")))
        let proves = FileSystem.provesContent(in: place)
        facts.append(fact("identities", proves ? "prove what a file holds" : "prove nothing: content is compared"))
        return facts
    }

    private var service: [Fact] {
        guard let settings else { return [] }
        var state = settings.usesDaemon ? "starts with the next miss" : "off"
        if settings.usesDaemon, let client = DaemonClient.of(directory) { state = "runs (pid \(client.process))" }
        var facts = [Fact(area: "daemon", name: "state", value: state)]
        let addresses = settings.value(of: .remote).split(separator: " ")
        for (number, address) in addresses.enumerated() {
            facts.append(Fact(area: "remote", name: "tier \(number + 1)", value: Text.shown(address.utf8)))
        }
        let library = PreloadLibrary() == nil ? "not installed" : "installed"
        return facts + [Fact(area: "trace library", name: "liblarder-trace.so", value: library)]
    }

    /// What stands in PATH under the names of compilers, in its order.
    private var compilers: [Fact] {
        PathEntry.compilerNames.flatMap { name in
            PathEntry.all(name).map { entry in
                Fact(
                    area: "compilers",
                    name: name,
                    value: "\(Text.shown(entry.path.bytes)): \(Self.description(entry))"
                )
            }
        }
    }

    private static func description(_ entry: PathEntry) -> String {
        if entry.isBroken { return "a link that leads nowhere" }
        if let cache = entry.cache { return entry.isLarder ? "larder" : "another cache, \(cache)" }
        return PreloadLibrary.canBeLoaded(into: entry.path) ? "can be traced" : "cannot be traced"
    }

    private var otherCaches: [Fact] {
        ["ccache", "sccache", "distcc", "icecc", "zccache", "kache", "firebuild"].flatMap { name in
            PathEntry.all(name).filter { !$0.isBroken && !$0.isLarder }.map { entry in
                Fact(area: "other caches", name: name, value: Text.shown(entry.path.bytes))
            }
        }
    }
}
