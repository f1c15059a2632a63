internal import Files

/// A directory of one run's alone.
struct ScratchDirectory: ~Copyable {
    let path: Path

    /// Beside the output, where the compiler may write for sure; else among temporary files.
    init?(beside output: Word?) {
        let base = output.map { Path(bytes: $0).appending(suffix: ".larder") } ?? "/tmp/larder" as Path
        path = TemporaryEntry.name(beside: base)
        guard (try? Directory.makeNew(path)) != nil else { return nil }
    }

    /// Removes it and all that is in it; nothing is looked for in directories below.
    consuming func remove() {
        for name in (try? Directory.names(in: path)) ?? [] {
            try? Directory.removeFile(path.appending(bytes: Array(name)))
        }
        Directory.removeIfEmpty(path)
    }
}
