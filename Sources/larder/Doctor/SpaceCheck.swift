internal import Files
internal import LarderStore
internal import Terminal

/// Whether there is room for the cache.
struct SpaceCheck {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var findings: [Finding] {
        guard let system = try? FileSystem.of(settings.directory), system.isMeasured else { return [] }
        let store = EntryStore(at: settings.directory, options: settings.storeOptions)
        let (used, limit) = (store.usage().bytes, store.maximumSize)
        var findings: [Finding] = []
        func warn(_ sentence: String, _ remedy: String) {
            findings.append(Finding(.warning, "space", sentence, remedy: remedy))
        }
        if limit > system.capacity {
            warn(
                "max_size is \(Text.size(limit)), more than the file system has (\(Text.size(system.capacity)))",
                "larder config set max_size \(max(1, system.capacity >> 21))MiB"
            )
        }
        if system.free < min(limit.subtracting(saturating: used), system.capacity / 50) {
            warn(
                "only \(Text.size(system.free)) of \(Text.size(system.capacity)) are free, so the cache gives way",
                "free some space, or set LARDER_DIR to a directory on another disk"
            )
        }
        // A sweep leaves four fifths.
        if limit > 0, used > limit / 100 * 97 {
            warn(
                "the cache is full (\(Text.size(used)) of \(Text.size(limit))), so results go while they may be of use",
                "larder config set max_size \(max(1, limit >> 19))MiB"
            )
        }
        return findings
    }
}
