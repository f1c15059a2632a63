internal import Files
internal import Trace

/// The notes that the processes of one compile take of what they read and look for.
///
/// They are read only where words and texts do not say what the result depends on.
struct CompileTrace: ~Copyable {
    private let log: TraceLog
    /// Our environment, and what makes the compiler take notes.
    private let environment: [[UInt8]]

    /// Nil where the library that takes the notes is not to be had, or may not be loaded into the compiler.
    init?(of compiler: Path) {
        guard let library = PreloadLibrary(), PreloadLibrary.canBeLoaded(into: compiler), let log = try? TraceLog()
        else { return nil }
        environment = log.environment(library)
        self.log = log
    }

    /// The notes that another process has passed on.
    init(passed descriptor: borrowing Descriptor) throws(SystemError) {
        log = TraceLog(try descriptor.duplicate())
        environment = []
    }

    /// For whoever is to read the notes.
    static func descriptor(of trace: borrowing CompileTrace?) -> CInt? {
        switch trace {
        case .some(let trace): trace.log.descriptor
        case nil: nil
        }
    }

    /// The environment of a compiler that takes the notes; nil where there is none.
    static func environment(of trace: borrowing CompileTrace?) -> [[UInt8]]? {
        switch trace {
        case .some(let trace): trace.environment
        case nil: nil
        }
    }

    /// What programs whose names begin with `prefix` did with files by their names; nil where that is not known.
    static func filesOpened(_ trace: borrowing CompileTrace?, by prefix: StaticString) -> FilesOpened? {
        switch trace {
        case .some(let trace): trace.log.notes().map { AccessReader.filesOpened(in: $0, by: prefix) }
        case nil: nil
        }
    }

    /// What the compile has read and looked for; nil where the notes do not say everything.
    ///
    /// - Parameters:
    ///   - launched: when the compiler was started, by the clock that stamps files.
    ///   - libraries: `LD_LIBRARY_PATH` as the compiler had it.
    ///   - trustsClock: whether the user says that the time does not matter.
    ///   - ownPrograms: names of programs of which somebody else knows what they do.
    static func accesses(
        _ trace: borrowing CompileTrace?,
        since launched: Int64,
        libraries: [UInt8],
        trustsClock: Bool,
        ownPrograms: Set<String> = []
    ) -> Accesses? {
        switch trace {
        case .some(let trace):
            guard let notes = trace.log.notes() else { return nil }
            return try? AccessReader.accesses(
                in: notes,
                launched: launched,
                libraries: libraries,
                trustsClock: trustsClock,
                ownPrograms: ownPrograms
            )
        case nil: return nil
        }
    }
}
