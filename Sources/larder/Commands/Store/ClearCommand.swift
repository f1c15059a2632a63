internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Removes every entry.
    static let clear = Command(
        name: "clear",
        summary: "Remove every entry and reset the counts",
        discussion: """
            Works for a cache in any format, and makes it one that this Larder reads. larder.conf stays. Asks first
            when a person sits at the terminal.
            """,
        options: [Option(name: "yes", short: "y", summary: "Do not ask"), lockTimeout],
        run: runClear
    )

    private static func runClear(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
        let store = arguments.store(settings)
        arguments.settle(settings)
        let place = Text.shown(settings.directory.bytes)
        guard FileStatus.of(settings.directory) != nil else {
            try Console.print("There is no cache in \(place).\n")
            return .success
        }
        guard looksLikeCache(settings.directory) else {
            throw Failure(message: "\(place) does not look like a cache, so nothing was removed; check LARDER_DIR")
        }
        let usage = store.usage()
        let content = "\(Text.count(Int64(usage.entries), "entry", "entries")) (\(Text.size(usage.bytes)))"
        if !arguments.has("yes"), StandardStream.input.isTerminal {
            guard Console.confirms("Remove \(content) in \(place)?") else {
                throw Failure(message: "nothing was removed")
            }
        }
        do throws(StoreError) {
            try store.clear(lock: arguments.lockOptions(settings))
            try Journal(at: settings.directory).reset()
            MissLog(at: settings.directory).clear()
            SetAsideEntries(in: settings.directory).clear()
        } catch {
            throw Failure(error)
        }
        try Console.print("Removed \(content) in \(place).\n")
        return .success
    }

    /// False for a directory of somebody else's that merely has something called `entries` in it, which `clear`
    /// would remove.
    ///
    /// A marker says that it is ours, in whatever format; without one, entries lie in directories of two
    /// hexadecimal digits.
    static func looksLikeCache(_ directory: Path) -> Bool {
        if FileStatus.ofLink(directory.appending("format"))?.kind == .regular { return true }
        let names = (try? Directory.names(in: directory.appending("entries"))) ?? []
        return names.allSatisfy { name in
            name.count == 2 && name.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        }
    }
}

extension Failure {
    /// What the store says, under the status that fits.
    init(_ error: StoreError) {
        self.init(status: error.code == .locked ? .busy : .failure, message: error.description)
    }
}
