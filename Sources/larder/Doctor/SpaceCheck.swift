internal import Files
internal import LarderStore
internal import Terminal

/// Whether there is room for the cache.
struct SpaceCheck {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var findings: [Finding] {
        // Before the first compile, that of the directory in which the cache is going to be.
        var place = settings.directory
        while FileStatus.of(place) == nil, place.parent != place { place = place.parent }
        guard let system = try? FileSystem.of(place) else { return [] }
        var findings: [Finding] = []
        func warn(_ sentence: String, _ remedy: String) {
            findings.append(Finding(.warning, "space", sentence, remedy: remedy))
        }
        if let files = system.freeFiles, files < 100 {
            warn(
                "the file system of \(Text.shown(place.bytes)) has room for \(Text.count(files, "more file", "more files"))",
                "remove some files, or set LARDER_DIR to a directory on another disk"
            )
        }
        guard system.isMeasured else { return findings }
        let store = EntryStore(at: settings.directory, options: settings.storeOptions)
        let limit = store.maximumSize
        if limit > system.capacity {
            let isInEnvironment = if case .environment = settings.source(of: .maximumSize) { true } else { false }
            warn(
                "max_size is \(Text.size(limit)), more than the file system has (\(Text.size(system.capacity)))",
                isInEnvironment
                    ? "unset LARDER_MAX_SIZE" : "larder config set max_size \(max(1, system.capacity >> 21))MiB"
            )
        }
        // Below this the store keeps nothing.
        if system.free < min(1 << 30, system.capacity / 20) {
            warn(
                "only \(Text.size(system.free)) of \(Text.size(system.capacity)) are free, so the cache gives way",
                "free some space, or set LARDER_DIR to a directory on another disk"
            )
        }
        return findings
    }
}
