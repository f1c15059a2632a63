internal import Files
internal import LarderStore
internal import RemoteStore
internal import Terminal
internal import Wire

/// What the journal knows of a build.
struct RecordedBuild {
    /// The results that it used and made, once each, in the order in which it did.
    let pairs: [Pack.Pair]
    /// Commands of which only the count is left.
    let forgotten: Int

    /// Waits for what launchers have handed to the daemon: that belongs to the build, too.
    init(_ id: String, in directory: Path) throws(Failure) {
        _ = DaemonClient.of(directory)?.drain(upTo: 60_000_000_000)
        let journal = Journal(at: directory)
        let events = journal.events(of: id).filter { $0.kind == .hit || $0.kind == .miss }
        let lookups = journal.statistics().sessions[id].map { $0.hits + $0.misses } ?? 0
        guard lookups > 0 else {
            throw Failure(message: "nothing of session '\(Text.shown(id.utf8))' is on record in \(directory)")
        }
        // A lookup without a result was a miss that could not be kept.
        var seen: Set<Pack.Pair> = []
        pairs = events.compactMap { event in
            event.manifest.flatMap { manifest in event.entry.map { Pack.Pair(manifest: manifest, result: $0) } }
        }.filter { seen.insert($0).inserted }
        forgotten = max(0, lookups - events.count)
    }
}
