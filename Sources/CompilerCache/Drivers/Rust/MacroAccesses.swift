internal import Files
internal import LarderStore
internal import Trace

/// What macros did within a run of rustc, told from what rustc does itself.
///
/// Of other crates rustc takes those that it lists and finds fit: they count by their names and content. All else that the run looked at
/// may have been a macro's doing.
struct MacroAccesses {
    private let accesses: Accesses
    private let opened: FilesOpened
    private let command: RustcCommand
    /// Where relative paths are meant.
    private let place: Path
    private let outputs: Set<Word>
    private let sessions: Word?
    /// Directories in which the compiler takes files for crates.
    private let crates: Set<Word>
    /// The name under which the compiler looks for itself.
    private let itself: Word

    init(_ accesses: Accesses, _ opened: FilesOpened, of rustc: RustcCommand, in command: CompileCommand) {
        (self.accesses, self.opened, self.command, place) = (accesses, opened, rustc, command.directory)
        let resolved = { (path: Word) in Word(Path(bytes: path).resolved(in: command.directory).bytes) }
        outputs = Set(rustc.outputs.map { resolved($0.path) })
        sessions = rustc.incremental.map(resolved)
        let near = outputs.map(Self.parent) + rustc.externs.compactMap(\.path).map { Self.parent(resolved($0)) }
        crates = Set(near + rustc.searchPaths.filter { $0.kind != .native }.map { resolved($0.path) })
        itself = resolved(Word(command.name.lastComponent))
    }

    /// Adds what macros may have looked at; refuses what they have made or started, and what nobody reads twice.
    func add(to reading: inout DriverReading, _ roots: CheckoutRoots) throws(Recorder.Refusal) {
        guard accesses.outputs.allSatisfy({ isOwn($0.path) }) else { throw .sideOutput }
        let programs = accesses.programs.filter { !Word(Path(bytes: $0).name).hasPrefix("rustup") }
        let usual = Self.usualInKernel
        guard programs.allSatisfy(KnownPrograms.ignoreTimes),
            opened.opens.keys.allSatisfy({ path in !Self.isKernels(path) || usual.contains { path.hasPrefix($0) } })
        else { throw .macroReadsFiles }

        let owners = reading.ownDirectories
        func isOthers(_ path: Word) -> Bool { !isCompilers(path, owners) }
        for (path, own) in accesses.listings where !crates.contains(path) && isOthers(path) {
            guard own.isEmpty else { throw .macroReadsFiles }
            reading.entries.append(path)
        }
        let directories = crates.union([Word(place.bytes)])
        let known = Set(reading.files.map { Word(Path(bytes: $0).resolved(in: place).bytes) })
        let looked = accesses.statuses.union(accesses.presences).union(opened.opens.keys).filter { path in
            isOthers(path) && !directories.contains(path) && !(known.contains(path) && isUsual(path))
        }
        reading.attributes += looked.filter { FileStatus.ofLink(Path(bytes: $0)) != nil }
        reading.realPaths += accesses.realPaths.filter { isOthers($0) && !directories.contains($0) }
        reading.absent += accesses.absences.filter(isOthers)
        // What is opened to be written, too, and only read. A linker opens much more.
        if !command.links {
            let more = accesses.contents.subtracting(opened.read)
                .filter { isOthers($0) && $0.firstIndex(of: Word(".so")) == nil }
            reading.files += more
            reading.attributes += more
        }
        let names = accesses.variables.filter { !RustcEnvironment.isKeyed($0) && !RustcEnvironment.isFleeting($0) }
        reading.variables += names
        let places = looked + reading.entries + names.compactMap { Environment.value(of: $0) }
        if places.contains(where: { place in roots.paths.contains { place.firstIndex(of: $0) != nil } }) {
            reading.isPlaceBound = true
        }
    }

    // MARK: - What is rustc's

    /// True for what the run itself has made.
    private func isOwn(_ path: Word) -> Bool {
        if let sessions, Self.isBelow(path, sessions) { return true }
        // The private directory of this run.
        return outputs.contains(path) || Leftover.maker(ofTemporary: Path(bytes: path).parent.name) != nil
    }

    private func isCompilers(_ path: Word, _ owners: [Word]) -> Bool {
        if isOwn(path) || Self.isKernels(path) || path == itself { return true }
        if owners.contains(where: { Self.isBelow(path, $0) }) { return true }
        return RustcCrates.isCrate(Word(path.lastComponent)) && crates.contains(Self.parent(path))
    }

    /// True for a source that nobody else has touched: rustc opens each once, and looks for a module once before.
    private func isUsual(_ path: Word) -> Bool {
        let isRoot = path == Word(Path(bytes: command.source).resolved(in: place).bytes)
        let looks = path.hasSuffix(".rs") && !isRoot ? 1 : 0
        return opened.opens[path, default: 0] <= 1 && opened.looks[path, default: 0] <= looks
    }

    private static let kernels: [StaticString] = ["/proc/", "/sys/", "/dev/"]
    /// What rustc reads there for itself: memory, processors, make's pipe.
    private static let usualInKernel: [StaticString] = [
        "/proc/self/statm", "/proc/self/maps", "/proc/self/cgroup", "/proc/self/mountinfo",
        "/proc/sys/vm/overcommit_memory", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
        "/sys/devices/system/cpu", "/dev/null", "/dev/fd/",
    ]

    private static func isKernels(_ path: Word) -> Bool { kernels.contains { path.hasPrefix($0) } }

    private static func parent(_ path: Word) -> Word { Word(Path(bytes: path).parent.bytes) }

    private static func isBelow(_ path: Word, _ directory: Word) -> Bool {
        path.starts(with: directory) && (path.count == directory.count || path[directory.count] == UInt8(ascii: "/"))
    }
}
