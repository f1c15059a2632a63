internal import Files

/// Where the compiler keeps C modules that it has compiled, for itself and others.
///
/// It takes one as good while its headers have the times and lengths that they had, and those of the system without a look.
/// Then a header that was changed and given its old time would be in our records with content that nobody compiled.
struct SwiftModuleCache {
    private let directory: Word?

    init(_ directory: Word?) { self.directory = directory ?? Self.usual }

    /// What every path in it begins with.
    var prefix: Word? { directory.map { $0 + [UInt8(ascii: "/")] } }

    private static var usual: Word? {
        if let caches = Environment.value("XDG_CACHE_HOME"), !caches.isEmpty {
            return caches + Word("/clang/ModuleCache")
        }
        return Environment.value("HOME").map { $0 + Word("/.cache/clang/ModuleCache") }
    }

    /// Throws where one of the modules may be older than what is in `headers`.
    func check(headers: [Word], _ toolchain: SwiftToolchain) throws(Recorder.Refusal) {
        guard let oldest else { return }
        for header in headers {
            guard let identity = FileStatus.of(Path(bytes: header))?.identity, identity.changed >= oldest else {
                continue
            }
            // An ordinary change shows in the time that the compiler looks at.
            let isOrdinary = identity.modified >= identity.changed.subtracting(saturating: 1_000_000_000)
            guard isOrdinary, !toolchain.owns(header) else { throw .moduleCache }
        }
    }

    /// When the oldest of the modules was written.
    private var oldest: Int64? {
        guard let directory else { return nil }
        var oldest: Int64?
        for group in (try? Directory.names(in: Path(bytes: directory))) ?? [] {
            let group = Path(bytes: directory).appending(bytes: Array(group))
            for name in (try? Directory.names(in: group)) ?? [] where Word(name).hasSuffix(".pcm") {
                guard let status = FileStatus.of(group.appending(bytes: Array(name))) else { continue }
                oldest = min(oldest ?? .max, status.identity.modified)
            }
        }
        return oldest
    }
}
